"""Members at the console: created, linked, looked up, exported, erased."""

import json
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from app.gamification.audit import reads as audit
from app.gamification.members import credentials
from app.gamification.members.passwords import is_password
from app.models.base import read_one
from tests.cli.conftest import Told
from tests.support.cast import Person, stored

PASSWORD = "correct horse battery staple"


def test_a_member_is_created_with_an_empty_wallet(told: Told):
    options = ("--name", "Ann Lee", "--country", "ae", "--client-class", "professional", "--external-id", "C-7")
    ann = told("members", "create", "Ann@Example.com", *options, "--entity", "global")
    assert (ann["email"], ann["name"], ann["country"]) == ("ann@example.com", "Ann Lee", "AE")
    assert (ann["client_class"], ann["entity"], ann["external_id"]) == ("professional", "global", "C-7")
    assert ann["available"] == ann["pending"] == ann["lifetime"] == 0
    assert ann["accounts"] == []
    assert told("members", "show", "ann@example.com") == ann
    assert told("members", "show", "C-7") == ann


@pytest.mark.parametrize(("country", "entity"), [("AE", "global"), ("CY", "eu"), ("GB", "uk"), ("", None)])
def test_a_member_belongs_to_the_entity_that_takes_clients_of_the_country(told: Told, country: str, entity: str | None):
    made = told("members", "create", "ann@example.com", "--country", country, "--client-class", "professional")
    found = read_one(
        text("SELECT e.key FROM member m LEFT JOIN legal_entity e ON e.id = m.entity_id WHERE m.id = :id"),
        {"id": made["id"]},
    )
    assert found.key == entity


def test_the_least_a_member_needs_is_an_address(told: Told):
    bob = told("members", "create", "bob@example.com")
    assert (bob["name"], bob["client_class"], bob["country"]) == ("bob", "unknown", "")


def test_a_password_comes_by_standard_input(told: Told):
    told("members", "create", "ann@example.com", "--password-stdin", stdin=f"{PASSWORD}\n")
    found = credentials.find("ann@example.com")
    assert found is not None
    assert is_password(PASSWORD, found.password_hash)
    assert found.verified_at is not None


@pytest.mark.parametrize(("password", "error"), [("short", "password_too_short"), ("", "problem")])
def test_a_weak_password_is_refused(told: Told, password: str, error: str):
    refused = told("members", "create", "ann@example.com", "--password-stdin", code=1, stdin=f"{password}\n")
    assert refused["error"] == error
    assert told("members", "show", "ann@example.com", code=1)["error"] == "member_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["ann@example.com"], "email_taken"),
        (["nobody"], "bad_email"),
        (["bob@example.com", "--country", "XX"], "unknown_country"),
        (["bob@example.com", "--external-id", "C-7"], "external_id_taken"),
        (["bob@example.com", "--entity", "moon"], "unknown_entity"),
        (["bob@example.com", "--time-zone", "Moon/Base"], "unknown_time_zone"),
    ],
)
def test_what_cannot_be_is_named(told: Told, arguments: list[str], error: str):
    told("members", "create", "ann@example.com", "--external-id", "C-7")
    refused = told("members", "create", *arguments, code=1)
    assert refused["error"] == error
    assert refused["message"]


def test_an_account_is_linked_once(told: Told):
    for email in ("ann@example.com", "bob@example.com"):
        told("members", "create", email)
    account = ("mt5", "Meridian-Live", "5012345")
    linked = told("members", "link", "ann@example.com", *account)
    assert told("members", "link", "ann@example.com", *account) == linked
    assert told("members", "show", "ann@example.com")["accounts"] == [
        {"platform": "mt5", "server": "Meridian-Live", "login": "5012345", "currency": None}
    ]
    assert told("members", "link", "bob@example.com", *account, code=1)["error"] == "linked_elsewhere"
    assert told("members", "link", "nobody@example.com", *account, code=1)["error"] == "member_not_found"


def test_a_person_reads_lines(cli: FlaskCliRunner, told: Told):
    told("members", "create", "ann@example.com", "--name", "Ann Lee")
    told("members", "link", "ann@example.com", "mt5", "Meridian-Live", "5012345")
    said = cli.invoke(args=["members", "show", "ann@example.com"]).output
    assert "Ann Lee" in said
    assert "5012345" in said


def test_staff_are_created_with_a_role(told: Told):
    arguments = ("staff", "create", "dana@example.com", "--name", "Dana Fox", "--role", "manager", "--password-stdin")
    dana = told(*arguments, stdin=f"{PASSWORD}\n")
    assert dana["role"] == "manager"
    row = read_one(text("SELECT name, role, password_hash FROM staff WHERE id = :id"), {"id": dana["id"]})
    assert (row.name, row.role, is_password(PASSWORD, row.password_hash)) == ("Dana Fox", "manager", True)
    assert told(*arguments, code=1, stdin=f"{PASSWORD}\n")["error"] == "staff_email_taken"


def test_staff_need_a_password_and_a_known_role(told: Told):
    assert told("staff", "create", "dana@example.com", "--role", "owner", code=1)["error"] == "problem"
    assert told("staff", "create", "dana@example.com", "--role", "king", code=2)["error"] == "usage"


def test_everything_known_is_written_into_a_file(cli: FlaskCliRunner, alice: Person, tmp_path: Path):
    file = tmp_path / "alice.zip"
    answer = cli.invoke(args=["members", "export", alice.email, str(file)])
    assert answer.exit_code == 0, answer.output
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        [person] = json.loads(archive.read("person.json"))
    assert person["name"] == "Alice Amari"
    assert [entry.action for entry in audit.of_subject("member", alice.id)] == ["member.export"]


def test_no_file_is_written_over(cli: FlaskCliRunner, alice: Person, tmp_path: Path):
    file = tmp_path / "kept.zip"
    file.write_text("kept")
    assert cli.invoke(args=["members", "export", alice.email, str(file)]).exit_code == 1
    assert file.read_text() == "kept"
    assert audit.of_subject("member", alice.id) == []


def test_a_member_is_erased_by_address_and_number(cli: FlaskCliRunner, alice: Person, bob: Person):
    assert cli.invoke(args=["members", "erase", alice.email, "--number", str(bob.id)]).exit_code == 1
    assert stored(alice).name == "Alice Amari"
    assert cli.invoke(args=["members", "erase", alice.email, "--number", str(alice.id)]).exit_code == 0
    assert stored(alice).name == ""
    assert cli.invoke(args=["members", "show", alice.email]).exit_code == 1
    assert audit.of_subject("member", alice.id)[0].staff_id is None
