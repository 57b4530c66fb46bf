"""Hints to open pages as a browser gets them: who may listen, what is said, and when it ends. Only the looking is ours."""

import json
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.config import Settings
from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.live import marks
from app.gamification.live.hub import MOST_OF_ONE, Hub
from app.gamification.live.marks import Marks
from app.gamification.members import erasure, sign_ins
from app.gamification.members import messages as member_messages
from app.gamification.messages import quiet
from app.gamification.messages.telling import tell
from app.gamification.questions import messages as question_messages
from app.gamification.tiers import messages as tier_messages
from app.lib import clock
from app.models.base import connection, transaction
from app.routes import live, settings
from tests.support.cast import Person, make_member, post, sign_in, sign_in_staff, words
from tests.support.play import Said, play
from tests.support.playing import challenge
from tests.support.queries import counted

EVENTS = {"Accept": "text/event-stream"}
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def by_hand(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub looks when a test tells it to."""
    monkeypatch.setattr(Hub, "_watch", lambda self: None)
    monkeypatch.setattr(live, "STILL_EVERY", 0.0)


@pytest.fixture
def hers(client: FlaskClient, alice: Person) -> FlaskClient:
    pipeline.drain()
    return sign_in(client, alice)


class Listening:
    """A stream as a browser reads it."""

    def __init__(self, client: FlaskClient, address: str = "/live") -> None:
        self.answer: TestResponse = client.get(address, headers=EVENTS)
        self._parts: Iterator[bytes] = self.answer.iter_encoded()

    def next(self) -> tuple[str, Any]:
        """The next event and what it carries."""
        part = next(self._parts, b"").decode()
        if not part:
            return "", None
        lines = dict(line.split(":", 1) for line in part.strip().split("\n"))
        data = lines.get("data", "").strip()
        return lines.get("event", "retry").strip(), json.loads(data) if data else None

    def begun(self) -> dict[str, int]:
        """How things stand at the start."""
        assert self.next() == ("retry", None)
        event, found = self.next()
        assert event == "marks"
        return dict(found)

    def after_a_look(self, app: Flask) -> tuple[str, Any]:
        hub(app).look()
        return self.next()


def hub(app: Flask) -> Hub:
    found: Hub = app.extensions["laurel_kept"]["live"]
    return found


def listen(client: FlaskClient) -> tuple[Listening, dict[str, int]]:
    heard = Listening(client)
    assert heard.answer.status_code == 200, heard.answer.status
    return heard, heard.begun()


def message(member: Person, kind: str, **facts: Any) -> None:
    with transaction():
        tell(member.id, kind, facts, now=clock.now())


def test_what_a_member_earns_is_told(app: Flask, hers: FlaskClient, alice: Person):
    heard, before = listen(hers)
    assert heard.after_a_look(app) == ("still", None)
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    event, now = heard.after_a_look(app)
    assert event == "marks"
    assert now["seq"] > before["seq"]
    assert now["decisions"] == before["decisions"] + 1
    assert now["qualifying"] == before["qualifying"] + 50
    heard.answer.close()


def test_the_stream_is_kept_by_nobody_and_held_back_by_nothing(hers: FlaskClient):
    heard, _ = listen(hers)
    assert heard.answer.mimetype == "text/event-stream"
    assert heard.answer.headers["Cache-Control"] == "no-store"
    assert heard.answer.headers["X-Accel-Buffering"] == "no"
    heard.answer.close()


def test_messages_are_told_and_their_reading_too(app: Flask, hers: FlaskClient, alice: Person):
    heard, before = listen(hers)
    message(alice, question_messages.ANSWERED, question=1, opened=clock.to_micros(clock.now()))
    _, now = heard.after_a_look(app)
    assert (now["unread"], now["newest"] > before["newest"]) == (before["unread"] + 1, True)
    with transaction():
        connection().execute(text("UPDATE message SET read_at = created_at"))
    assert heard.after_a_look(app)[1]["unread"] == 0
    heard.answer.close()


def test_a_page_knows_where_things_stood(hers: FlaskClient, alice: Person):
    page = hers.get("/home").text
    mark = page.split('data-marks="')[1].split('"')[0].replace("&#34;", '"')
    found = hers.get("/live/marks", headers=JSON).json
    assert found is not None
    shown = json.loads(mark)
    assert shown.items() <= found.items()
    # What is written after the page and before its first look at the stream is told as well.
    assert "newest" in shown
    assert f'data-member="{alice.id}"' in page


@pytest.mark.parametrize("address", ["/live", "/live/marks"])
def test_whoever_has_no_stream_may_ask(hers: FlaskClient, address: str):
    answer = hers.get(address, headers=JSON)
    assert answer.json is not None
    assert answer.json.keys() == set(Marks._fields)
    again = hers.get(address, headers=JSON | {"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_asking_for_its_head_opens_no_stream(app: Flask, hers: FlaskClient):
    assert hers.head("/live", headers=EVENTS).status_code == 200
    assert "live" not in app.extensions["laurel_kept"]


def test_asking_costs_two_statements(hers: FlaskClient):
    hers.get("/live/marks", headers=JSON)
    with counted() as seen:
        hers.get("/live/marks", headers=JSON)
    assert len(seen) == 2


def test_a_look_costs_one_however_many_listen(app: Flask, hers: FlaskClient):
    others = [sign_in(app.test_client(), make_member(f"m{n}@example.com", "M")) for n in range(3)]
    listening = [listen(client)[0] for client in (hers, *others)]
    with counted() as seen:
        hub(app).look()
    assert len(seen) == 1
    for heard in listening:
        heard.answer.close()


@pytest.mark.parametrize("address", ["/live", "/live/marks", "/live/news?after=0"])
def test_only_members_are_told_and_others_in_one_word(client: FlaskClient, address: str):
    answer = client.get(address, headers=JSON)
    assert answer.status_code == 401
    assert answer.json is not None


@pytest.mark.parametrize("address", ["/live", "/live/marks", "/live/news"])
def test_a_page_of_somebody_else_is_told_to_stop(hers: FlaskClient, bob: Person, address: str):
    answer = hers.get(f"{address}?of={bob.id}&after=0", headers=EVENTS)
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("address", ["/live", "/live/marks", "/live/news?after=0"])
def test_staff_who_look_on_are_told_nothing(client: FlaskClient, alice: Person, mia: Person, address: str):
    desk = sign_in_staff(client, mia)
    post(desk, f"/admin/members/{alice.id}/view")
    assert "data-live" not in desk.get("/home").text
    answer = desk.get(address, headers=EVENTS)
    assert (answer.status_code, answer.data) == (204, b"")


def test_signing_out_ends_the_stream_for_good(app: Flask, hers: FlaskClient):
    heard, _ = listen(hers)
    post(hers, "/logout")
    assert heard.after_a_look(app) == ("over", None)
    assert heard.next() == ("", None)
    heard.answer.close()
    assert len(hub(app)) == 0
    assert hers.get("/live", headers=EVENTS).status_code == 401


def test_so_does_signing_it_out_from_elsewhere_and_idling(app: Flask, hers: FlaskClient, alice: Person):
    first, _ = listen(hers)
    with transaction():
        sign_ins.end_all(alice.id, now=clock.now())
    assert first.after_a_look(app) == ("over", None)
    sign_in(hers, alice)
    second, _ = listen(hers)
    with transaction():
        old = clock.to_micros(clock.now() - sign_ins.LONGEST_IDLE - timedelta(seconds=1))
        connection().execute(text("UPDATE sign_in SET last_seen_at = :old"), {"old": old})
    assert second.after_a_look(app) == ("over", None)
    for heard in (first, second):
        heard.answer.close()


def test_so_does_erasure(app: Flask, hers: FlaskClient, alice: Person):
    heard, _ = listen(hers)
    with transaction():
        erasure.erase(None, alice.id, now=clock.now())
    assert heard.after_a_look(app) == ("over", None)
    heard.answer.close()


def test_more_than_there_is_room_for_are_told_to_ask(app: Flask, monkeypatch: pytest.MonkeyPatch, hers: FlaskClient):
    few = app.extensions[settings.KEY].model_copy(update={"live_streams": 1})
    monkeypatch.setitem(app.extensions, settings.KEY, few)
    heard, _ = listen(hers)
    other = sign_in(app.test_client(), make_member("other@example.com", "Other"))
    answer = other.get("/live", headers=EVENTS)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "15"
    assert answer.json == {"error": "streams_full", "ask": "/live/marks", "seconds": 15}
    assert other.get("/live/marks", headers=JSON).status_code == 200
    heard.answer.close()
    listen(other)[0].answer.close()


def test_a_member_has_so_many_browsers_and_no_more(app: Flask, alice: Person):
    listening = [listen(sign_in(app.test_client(), alice))[0] for _ in range(MOST_OF_ONE)]
    assert sign_in(app.test_client(), alice).get("/live", headers=EVENTS).status_code == 503
    for heard in listening:
        heard.answer.close()
    assert len(hub(app)) == 0


def test_a_stream_that_nobody_began_to_read_gives_its_place_back(app: Flask, hers: FlaskClient):
    answer = hers.get("/live", headers=EVENTS, buffered=False)
    assert len(hub(app)) == 1
    answer.close()
    assert len(hub(app)) == 0


def test_a_browser_that_hangs_up_is_noticed():
    ours, theirs = socket.socketpair()
    is_gone = live._hang_up({"gunicorn.socket": ours})
    assert not is_gone()
    theirs.close()
    assert is_gone()
    ours.close()
    assert is_gone()
    assert not live._hang_up({})()


def test_news_are_what_is_worth_a_word(hers: FlaskClient, alice: Person):
    newest = hers.get("/live/marks", headers=JSON).json["newest"]  # type: ignore[index]
    message(alice, tier_messages.REACHED, level=2, **{"from": clock.to_micros(clock.now())})
    message(alice, question_messages.CLOSED, question=7, opened=clock.to_micros(clock.now()))
    first, second = hers.get(f"/live/news?after={newest}", headers=JSON).json  # type: ignore[misc]
    assert (first["tone"], first["icon"], first["href"]) == ("gold", "crown", "/tiers")
    assert first["text"].startswith("You reached Silver. It counts from ")
    assert second["text"].startswith("Your question of ")
    assert second["href"].endswith("#newest")
    assert hers.get(f"/live/news?after={first['id']}", headers=JSON).json == [second]
    assert hers.get(f"/live/news?after={second['id']}", headers=JSON).json == []


def test_points_are_no_news(hers: FlaskClient, alice: Person):
    message(alice, "earned.day", points=50)
    message(alice, "released.points", points=50)
    message(alice, member_messages.TOMORROW, at=clock.to_micros(clock.now()))
    told = hers.get("/live/news?after=0", headers=JSON).json
    assert told is not None
    assert not [one for one in told if "50" in one["text"]]
    assert len(told) == 1


def test_what_was_read_is_no_news_and_quiet_members_hear_of_their_account_alone(hers: FlaskClient, alice: Person):
    message(alice, tier_messages.REACHED, level=2, **{"from": clock.to_micros(clock.now())})
    message(alice, member_messages.TOMORROW, at=clock.to_micros(clock.now()))
    with transaction():
        until = clock.to_micros(clock.now() + timedelta(days=3))
        connection().execute(text("UPDATE member SET quiet_until = :until"), {"until": until})
    told = hers.get("/live/news?after=0", headers=JSON).json
    assert told is not None
    assert [one["tone"] for one in told] != ["gold"]
    assert len(told) == 1
    with transaction():
        connection().execute(text("UPDATE message SET read_at = created_at"))
    assert hers.get("/live/news?after=0", headers=JSON).json == []


@pytest.mark.parametrize("after", ["", "-1", "NaN", "1e9", "9" * 400, str(2**63)])
def test_after_nothing_that_is_a_number_there_is_nothing(hers: FlaskClient, after: str):
    answer = hers.get("/live/news", query_string={"after": after}, headers=JSON)
    assert (answer.status_code, answer.data) == (204, b"")


def test_the_bar_over_every_page_asks_for_itself(hers: FlaskClient, alice: Person):
    before = hers.get("/home/standing", headers={"HX-Request": "true"})
    assert words(before).startswith("Available points")
    same = hers.get("/home/standing", headers={"HX-Request": "true", "If-None-Match": before.headers["ETag"]})
    assert same.status_code == 304
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    with counted() as seen:
        now = hers.get("/home/standing", headers={"HX-Request": "true", "If-None-Match": before.headers["ETag"]})
    assert now.status_code == 200
    assert words(now) != words(before)
    assert len(seen) == 1
    assert "<html" not in now.text


def test_so_does_all_that_stands_over_the_ledger(hers: FlaskClient, alice: Person):
    before = hers.get("/points/top", headers={"HX-Request": "true"})
    assert before.text.startswith('<div class="stack" id="points-top" hx-get="/points/top"')
    assert before.text in hers.get("/points").text
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    with counted() as seen:
        now = hers.get("/points/top", headers={"HX-Request": "true", "If-None-Match": before.headers["ETag"]})
    assert (now.status_code, len(seen) <= 4) == (200, True)
    same = hers.get("/points/top", headers={"HX-Request": "true", "If-None-Match": now.headers["ETag"]})
    assert same.status_code == 304
    assert hers.get("/points/top?month=2026-03").location == "/points?month=2026-03"


@pytest.mark.parametrize("address", ["/home", "/points", "/tiers", "/challenges", "/badges"])
def test_what_asks_for_itself_gets_what_it_is(hers: FlaskClient, alice: Person, address: str):
    """A part that waits for something to change has an id, and the address it asks answers with that very part."""
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    page = hers.get(address).text.replace("&amp;", "&")
    parts = re.findall(r'id="([a-z-]+)"[^>]* hx-get="([^"]+)"[^>]* hx-trigger="live:', page)
    assert {"standing"} < {part for part, _ in parts}
    for part, asked in parts:
        answer = hers.get(asked, headers={"HX-Request": "true"})
        whole = {"following": "ledger"}.get(part, part)
        assert re.match(rf'\s*<[a-z]+ [^>]*id="{whole}"', answer.text), (part, asked)


def test_what_is_published_is_told_in_the_same_look(app: Flask, hers: FlaskClient):
    heard, before = listen(hers)
    assert "Fresh" not in words(hers.get("/challenges"))
    challenge("fresh")
    with counted() as seen:
        _, now = heard.after_a_look(app)
    assert len(seen) == 1
    changed = {name for name in now if now[name] != before[name]}
    assert changed == {"programme"}
    assert "Fresh" in words(hers.get("/challenges")), "whoever is told of it gets it"
    heard.answer.close()


def test_to_whom_it_is_quiet_the_line_says_nothing_of_points(app: Flask, hers: FlaskClient, alice: Person):
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    heard, before = listen(hers)
    assert before["seq"] and before["qualifying"]
    with transaction():
        quiet.begin(alice.id, 7, now=clock.now())
    _, hushed = heard.after_a_look(app)
    kept = ("seq", "decisions", "level", "qualifying", "joined")
    assert {name: hushed[name] for name in kept} == dict.fromkeys(kept, 0), "pages that are open find out"
    play(alice.id, Said(LessonPassed("costs", 90), "lesson.passed"))
    assert heard.after_a_look(app) == ("still", None)
    page = hers.get("/lessons").text
    mark = json.loads(page.split('data-marks="')[1].split('"')[0].replace("&#34;", '"'))
    assert mark.items() <= hushed.items()
    assert hers.get("/live/marks", headers=JSON).json == hushed
    with transaction():
        quiet.end(alice.id)
    assert heard.after_a_look(app)[1]["seq"] > before["seq"]
    heard.answer.close()


def test_all_of_home_asks_for_itself(hers: FlaskClient, alice: Person):
    play(alice.id, Said(LessonPassed("risk", 90), "lesson.passed"))
    part = hers.get("/home", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<div class="stack" id="home"')
    assert "Lesson passed: risk" in words(part)
    assert "HX-Request" in part.vary


def test_how_many_streams_there_are_is_a_setting():
    assert Settings(_env_file=None).live_streams == 16  # type: ignore[call-arg]
    assert marks.read([], clock.now()) == {}
