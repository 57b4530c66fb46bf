"""Coming in by a link of the broker's, as browsers bring it: once, as oneself, and nowhere but here."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from app.gamification.handoff import keys
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.models.people import Member
from tests.support.cast import (
    PASSWORD,
    Person,
    link_in,
    mails,
    make_member,
    post,
    sign_in,
    sign_in_staff,
    stored,
    words,
)
from tests.support.filling import fill, forms
from tests.support.handoff import ADDRESS, HOUSE, Site, follow
from tests.support.together import no_errors, together

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "app/templates/admin/handoff/examples"


def reader(client: FlaskClient) -> str:
    """Who the browser's pages are for; "" for nobody."""
    page = client.get("/profile")
    return words(page) if page.status_code == 200 else ""


def used() -> int:
    number: int = read_one(text("SELECT count(*) FROM used_handoff"))[0]
    return number


class TestComingIn:
    def test_a_new_client_is_at_home(self, client: FlaskClient, site: Site):
        answer = follow(client, site.token(name="Ann Lee", country="AE", class_="professional", entity="global"))
        assert (answer.status_code, answer.location) == (303, "/home")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Ann Lee" in reader(client)
        assert read_one(text("SELECT count(*) FROM activity WHERE external_id LIKE 'visit:%'"))[0] == 1

    def test_a_known_one_is_who_they_were(self, client: FlaskClient, site: Site, alice: Person):
        follow(client, site.token("M-1001"))
        assert "Alice Amari" in reader(client)

    def test_a_link_works_once(self, client: FlaskClient, browser: Callable[[], FlaskClient], site: Site):
        token = site.token()
        follow(client, token)
        other = browser()
        again = follow(other, token)
        assert again.status_code == 410
        assert "Each works once" in words(again)
        assert not reader(other)

    def test_who_goes_back_to_the_link_is_in_already(self, client: FlaskClient, site: Site):
        token = site.token()
        follow(client, token, next="/points")
        again = follow(client, token, next="/points")
        assert (again.status_code, again.location) == (303, "/points")

    @pytest.mark.parametrize(
        ("wanted", "location"),
        [
            ("/points?tab=missed", "/points?tab=missed"),
            ("https://evil.example", "/home"),
            ("//evil.example", "/home"),
            ("/\\evil.example", "/home"),
            ("/\t/evil.example", "/home"),
            ("\\\\evil.example", "/home"),
            ("javascript:alert(1)", "/home"),
            ("/a\r\nSet-Cookie: x=1", "/home"),
            ("home", "/home"),
            ("", "/home"),
        ],
    )
    def test_it_leads_nowhere_but_into_the_house(self, client: FlaskClient, site: Site, wanted: str, location: str):
        assert follow(client, site.token(), next=wanted).location == location

    def test_the_token_goes_no_further(self, client: FlaskClient, site: Site, caplog: pytest.LogCaptureFixture):
        good, bad = site.token(name="Ann"), site.token(aud="https://other.example", name="Ann")
        with caplog.at_level("DEBUG"):
            answers = [follow(client, token) for token in (good, bad, "x.y.z")]
        for token, answer in zip((good, bad, "x.y.z"), answers, strict=True):
            assert token not in (answer.location or "")
            assert answer.headers["Referrer-Policy"] == "strict-origin"
            assert answer.headers["Cache-Control"] == "no-store"
            assert token not in caplog.text
        assert "aud is not the public address" in caplog.text
        assert "Ann" not in caplog.text

    def test_the_page_that_follows_knows_nothing_of_it(self, client: FlaskClient, site: Site):
        token = site.token()
        assert token not in client.get(follow(client, token).location).text


