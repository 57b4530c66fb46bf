"""Keys of the API: a secret that is shown once, two at a time while a sender changes over, and an end within a second."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse

from app.gamification import keys
from app.gamification.audit import reads as audit
from app.gamification.errors.desk import TooManyKeys
from app.gamification.staff import sessions
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.activity import ApiKey
from app.models.base import read_all, read_one, transaction
from app.models.people import SignIn
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.deliveries import Sender, trade_sent
from tests.support.filling import fill, forms

NEW = {"name": "MT5 bridge", "source": "broker", "scopes": ["send"]}


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def shown(answer: TestResponse) -> tuple[str, str]:
    """Key and secret as the page shows them."""
    found = re.findall(r'<code id="new-(?:key|secret)" dir="ltr">([^<]+)</code>', answer.text)
    assert len(found) == 2, words(answer)
    return found[0], found[1]


def sender(app: Flask, answer: TestResponse) -> Sender:
    return Sender(app.test_client(), *shown(answer))


def test_the_secret_is_shown_once_and_kept_sealed(app: Flask, owner: FlaskClient):
    answer = post(owner, "/admin/keys", NEW)
    key, secret = shown(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    row = read_one(select(ApiKey))
    assert row.key == key
    assert secret.encode() not in bytes(row.secret)
    assert Sealer(app.extensions["laurel_settings"].installation_secret).open(bytes(row.secret)) == secret
    for page in ("/admin/keys", f"/admin/keys/{row.id}", f"/admin/keys/{row.id}/history", "/admin/keys/export.csv"):
        said = owner.get(page)
        assert said.status_code == 200
        assert secret not in said.text
    assert secret not in str(read_all(text("SELECT * FROM audit_entry")))


def test_what_is_shown_is_ready_to_use(app: Flask, owner: FlaskClient):
    answer = post(owner, "/admin/keys", NEW)
    key, secret = shown(answer)
    example = re.search(r'<code id="new-example">(.*?)</code>', answer.text, re.S)
    assert example
    assert f"KEY={key}" in example[1] and f"SECRET={secret}" in example[1]
    assert "the-secret-shown-once" not in example[1]
    assert sender(app, answer).send(trade_sent()).status_code == 202


def test_a_form_that_is_sent_twice_makes_one_key(owner: FlaskClient):
    carried = forms(owner.get("/admin/keys/new"))["/admin/keys"] | NEW
    assert shown(post(owner, "/admin/keys", carried))
    again = post(owner, "/admin/keys", carried)
    assert again.status_code == 303
    assert "It was saved once." in words(owner.get(again.location))
    assert len(read_all(select(ApiKey.id))) == 1


def test_it_is_told_who_made_and_who_ended_a_key(owner: FlaskClient, dana: Person):
    key, _ = shown(post(owner, "/admin/keys", NEW))
    row = read_one(select(ApiKey))
    fill(owner, f"/admin/keys/{row.id}/revocation", f"/admin/keys/{row.id}/revocation")
    ended, made = audit.of_subject("key", row.id)
    assert (made.action, made.staff_id) == ("key.create", dana.id)
    assert made.after == {"key": key, "source": "broker", "scopes": ["send"]}
    assert (ended.action, ended.staff_id) == ("key.revoke", dana.id)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "\u202e\u200f"}, "Fill this in."),
        ({"name": "x" * 61}, "too long"),
        ({"source": "app"}, "cannot be the name of a source"),
        ({"source": "../x"}, "cannot be the name of a source"),
        ({"scopes": []}, "Fill this in."),
        ({"scopes": ["send", "own"]}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_made_is_said_at_its_field(owner: FlaskClient, wrong: dict[str, object], told: str):
    answer = post(owner, "/admin/keys", NEW | wrong)
    assert answer.status_code == 422
    assert told in words(answer)
    assert not read_all(select(ApiKey.id))


class TestRotation:
    def test_two_are_in_force_and_a_third_is_refused_with_what_to_do(self, app: Flask, owner: FlaskClient):
        first = post(owner, "/admin/keys", NEW)
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        second = fill(owner, page, f"{page}/rotation")
        assert "Both keys are in force now." in words(second)
        for answer in (first, second):
            assert sender(app, answer).send(trade_sent()).status_code == 202
        third = fill(owner, page, f"{page}/rotation")
        assert third.status_code == 409
        assert "Revoke the one that is not used any more" in words(third)
        refused = post(owner, "/admin/keys", NEW | {"name": "mt5 BRIDGE"})
        assert refused.status_code == 422
        assert "Two keys of the name" in words(refused)

    def test_the_second_takes_over_and_the_first_ends(self, app: Flask, owner: FlaskClient):
        first = post(owner, "/admin/keys", NEW)
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        second = fill(owner, page, f"{page}/rotation")
        fill(owner, f"{page}/revocation", f"{page}/revocation")
        assert sender(app, first).send(trade_sent()).json["error"] == "unknown_key"
        assert sender(app, second).send(trade_sent()).status_code == 202
        assert fill(owner, page.replace("1", "2"), f"{page.replace('1', '2')}/rotation").status_code == 200

    def test_a_rotation_that_is_sent_twice_makes_one_key(self, owner: FlaskClient):
        post(owner, "/admin/keys", NEW)
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        carried = forms(owner.get(page))[f"{page}/rotation"]
        assert post(owner, f"{page}/rotation", carried).status_code == 200
        assert post(owner, f"{page}/rotation", carried).status_code == 303
        assert len(read_all(select(ApiKey.id))) == 2

    def test_the_second_may_do_what_the_first_may(self, owner: FlaskClient):
        post(owner, "/admin/keys", NEW | {"scopes": ["read"], "source": "partner.one"})
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        fill(owner, page, f"{page}/rotation")
        assert {(row.name, row.scopes, row.source_id) for row in read_all(select(ApiKey))} == {
            ("MT5 bridge", "read", read_one(text("SELECT id FROM source WHERE key = 'partner.one'"))[0])
        }

    def test_another_name_or_another_source_is_another_purpose(self, app: Flask):
        sealer = Sealer(app.extensions["laurel_settings"].installation_secret)
        for name, source in (("A", "broker"), ("B", "broker"), ("A", "partner")):
            for _ in range(2):
                with transaction():
                    keys.create(name, sealer, now=clock.now(), source_key=source)
            with pytest.raises(TooManyKeys), transaction():
                keys.create(name.lower(), sealer, now=clock.now(), source_key=source)

    def test_a_revoked_key_is_not_rotated(self, owner: FlaskClient):
        post(owner, "/admin/keys", NEW)
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        fill(owner, f"{page}/revocation", f"{page}/revocation")
        assert f"{page}/rotation" not in forms(owner.get(page))
        assert post(owner, f"{page}/rotation").status_code == 404


class TestScopes:
    def test_a_key_without_send_is_refused_with_what_to_do(self, app: Flask, owner: FlaskClient):
        reader = sender(app, post(owner, "/admin/keys", NEW | {"scopes": ["read"]}))
        refused = reader.send(trade_sent())
        assert refused.status_code == 403
        assert refused.json["error"] == "not_in_scope"
        assert "scope “send”" in refused.json["message"]
        assert read_one(text("SELECT count(*) FROM activity"))[0] == 0

    def test_a_page_for_reading_shows_nothing_to_send(self, owner: FlaskClient):
        assert "new-example" not in post(owner, "/admin/keys", NEW | {"scopes": ["read"]}).text

    def test_who_signs_wrongly_does_not_learn_what_the_key_may_do(self, app: Flask, owner: FlaskClient):
        key, _ = shown(post(owner, "/admin/keys", NEW | {"scopes": ["read"]}))
        assert Sender(app.test_client(), key, "guessed").send(trade_sent()).json["error"] == "bad_signature"


class TestWho:
    @pytest.mark.parametrize("address", ["/admin/keys", "/admin/keys/1/rotation", "/admin/keys/1/revocation"])
    def test_only_owners_make_and_end_keys(
        self, app: Flask, owner: FlaskClient, browser: Callable[[], FlaskClient], omar: Person, address: str
    ):
        post(owner, "/admin/keys", NEW)
        approver = sign_in_staff(browser(), omar)
        assert approver.get("/admin/keys").status_code == 200
        assert post(approver, address, NEW).status_code == 403
        assert [row.revoked_at for row in read_all(select(ApiKey.revoked_at))] == [None]

    @pytest.mark.parametrize("address", ["/admin/keys", "/admin/keys/1/rotation", "/admin/keys/1/revocation"])
    def test_password_and_code_are_asked_again_after_a_while(self, app: Flask, owner: FlaskClient, address: str):
        post(owner, "/admin/keys", NEW)
        with transaction() as conn:
            conn.execute(
                update(SignIn).values(confirmed_at=clock.now() - sessions.CONFIRMED_FOR - timedelta(minutes=1))
            )
        answer = post(owner, address, NEW | {"name": "Another"})
        assert answer.status_code == 422
        assert "Confirm it is you" in words(answer)
        assert "new-secret" not in answer.text
        assert len(read_all(select(ApiKey.id))) == 1
        assert read_one(select(ApiKey.revoked_at))[0] is None
        assert owner.get("/admin/keys").status_code == 200

    def test_the_last_one_is_ended_after_a_warning(self, app: Flask, owner: FlaskClient):
        post(owner, "/admin/keys", NEW)
        page = f"/admin/keys/{read_one(select(ApiKey.id))[0]}"
        assert "No other key of this name is in force." in words(owner.get(f"{page}/revocation"))
        fill(owner, page, f"{page}/rotation")
        assert "No other key of this name is in force." not in words(owner.get(f"{page}/revocation"))
        for _ in range(2):  # sent twice
            assert post(owner, f"{page}/revocation").status_code == 303

    def test_when_it_was_used_last_is_told(self, app: Flask, owner: FlaskClient):
        answer = post(owner, "/admin/keys", NEW)
        assert read_one(select(ApiKey.last_used_at))[0] is None
        sender(app, answer).send(trade_sent())
        assert read_one(select(ApiKey.last_used_at))[0] is not None
