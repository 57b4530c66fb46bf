"""The wall of badges as a member's browser meets it, and sharing one of them."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.gamification import catalogue, pipeline, programme
from app.gamification.activities import Data, LessonPassed
from app.gamification.badges import holders
from app.gamification.insight import rollup
from app.gamification.pictures import badge as drawing
from app.lib.cache import Kept
from app.models.base import kept_by_app, transaction
from app.models.people import ClientClass
from tests.support.cast import Person, make_member, post, sign_in, sign_in_staff, words
from tests.support.play import NOON, Said, play, trade, wallet
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge
from tests.support.queries import counted

ALIAS = text("UPDATE member SET alias = :alias WHERE id = :m")


@pytest.fixture
def alice_trades(alice: Person) -> Person:
    pipeline.drain()
    return alice


def lessons(member: Person, number: int) -> None:
    for place in range(number):
        play(member.id, Said(LessonPassed(f"lesson{place}"), kind="lesson.passed"))


def call_her(alice: Person, alias: str | None) -> None:
    with transaction() as conn:
        conn.execute(ALIAS, {"alias": alias, "m": alice.id})


def shared(hers: FlaskClient, key: str = "scholar") -> str:
    """The address at which others see a badge, within the site."""
    answer = post(hers, f"/badges/{key}/sharing")
    assert answer.status_code == 303
    page = hers.get(answer.headers["Location"]).text
    found = re.search(r'href="(/shared/badges/[^"]+)"', page)
    assert found
    return found[1]


def test_the_wall_says_what_is_held_and_what_is_next(hers: FlaskClient, alice_trades: Person):
    badge("scholar", LESSONS, "1", "4", group="learning")
    badge("writer", JOURNAL, "2", group="discipline")
    lessons(alice_trades, 3)
    said = words(hers.get("/badges"))
    assert "1 of 2 earned" in said
    assert "Closest to the next level Scholar 1 more to silver" in said
    assert "Learning 1 of 1 Scholar 3 of 4" in said
    assert "Discipline 0 of 1 Writer Write in your journal on 2 days." in said


@pytest.mark.usefixtures("same_year")
def test_one_badge_says_its_levels_with_dates_and_how_many_hold_it(hers: FlaskClient, alice_trades: Person):
    badge("scholar", LESSONS, "1", "4", points=[10, 20], about={"en": "You pass lessons."})
    lessons(alice_trades, 3)
    said = words(hers.get("/badges/scholar"))
    for part in (
        "Close, back to all badges Scholar You pass lessons.",
        "Bronze level Reached on 4 Mar Pass 1 lesson.",
        "Silver level 3 / 4 Pass 4 different lessons.",
        "Held by 100% of members",
        "Bronze level: 10 Silver level: 20 points",
        "These points are spendable and count towards no level.",
        "What you did before this badge was there counts too.",
    ):
        assert part in said, part


def test_whoever_has_none_yet_is_led_to_what_is_near(hers: FlaskClient):
    badge("scholar", LESSONS, "2", group="learning")
    said = words(hers.get("/badges"))
    assert "No badge yet Your first one is close: Scholar. Pass 2 different lessons. Open the lessons" in said


def test_the_first_badge_is_one_that_can_be_begun_at_once(hers: FlaskClient):
    badge("regular", {"kind": "visits", "settings": {}}, "7")
    badge("writer", JOURNAL, "2")
    said = words(hers.get("/badges"))
    assert "Your first one is close: Writer. Write in your journal on 2 days. Write in your journal" in said


def test_a_programme_without_badges_says_so(hers: FlaskClient):
    assert "No badges yet" in words(hers.get("/badges"))


def test_what_the_law_forbids_stands_under_its_own_heading(app: Flask, client: FlaskClient):
    eleni = make_member("eleni@example.com", "Eleni", country="CY", client_class=ClientClass.RETAIL, entity_key="eu")
    badge("volume", LOTS, "1", group="trading")
    badge("scholar", LESSONS, "1", points=[10])
    hers = sign_in(client, eleni)
    said = words(hers.get("/badges"))
    barred = said.index("Not available under your client category Badges for this are not given to you")
    assert said.index("Volume") > barred
    assert "The rules “EU retail” say so." in said
    alone = words(hers.get("/badges/volume"))
    assert "Not available under your client category" in alone and "Share badge" not in alone
    assert "they buy recognition and service" in words(hers.get("/badges/scholar"))


def test_a_hidden_badge_is_only_said_to_be_there(hers: FlaskClient, alice_trades: Person):
    badge("quiet", LESSONS, "1", hidden=True)
    page = hers.get("/badges")
    assert "Hidden Found, not chased" in words(page) and "quiet" not in page.text.lower().split("</header>", 1)[1]
    assert hers.get("/badges/quiet").status_code == 404
    assert post(hers, "/badges/quiet/sharing").status_code == 404
    lessons(alice_trades, 1)
    assert "Quiet It is yours" in words(hers.get("/badges"))
    refused = post(hers, "/badges/quiet/sharing")
    assert refused.status_code == 422


def test_one_that_is_not_offered_any_more_stays_with_its_holders(hers: FlaskClient, alice_trades: Person):
    scholar, writer = badge("scholar", LESSONS, "1", "5"), badge("writer", JOURNAL, "1")
    lessons(alice_trades, 1)
    with transaction():
        for one in (scholar, writer):
            catalogue.retire(catalogue.BADGES, one, now=NOON)
    said = words(hers.get("/badges"))
    assert "Scholar Not given any more" in said and "Writer" not in said
    assert hers.get("/badges/scholar").status_code == 200
    assert hers.get("/badges/writer").status_code == 404


def test_what_a_challenge_gives_says_which(hers: FlaskClient):
    badge("medal", {"kind": "given"}, "1")
    challenge("lots", reward={"badge": "medal"})
    assert "Complete the challenge “Lots”." in words(hers.get("/badges/medal"))


def test_a_badge_that_is_still_being_counted_says_so(hers: FlaskClient, alice_trades: Person):
    lessons(alice_trades, 1)
    badge("scholar", LESSONS, "1", counted=False)
    assert "Scholar Being counted" in words(hers.get("/badges"))


def test_the_wall_and_a_badge_are_fragments_for_htmx(hers: FlaskClient, alice_trades: Person):
    badge("scholar", LESSONS, "1", "2")
    for address in ("/badges", "/badges/scholar", "/badges?from=scholar"):
        part = hers.get(address, headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith('<div class="badge-wall" id="badges"') and "<html" not in part
    assert "autofocus>" in hers.get("/badges?from=scholar", headers={"HX-Request": "true"}).text


@pytest.mark.parametrize("address", ["/badges", "/badges/scholar"])
def test_a_page_asks_little_of_the_database(hers: FlaskClient, alice_trades: Person, address: str):
    badge("scholar", LESSONS, "1", "4")
    for number in range(6):
        badge(f"volume{number}", LOTS, "1", "2", "3")
    lessons(alice_trades, 2)
    play(alice_trades.id, Said(trade(lots="9.00")))
    hers.get(address)
    with counted() as seen:
        assert hers.get(address).status_code == 200
    assert len(seen) <= 4, seen


def test_holders_are_a_share_of_all_members(app: Flask, alice: Person, bob: Person):
    scholar = badge("scholar", LESSONS, "1", "2")
    pipeline.drain()
    lessons(alice, 2)
    assert holders.of(scholar) == (1, 2)


def test_members_are_counted_by_the_worker_and_many_holders_rarely(
    hers: FlaskClient, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
):
    """Neither is a walk through everybody that a page waits for each minute."""
    scholar = badge("scholar", LESSONS, "1")

    def a_minute_later() -> holders.Share:
        kept_by_app(f"holders of badge {scholar}", lambda: Kept(dict)).forget()
        return holders.of(scholar)

    pipeline.drain()
    lessons(alice, 1)
    rollup.fold(NOON)
    with transaction() as conn:
        conn.execute(text("UPDATE day_figure SET amount = 4000 WHERE figure = 92"))
    assert holders.of(scholar) == (1, 4000)
    assert "Held by 1 member Gives" in words(hers.get("/badges/scholar"))
    lessons(bob, 1)
    assert a_minute_later().holding == 2
    monkeypatch.setattr(holders, "FEW", 0)
    assert a_minute_later().holding == 2
    with transaction() as conn:
        conn.execute(text("UPDATE badge_award SET fell_at = 1 WHERE member_id = :m"), {"m": bob.id})
    assert a_minute_later().holding == 2, "many are counted a few times a day"
    monkeypatch.undo()
    assert a_minute_later().holding == 1


def test_points_of_badges_are_spendable_and_move_no_level(hers: FlaskClient, alice_trades: Person):
    before = wallet(alice_trades.id)
    badge("scholar", LESSONS, "1", points=[100_000])
    lessons(alice_trades, 1)
    after = wallet(alice_trades.id)
    assert after.available >= before.available + 100_000
    assert after.level_id == before.level_id


def test_a_shared_badge_shows_the_alias_the_badge_and_the_risk(hers: FlaskClient, alice: Person, app: Flask):
    badge("scholar", LESSONS, "1", "4", points=[7_777, 8_888], about={"en": "About it"})
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "Lynx")
    address = shared(hers)
    stranger = app.test_client()
    answer = stranger.get(address)
    said = words(answer)
    assert "Scholar Bronze level Lynx holds this badge at Meridian Markets." in said
    assert "of retail accounts lose money" in said  # as the law of an unknown country has it
    for secret in (alice.name, alice.email, "7,777", "About it", "Pass 1 lesson"):
        assert secret not in answer.text, secret
    for part in (
        '<meta property="og:title" content="Scholar · Bronze level">',
        '<meta property="og:locale" content="en_GB">',
        '<meta property="og:image:width" content="1200">',
        '<meta name="robots" content="noindex">',
    ):
        assert part in answer.text, part
    outside = re.search(r'property="og:image" content="(https?://[^"]+)"', answer.text)
    assert outside and outside[1].endswith(address.replace("/shared/badges/", "/og/badges/") + ".png")
    # Its frame is the reader's own: no cache on the way keeps it for the next one.
    kept = [one.get(address).headers["Cache-Control"] for one in (app.test_client(), hers)]
    assert kept == ["private, no-cache", "no-store"]


def test_its_picture_is_kept_by_whoever_shows_it(hers: FlaskClient, alice: Person, app: Flask):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "Lynx")
    address = shared(hers).replace("/shared/badges/", "/og/badges/") + ".png"
    stranger = app.test_client()
    answer = stranger.get(address)
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    again = stranger.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data


ENDS = {
    "UPDATE member SET alias = 'Other' WHERE id = :m": "UPDATE member SET alias = 'Lynx' WHERE id = :m",
    "UPDATE member SET alias = NULL WHERE id = :m": "UPDATE member SET alias = 'Lynx' WHERE id = :m",
    "UPDATE member SET leaving_at = 1 WHERE id = :m": "UPDATE member SET leaving_at = NULL WHERE id = :m",
    "UPDATE member SET erased_at = 1 WHERE id = :m": "UPDATE member SET erased_at = NULL WHERE id = :m",
    "UPDATE badge_award SET fell_at = 1 WHERE member_id = :m": "UPDATE badge_award SET fell_at = NULL WHERE member_id = :m",
}


def test_a_shared_badge_ends_with_what_it_shows(hers: FlaskClient, alice: Person, app: Flask):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "Lynx")
    address, stranger = shared(hers), app.test_client()
    for ends, again in ENDS.items():
        with transaction() as conn:
            conn.execute(text(ends), {"m": alice.id})
        for gone in (address, address.replace("/shared/badges/", "/og/badges/") + ".png"):
            answer = stranger.get(gone)
            assert answer.status_code == 404, ends
            assert "Lynx" not in answer.text
        with transaction() as conn:
            conn.execute(text(again), {"m": alice.id})
        assert stranger.get(address).status_code == 200, again


def test_one_that_is_made_hidden_is_not_shared_any_more(hers: FlaskClient, alice: Person, app: Flask):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "Lynx")
    address = shared(hers)
    badge("scholar", LESSONS, "1", hidden=True)
    kept_by_app("compiled", lambda: Kept(programme.current)).forget()  # a second later
    assert app.test_client().get(address).status_code == 404


def test_nobody_makes_an_address_of_their_own(hers: FlaskClient, alice: Person, app: Flask):
    badge("scholar", LESSONS, "1", "2")
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "Lynx")
    token = shared(hers).rpartition("/")[2]
    stranger = app.test_client()
    forged = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(0, 48, 7)]
    for wrong in (*forged, token[:-1], token + "A", "A" * 48, "é" * 48, "%00" * 16, "-" * 5000, "1", "1.2.3"):
        assert stranger.get(f"/shared/badges/{wrong}").status_code == 404, wrong
        assert stranger.get(f"/og/badges/{wrong}.png").status_code == 404, wrong


def test_what_is_not_held_is_not_shared_and_an_alias_comes_first(hers: FlaskClient, alice: Person):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    call_her(alice, None)
    refused = post(hers, "/badges/scholar/sharing")
    assert refused.status_code == 422
    assert post(hers, "/badges/nothing/sharing").status_code == 404
    lessons(alice, 1)
    refused = post(hers, "/badges/scholar/sharing")
    assert refused.status_code == 422
    assert "Choose an alias" in words(refused)
    assert "/shared/badges/" not in hers.get("/badges/scholar?shared=1").text


def test_another_member_cannot_share_what_she_holds(hers: FlaskClient, alice: Person, bob: Person, app: Flask):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    lessons(alice, 1)
    call_her(bob, "Robert")
    his = sign_in(app.test_client(), bob)
    assert post(his, "/badges/scholar/sharing").status_code == 422
    assert "/shared/badges/" not in his.get("/badges/scholar?shared=1").text


def test_staff_who_look_on_make_no_address_in_her_name(
    hers: FlaskClient, client: FlaskClient, alice: Person, mia: Person
):
    badge("scholar", LESSONS, "1")
    lessons(alice, 1)
    call_her(alice, "Alia")
    assert "/shared/badges/" in hers.get("/badges/scholar?shared=1").text
    desk = sign_in_staff(client, mia)
    post(desk, f"/admin/members/{alice.id}/view")
    seen = desk.get("/badges/scholar?shared=1")
    assert seen.status_code == 200 and "/shared/badges/" not in seen.text


def test_an_alias_that_our_letters_cannot_write_is_left_out_of_the_picture(monkeypatch, hers, alice, app):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    lessons(alice, 1)
    call_her(alice, "ผู้ค้า")
    drawn: list[drawing.Card] = []
    monkeypatch.setattr(drawing, "draw", lambda card: drawn.append(card) or b"png")
    app.test_client().get(shared(hers).replace("/shared/badges/", "/og/badges/") + ".png")
    assert drawn[0].whose == ""
    assert drawn[0].under == ("A member of Meridian Markets holds this badge.",)


def test_a_day_of_practice_is_told(hers: FlaskClient, alice_trades: Person):
    badge("writer", JOURNAL, "1", "2", points=[5, 0])
    for day in range(2):
        at = NOON + timedelta(days=day)
        play(alice_trades.id, Said(Data(), kind="journal.written", at=at), now=NOON + timedelta(days=3))
    said = words(hers.get("/messages"))
    assert "The badge “Writer” is yours in bronze, with 5 points." in said
    assert "The badge “Writer” is yours in silver." in said
