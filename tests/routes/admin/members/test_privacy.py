"""Export and erasure by forms: everything of one person, nothing of another, and gone when it is gone."""

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.ledger import verify
from app.gamification.members import care, erasure
from app.gamification.members.known import part
from app.lib import clock
from app.models.base import transaction
from app.tasks import outbox
from tests.support.cast import PASSWORD, Person, post, sign_in, sign_in_staff, stored, words
from tests.support.play import Said, play, report, trade


@pytest.fixture
def desk(app: Flask, client: FlaskClient, omar: Person) -> FlaskClient:
    return sign_in_staff(client, omar)


@pytest.fixture
def both(alice: Person, bob: Person, mia: Person) -> tuple[Person, Person]:
    """Alice and Bob, each with something of everything."""
    for number, person in enumerate((alice, bob), start=1):
        with transaction():
            care.link(mia.id, person.id, "mt5", "Meridian-Live", f"880000{number}", now=clock.now())
            outbox.post(person.email, f"To {person.name}", "text", member_id=person.id, now=clock.now())
            care.block(mia.id, person.id, "review", now=clock.now())
            care.unblock(mia.id, person.id, now=clock.now())
        play(person.id, trade())
        play(person.id, trade(seconds=10))
    for number in (1, 2):
        report(None, Said(trade(), account=("mt5", "Meridian-Live", f"880000{number}")))
    return alice, bob


def at(member: Person, place: str = "") -> str:
    return f"/admin/members/{member.id}{place}"


def archive(answer: Any) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json")}


def test_the_archive_holds_everything_known(desk: FlaskClient, both: tuple[Person, Person], omar: Person):
    alice, _ = both
    answer = post(desk, at(alice, "/export"))
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    held = archive(answer)
    [person] = held["person.json"]
    assert (person["name"], person["email"], person["country"]) == ("Alice Amari", "alice@example.com", "AE")
    assert {one["login"] for one in held["trading_accounts.json"]} == {"5012345", "8800001"}
    reported = held["activities.json"]
    assert [one["points"] for one in reported if one["kind"] == "trade.closed"][1:] == [0, None]
    assert reported[-1]["account"] == "8800001"
    assert any(one["why_no_points"] and "Open 10 s" in one["why_no_points"][0] for one in reported)
    line = next(one for one in held["points.json"] if "closed" in one["in_words"][0])
    assert "The rule" in line["in_words"][1]
    assert len(line["fingerprint"]) == 64
    assert [one["subject"] for one in held["mails.json"]] == ["To Alice Amari"]
    assert [one["what"] for one in held["what_staff_did.json"]] == [
        "member.link", "member.block", "member.unblock", "member.export",
    ]  # fmt: skip
    assert audit.of_subject("member", alice.id)[0].staff_id == omar.id


def test_the_archive_holds_nothing_of_anybody_else(desk: FlaskClient, both: tuple[Person, Person]):
    alice, bob = both
    said = json.dumps(archive(post(desk, at(alice, "/export"))), ensure_ascii=False)
    for secret in (bob.name, bob.email, "Bakkar", "8800002", "M-1002", "Mia", "Moreau", "Omar", "omar@"):
        assert secret not in said, secret
    assert "argon2" not in said


def test_the_archive_speaks_the_members_language(desk: FlaskClient, both: tuple[Person, Person]):
    alice, _ = both
    with transaction() as conn:
        conn.execute(text("UPDATE member SET language = 'ar' WHERE id = :id"), {"id": alice.id})
    held = archive(post(desk, at(alice, "/export")))
    assert any("\u0600" < letter < "\u06ff" for letter in held["activities.json"][1]["title"])


def test_a_long_history_is_read_in_stretches(desk: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch):
    for _ in range(7):
        play(alice.id, trade())
    whole = archive(post(desk, at(alice, "/export")))
    monkeypatch.setattr(part, "STRETCH", 2)
    assert archive(post(desk, at(alice, "/export")))["points.json"] == whole["points.json"]
    assert len(whole["points.json"]) >= 7


