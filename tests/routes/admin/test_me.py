"""One's own page at the desk."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.gamification.audit import reads as audit
from app.gamification.staff import recovery
from app.models.base import read_one
from tests.support.cast import PASSWORD, Person, mails, post, sign_in_staff, words
from tests.support.desk import (
    acts,
    code_of,
    codes_on,
    give_code,
    give_password,
    give_phone,
    make_stale,
    secret_on,
    stored_staff,
)
from tests.support.queries import counted

NEW = "another horse battery staple"
SETTINGS = {"name": "Vera Voss", "language": "en", "theme": "dark", "time_zone": "Asia/Dubai"}


@pytest.fixture
def viewer(client: FlaskClient, vera: Person) -> FlaskClient:
    """Who may change nothing else may change this."""
    return sign_in_staff(client, vera)


def test_the_page_costs_a_few_statements(viewer: FlaskClient):
    viewer.get("/admin/me")
    with counted() as statements:
        assert viewer.get("/admin/me").status_code == 200
    assert len(statements) <= 5, statements


class TestSettings:
    def test_they_are_kept_and_used_at_once(self, viewer: FlaskClient, vera: Person):
        assert post(viewer, "/admin/me", SETTINGS | {"language": "ar"}).location == "/admin/me"
        row = stored_staff(vera)
        assert (row.language, row.theme, row.time_zone) == ("ar", "dark", "Asia/Dubai")
        page = viewer.get("/admin/me").text
        assert 'dir="rtl"' in page and 'data-theme="dark"' in page

    def test_the_log_tells_what_changed_but_no_name(self, viewer: FlaskClient, vera: Person):
        post(viewer, "/admin/me", SETTINGS | {"name": "Vera V."})
        [entry] = audit.of_subject("staff", vera.id)
        assert entry.after == {"name": True, "theme": "dark", "time_zone": "Asia/Dubai"}
        assert entry.before == {"theme": "auto", "time_zone": "UTC"}

    def test_nothing_changed_is_nothing_logged(self, viewer: FlaskClient):
        post(viewer, "/admin/me", SETTINGS)
        post(viewer, "/admin/me", SETTINGS)
        assert acts() == ["staff.update"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": ""},
            {"name": "\u202e"},
            {"name": "x" * 81},
            {"language": "xx"},
            {"theme": "x"},
            {"time_zone": "Mars/One"},
        ],
    )
    def test_nonsense_is_refused_at_its_field(self, viewer: FlaskClient, vera: Person, wrong: dict[str, str]):
        answer = post(viewer, "/admin/me", SETTINGS | wrong)
        assert answer.status_code == 422
        assert stored_staff(vera).theme == "auto"

    def test_language_and_look_switch_from_every_page(self, viewer: FlaskClient, vera: Person):
        answer = post(viewer, "/admin/me/language", {"language": "zh", "next": "/admin/people"})
        assert answer.location == "/admin/people"
        assert post(viewer, "/admin/me/look", {"theme": "dark", "next": "//evil.example"}).location == "/admin"
        assert (stored_staff(vera).language, stored_staff(vera).theme) == ("zh", "dark")
        assert post(viewer, "/admin/me/language", {"language": "xx"}).status_code == 400
        assert post(viewer, "/admin/me/look", {"theme": "xx"}).status_code == 400


class TestThePassword:
    def test_a_new_one_ends_every_other_sign_in(
        self, viewer: FlaskClient, browser: Callable[[], FlaskClient], vera: Person
    ):
        other = sign_in_staff(browser(), vera)
        answer = post(viewer, "/admin/me/password", {"current": PASSWORD, "password": NEW})
        assert answer.location == "/admin/me"
        assert viewer.get("/admin").status_code == 200
        assert other.get("/admin").status_code == 303
        assert give_password(other, vera).status_code == 422
        assert give_password(other, vera, NEW).status_code == 303
        assert acts() == ["staff.password"]
        [mail] = mails()
        assert mail.recipient == vera.email and "was changed" in mail.subject

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"current": "not hers"}, "That is not your current password."),
            ({"password": "short"}, "Use at least 10 characters"),
            ({"password": "1q2w3e4r5t"}, "among the first that others would try"),
            ({"password": "vera@example.com"}, "among the first that others would try"),
        ],
    )
    def test_a_wrong_or_weak_one_is_told(self, viewer: FlaskClient, given: dict[str, str], told: str):
        answer = post(viewer, "/admin/me/password", {"current": PASSWORD, "password": NEW} | given)
        assert answer.status_code == 422 and told in words(answer)
        assert not mails()

    def test_guessing_the_present_one_ends_after_ten_tries(self, viewer: FlaskClient):
        data = {"current": "a guess at it", "password": NEW}
        answers = [post(viewer, "/admin/me/password", data).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]


class TestANewPhone:
    def test_takes_the_place_of_the_present_one(
        self, viewer: FlaskClient, browser: Callable[[], FlaskClient], vera: Person
    ):
        old, other = give_phone(vera), sign_in_staff(browser(), vera)
        assert post(viewer, "/admin/me/phone").location == "/admin/me/phone"
        new = secret_on(viewer.get("/admin/me/phone"))
        assert post(viewer, "/admin/me/phone/code", {"code": code_of(new)}).location == "/admin/me"
        assert viewer.get("/admin").status_code == 200
        assert other.get("/admin").status_code == 303
        give_password(other, vera)
        assert give_code(other, code_of(old)).status_code == 422
        assert give_code(other, code_of(new, steps=1)).status_code == 303
        assert "Another phone" in mails()[0].subject
        assert acts()[0] == "staff.second_factor"

    def test_counts_only_once_it_has_shown_a_code(self, viewer: FlaskClient, vera: Person):
        give_phone(vera)
        before = stored_staff(vera).totp_secret
        post(viewer, "/admin/me/phone")
        assert post(viewer, "/admin/me/phone/code", {"code": "000000"}).status_code == 422
        assert stored_staff(vera).totp_secret == before

    def test_is_begun_by_the_one_who_ends_it(
        self, viewer: FlaskClient, browser: Callable[[], FlaskClient], vera: Person, omar: Person
    ):
        post(viewer, "/admin/me/phone")
        cookie, other = viewer.get_cookie("laurel"), browser()
        assert cookie
        with viewer.session_transaction() as session:
            carried = session["desk_phone"]
        sign_in_staff(other, omar)
        with other.session_transaction() as session:
            session["desk_phone"] = carried
        assert other.get("/admin/me/phone").location == "/admin/me", "sealed for another sign-in"

    def test_asks_for_password_and_code_first(self, viewer: FlaskClient, vera: Person):
        make_stale(vera)
        assert "Confirm it is you" in words(post(viewer, "/admin/me/phone"))


class TestRecoveryCodes:
    def test_new_ones_count_once_they_are_kept(self, viewer: FlaskClient, vera: Person):
        old = recovery.new_codes()
        give_phone(vera, codes=old)
        assert post(viewer, "/admin/me/recovery-codes").location == "/admin/me/recovery-codes"
        page = viewer.get("/admin/me/recovery-codes")
        assert len(codes_on(page)) == 10
        assert post(viewer, "/admin/me/recovery-codes/kept").status_code == 422
        assert not acts()
        assert post(viewer, "/admin/me/recovery-codes/kept", {"kept": "y"}).location == "/admin/me"
        assert viewer.get("/admin/me/recovery-codes").location == "/admin/me", "they are never shown again"
        post(viewer, "/admin/sign-out")
        give_password(viewer, vera)
        assert give_code(viewer, old[0]).status_code == 422
        assert give_code(viewer, codes_on(page)[0]).status_code == 303
        assert "New recovery codes" in mails()[0].subject

    def test_the_page_tells_how_many_are_left(self, viewer: FlaskClient, vera: Person):
        give_phone(vera)
        assert "10 left" in words(viewer.get("/admin/me"))


class TestSignIns:
    def test_they_are_listed_with_what_tells_them_apart(self, viewer: FlaskClient, vera: Person):
        from app.gamification.staff import sessions
        from app.lib import clock
        from app.models.base import transaction

        agent = (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604.1"
        )
        with transaction():
            sessions.start(vera.id, address="203.0.113.9", browser=agent, now=clock.now(), confirmed=True)
        said = words(viewer.get("/admin/me"))
        assert "Safari on iPhone" in said and "203.0.113.9" in said and "This browser" in said

    def test_one_is_ended(self, viewer: FlaskClient, browser: Callable[[], FlaskClient], vera: Person):
        other = sign_in_staff(browser(), vera)
        [handle] = handles(viewer)
        assert post(viewer, "/admin/me/sign-ins/end", {"browser": handle}).location == "/admin/me"
        assert other.get("/admin").status_code == 303
        assert viewer.get("/admin").status_code == 200

    def test_all_others_are_ended(self, viewer: FlaskClient, browser: Callable[[], FlaskClient], vera: Person):
        others = [sign_in_staff(browser(), vera) for _ in range(3)]
        post(viewer, "/admin/me/sign-ins/end", {"browser": "all"})
        assert [other.get("/admin").status_code for other in others] == [303] * 3
        assert viewer.get("/admin").status_code == 200
        [entry] = audit.of_subject("staff", vera.id)
        assert entry.after == {"ended": 3}

    def test_a_page_never_carries_what_opens_the_desk(self, viewer: FlaskClient):
        from sqlalchemy import text

        from app.gamification.members.sign_ins import to_cookie

        page = viewer.get("/admin/me").text
        sign_in_id = bytes(read_one(text("SELECT id FROM sign_in"))[0])
        assert to_cookie(sign_in_id) not in page and sign_in_id.hex() not in page

    def test_anothers_is_not_ended(self, viewer: FlaskClient, browser: Callable[[], FlaskClient], omar: Person):
        other = sign_in_staff(browser(), omar)
        sign_in_staff(browser(), omar)
        for handle in [*handles(other), "", "x" * 5000]:
            post(viewer, "/admin/me/sign-ins/end", {"browser": handle})
        assert other.get("/admin").status_code == 200


def handles(client: FlaskClient) -> list[str]:
    import re

    return re.findall(r'name="browser" value="([0-9a-f]{20})"', client.get("/admin/me").text)
