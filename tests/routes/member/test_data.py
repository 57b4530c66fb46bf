"""A member's data: taken along by themselves, told by mail, and nobody else's in it."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.audit import reads as audit
from app.models.base import transaction
from app.routes.limits import COPIES
from tests.support.cast import Person, mails, post, sign_in, sign_in_staff, words
from tests.support.play import play, trade

TAKE = "/profile/data/copy"


@pytest.fixture
def hers(client: FlaskClient, alice: Person, bob: Person) -> FlaskClient:
    for person in (alice, bob):
        play(person.id, trade(symbol="XAUUSD" if person is bob else "EURUSD"))
    return sign_in(client, alice)


def taken(client: FlaskClient) -> dict[str, str]:
    answer = post(client, TAKE)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=member-")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers, "it is sent while it is read"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name: file.read(name).decode("utf-8-sig") for name in file.namelist()}


def test_everything_of_mine_and_nothing_of_anybodys(hers: FlaskClient, alice: Person, bob: Person):
    held = taken(hers)
    assert json.loads(held["person.json"])[0]["email"] == alice.email
    assert "EURUSD" in held["activities.csv"]
    said = "".join(held.values())
    assert not [secret for secret in (bob.name, bob.email, "M-1002", "XAUUSD") if secret in said]


def test_the_one_it_is_of_is_told(hers: FlaskClient, alice: Person):
    taken(hers)
    [mail] = mails()
    assert (mail.recipient, mail.member_id) == (alice.email, alice.id)
    assert "was downloaded" in mail.subject and "/profile/security" in mail.body


def test_it_is_no_act_of_staff(hers: FlaskClient, alice: Person):
    taken(hers)
    assert audit.of_subject("member", alice.id) == []


def test_a_member_without_address_takes_it_too(hers: FlaskClient, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET email = NULL WHERE id = :id"), {"id": alice.id})
    assert "person.json" in taken(hers)
    assert mails() == []


def test_it_speaks_the_members_language(hers: FlaskClient):
    post(hers, "/language", {"language": "ar"})
    assert any("\u0600" < letter < "\u06ff" for letter in json.loads(taken(hers)["activities.json"])[1]["title"])


def test_it_is_taken_a_few_times_an_hour(hers: FlaskClient, browser: Callable[[], FlaskClient], bob: Person):
    most = int(COPIES.partition("/")[0])
    assert [post(hers, TAKE).status_code for _ in range(most + 1)] == [200] * most + [429]
    assert post(sign_in(browser(), bob), TAKE).status_code == 200


def test_nobody_takes_it_without_being_asked(client: FlaskClient, alice: Person):
    assert client.get(TAKE).status_code == 405
    assert post(client, TAKE).location.startswith("/login")
    sign_in(client, alice)
    assert client.post(TAKE).status_code == 400, "without the token of a form of ours"
    assert mails() == []


def test_staff_who_look_on_take_nothing(browser: Callable[[], FlaskClient], alice: Person, mia: Person):
    desk = sign_in_staff(browser(), mia)
    post(desk, f"/admin/members/{alice.id}/view")
    assert "Download everything" in words(desk.get("/profile/data"))
    assert post(desk, TAKE).status_code == 403
    assert mails() == []
