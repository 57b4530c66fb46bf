"""Looking at the programme as a member: read only, logged, for half an hour, and without a trace on the member."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.members import erasure
from app.gamification.staff import sessions
from app.lib import clock
from app.models.base import read_one, transaction
from app.routes import viewing
from app.routes.access import POLICY
from app.routes.policy.audiences import Audience
from tests.support.cast import PASSWORD, Person, make_member, post, sign_in, sign_in_staff, stored, words
from tests.support.play import play, trade

BANNER = "You see the programme as"
REFUSED = "You are looking at the programme as a member sees it"


@pytest.fixture
def desk(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    """Mia's browser, signed in at the desk."""
    return sign_in_staff(client, mia)


def look(client: FlaskClient, member: Person) -> FlaskClient:
    answer = post(client, f"/admin/members/{member.id}/view")
    assert (answer.status_code, answer.location) == (303, "/home")
    return client


def everything_of(member: Person) -> list[Any]:
    """What is stored of a member that a visit, a click or a form could change."""
    with transaction() as conn:
        return [
            tuple(row)
            for table, column in (
                ("member", "id"), ("wallet", "id"), ("message", "member_id"), ("sign_in", "member_id"),
                ("activity_queue", "member_id"), ("decision", "member_id"), ("activity", "member_id"),
            )
            for row in conn.execute(text(f"SELECT * FROM {table} WHERE {column} = :id ORDER BY 1, 2"), {"id": member.id})
        ]  # fmt: skip


@pytest.mark.parametrize("page", ["/home", "/points", "/activity", "/tiers", "/profile", "/points/month"])
def test_staff_see_the_members_page_under_a_banner(desk: FlaskClient, alice: Person, page: str):
    play(alice.id, trade())
    said = words(look(desk, alice).get(page))
    assert f"{BANNER} Alice Amari, number {alice.id}. Read only." in said
    assert "End view" in said


def test_the_view_and_its_end_are_in_the_log(desk: FlaskClient, alice: Person, mia: Person):
    look(desk, alice)
    answer = post(desk, "/admin/view/end")
    assert answer.location == f"/admin/members/{alice.id}"
    assert [(entry.action, entry.staff_id) for entry in audit.of_subject("member", alice.id)] == [
        ("member.view_end", mia.id),
        ("member.view", mia.id),
    ]
    assert desk.get("/home").location.startswith("/login")


def test_the_member_who_was_signed_in_comes_back(desk: FlaskClient, alice: Person, charlie: Person):
    sign_in(desk, charlie)
    look(desk, alice)
    assert BANNER in words(desk.get("/home"))
    post(desk, "/admin/view/end")
    said = words(desk.get("/home"))
    assert BANNER not in said
    assert "Charlie" in said


def test_looking_at_another_member_ends_the_first_look(desk: FlaskClient, alice: Person, bob: Person, charlie: Person):
    sign_in(desk, charlie)
    look(desk, alice)
    look(desk, bob)
    assert f"{BANNER} Bob Bakkar" in words(desk.get("/home"))
    assert [entry.action for entry in audit.of_subject("member", alice.id)] == ["member.view_end", "member.view"]
    post(desk, "/admin/view/end")
    assert "Charlie" in words(desk.get("/profile"))


def changing(app: Flask) -> list[tuple[str, str]]:
    """Every (method, address) that is open to members or to anybody and is no reading."""
    adapter, found = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            access = POLICY.get(f"{method} {rule.endpoint}")
            if (
                access is not None
                and access.who in (Audience.MEMBER, Audience.ANYONE)
                and not rule.rule.startswith("/admin")
            ):
                values = dict.fromkeys(rule.arguments, 1)
                found.append((method, adapter.build(rule.endpoint, values)))
    return found


@pytest.mark.parametrize("htmx", [False, True])
def test_nothing_but_reading_is_open_while_looking(app: Flask, desk: FlaskClient, alice: Person, htmx: bool):
    play(alice.id, trade())
    look(desk, alice)
    before, addresses = everything_of(alice), changing(app)
    assert len(addresses) > 10
    for method, address in addresses:
        assert method == "POST"
        answer = post(desk, address, {"language": "ar", "theme": "dark", "alias": "Mallory", "next": "/"}, htmx=htmx)
        assert answer.status_code == 403, address
        assert REFUSED in words(answer), address
        assert not answer.headers.getlist("Set-Cookie") or "lang=" not in str(answer.headers)
    assert everything_of(alice) == before
    assert BANNER in words(desk.get("/home"))


