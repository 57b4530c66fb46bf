"""Keys of the API: their secret is shown once and kept sealed."""

from flask import Flask
from sqlalchemy import text

from app.gamification import keys
from app.lib.sealing import Sealer
from app.models.base import read_all, read_one
from tests.cli.conftest import Told


def forget() -> None:
    keys._live.forget()


def test_a_key_is_made_and_opens_with_the_installations_secret(app: Flask, told: Told):
    made = told("keys", "create", "MT5 bridge")
    assert made["source"] == "broker"
    forget()
    found = keys.find(made["key"])
    assert found is not None
    sealer = Sealer(app.extensions["laurel_settings"].installation_secret)
    assert sealer.open(found.sealed) == made["secret"]
    assert found.source.verified
    stored = read_one(text("SELECT secret FROM api_key"))[0]
    assert made["secret"].encode() not in bytes(stored)


def test_the_secret_is_shown_once(told: Told):
    made = told("keys", "create")
    (listed,) = told("keys", "list")["keys"]
    assert listed["key"] == made["key"]
    assert "secret" not in listed
    assert listed["created_at"].endswith("Z")


def test_a_revoked_key_is_found_no_more(told: Told):
    made = told("keys", "create")
    told("keys", "revoke", made["key"])
    forget()
    assert keys.find(made["key"]) is None
    assert told("keys", "list")["keys"][0]["revoked_at"]
    assert told("keys", "revoke", made["key"], code=1)["error"] == "key_not_found"
    assert keys.find("lk_unknown") is None


def test_a_key_may_report_under_a_source_of_its_own(told: Told):
    for _ in range(2):
        told("keys", "create", "Partner", "--source", "partner.one")
    rows = read_all(text("SELECT s.key FROM api_key k JOIN source s ON s.id = k.source_id"))
    assert [key for (key,) in rows] == ["partner.one", "partner.one"]


def test_nobody_reports_under_the_programmes_own_names(told: Told):
    for name in ("app", "statements", "uploads", "No Such", ""):
        assert told("keys", "create", "--source", name, code=1)["error"] == "bad_source"


def test_a_key_may_do_what_its_scopes_say(told: Told):
    made = told("keys", "create", "Reports", "--scope", "read")
    assert made["scopes"] == ["read"]
    assert told("keys", "create", "Bridge")["scopes"] == ["send", "read"]
    assert [key["scopes"] for key in told("keys", "list")["keys"]] == ["read", "read send"]


def test_a_third_key_of_one_name_is_refused(told: Told):
    for _ in range(2):
        told("keys", "create", "Bridge")
    refused = told("keys", "create", "Bridge", code=1)
    assert refused["error"] == "too_many_keys"
    assert "Revoke the one that is not used any more" in refused["message"]


def test_what_is_done_at_the_console_is_in_the_log(told: Told):
    made = told("keys", "create", "Bridge", "--scope", "send")
    told("keys", "revoke", made["key"])
    rows = read_all(text("SELECT staff_id, action FROM audit_entry ORDER BY seq"))
    assert [tuple(row) for row in rows] == [(None, "key.create"), (None, "key.revoke")]
