"""The legal entities, and with them the pattern of everything that is configured."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gamification.audit import reads as audit
from app.gamification.brand import brand
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.desk import edit

NEW = {"key": "za", "name": "Meridian ZA (Pty) Ltd", "country": "ZA", "pack_key": "eu_retail", "loss_percentage": "70.1"}


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def test_the_list_shows_what_there_is(owner: FlaskClient):
    said = words(owner.get("/admin/entities"))
    assert "Meridian Markets Europe Ltd" in said
    assert "1 to 4 of 4" in said


def test_a_search_narrows_the_list(owner: FlaskClient):
    said = words(owner.get("/admin/entities?q=europe"))
    assert "1 to 1 of 1" in said
    assert "Nothing matches" in words(owner.get("/admin/entities?q=%25_"))


def test_a_new_one_is_stored_and_told(owner: FlaskClient, dana: Person):
    answer = post(owner, "/admin/entities", NEW)
    assert answer.status_code == 303
    assert "Meridian ZA (Pty) Ltd" in words(owner.get(answer.location))
    assert any(entity.key == "za" for entity in brand().entities)
    [entry] = audit.of_subject("entity", int(answer.location.rsplit("/", 1)[1]))
    assert (entry.action, entry.staff_id, entry.after["country"]) == ("entity.create", dana.id, "ZA")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Fill this in."),
        ({"country": "XX"}, "There is no country with the code XX"),
        ({"pack_key": "none"}, "Choose one from the list."),
        ({"loss_percentage": "1e3"}, "Write a percentage"),
        ({"key": "eu"}, "eu is in use already"),
        ({"key": "../x"}, "Use up to 30 small letters"),
    ],
)
def test_what_cannot_be_stored_is_said_at_its_field(owner: FlaskClient, wrong: dict[str, str], told: str):
    answer = post(owner, "/admin/entities", NEW | wrong)
    assert answer.status_code == 422
    assert told in words(answer)


def test_a_change_is_kept_with_before_and_after(owner: FlaskClient):
    assert edit(owner, "/admin/entities/1", {"loss_percentage": "75.5"}).status_code == 303
    [entry] = audit.of_subject("entity", 1)
    assert (entry.before, entry.after) == ({"loss_percentage": "74.2"}, {"loss_percentage": "75.5"})
    assert "75.5" in words(owner.get("/admin/entities/1/history"))


def test_a_manager_reads_but_does_not_write(client: FlaskClient, mia: Person):
    sign_in_staff(client, mia)
    assert client.get("/admin/entities").status_code == 200
    assert client.get("/admin/entities/new").status_code == 403
    assert post(client, "/admin/entities", NEW).status_code == 403


def test_the_export_is_a_file(owner: FlaskClient):
    answer = owner.get("/admin/entities/export.csv")
    assert answer.mimetype == "text/csv"
    assert "Meridian Markets UK Ltd" in answer.text