def test_erasing_asks_for_the_number(desk: FlaskClient, both: tuple[Person, Person]):
    alice, bob = both
    for number in ("", "yes", str(bob.id), "Alice Amari", "1" * 30, f"{alice.id}.0"):
        answer = post(desk, at(alice, "/erasure"), {"number": number})
        assert answer.status_code == 422, number
    assert stored(alice).name == "Alice Amari"


def test_an_erased_person_is_gone_and_the_books_stay(app: Flask, desk: FlaskClient, both: tuple[Person, Person]):
    alice, _ = both
    hers = sign_in(app.test_client(), alice)
    assert post(desk, at(alice, "/erasure"), {"number": f" #{alice.id} "}).location == at(alice)
    assert hers.get("/home").status_code == 303
    fresh = app.test_client()
    assert post(fresh, "/login", {"email": alice.email, "password": PASSWORD}).status_code == 422
    pipeline.drain()
    assert verify.verify().bad is None
    said = desk.get(at(alice)).text
    assert "Erased member" in said
    assert not [secret for secret in ("Amari", "alice@", "8800001") if secret in said]


def test_erasing_twice_is_erasing_once(desk: FlaskClient, both: tuple[Person, Person]):
    alice, _ = both
    for _ in range(2):
        assert post(desk, at(alice, "/erasure"), {"number": str(alice.id)}).status_code == 303
    assert [entry.action for entry in audit.of_subject("member", alice.id)].count("member.erase") == 1


def test_an_erased_member_is_exported_as_what_is_left(desk: FlaskClient, both: tuple[Person, Person], omar: Person):
    alice, _ = both
    with transaction():
        erasure.erase(omar.id, alice.id, now=clock.now())
    held = archive(post(desk, at(alice, "/export")))
    said = json.dumps(held)
    assert held["person.json"][0]["erased_at"]
    assert not [secret for secret in ("Alice", "Amari", "alice@", "5012345") if secret in said]


@pytest.mark.parametrize("place", ["/privacy", "/export", "/erasure"])
@pytest.mark.parametrize("who", ["mia", "vera"])
def test_only_who_may_does_either(
    client: FlaskClient, alice: Person, who: str, place: str, request: pytest.FixtureRequest
):
    sign_in_staff(client, request.getfixturevalue(who))
    answer = (
        client.get(at(alice, place))
        if place == "/privacy"
        else post(client, at(alice, place), {"number": str(alice.id)})
    )
    assert answer.status_code == 403
    assert stored(alice).name == "Alice Amari"


@pytest.mark.parametrize("number", ["999999", "2147483648", "9223372036854775808"])
def test_nobody_is_exported_or_erased_who_never_was(desk: FlaskClient, number: str):
    assert desk.get(f"/admin/members/{number}/privacy").status_code == 404
    assert post(desk, f"/admin/members/{number}/export").status_code == 404
    assert post(desk, f"/admin/members/{number}/erasure", {"number": number}).status_code == 404


@pytest.mark.parametrize("place", ["/privacy", "/export", "/erasure"])
def test_either_asks_again_who_it_is(desk: FlaskClient, alice: Person, place: str):
    """Password and code were given too long ago: the confirmation comes first, and nothing has happened yet."""
    with transaction() as conn:
        conn.execute(
            text("UPDATE sign_in SET confirmed_at = confirmed_at - :ago WHERE staff_id IS NOT NULL"),
            {"ago": 11 * 60 * 10**6},
        )
    answer = (
        desk.get(at(alice, place)) if place == "/privacy" else post(desk, at(alice, place), {"number": str(alice.id)})
    )
    assert "Confirm" in words(answer)
    assert answer.mimetype == "text/html"
    assert stored(alice).name == "Alice Amari"
    assert audit.of_subject("member", alice.id) == []