class TestSession:
    def test_what_was_planted_in_the_browser_is_worth_nothing(self, client: FlaskClient, site: Site):
        with client.session_transaction() as session:
            session["_user_id"], session["planted"], session["csrf_token"] = "A" * 22, "yes", "known"
        follow(client, site.token())
        with client.session_transaction() as session:
            assert session["_user_id"] != "A" * 22
            assert "planted" not in session
            assert session.get("csrf_token") != "known"

    def test_a_sign_in_of_ones_own_is_replaced_by_another(self, client: FlaskClient, site: Site, alice: Person):
        sign_in(client, alice)
        with client.session_transaction() as session:
            before = session["_user_id"]
        assert follow(client, site.token("M-1001")).location == "/home"
        with client.session_transaction() as session:
            assert session["_user_id"] != before
        rows = read_all(text("SELECT ended_at FROM sign_in ORDER BY created_at"))
        assert [row.ended_at is None for row in rows] == [False, True]

    def test_no_cookie_is_set_for_a_link_that_is_refused(self, client: FlaskClient, site: Site):
        follow(client, site.token(aud="https://other.example"))
        assert not reader(client)
        assert not read_all(text("SELECT 1 FROM sign_in"))


class TestSomebodyElseIsSignedIn:
    def test_they_are_asked_first(self, client: FlaskClient, site: Site, alice: Person):
        sign_in(client, alice)
        asked = follow(client, site.token(name="Mallory"), next="/points")
        assert asked.status_code == 200
        said = words(asked)
        assert "Signed in here Alice Amari" in said and "Coming from your broker Mallory" in said
        assert used() == 0
        assert read_one(text("SELECT count(*) FROM member"))[0] == 1
        assert "Alice Amari" in reader(client)

    def test_they_may_go_on_as_the_other(self, client: FlaskClient, site: Site, alice: Person, bob: Person):
        sign_in(client, alice)
        address = f"{ADDRESS}?token={site.token('M-1002')}&next=/points"
        answer = fill(client, address, ADDRESS)
        assert answer.location == "/points"
        assert "Bob Bakkar" in reader(client)
        ended = read_one(text("SELECT ended_at FROM sign_in WHERE member_id = :id"), {"id": alice.id})[0]
        assert ended is not None

    def test_nobody_else_can_press_the_button_for_them(self, client: FlaskClient, site: Site, alice: Person):
        sign_in(client, alice)
        answer = client.post(ADDRESS, data={"token": site.token("M-1002")})
        assert answer.status_code == 400
        assert "Alice Amari" in reader(client)

    def test_the_button_leads_nowhere_else_either(self, client: FlaskClient, site: Site):
        answer = post(client, ADDRESS, {"token": site.token(), "next": "//evil.example"})
        assert answer.location == "/home"

    def test_a_hostile_name_is_shown_as_text_alone(self, client: FlaskClient, site: Site, alice: Person):
        sign_in(client, alice)
        asked = follow(client, site.token(name="<script>x</script>\u202eevil\u2066\0"))
        assert "<script>x" not in asked.text
        assert "\u202e" not in asked.text

    def test_who_would_be_bound_to_ones_own_membership_is_no_one_else(
        self, client: FlaskClient, site: Site, app: Flask
    ):
        ann = make_member("ann@example.com", "Ann Lee")
        sign_in(client, ann)
        assert follow(client, site.token("C-9", email=ann.email)).status_code == 303
        assert stored(ann).external_id == "C-9"


class TestStaff:
    def test_a_desk_stays_open_beside_it(self, client: FlaskClient, site: Site, dana: Person):
        sign_in_staff(client, dana)
        assert follow(client, site.token(name="Ann Lee")).location == "/home"
        assert "Ann Lee" in reader(client)
        assert client.get("/admin/members").status_code == 200

    def test_a_view_as_a_member_takes_no_link(self, client: FlaskClient, site: Site, mia: Person, alice: Person):
        sign_in_staff(client, mia)
        fill(client, f"/admin/members/{alice.id}", f"/admin/members/{alice.id}/view")
        answer = follow(client, site.token("M-1001"))
        assert answer.status_code == 403
        assert "End the view first" in words(answer)
        assert used() == 0
        assert post(client, ADDRESS, {"token": site.token("M-1001")}).status_code == 403
        assert not read_all(text("SELECT 1 FROM sign_in WHERE member_id IS NOT NULL"))

    def test_a_view_that_is_over_leads_back_to_the_desk(
        self, client: FlaskClient, site: Site, mia: Person, alice: Person
    ):
        sign_in_staff(client, mia)
        fill(client, f"/admin/members/{alice.id}", f"/admin/members/{alice.id}/view")
        with client.session_transaction() as session:
            session["_user_id"] = session["_user_id"].replace(session["_user_id"].split(":")[2], "1")
        answer = follow(client, site.token("M-1001"))
        assert (answer.status_code, answer.location) == (303, f"/admin/members/{alice.id}")
        assert used() == 0


