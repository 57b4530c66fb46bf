"""What staff do for members: each act does what it says, once, for those who may, and leaves its entry in the log."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import backlog, pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors.members import (
    AccountNotFound,
    BadAccountName,
    LinkedElsewhere,
    MemberErased,
    MemberNotFound,
    NoAddress,
    UnknownBlockReason,
    UnknownPlatform,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.ledger import verify
from app.gamification.members import care, erasure
from app.gamification.members.credentials import Credentials
from app.lib import clock
from app.models.activity import Reason
from app.models.base import connection, read_one, transaction
from tests.support.cast import Person, sign_in, stored
from tests.support.play import LIVE, Said, decided, report, trade

NOW = clock.now()
ALICES = ("mt5", "Meridian-Live", "5012345")


def acts_on(member: Person) -> list[str]:
    return [entry.action for entry in audit.of_subject("member", member.id)]


def account_id(names: tuple[str, str, str]) -> int:
    return int(read_one(text("SELECT id FROM trading_account WHERE login = :login"), {"login": names[2]}).id)


def available(member: Person) -> int:
    return int(read_one(text("SELECT available + pending AS all_ FROM wallet WHERE id = :id"), {"id": member.id}).all_)


def test_a_blocked_member_earns_nothing_until_unblocked(alice: Person, mia: Person):
    with transaction():
        care.block(mia.id, alice.id, "review", now=NOW)
    report(None, Said(trade(), id="t-1", account=ALICES))
    pipeline.drain()
    with transaction():
        care.unblock(mia.id, alice.id, now=NOW)
    report(None, Said(trade(), id="t-2", account=ALICES))
    pipeline.drain()
    first, second = decided("t-1"), decided("t-2")
    assert first is not None and second is not None
    assert (first.reason, first.earned) == (Reason.BLOCKED, 0)
    assert second.earned > 0
    blocked, unblocked = reversed(audit.of_subject("member", alice.id))
    assert (blocked.action, blocked.staff_id, blocked.after) == ("member.block", mia.id, {"reason": "review"})
    assert unblocked.action == "member.unblock"


def test_blocking_twice_is_blocking_once(alice: Person, mia: Person):
    for _ in range(2):
        with transaction():
            care.block(mia.id, alice.id, "abuse", now=NOW)
    assert acts_on(alice) == ["member.block"]


def test_a_reason_is_one_of_the_list(alice: Person, mia: Person):
    with pytest.raises(UnknownBlockReason), transaction():
        care.block(mia.id, alice.id, "Alice Amari is a fraud", now=NOW)
    assert not stored(alice).earning_blocked


ACTS: dict[str, Callable[[int, int], object]] = {
    "block": lambda by, member: care.block(by, member, "review", now=NOW),
    "unblock": lambda by, member: care.unblock(by, member, now=NOW),
    "link": lambda by, member: care.link(by, member, "mt5", "Live", "99", now=NOW),
    "unlink": lambda by, member: care.unlink(by, member, 1, now=NOW),
    "sign out": lambda by, member: care.sign_out(by, member, now=NOW),
    "mail": lambda by, member: care.mail_reset(by, member, lambda someone: None, now=NOW),
    "view": lambda by, member: care.view(by, member, now=NOW),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_none_of_it(alice: Person, vera: Person, act: str):
    with pytest.raises(NotEntitled), transaction():
        ACTS[act](vera.id, alice.id)
    assert acts_on(alice) == []


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("number", [999_999, 2**31 - 1])
def test_nothing_is_done_for_nobody(app: Flask, mia: Person, act: str, number: int):
    with pytest.raises((MemberNotFound, AccountNotFound)), transaction():
        ACTS[act](mia.id, number)


@pytest.mark.parametrize("act", [act for act in ACTS if act not in ("sign out", "unlink")])
def test_nothing_more_is_done_for_somebody_erased(alice: Person, mia: Person, omar: Person, act: str):
    with transaction():
        erasure.erase(omar.id, alice.id, now=NOW)
    with pytest.raises(MemberErased), transaction():
        ACTS[act](mia.id, alice.id)
    assert acts_on(alice) == ["member.erase"]


def test_an_account_is_linked_and_what_waited_is_counted(bob: Person, alice: Person, mia: Person):
    assert report(None, Said(trade(), id="w-1", account=LIVE)) == ["waiting"]
    with transaction():
        number = care.link(mia.id, bob.id, " MT5 ", LIVE[1], LIVE[2], now=NOW)
    pipeline.drain()
    assert decided("w-1") is not None
    [entry] = audit.of_subject("member", bob.id)
    assert (entry.action, entry.after) == ("member.link", {"account": number, "via": "staff"})


def test_an_account_of_somebody_else_stays_theirs(alice: Person, bob: Person, mia: Person):
    with pytest.raises(LinkedElsewhere), transaction():
        care.link(mia.id, bob.id, *ALICES, now=NOW)
    assert acts_on(bob) == []


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (("", "Live", "1"), UnknownPlatform),
        (("m t", "Live", "1"), UnknownPlatform),
        (("mt5", "", "1"), BadAccountName),
        (("mt5", "Live", ""), BadAccountName),
        (("mt5", "Live", "1\u202e2"), BadAccountName),
        (("mt5", "Live", "1" * 65), BadAccountName),
        (("mt5", "Läve", "1"), BadAccountName),
    ],
)
def test_an_account_is_named_as_deliveries_name_it(
    bob: Person, mia: Person, names: tuple[str, str, str], refused: type[Exception]
):
    with pytest.raises(refused), transaction():
        care.link(mia.id, bob.id, *names, now=NOW)


def test_what_was_counted_stays_and_what_comes_later_waits(alice: Person, mia: Person):
    report(None, Said(trade(), id="u-1", account=ALICES))
    pipeline.drain()
    before = available(alice)
    with transaction():
        care.unlink(mia.id, alice.id, account_id(ALICES), now=NOW)
    assert report(None, Said(trade(), id="u-2", account=ALICES)) == ["waiting"]
    pipeline.drain()
    assert available(alice) == before > 0
    assert decided("u-2") is None
    assert audit.of_subject("member", alice.id)[0].before == {"account": account_id(ALICES)}


def test_what_is_queued_goes_back_to_waiting(alice: Person, bob: Person, mia: Person):
    pipeline.drain()
    report(None, Said(trade(), id="q-1", account=ALICES))
    with transaction():
        care.unlink(mia.id, alice.id, account_id(ALICES), now=NOW)
    assert backlog.read().queued == 0
    assert pipeline.drain() == 0
    with transaction():
        care.link(mia.id, bob.id, *ALICES, now=NOW)
    assert pipeline.drain() == 1
    row = read_one(
        text("SELECT d.member_id FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.external_id = 'q-1'")
    )
    assert row.member_id == bob.id


def test_the_next_owner_gets_nothing_of_what_the_first_one_did(alice: Person, charlie: Person, mia: Person):
    report(None, Said(trade(), id="o-1", account=ALICES, deal="77"))
    pipeline.drain()
    alices, history = available(alice), report(None, Said(trade(lots="2"), id="o-2", account=ALICES, deal="78"))
    assert history == ["accepted"]
    pipeline.drain()
    alices = available(alice)
    with transaction():
        care.unlink(mia.id, alice.id, account_id(ALICES), now=NOW)
        care.link(mia.id, charlie.id, *ALICES, now=NOW)
    assert pipeline.drain() == 0
    # A correction of what Alice did: hers stays, and it is no trade of the new owner's.
    report(None, Said(trade(lots="5"), id="o-3", account=ALICES, deal="78", corrects="o-2"))
    pipeline.drain()
    third = decided("o-3")
    assert third is not None
    assert third.reason == Reason.OTHER_ACCOUNT
    assert available(alice) == alices
    assert verify.verify().bad is None


def test_an_account_linked_to_the_same_member_again_counts_what_was_corrected_meanwhile(alice: Person, mia: Person):
    report(None, Said(trade(lots="2"), id="r-1", account=ALICES, deal="80"))
    pipeline.drain()
    before = available(alice)
    with transaction():
        care.unlink(mia.id, alice.id, account_id(ALICES), now=NOW)
    assert report(None, Said(None, id="r-2", account=ALICES, busts="r-1")) == ["waiting"]
    with transaction():
        care.link(mia.id, alice.id, *ALICES, now=NOW)
    pipeline.drain()
    assert available(alice) < before
    assert verify.verify().bad is None


def test_only_an_account_of_the_member_is_unlinked(alice: Person, bob: Person, mia: Person):
    with pytest.raises(AccountNotFound), transaction():
        care.unlink(mia.id, bob.id, account_id(ALICES), now=NOW)
    for number in (0, 999_999, 2**31 - 1):
        with pytest.raises(AccountNotFound), transaction():
            care.unlink(mia.id, alice.id, number, now=NOW)


def test_every_browser_of_a_member_is_signed_out(app: Flask, alice: Person, mia: Person):
    browsers = [sign_in(app.test_client(), alice) for _ in range(2)]
    assert {client.get("/home").status_code for client in browsers} == {200}
    with transaction():
        assert care.sign_out(mia.id, alice.id, now=clock.now()) == 2
    assert {client.get("/home").status_code for client in browsers} == {303}
    assert audit.of_subject("member", alice.id)[0].after == {"sign_ins": 2}


def test_a_mail_is_written_only_to_somebody_with_an_address(alice: Person, app: Flask, mia: Person):
    told: list[Credentials] = []
    with transaction():
        care.mail_reset(mia.id, alice.id, told.append, now=NOW)
    assert [someone.email for someone in told] == [alice.email]
    with transaction():
        connection().execute(text("UPDATE member SET email = NULL WHERE id = :id"), {"id": alice.id})
    with pytest.raises(NoAddress), transaction():
        care.mail_reset(mia.id, alice.id, told.append, now=NOW)


def test_the_log_names_nobody(alice: Person, mia: Person, omar: Person):
    with transaction():
        care.block(mia.id, alice.id, "review", now=NOW)
        care.link(mia.id, alice.id, "mt5", "Live", "778899", now=NOW)
        care.mail_reset(mia.id, alice.id, lambda someone: None, now=NOW)
        care.view(mia.id, alice.id, now=NOW)
        erasure.erase(omar.id, alice.id, now=NOW)
    said = " ".join(f"{entry.before} {entry.after}" for entry in audit.of_subject("member", alice.id))
    assert not [word for word in ("Alice", "alice@", "778899", "M-1001", "Mia") if word in said]
