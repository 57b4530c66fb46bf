"""The journal's pages: written once, refused kindly, one's own alone, and closed to staff who look on."""

import io
import json
import zipfile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.models.base import read_all, read_one
from tests.support.cast import Person, post, sign_in, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.play import Said, play, trade
from tests.support.queries import counted

BODY = "I waited for the level I had marked, and risked little."
SECRET = "ZEBRA-7719"
HOSTILE = f'<script>alert("{SECRET}")</script> {{{{ 7*7 }}}} %(name)s \u202egnol yrev\u202c and on'


def write(client: FlaskClient, body: str = BODY, **more: str) -> None:
    answer = fill(client, "/journal", "/journal", {"body": body, **more})
    assert (answer.status_code, answer.location) == (303, "/journal"), words(answer)


def entries() -> list[int]:
    return [row.id for row in read_all(text("SELECT id FROM journal_entry ORDER BY id"))]


def test_what_is_written_shows_with_its_day_mood_and_line(hers: FlaskClient):
    assert "Yours alone" in words(hers.get("/journal"))
    write(hers, mood="4", lesson="Mark levels first")
    said = words(hers.get("/journal"))
    assert BODY in said and "Today, " in said and "Calm" in said and "Mark levels first" in said
    assert "1 day written about" in said


def test_the_text_is_text_and_nothing_else(hers: FlaskClient):
    write(hers, HOSTILE, lesson="<b>bold</b>")
    page = hers.get("/journal").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page
    assert "\u202e" not in page and "&lt;b&gt;bold" in page


def test_too_little_is_refused_and_nothing_that_was_written_is_lost(hers: FlaskClient):
    answer = fill(hers, "/journal", "/journal", {"body": "Too short", "mood": "2", "lesson": "but this line"})
    said = words(answer)
    assert answer.status_code == 422 and "at least 20 characters" in said
    form = forms(answer)["/journal"]
    assert (form["body"], form["mood"], form["lesson"]) == ("Too short", ["2"], "but this line")
    assert entries() == []


@pytest.mark.parametrize(
    "wrong",
    [{"mood": "9"}, {"mood": "-1"}, {"mood": "²"}, {"about": ""}, {"about": "day:NaN"}, {"about": "trade:-1"},
     {"about": "day:99999999999999999999"}, {"about": "trade:999999999999999999"}, {"about": "nonsense"}],
)  # fmt: skip
def test_what_no_form_of_ours_sends_is_refused(hers: FlaskClient, wrong: dict[str, str]):
    assert fill(hers, "/journal", "/journal", {"body": BODY, **wrong}).status_code == 422
    assert entries() == []


def test_a_million_characters_are_refused_without_ado(hers: FlaskClient):
    answer = fill(hers, "/journal", "/journal", {"body": "x" * 100_000})
    assert answer.status_code == 422 and "4,000" in words(answer)
    assert fill(hers, "/journal", "/journal", {"body": "x" * 1_000_000}).status_code in (413, 422)


def test_a_form_sent_twice_writes_once(hers: FlaskClient):
    form = forms(hers.get("/journal"))["/journal"] | {"body": BODY}
    assert [post(hers, "/journal", form).status_code for _ in range(3)] == [303, 303, 303]
    assert len(entries()) == 1


def test_a_trade_is_written_about_from_its_own_link(hers: FlaskClient, alice: Person):
    pipeline.drain()
    play(alice.id, Said(trade("XAUUSD", "0.50")))
    activity = read_one(text("SELECT id FROM activity WHERE kind = 1")).id
    page = hers.get("/journal")
    assert f'href="/journal?about=trade:{activity}#write"' in page.text and "Trades without a note" in words(page)
    answer = fill(hers, f"/journal?about=trade:{activity}", "/journal", {"body": BODY})
    assert answer.status_code == 303
    said = words(hers.get("/journal"))
    assert "Gold, 0.5 lots closed" in said and "Trades without a note" not in said


def test_an_entry_is_changed_and_deleted_by_who_wrote_it(hers: FlaskClient, alice: Person):
    write(hers, mood="5")
    (entry,) = entries()
    page = f"/journal/{entry}"
    assert forms(hers.get(page))[page]["mood"] == ["5"]
    short = fill(hers, page, page, {"body": "no"})
    assert short.status_code == 422 and "at least 20 characters" in words(short)
    assert fill(hers, page, page, {"body": BODY + " And again.", "lesson": ""}).status_code == 303
    assert "And again." in words(hers.get("/journal")) and "changed " in words(hers.get("/journal"))
    assert fill(hers, page, f"{page}/removal").status_code == 303
    assert hers.get(page).status_code == 404 and entries() == []
    assert post(hers, f"{page}/removal").status_code == 303


