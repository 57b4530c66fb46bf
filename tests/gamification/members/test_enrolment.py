"""Becoming a member, and whose trading accounts are whose."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import ingest
from app.gamification.activities import BY_KEY, DepositMade, incoming
from app.gamification.errors.members import (
    BadEmail,
    BadName,
    EmailTaken,
    ExternalIdTaken,
    LinkedElsewhere,
    UnknownCountry,
    UnknownEntity,
    UnknownTimeZone,
)
from app.gamification.members.enrolment import enrol, link
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.models.people import ClientClass
from tests.support.cast import Person

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT = ("mt5", "Meridian-Live", "77001")


def join(**changes: object) -> int:
    values = {"email": "erin@example.com", "name": "Erin Ek", "now": NOW} | changes
    with transaction():
        return enrol(values.pop("email"), values.pop("name"), **values)  # type: ignore[arg-type]


def report(number: str, account: tuple[str, str, str] = ACCOUNT) -> str:
    deposit = DepositMade(amount="100", currency="USD")
    item = incoming(number, BY_KEY["deposit.made"], deposit, NOW, account=account)
    with transaction():
        return ingest.accept(ingest.source("broker"), [item], NOW)[0].status


def queue() -> list[tuple[int, str]]:
    rows = read_all(
        text(
            "SELECT q.member_id, a.external_id FROM activity_queue q JOIN activity a ON a.id = q.activity_id"
            " WHERE a.external_id NOT LIKE 'joined:%' ORDER BY a.id"
        )
    )
    return [(row[0], row[1]) for row in rows]


def test_a_member_is_made_with_all_that_is_known(app: Flask):
    member_id = join(
        email="  Erin@Example.COM ",
        country="cy",
        client_class=ClientClass.RETAIL,
        external_id="M-9",
        entity_key="eu",
        language="zh-TW",
        time_zone="Asia/Nicosia",
        demo_role="middle",
        verified=True,
    )
    row = read_one(text("SELECT * FROM member WHERE id = :id"), {"id": member_id})
    assert (row.email, row.country, row.client_class, row.external_id) == ("erin@example.com", "CY", 1, "M-9")
    assert (row.language, row.time_zone, row.demo_role) == ("zh", "Asia/Nicosia", "middle")
    assert row.email_verified_at == row.joined_at == clock.to_micros(NOW)
    assert row.password_hash is None


def test_of_several_entities_none_is_guessed_and_a_single_one_is_theirs(app: Flask):
    several = join()
    assert read_one(text("SELECT entity_id FROM member WHERE id = :id"), {"id": several})[0] is None
    with transaction():
        connection().execute(text("DELETE FROM legal_entity WHERE key <> 'eu'"))
    single = join(email="frida@example.com")
    assert read_one(text("SELECT entity_id FROM member WHERE id = :id"), {"id": single})[0] is not None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"email": "nobody"}, BadEmail),
        ({"name": " \u202e "}, BadName),
        ({"country": "XX"}, UnknownCountry),
        ({"country": "CYP"}, UnknownCountry),
        ({"entity_key": "mars"}, UnknownEntity),
        ({"time_zone": "Mars/Olympus"}, UnknownTimeZone),
    ],
)
def test_what_cannot_be_is_refused(app: Flask, changes: dict[str, str], refusal: type[Exception]):
    with pytest.raises(refusal):
        join(**changes)
    assert not read_all(text("SELECT 1 FROM member"))


def test_an_address_and_a_brokers_id_are_given_once(app: Flask):
    join(external_id="M-9")
    with pytest.raises(EmailTaken, match=r"erin@example\.com"):
        join(email="ERIN@example.com", external_id="M-10")
    with pytest.raises(ExternalIdTaken, match="M-9"):
        join(email="frida@example.com", external_id="M-9")


def test_a_brokers_client_may_have_no_address(app: Flask):
    assert join(email=None, external_id="M-1") != join(email=None, external_id="M-2")


def test_what_an_account_did_before_it_was_linked_is_queued_once(app: Flask, alice: Person):
    assert [report("d-1"), report("d-2")] == ["waiting", "waiting"]
    assert queue() == []
    with transaction():
        first = link(alice.id, *ACCOUNT, now=NOW)
    with transaction():
        assert link(alice.id, *ACCOUNT, now=NOW) == first
    assert queue() == [(alice.id, "d-1"), (alice.id, "d-2")]
    assert report("d-3") == "accepted"


def test_an_account_belongs_to_one_member(app: Flask, alice: Person, bob: Person):
    with transaction():
        link(alice.id, *ACCOUNT, now=NOW)
    with pytest.raises(LinkedElsewhere, match="77001"), transaction():
        link(bob.id, *ACCOUNT, now=NOW)


def test_the_same_login_elsewhere_is_another_account(app: Flask, alice: Person, bob: Person):
    with transaction():
        one = link(alice.id, *ACCOUNT, now=NOW)
        other = link(bob.id, "mt4", *ACCOUNT[1:], now=NOW)
    assert one != other


def test_nothing_is_lost_when_linking_meets_a_delivery(app: Flask, alice: Person):
    """A delivery and the link at the same moment: whichever is first, each activity is queued once."""
    for attempt in range(8):
        account = ("mt5", "Meridian-Live", f"88{attempt:03}")
        start = threading.Barrier(2)

        def deliver(account: tuple[str, str, str] = account, start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                report(f"race-{account[2]}", account)

        def take(account: tuple[str, str, str] = account, start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                with transaction():
                    link(alice.id, *account, now=NOW)

        threads = [threading.Thread(target=one) for one in (deliver, take)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert queue() == [(alice.id, f"race-88{attempt:03}") for attempt in range(8)]


def test_two_who_join_at_once_with_one_address_become_one_member(app: Flask):
    start, outcomes = threading.Barrier(4), []

    def race() -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes.append(join())
            except EmailTaken:
                outcomes.append("taken")

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("taken") == 3 and len(read_all(text("SELECT 1 FROM wallet"))) == 1
