"""Whose account a statement is about."""

import pytest

from app.gamification.errors.members import LinkedElsewhere
from app.gamification.members.enrolment import link
from app.gamification.statements.importing import account_of, claim
from app.gamification.statements.reading import Account
from app.lib import clock
from app.models.base import transaction
from app.platforms.detect import read_statement
from app.platforms.statement import Statement
from tests.platforms.test_samples import SAMPLES
from tests.platforms.writing import mt4
from tests.support.cast import Person

ROW = "|1|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"


def statement(login: str = "5001001", company: str = "Meridian Markets") -> Statement:
    return read_statement(mt4(ROW, account=login, company=company).encode())


def linked(member: Person, server: str, login: str, platform: str = "mt4") -> int:
    with transaction():
        return link(member.id, platform, server, login, now=clock.now())


def test_the_company_stands_for_a_server_that_is_not_named(alice: Person):
    assert account_of(statement(), alice.id) == Account(None, "mt4", "Meridian Markets", "5001001")


def test_mt5_names_its_server(alice: Person):
    report = read_statement((SAMPLES / "mt5_history.html").read_bytes())
    assert account_of(report, alice.id) == Account(None, "mt5", "Meridian-Live", "6001001")


def test_a_linked_account_knows_its_server(alice: Person):
    account_id = linked(alice, "Meridian-Live-3", "5001001")
    assert account_of(statement(), alice.id) == Account(account_id, "mt4", "Meridian-Live-3", "5001001")


def test_what_is_told_goes_before_what_the_file_says(alice: Person):
    found = account_of(statement(), alice.id, login="77", server="Elsewhere")
    assert found.names == ("mt4", "Elsewhere", "77")


def test_a_file_without_a_login_is_the_members_only_account(alice: Person):
    account_id = linked(alice, "Meridian-Live-3", "88")
    linked(alice, "Meridian-Live", "99", platform="mt5")
    assert account_of(statement(login=""), alice.id) == Account(account_id, "mt4", "Meridian-Live-3", "88")


def test_a_file_without_a_login_and_nothing_to_go_by_gets_a_name_of_its_own(alice: Person, bob: Person):
    assert account_of(statement(login=""), alice.id).login == f"unnamed-{alice.id}"
    linked(bob, "One", "1")
    linked(bob, "Two", "2")
    assert account_of(statement(login=""), bob.id).login == f"unnamed-{bob.id}"


def test_long_and_missing_names_still_make_an_account(alice: Person):
    assert len(account_of(statement(company="x" * 200), alice.id).server) == 64
    assert account_of(statement(company=""), alice.id).server == "mt4"


def test_somebody_elses_account_is_refused_before_anything_is_stored(alice: Person, bob: Person):
    linked(bob, "Meridian Markets", "5001001")
    with pytest.raises(LinkedElsewhere):
        account_of(statement(), alice.id)


def test_claiming_links_the_account_and_notes_its_currency(alice: Person):
    account = account_of(statement(), alice.id)
    with transaction():
        claimed = claim(account, alice.id, "USD", now=clock.now())
    assert claimed.id is not None
    assert account_of(statement(), alice.id) == claimed
