"""What no database can hold is refused before any page reads it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import programme
from app.gamification.brand import forget
from app.lib.spreadsheet import Unreadable, read
from app.models.base import transaction
from tests.support.cast import Person, post, sign_in_staff


@pytest.mark.parametrize("page", ["adjustments", "accounts", "erasure"])
def test_the_character_zero_in_a_form_is_a_bad_request(client: FlaskClient, mia: Person, alice: Person, page: str):
    sign_in_staff(client, mia)
    form = {"amount": "5", "note": "Why", "token": "a\0b", "platform": "mt5", "server": "x", "login": "1"}
    assert post(client, f"/admin/members/{alice.id}/{page}", form).status_code == 400


def test_nor_does_the_demo_look_for_such_a_role(client: FlaskClient):
    with transaction() as conn:
        conn.execute(text("UPDATE programme SET demo = :on"), {"on": True})
        programme.touch(conn)
    forget()
    assert post(client, "/demo/desk", {"role": "owner\0"}).status_code == 400
    assert post(client, "/demo/desk", {"role": ""}).status_code == 404


def test_nor_is_such_a_file_read():
    with pytest.raises(Unreadable):
        read(b"email,points\n" + b"a" * 300 + b"@example.com,5\na\0b,5\n")
