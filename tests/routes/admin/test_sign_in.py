"""Signing in at the desk: password, then a code, and nothing in between opens a page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from time_machine import travel

from app.gamification import brand
from app.gamification.staff import recovery
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from tests.support.cast import PASSWORD, Person, mails, post, sign_in, sign_in_staff, token, words
from tests.support.desk import (
    acts,
    code_of,
    codes_on,
    give_code,
    give_password,
    give_phone,
    secret_on,
    sign_in_by_form,
    stored_staff,
)


def keep(client: FlaskClient, **more: str):
    return post(client, "/admin/sign-in/recovery-codes", {"kept": "y", **more})


class TestTheFirstTime:
    def test_a_phone_is_set_up_and_codes_are_kept(self, client: FlaskClient, dana: Person):
        assert give_password(client, dana).location == "/admin/sign-in/setup"
        page = client.get("/admin/sign-in/setup")
        assert "Your phone is the second key" in words(page) and "<svg" in page.text
        secret = secret_on(page)
        answer = post(client, "/admin/sign-in/setup", {"code": code_of(secret)})
        assert answer.location == "/admin/sign-in/recovery-codes"
        assert len(set(codes_on(client.get(answer.location)))) == recovery.NUMBER
        assert client.get("/admin").status_code == 303, "not before the codes are kept"
        assert keep(client).location == "/admin"
        assert "Overview" in words(client.get("/admin"))
        assert recovery.left_of(dana.id) == recovery.NUMBER
        assert acts() == ["staff.second_factor", "staff.sign_in"]

    def test_the_secret_and_the_codes_are_kept_sealed_and_hashed(self, client: FlaskClient, dana: Person):
        give_password(client, dana)
        secret = secret_on(client.get("/admin/sign-in/setup"))
        assert stored_staff(dana).totp_secret is None, "nothing is stored before a code was right"
        post(client, "/admin/sign-in/setup", {"code": code_of(secret)})
        codes = codes_on(client.get("/admin/sign-in/recovery-codes"))
        keep(client)
        assert secret.encode() not in stored_staff(dana).totp_secret
        hashes = b"".join(bytes(row.code_hash) for row in read_all(text("SELECT code_hash FROM recovery_code")))
        assert not any(code.replace("-", "").encode() in hashes for code in codes)
        cookie = client.get_cookie("laurel")
        assert cookie and secret not in cookie.value

    def test_the_secret_stays_the_same_while_it_is_being_set_up(self, client: FlaskClient, dana: Person):
        give_password(client, dana)
        assert secret_on(client.get("/admin/sign-in/setup")) == secret_on(client.get("/admin/sign-in/setup"))

    def test_two_browsers_are_shown_different_secrets(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        other = browser()
        for one in (client, other):
            give_password(one, dana)
        secrets = [secret_on(one.get("/admin/sign-in/setup")) for one in (client, other)]
        assert secrets[0] != secrets[1]

    def test_whoever_knows_only_the_password_cannot_replace_a_phone(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        thief = browser()
        give_password(thief, dana)
        planted = secret_on(thief.get("/admin/sign-in/setup"))
        give_password(client, dana)
        secret = secret_on(client.get("/admin/sign-in/setup"))
        post(client, "/admin/sign-in/setup", {"code": code_of(secret)})
        before = stored_staff(dana).totp_secret
        late = post(thief, "/admin/sign-in/setup", {"code": code_of(planted)})
        assert late.status_code == 410 and "Start again" in words(late)
        assert stored_staff(dana).totp_secret == before

    def test_a_wrong_code_is_said_and_the_picture_stays(self, client: FlaskClient, dana: Person):
        give_password(client, dana)
        secret = secret_on(client.get("/admin/sign-in/setup"))
        answer = post(client, "/admin/sign-in/setup", {"code": "000000"})
        assert answer.status_code == 422 and "not the code of this moment" in words(answer)
        assert secret_on(answer) == secret

    def test_the_codes_must_be_kept(self, client: FlaskClient, dana: Person):
        give_password(client, dana)
        secret = secret_on(client.get("/admin/sign-in/setup"))
        post(client, "/admin/sign-in/setup", {"code": code_of(secret)})
        shown = codes_on(client.get("/admin/sign-in/recovery-codes"))
        answer = post(client, "/admin/sign-in/recovery-codes", {})
        assert answer.status_code == 422 and "Keep the codes first" in words(answer)
        assert codes_on(answer) == shown
        assert client.get("/admin").status_code == 303

    def test_who_stopped_before_keeping_codes_is_given_others_next_time(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        give_password(client, dana)
        secret = secret_on(client.get("/admin/sign-in/setup"))
        post(client, "/admin/sign-in/setup", {"code": code_of(secret)})
        never_kept = codes_on(client.get("/admin/sign-in/recovery-codes"))
        again = browser()
        assert give_password(again, dana).location == "/admin/sign-in/code"
        with travel(clock.now() + timedelta(minutes=1), tick=False):
            assert give_code(again, code_of(secret)).location == "/admin/sign-in/recovery-codes"
            assert set(codes_on(again.get("/admin/sign-in/recovery-codes"))).isdisjoint(never_kept)
            assert keep(again).location == "/admin"


class TestTheCode:
    @pytest.fixture
    def secret(self, dana: Person) -> str:
        return give_phone(dana)

    def test_password_and_code_open_the_desk(self, client: FlaskClient, dana: Person, secret: str):
        sign_in_by_form(client, dana, secret)
        assert "Overview" in words(client.get("/admin"))
        assert acts() == ["staff.sign_in"]

    @pytest.mark.parametrize("address", ["/admin", "/admin/me", "/admin/people", "/admin/entities"])
    def test_the_password_alone_opens_nothing(self, client: FlaskClient, dana: Person, secret: str, address: str):
        give_password(client, dana)
        assert client.get(address).location.startswith("/admin/sign-in?next=")
        assert post(client, "/admin/me").location == "/admin/sign-in"

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_a_phones_clock_may_be_off_by_half_a_minute(
        self, client: FlaskClient, dana: Person, secret: str, steps: int
    ):
        give_password(client, dana)
        assert give_code(client, code_of(secret, steps=steps)).location == "/admin"

    @pytest.mark.parametrize("steps", [-3, -2, 2, 3])
    def test_but_not_by_more(self, client: FlaskClient, dana: Person, secret: str, steps: int):
        with travel(clock.now(), tick=False):
            give_password(client, dana)
            assert give_code(client, code_of(secret, steps=steps)).status_code == 422

    def test_a_code_is_taken_once(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person, secret: str
    ):
        with travel(clock.now(), tick=False):
            sign_in_by_form(client, dana, secret)
            thief = browser()
            give_password(thief, dana)
            for steps in (0, -1):
                replayed = give_code(thief, code_of(secret, steps=steps))
                assert replayed.status_code == 422 and "was used already" in words(replayed)
            assert thief.get("/admin").status_code == 303
            assert give_code(thief, code_of(secret, steps=1)).location == "/admin"

    def test_a_code_may_be_typed_with_spaces_and_other_digits(self, client: FlaskClient, dana: Person, secret: str):
        give_password(client, dana)
        code = code_of(secret)
        eastern = "".join(chr(ord("٠") + int(digit)) for digit in code)
        assert give_code(client, f" {eastern[:3]} {eastern[3:]} ").location == "/admin"

    @pytest.mark.parametrize(
        "nonsense", ["", "abcdef", "1", "12345", "²²²²²²", "9" * 39, "\u202e123456", "'; --", "null"]
    )
    def test_nonsense_is_refused(self, client: FlaskClient, dana: Person, secret: str, nonsense: str):
        give_password(client, dana)
        assert give_code(client, nonsense).status_code == 422

    def test_guessing_codes_ends_after_ten_tries(self, client: FlaskClient, dana: Person, secret: str):
        give_password(client, dana)
        answers = [give_code(client, f"{number:06}").status_code for number in range(11)]
        assert answers[-1] == 429
        assert give_code(client, code_of(secret)).status_code == 429

    def test_guessing_from_many_places_ends_as_soon(self, app: Flask, dana: Person, secret: str):
        answers = []
        for number in range(11):
            client, where = app.test_client(), {"REMOTE_ADDR": f"198.51.100.{number}"}
            data = {"email": dana.email, "password": PASSWORD, "csrf_token": token(client)}
            client.post("/admin/sign-in", data=data, environ_base=where)
            data = {"code": "000000", "csrf_token": token(client)}
            answers.append(client.post("/admin/sign-in/code", data=data, environ_base=where).status_code)
        assert answers == [422] * 10 + [429]

    def test_a_half_sign_in_lasts_a_quarter_of_an_hour(self, client: FlaskClient, dana: Person, secret: str):
        give_password(client, dana)
        with travel(clock.now() + timedelta(minutes=16), tick=False):
            late = give_code(client, code_of(secret))
            assert late.status_code == 410 and "Start again with email and password" in words(late)

    def test_the_sign_in_gets_another_id_with_the_code(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person, secret: str
    ):
        give_password(client, dana)
        thief, cookie = browser(), client.get_cookie("laurel")
        assert cookie
        thief.set_cookie("laurel", cookie.value)
        give_code(client, code_of(secret))
        assert client.get("/admin").status_code == 200
        assert thief.get("/admin").status_code == 303, "the id from before the code opens nothing"
        assert len(read_all(text("SELECT id FROM sign_in"))) == 1

    def test_a_members_sign_in_in_the_same_browser_stays(
        self, client: FlaskClient, dana: Person, alice: Person, secret: str
    ):
        sign_in(client, alice)
        sign_in_by_form(client, dana, secret)
        assert "Alice Amari" in words(client.get("/profile"))
        post(client, "/admin/sign-out")
        assert client.get("/profile").status_code == 200


class TestRecoveryCodes:
    CODES = recovery.new_codes()

    @pytest.fixture
    def half(self, client: FlaskClient, dana: Person) -> FlaskClient:
        give_phone(dana, codes=self.CODES)
        give_password(client, dana)
        return client

    def test_one_takes_the_place_of_the_phone_and_its_owner_is_told(self, half: FlaskClient, dana: Person):
        assert give_code(half, self.CODES[0]).location == "/admin"
        assert recovery.left_of(dana.id) == 9
        assert "You used a recovery code. Codes left: 9." in words(half.get("/admin"))
        [mail] = mails()
        assert mail.recipient == dana.email and "Codes left: 9" in mail.body

    @pytest.mark.parametrize("typed", [str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
    def test_it_may_be_typed_in_any_way(self, half: FlaskClient, typed: Callable[[str], str]):
        assert give_code(half, typed(self.CODES[1])).location == "/admin"

    def test_it_works_once(self, half: FlaskClient, browser: Callable[[], FlaskClient], dana: Person):
        give_code(half, self.CODES[0])
        other = browser()
        give_password(other, dana)
        answer = give_code(other, self.CODES[0])
        assert answer.status_code == 422 and "used already" in words(answer)

    def test_it_is_nobody_elses(self, half: FlaskClient, browser: Callable[[], FlaskClient], omar: Person):
        give_phone(omar)
        other = browser()
        give_password(other, omar)
        assert give_code(other, self.CODES[0]).status_code == 422

    def test_whoever_runs_out_is_told(self, half: FlaskClient, dana: Person):
        with transaction():
            connection().execute(
                text("UPDATE recovery_code SET used_at = 1 WHERE id > (SELECT min(id) FROM recovery_code)")
            )
        give_code(half, self.CODES[0])
        assert "Codes left: 0. Make new ones on your own page now." in words(half.get("/admin"))


class TestThePassword:
    def test_a_wrong_one_and_an_unknown_address_are_told_the_same(self, client: FlaskClient, dana: Person):
        said = {
            words(give_password(client, Person(0, "", email), password)).replace(email, "")
            for email, password in ((dana.email, "not her password"), ("nobody@example.com", PASSWORD), ("x", "y"))
        }
        assert len(said) == 1 and "do not match" in said.pop()

    def test_an_unknown_address_costs_as_much(self, client: FlaskClient, dana: Person, monkeypatch: pytest.MonkeyPatch):
        from app.gamification.members import passwords

        hashed: list[str] = []

        class Watching:
            def verify(self, stored_hash: str, _password: str) -> bool:
                hashed.append(stored_hash)
                return False

        monkeypatch.setattr(passwords, "_hasher", Watching())
        for email in (dana.email, "nobody@example.com", "nonsense"):
            give_password(client, Person(0, "", email))
        assert len(hashed) == 3

    def test_guessing_ends_after_ten_tries(self, client: FlaskClient, dana: Person):
        answers = [give_password(client, dana, f"guess number {number}").status_code for number in range(11)]
        assert answers == [422] * 10 + [429]

    def test_who_has_left_is_nobody(self, client: FlaskClient, dana: Person):
        with transaction():
            connection().execute(text("UPDATE staff SET left_at = 1"))
        assert give_password(client, dana).status_code == 422

    def test_a_member_is_not_staff(self, client: FlaskClient, alice: Person):
        assert give_password(client, alice).status_code == 422


class TestWhereTheyWereHeaded:
    def test_it_comes_along_through_every_step(self, client: FlaskClient, dana: Person):
        secret = give_phone(dana)
        sent = client.get("/admin/people?q=x")
        assert sent.location == "/admin/sign-in?next=%2Fadmin%2Fpeople%3Fq%3Dx"
        wanted = "/admin/people?q=x"
        assert f'value="{wanted}"' in client.get(sent.location).text
        step = give_password(client, dana, next=wanted).location
        assert step.startswith("/admin/sign-in/code?next=")
        assert f'value="{wanted}"' in client.get(step).text
        assert give_code(client, code_of(secret), next=wanted).location == wanted

    @pytest.mark.parametrize(
        "elsewhere",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"],
    )
    def test_nobody_is_sent_elsewhere(self, client: FlaskClient, dana: Person, elsewhere: str):
        secret = give_phone(dana)
        assert give_password(client, dana, next=elsewhere).location == "/admin/sign-in/code"
        assert give_code(client, code_of(secret), next=elsewhere).location == "/admin"
        assert client.get("/admin/sign-in", query_string={"next": elsewhere}).location == "/admin"


class TestTheEnd:
    def test_a_stolen_cookie_is_worth_nothing_after_signing_out(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        sign_in_staff(client, dana)
        thief, cookie = browser(), client.get_cookie("laurel")
        assert cookie
        thief.set_cookie("laurel", cookie.value)
        assert thief.get("/admin").status_code == 200
        assert post(client, "/admin/sign-out").location == "/"
        assert thief.get("/admin").status_code == 303
        assert acts()[-1] == "staff.sign_out"

    def test_half_an_hour_without_a_page_ends_it(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        with travel(clock.now() + timedelta(minutes=31), tick=False):
            assert client.get("/admin").status_code == 303

    def test_reading_keeps_it_open(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        for minutes in range(20, 200, 20):
            with travel(clock.now() + timedelta(minutes=minutes), tick=False):
                assert client.get("/admin").status_code == 200

    def test_a_form_that_is_mended_keeps_it_open_too(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        now = clock.now()
        for minutes in (20, 40, 60):
            with travel(now + timedelta(minutes=minutes), tick=False):
                assert post(client, "/admin/me", {"name": ""}).status_code == 422

    def test_reading_a_members_page_does_not(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        now = clock.now()
        with travel(now + timedelta(minutes=20), tick=False):
            client.get("/terms")
        with travel(now + timedelta(minutes=40), tick=False):
            assert client.get("/admin").status_code == 303

    def test_twelve_hours_end_it_in_any_case(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        now = clock.now()
        for minutes in range(20, 12 * 60, 20):
            with travel(now + timedelta(minutes=minutes), tick=False):
                assert client.get("/admin").status_code == 200
        with travel(now + timedelta(hours=12, minutes=1), tick=False):
            assert client.get("/admin").status_code == 303

    def test_a_copy_of_a_cookie_idles_out_by_itself(
        self, client: FlaskClient, browser: Callable[[], FlaskClient], dana: Person
    ):
        sign_in_staff(client, dana)
        cookie, now, thief = client.get_cookie("laurel"), clock.now(), browser()
        assert cookie
        for minutes in (20, 40):
            with travel(now + timedelta(minutes=minutes), tick=False):
                client.get("/admin")
        thief.set_cookie("laurel", cookie.value)
        with travel(now + timedelta(minutes=41), tick=False):
            assert thief.get("/admin").status_code == 303

    def test_the_time_in_the_cookie_cannot_be_written_by_its_bearer(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        for nonsense in ("now", None, 1e400, True):
            with client.session_transaction() as session:
                session["desk_seen"] = nonsense
            assert client.get("/admin").status_code == 303

    def test_reading_never_writes_that_somebody_was_here(self, client: FlaskClient, dana: Person):
        sign_in_staff(client, dana)
        seen = text("SELECT last_seen_at FROM sign_in")
        before = read_one(seen)[0]
        with travel(clock.now() + timedelta(minutes=5), tick=False):
            client.get("/admin")
            assert read_one(seen)[0] == before
            post(client, "/admin/me/look", {"theme": "dark"})
            assert read_one(seen)[0] > before


@pytest.mark.parametrize("step", ["code", "setup", "recovery-codes"])
def test_without_a_password_there_is_no_next_step(client: FlaskClient, dana: Person, step: str):
    address = f"/admin/sign-in/{step}"
    for answer in (client.get(address), post(client, address, {"code": "123456", "kept": "y"})):
        assert answer.status_code == 410 and "Start again with email and password" in words(answer)


def test_whoever_signs_in_may_read_any_language(client: FlaskClient):
    """What members are offered is another matter."""
    with transaction():
        connection().execute(
            text("""UPDATE programme SET settings = '{"languages": ["en"]}', revision = revision + 1""")
        )
    brand.forget()
    assert post(client, "/language", {"language": "ar", "next": "/"}).status_code == 400
    assert post(client, "/language", {"language": "ar", "next": "/admin/sign-in"}).location == "/admin/sign-in"
    assert 'dir="rtl"' in client.get("/admin/sign-in").text
    assert 'dir="ltr"' in client.get("/terms").text


def test_whoever_is_signed_in_goes_on_at_once(client: FlaskClient, dana: Person):
    sign_in_staff(client, dana)
    assert client.get("/admin/sign-in").location == "/admin"
    assert client.get("/admin/sign-in?next=/admin/people").location == "/admin/people"


def test_a_form_from_before_the_sign_in_is_stale_after_it(client: FlaskClient, dana: Person):
    before = token(client)
    give_password(client, dana)
    assert client.post("/admin/sign-out", data={"csrf_token": before}).status_code == 400