def test_looking_leaves_no_trace_on_the_member(desk: FlaskClient, alice: Person):
    pipeline.drain()
    before = everything_of(alice)
    look(desk, alice)
    for page in ("/home", "/points", "/points?tab=missed", "/activity", "/tiers", "/profile"):
        desk.get(page)
        desk.get(page, headers={"HX-Request": "true"})
    assert everything_of(alice) == before
    assert stored(alice).last_visit_day is None


def test_a_view_ends_after_half_an_hour(desk: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch):
    look(desk, alice)
    since = time.time()
    monkeypatch.setattr(viewing.time, "time", lambda: since + viewing.LONGEST - 5)
    assert BANNER in words(desk.get("/home"))
    monkeypatch.setattr(viewing.time, "time", lambda: since + viewing.LONGEST + 1)
    ended(desk, alice)


def ended(client: FlaskClient, alice: Person) -> None:
    """The view is over: the next page leads back to the desk, and nothing of the member is shown."""
    answer = client.get("/home")
    assert (answer.status_code, answer.location) == (303, f"/admin/members/{alice.id}")
    assert client.get("/home").location.startswith("/login")


def test_a_view_ends_with_the_sign_in_at_the_desk(desk: FlaskClient, alice: Person, mia: Person):
    look(desk, alice)
    with transaction():
        sessions.end_all(mia.id, now=clock.now())
    ended(desk, alice)
    assert desk.get(f"/admin/members/{alice.id}").location.startswith("/admin/sign-in")


def test_a_view_ends_when_the_desk_idles_out(desk: FlaskClient, alice: Person):
    look(desk, alice)
    with desk.session_transaction() as session:
        session["desk_seen"] = int(time.time()) - 31 * 60
    ended(desk, alice)


@pytest.mark.parametrize("change", ["role = 'viewer'", "left_at = 1"])
def test_a_view_ends_with_the_right_to_it(desk: FlaskClient, alice: Person, mia: Person, change: str):
    look(desk, alice)
    with transaction() as conn:
        conn.execute(text(f"UPDATE staff SET {change} WHERE id = :id"), {"id": mia.id})
    ended(desk, alice)


def test_a_view_is_not_taken_over_by_who_signs_in_next(desk: FlaskClient, alice: Person, omar: Person):
    look(desk, alice)
    sign_in_staff(desk, omar)
    ended(desk, alice)


def test_a_view_of_somebody_who_was_erased_ends(desk: FlaskClient, alice: Person, omar: Person):
    look(desk, alice)
    with transaction():
        erasure.erase(omar.id, alice.id, now=clock.now())
    ended(desk, alice)


def test_a_form_of_an_ended_view_does_nothing(desk: FlaskClient, alice: Person, charlie: Person, mia: Person):
    """Not as the member who was looked at, and not as the one who was signed in before."""
    sign_in(desk, charlie)
    look(desk, alice)
    with transaction():
        sessions.end_all(mia.id, now=clock.now())
    answer = post(
        desk, "/profile", {"alias": "Mallory", "language": "en", "theme": "auto", "up_down": "auto", "time_zone": "UTC"}
    )
    assert answer.location == f"/admin/members/{alice.id}"
    assert (stored(alice).alias, stored(charlie).alias) == (None, None)


def test_a_browser_that_remembers_somebody_does_not_become_them_in_an_ended_view(
    app: Flask, client: FlaskClient, alice: Person, charlie: Person, mia: Person
):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET email_verified_at = 1 WHERE id = :id"), {"id": charlie.id})
    post(client, "/login", {"email": charlie.email, "password": PASSWORD, "remember": "y"})
    sign_in_staff(client, mia)
    look(client, alice)
    with transaction():
        sessions.end_all(mia.id, now=clock.now())
    answer = post(client, "/messages/readings")
    assert answer.location == f"/admin/members/{alice.id}"
    assert "Charlie" in words(client.get("/profile"))