class TestLookingAhead:
    def test_it_uses_nothing_up(self, client: FlaskClient, site: Site):
        token = site.token()
        assert client.head(f"{ADDRESS}?token={token}").status_code == 204
        for headers in (
            {"Sec-Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"Purpose": "prefetch"},
        ):
            assert follow(client, token, headers=headers).status_code == 204
        assert used() == 0
        assert follow(client, token).status_code == 303

    @pytest.mark.parametrize("place", ["image", "iframe", "script", "empty", "embed", "fencedframe"])
    def test_a_part_of_another_page_signs_nobody_in(self, client: FlaskClient, site: Site, place: str):
        token = site.token()
        assert follow(client, token, headers={"Sec-Fetch-Dest": place}).status_code == 403
        assert used() == 0
        assert follow(client, token, headers={"Sec-Fetch-Dest": "document"}).status_code == 303


class TestRefusing:
    @pytest.mark.parametrize("token", ["", "x", "..", "a" * 3000, "é", "\0", "%00", "eyJhbGciOiJub25lIn0.e30."])
    def test_what_is_no_link_says_what_to_do(self, client: FlaskClient, site: Site, token: str):
        answer = follow(client, token)
        assert answer.status_code == 403
        assert "Go back to your broker's site" in words(answer)
        assert "Sign in with email and password" in words(answer)

    def test_without_a_token_there_is_nothing(self, client: FlaskClient, site: Site):
        assert client.get(ADDRESS).status_code == 403
        assert post(client, ADDRESS).status_code == 403

    def test_an_old_one_says_so(self, client: FlaskClient, site: Site):
        claims = site.claims()
        answer = follow(client, site.token(iat=claims["iat"] - 200, exp=claims["exp"] - 200))
        assert answer.status_code == 410
        assert "works for a minute" in words(answer)

    def test_one_with_nonsense_in_it_says_so(self, client: FlaskClient, site: Site):
        answer = follow(client, site.token(country="ZZ"))
        assert answer.status_code == 422
        assert "left something out" in words(answer)

    def test_two_tokens_in_one_address_are_one(self, client: FlaskClient, site: Site):
        answer = client.get(f"{ADDRESS}?token={site.token('C-1', name='One')}&token={site.token('C-2', name='Two')}")
        assert answer.status_code == 303
        assert "One" in reader(client)

    def test_whoever_guesses_is_slowed_down(self, client: FlaskClient, site: Site):
        answers = [follow(client, f"x.y.{number}").status_code for number in range(12)]
        assert answers[-1] == 429
        assert set(answers) == {403, 429}

    def test_whoever_comes_in_often_is_not(self, client: FlaskClient, site: Site):
        assert {follow(client, site.token()).status_code for _ in range(12)} == {303}


class TestDemo:
    def test_there_is_no_such_site_but_in_the_demo(self, client: FlaskClient, app: Flask):
        assert post(client, "/demo/handoff").status_code == 404
        assert "/demo/handoff" not in forms(client.get("/"))

    def test_one_click_comes_from_the_brokers_site(self, client: FlaskClient, demo: None, app: Flask):
        make_member("amira@example.com", "Amira Haddad", demo_role="middle")
        assert "/demo/handoff" in forms(client.get("/"))
        answer = post(client, "/demo/handoff")
        parts = urlsplit(answer.location)
        assert parts.path == ADDRESS
        assert follow(client, parse_qs(parts.query)["token"][0]).location == "/home"
        assert "Rania Saleh" in reader(client)
        assert read_one(text("SELECT member_id FROM trading_account"))[0] is not None

    def test_a_key_that_a_visitor_retired_gives_way_to_the_next(self, client: FlaskClient, demo: None):
        for number in range(1, 4):
            assert post(client, "/demo/handoff", follow_redirects=True).status_code == 200
            assert "Rania Saleh" in reader(client)
            known = keys.every()
            assert [key.retired_at is None for key in known] == [False] * (number - 1) + [True]
            with transaction():
                keys.retire(known[-1].key, now=clock.now())

    def test_those_who_come_as_the_same_client_do_not_see_each_other(self, app: Flask, demo: None):
        first, second = app.test_client(), app.test_client()
        for one, agent in ((first, "Firefox Windows"), (second, "Safari iPhone")):
            one.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": "203.0.113.7" if one is first else "::1"}
            assert post(one, "/demo/handoff", follow_redirects=True).status_code == 200
        page = second.get("/profile/security")
        assert "Everybody plays" in words(page) and "203.0.113.7" not in page.text
        assert post(second, "/profile/sign-ins/end", {"browser": "all"}).status_code == 404
        assert first.get("/home").status_code == 200 and not mails()
        copy = ZipFile(BytesIO(post(second, "/profile/data/copy").data))
        assert not [name for name in copy.namelist() if b"203.0.113.7" in copy.read(name)]

    def test_many_who_come_at_once_all_come(self, app: Flask, demo: None):
        clients = [app.test_client() for _ in range(4)]
        answers = no_errors(together(app, [lambda one=one: post(one, "/demo/handoff") for one in clients]))  # type: ignore[misc]
        assert {answer.status_code for answer in answers} == {303}
        assert len(keys.every()) == 1


def test_who_came_by_a_link_can_sign_in_without_it_too(client: FlaskClient, site: Site, app: Flask):
    """By “I forgot my password”: the broker has checked the address."""
    follow(client, site.token(email="ann@example.com", name="Ann Lee"))
    post(client, "/logout")
    post(client, "/forgot", {"email": "ann@example.com"})
    address = link_in(mails()[-1])
    fill(client, address, "/reset", {"password": PASSWORD})
    answer = post(client, "/login", {"email": "ann@example.com", "password": PASSWORD})
    assert answer.location == "/home"


PROGRAMS = {"python": [sys.executable], "node": ["node"], "php": ["php"]}
NAMES = {"node": "link.mjs"}


class TestExamples:
    @pytest.mark.parametrize("example", PROGRAMS)
    def test_the_programs_to_copy_sign_a_client_in(self, example: str, client: FlaskClient, site: Site, tmp_path: Path):
        if shutil.which(PROGRAMS[example][0]) is None:
            pytest.skip(f"{example} is not installed here")
        private = site.key.private_key
        assert private is not None
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "private.pem").write_bytes(pem)
        program = (EXAMPLES / f"{example}.txt").read_text()
        assert HOUSE in program
        assert "the-fingerprint-of-the-key" in program
        path = tmp_path / NAMES.get(example, "link")
        path.write_text(program.replace("the-fingerprint-of-the-key", site.key.thumbprint()))
        command = [*PROGRAMS[example], str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, cwd=tmp_path)
        assert done.stdout.startswith(f"{HOUSE}{ADDRESS}?token="), done.stderr
        assert client.get(done.stdout.strip().removeprefix(HOUSE)).location == "/home"
        assert "Ann Lee" in reader(client)

    @pytest.mark.parametrize("example", PROGRAMS)
    def test_the_examples_of_the_docs_are_those_of_the_page(self, example: str):
        assert f"\n{(EXAMPLES / f'{example}.txt').read_text()}```" in (ROOT / "docs/handoff.md").read_text()


def test_another_address_of_the_house_is_another_house(app: Flask, site: Site):
    """`aud` is the address in the settings, whatever a request says it came to."""
    client = app.test_client()
    answer = follow(client, site.token(aud="http://evil.example"), headers={"Host": "evil.example"})
    assert answer.status_code == 403


def test_a_blocked_member_comes_in(client: FlaskClient, site: Site, alice: Person):
    with transaction():
        connection().execute(update(Member).values(earning_blocked=True))
    assert follow(client, site.token("M-1001")).location == "/home"


def test_a_retired_key_opens_no_door_within_a_second(client: FlaskClient, site: Site):
    with transaction():
        keys.retire(site.key.thumbprint(), now=clock.now())
    assert follow(client, site.token()).status_code == 403