def test_nobody_elses_entry_is_read_changed_or_deleted(hers: FlaskClient, bob: Person):
    write(hers, f"{BODY} {SECRET}")
    (entry,) = entries()
    his = sign_in(hers.application.test_client(), bob)
    assert his.get(f"/journal/{entry}").status_code == 404
    assert post(his, f"/journal/{entry}", {"body": BODY}).status_code == 404
    assert post(his, f"/journal/{entry}/removal").status_code == 303
    assert SECRET not in his.get("/journal").text and SECRET in hers.get("/journal").text


def test_staff_who_look_on_see_none_of_it(hers: FlaskClient, alice: Person, mia: Person, dana: Person):
    write(hers, f"{BODY} {SECRET}", lesson=SECRET)
    pipeline.drain()
    (entry,) = entries()
    desk = sign_in_staff(hers.application.test_client(), mia)
    post(desk, f"/admin/members/{alice.id}/view")
    for page in (
        "/journal",
        f"/journal/{entry}",
        "/journal?q=ZEBRA",
        "/home",
        "/activity",
        "/points",
        "/habits",
        "/messages",
    ):
        answer = desk.get(page)
        assert answer.status_code == 200 and SECRET not in answer.text, page
    assert "Only its member reads this" in words(desk.get("/journal"))
    assert post(desk, "/journal", {"body": BODY}).status_code == 403
    for page in (f"/admin/members/{alice.id}", f"/admin/members/{alice.id}?tab=activity", "/admin/audit"):
        assert SECRET not in desk.get(page).text


def test_the_words_are_in_the_members_own_copy_and_in_no_other(hers: FlaskClient, alice: Person, dana: Person):
    write(hers, f"{BODY} {SECRET}", mood="2")
    own = post(hers, "/profile/data/copy")
    (entry,) = journal_in(own.data)
    assert SECRET in entry["text"] and entry["mood"] == 2
    desk = sign_in_staff(hers.application.test_client(), dana)
    handed_out = post(desk, f"/admin/members/{alice.id}/export")
    assert handed_out.status_code == 200
    (entry,) = journal_in(handed_out.data)
    assert set(entry) == {"day", "written_at", "changed_at"}
    with zipfile.ZipFile(io.BytesIO(handed_out.data)) as archive:
        assert not any(SECRET.encode() in archive.read(name) for name in archive.namelist())


def journal_in(content: bytes) -> list[dict[str, object]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: list[dict[str, object]] = json.loads(archive.read("journal.json"))
    return found


def test_months_and_words_narrow_the_list_and_nonsense_does_not(hers: FlaskClient):
    write(hers, f"{BODY} {SECRET}")
    write(hers, BODY)
    assert words(hers.get(f"/journal?q={SECRET}")).count(BODY) == 1
    assert "Nothing found" in words(hers.get("/journal?q=nowhere"))
    assert "Nothing found" in words(hers.get("/journal?month=2001-02"))
    for query in (
        "month=2026-13",
        "month=x",
        "before=1",
        "before=9.9.9",
        f"before={'9' * 50}.1",
        "q=%00",
        "about=trade:x",
    ):
        answer = hers.get(f"/journal?{query}")
        assert answer.status_code == 200 and words(answer).count(BODY) in (0, 2), query


def test_the_page_asks_the_database_at_most_five_times(hers: FlaskClient, alice: Person):
    pipeline.drain()
    play(alice.id, trade())
    write(hers)
    hers.get("/journal")
    with counted() as statements:
        assert hers.get("/journal").status_code == 200
    assert len(statements) <= 5, statements
    with counted() as statements:
        assert hers.get(f"/journal/{entries()[0]}").status_code == 200
    assert len(statements) <= 3, statements


@pytest.mark.parametrize("page", ["/journal", "/journal/1", "/habits"])
def test_a_stranger_is_asked_to_sign_in(client: FlaskClient, page: str):
    assert client.get(page).location.startswith("/login")
