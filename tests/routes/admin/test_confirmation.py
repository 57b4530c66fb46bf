"""“Confirm it is you”: asked before sensitive acts, without losing what was typed."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from time_machine import travel

from app.lib import clock
from app.models.base import connection, transaction
from tests.support.cast import PASSWORD, Person, post, sign_in_staff, token, words
from tests.support.desk import acts, code_of, give_phone, make_stale, stored_staff

ASKED = "Confirm it is you"


@pytest.fixture
def secret(dana: Person) -> str:
    return give_phone(dana)


@pytest.fixture
def owner(client: FlaskClient, dana: Person, secret: str) -> FlaskClient:
    """Dana, who gave password and code a while ago."""
    sign_in_staff(client, dana)
    make_stale(dana)
    return client


def change_role(client: FlaskClient, whom: Person, role: str, **more: str):
    return post(client, f"/admin/people/{whom.id}/role", {"role": role, "note": "She asked", **more})


def credentials(secret: str, **other: str) -> dict[str, str]:
    return {"confirming": "yes", "confirm_password": PASSWORD, "confirm_code": code_of(secret), **other}


class TestAnAct:
    def test_is_not_done_yet_and_nothing_typed_is_lost(self, owner: FlaskClient, mia: Person):
        answer = change_role(owner, mia, "viewer")
        assert answer.status_code == 422 and ASKED in words(answer)
        assert 'name="role" value="viewer"' in answer.text and 'name="note" value="She asked"' in answer.text
        assert f'action="/admin/people/{mia.id}/role"' in answer.text
        assert stored_staff(mia).role == "manager"

    def test_goes_on_in_the_same_request(self, owner: FlaskClient, mia: Person, secret: str):
        answer = change_role(owner, mia, "viewer", **credentials(secret))
        assert answer.location == f"/admin/people/{mia.id}"
        assert stored_staff(mia).role == "viewer"

    def test_is_not_asked_again_for_ten_minutes(self, owner: FlaskClient, mia: Person, vera: Person, secret: str):
        change_role(owner, mia, "viewer", **credentials(secret))
        answer = post(owner, f"/admin/people/{vera.id}/departure", {"sure": "y"})
        assert answer.location == "/admin/people"
        with travel(clock.now() + timedelta(minutes=11), tick=False):
            assert ASKED in words(change_role(owner, mia, "manager"))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"confirm_password": "not her password"},
            {"confirm_code": "000000"},
            {"confirm_password": ""},
            {"confirm_code": ""},
            {"confirm_password": "x" * 5000},
        ],
    )
    def test_is_not_done_with_a_wrong_answer_and_still_not_lost(
        self, owner: FlaskClient, mia: Person, secret: str, wrong: dict[str, str]
    ):
        answer = change_role(owner, mia, "viewer", **credentials(secret, **wrong))
        assert answer.status_code == 422 and ASKED in words(answer)
        assert 'name="note" value="She asked"' in answer.text
        assert PASSWORD not in answer.text and code_of(secret) not in answer.text
        assert stored_staff(mia).role == "manager"

    def test_a_wrong_password_does_not_use_the_code_up(self, owner: FlaskClient, mia: Person, secret: str):
        with travel(clock.now(), tick=False):
            change_role(owner, mia, "viewer", **credentials(secret, confirm_password="not her password"))
            assert change_role(owner, mia, "viewer", **credentials(secret)).status_code == 303

    def test_takes_a_code_once(self, owner: FlaskClient, dana: Person, mia: Person, secret: str):
        with travel(clock.now(), tick=False):
            change_role(owner, mia, "viewer", **credentials(secret))
            make_stale(dana)
            again = change_role(owner, mia, "manager", **credentials(secret))
            assert again.status_code == 422 and "Each code counts once" in words(again)

    def test_guessing_ends_after_ten_tries(self, owner: FlaskClient, mia: Person, secret: str):
        wrong = credentials(secret, confirm_password="a guess at it")
        answers = [change_role(owner, mia, "viewer", **wrong).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
        assert change_role(owner, mia, "viewer", **credentials(secret)).status_code == 429
        assert owner.get("/admin/people").status_code == 200, "reading goes on"

    def test_being_asked_counts_as_no_guess(self, owner: FlaskClient, mia: Person):
        assert [change_role(owner, mia, "viewer").status_code for _ in range(15)] == [422] * 15

    def test_another_persons_answer_is_wrong(self, owner: FlaskClient, mia: Person, omar: Person):
        omars = give_phone(omar)
        assert change_role(owner, mia, "viewer", **credentials(omars)).status_code == 422

    def test_a_password_or_a_file_does_not_come_along_and_the_page_says_so(self, owner: FlaskClient, mia: Person):
        data = {
            "role": "viewer",
            "password": "typed blind",
            "api_secret": "also blind",
            "current": "blind too",
            "picture": (BytesIO(b"x"), "logo.png"),
            "csrf_token": token(owner),
        }
        answer = owner.post(f"/admin/people/{mia.id}/role", data=data, content_type="multipart/form-data")
        said = words(answer)
        assert "blind" not in answer.text
        assert "A password that you typed does not come along" in said
        assert "A file does not come along" in said

    def test_what_was_typed_cannot_break_out_of_the_page(self, owner: FlaskClient, mia: Person):
        answer = change_role(owner, mia, '"><script>alert(1)</script>')
        assert "<script>alert" not in answer.text

    def test_several_values_of_one_name_come_along(self, owner: FlaskClient, mia: Person):
        answer = post(owner, f"/admin/people/{mia.id}/role", {"tags": ["one", "two"]})
        assert 'name="tags" value="one"' in answer.text and 'name="tags" value="two"' in answer.text

    def test_with_htmx_the_whole_page_takes_the_place_of_the_part(self, owner: FlaskClient, mia: Person):
        answer = post(owner, f"/admin/people/{mia.id}/role", {"role": "viewer"}, htmx=True)
        assert answer.headers["HX-Retarget"] == "body" and ASKED in words(answer)

    def test_the_right_is_asked_for_first(self, client: FlaskClient, mia: Person, vera: Person):
        sign_in_staff(client, mia)
        make_stale(mia)
        answer = change_role(client, vera, "manager")
        assert answer.status_code == 403 and ASKED not in words(answer)

    def test_a_sign_in_that_ended_meanwhile_confirms_nothing(self, owner: FlaskClient, mia: Person, secret: str):
        with transaction():
            connection().execute(text("UPDATE sign_in SET ended_at = 1"))
        assert change_role(owner, mia, "viewer", **credentials(secret)).location == "/admin/sign-in"
        assert stored_staff(mia).role == "manager"


class TestAPage:
    def test_comes_after_the_answer(self, owner: FlaskClient, secret: str):
        asked = owner.get("/admin/me/phone")
        assert asked.status_code == 200 and ASKED in words(asked)
        assert 'name="next"' in asked.text and 'value="/admin/me/phone"' in asked.text
        answer = post(owner, "/admin/confirmation", credentials(secret, next="/admin/me/phone"))
        assert answer.location == "/admin/me/phone"
        assert owner.get("/admin/me/phone").location == "/admin/me", "nothing was begun, but nothing is asked either"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
    def test_is_one_of_ours(self, owner: FlaskClient, secret: str, elsewhere: str):
        assert post(owner, "/admin/confirmation", credentials(secret, next=elsewhere)).location == "/admin"

    def test_with_htmx_the_browser_loads_it_whole(self, owner: FlaskClient):
        answer = owner.get("/admin/me/phone", headers={"HX-Request": "true"})
        assert answer.status_code == 204 and answer.headers["HX-Redirect"] == "/admin/me/phone"

    def test_a_wrong_answer_is_told(self, owner: FlaskClient, secret: str):
        answer = post(owner, "/admin/confirmation", credentials(secret, confirm_code="000000", next="/admin/me/phone"))
        assert answer.status_code == 422 and "Password or code is not right" in words(answer)
        assert 'value="/admin/me/phone"' in answer.text


def test_who_signed_in_a_moment_ago_is_not_asked(client: FlaskClient, dana: Person, mia: Person):
    sign_in_staff(client, dana)
    assert change_role(client, mia, "viewer").status_code == 303


@pytest.mark.usefixtures("demo")
class TestTheDemo:
    @pytest.fixture
    def player(self, client: FlaskClient, dana: Person) -> FlaskClient:
        with transaction():
            connection().execute(text("UPDATE staff SET demo_role = 'owner' WHERE id = :id"), {"id": dana.id})
        post(client, "/demo/desk", {"role": "owner"})
        make_stale(dana)
        return client

    def test_one_click_stands_for_password_and_code(self, player: FlaskClient, mia: Person):
        asked = change_role(player, mia, "viewer")
        assert "one click stands for password and code" in words(asked)
        assert "confirm_password" not in asked.text
        assert change_role(player, mia, "viewer", confirming="yes").status_code == 303
        assert acts()[-1] == "staff.role"

    def test_but_not_for_those_who_are_no_part_of_it(self, client: FlaskClient, dana: Person, mia: Person):
        sign_in_staff(client, dana)
        make_stale(dana)
        assert change_role(client, mia, "viewer", confirming="yes").status_code == 422


def test_without_the_demo_season_a_demo_role_opens_nothing(client: FlaskClient, dana: Person, mia: Person):
    with transaction():
        connection().execute(text("UPDATE staff SET demo_role = 'owner' WHERE id = :id"), {"id": dana.id})
    assert post(client, "/demo/desk", {"role": "owner"}).status_code == 404
    sign_in_staff(client, dana)
    make_stale(dana)
    assert change_role(client, mia, "viewer", confirming="yes").status_code == 422