@pytest.mark.parametrize(
    "forged",
    [
        "view:1:9999999999:00",
        "view:1",
        "view:",
        "view:x:y:z",
        "view:1:0:" + "0" * 24,
        "view:-1:1:1",
        "view:9223372036854775808:1:1",
    ],
)
def test_a_view_that_was_not_begun_shows_nothing(desk: FlaskClient, alice: Person, forged: str):
    with desk.session_transaction() as session:
        session["_user_id"] = forged
    answer = desk.get("/home")
    assert answer.status_code == 303
    assert "Alice" not in answer.text


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("mia", 303), ("omar", 303), ("dana", 303)])
def test_only_who_looks_after_members_may_look(
    client: FlaskClient, alice: Person, who: str, status: int, request: pytest.FixtureRequest
):
    sign_in_staff(client, request.getfixturevalue(who))
    assert post(client, f"/admin/members/{alice.id}/view").status_code == status


def test_a_member_cannot_look_as_another(client: FlaskClient, alice: Person, bob: Person):
    sign_in(client, bob)
    assert post(client, f"/admin/members/{alice.id}/view").location.startswith("/admin/sign-in")
    assert "Bob" in words(client.get("/profile"))


@pytest.mark.parametrize("number", ["999999", "2147483648", "9223372036854775808"])
def test_nobody_is_looked_at_who_never_was(desk: FlaskClient, number: str):
    assert post(desk, f"/admin/members/{number}/view").status_code == 404


def test_an_erased_member_is_not_looked_at(desk: FlaskClient, alice: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, alice.id, now=clock.now())
    assert post(desk, f"/admin/members/{alice.id}/view").status_code == 409


def test_the_banner_stays_out_of_the_members_own_pages(
    desk: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    """Whoever renders a page first: what is remembered of it for one is not shown to the other."""
    play(alice.id, trade())
    own = sign_in(browser(), alice)
    look(desk, alice)
    for page in ("/points", "/activity", "/home", "/tiers"):
        seen, hers = desk.get(page), own.get(page)
        assert BANNER in words(seen)
        assert BANNER not in words(hers)
        assert "viewing" not in hers.text
        again = desk.get(page)
        assert BANNER in words(again)


def test_a_kept_part_is_not_shared_between_the_view_and_the_member(
    desk: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    play(alice.id, trade())
    own = sign_in(browser(), alice)
    look(desk, alice)
    htmx = {"HX-Request": "true"}
    for page in ("/points", "/activity", "/points/1"):
        hers, seen = own.get(page, headers=htmx), desk.get(page, headers=htmx)
        assert hers.headers["ETag"] != seen.headers["ETag"]
        assert seen.headers["Cache-Control"] == "no-store"
        tag = {"If-None-Match": hers.headers["ETag"]}
        assert own.get(page, headers=htmx | tag).status_code == 304
        assert desk.get(page, headers=htmx | tag).status_code == 200


def test_the_page_is_in_the_members_language_and_the_banner_in_the_staffs(desk: FlaskClient, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET language = 'ar' WHERE id = :id"), {"id": alice.id})
    page = look(desk, alice).get("/home")
    assert '<html lang="ar" dir="rtl"' in page.text
    assert '<aside class="viewing" lang="en" dir="ltr"' in page.text
    assert BANNER in words(page)
    assert 'lang="en"' in desk.get(f"/admin/members/{alice.id}").text


def test_the_name_in_the_banner_is_never_markup(desk: FlaskClient):
    mallory = make_member("mallory@example.com", "<img src=x onerror=alert(1)> M")
    assert "<img src=x" not in look(desk, mallory).get("/home").text


def test_the_desk_stays_the_desk_while_looking(desk: FlaskClient, alice: Person, bob: Person):
    look(desk, alice)
    said = words(desk.get(f"/admin/members/{bob.id}"))
    assert "Bob Bakkar" in said
    assert "Mia Moreau" in said
    assert post(desk, f"/admin/members/{bob.id}/block", {"reason": "review"}).status_code == 303
    assert stored(bob).earning_blocked
    assert read_one(text("SELECT earning_blocked FROM member WHERE id = :id"), {"id": alice.id})[0] in (0, False)
