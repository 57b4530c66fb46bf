"""What time alone does: deposits that are kept, windows that are over; in the pipeline and by the clock alike."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import AccountEntry, DepositMade
from app.gamification.challenges import enrolment, jobs, sweep
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.verify import verify
from app.lib.clock import to_micros
from app.models.base import read_all, transaction
from tests.support.play import NOON, Said, balances, play, report, trader
from tests.support.playing import badge as publish_badge
from tests.support.playing import challenge, claim, entry, join, levels_held, messages, progress, state

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT = {"kind": "deposit_kept", "settings": {"target": 3, "amount": "100", "currency": "USD"}}
VISITS = {"kind": "visits", "settings": {"target": 2}}
NOW: dict[str, Any] = {"claim": False, "reward": {"points": 40}}


def deposit(amount: str, days: float = 0, **more: Any) -> Said:
    return Said(DepositMade(amount, "USD"), "deposit.made", NOON + days * DAY, **more)


def paid_out(amount: str, days: float = 0, **more: Any) -> Said:
    return Said(AccountEntry("balance", f"-{amount}", "USD"), "account.entry", NOON + days * DAY, **more)


def rows(member: int) -> list[Any]:
    statement = text("SELECT * FROM challenge_entry WHERE member_id = :m ORDER BY challenge_id, run")
    return [tuple(row)[1:] for row in read_all(statement, {"m": member})]


def test_the_clock_does_what_the_next_report_would_do(app: Flask):
    by_clock, by_report = trader(), trader()
    kept, window = challenge("kept", KEPT, **NOW), challenge("days", VISITS, window={"kind": "personal", "days": 2})
    for member in (by_clock, by_report):
        for one in (kept, window):
            join(member, one)
        play(member, deposit("100"))
    at = NOON + 3 * DAY
    assert sweep.settle_due(at - timedelta(microseconds=1)) == 2  # the window is over, the deposit not yet kept
    assert [state(by_clock, one) for one in (kept, window)] == [EntryState.JOINED, EntryState.EXPIRED]
    report(by_report, Said(AccountEntry("fee", "-1", "USD"), "account.entry", at), now=at)
    pipeline.drain()
    assert sweep.settle_due(at) == 1
    assert state(by_clock, kept) == EntryState.CLAIMED
    assert rows(by_clock) == rows(by_report)
    assert messages(by_clock).count("challenge.completed") == 1
    assert sweep.settle_due(at + 30 * DAY) == 0
    assert verify().bad is None


def test_it_is_completed_when_it_was_due_and_given_when_it_is_noticed(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **NOW)
    join(member, kept)
    play(member, deposit("100", 1))
    assert (found := entry(member, kept)) is not None
    assert found.due_at == to_micros(NOON + 4 * DAY)
    before = balances(member)[0]
    assert sweep.settle_due(NOON + 9 * DAY) == 1
    assert (found := entry(member, kept)) is not None
    assert (found.completed_at, found.claimed_at) == (to_micros(NOON + 4 * DAY), to_micros(NOON + 9 * DAY))
    assert found.due_at is None
    assert balances(member)[0] == before + 40
    assert progress(member, kept) == [3]


def test_what_waits_to_be_folded_is_counted_before_time_passes(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **NOW)
    join(member, kept)
    play(member, deposit("100"))
    report(member, paid_out("50", 2), now=NOON + 2 * DAY)
    assert sweep.settle_due(NOON + 5 * DAY) == 1  # it is looked at, and left to the report
    assert state(member, kept) == EntryState.JOINED
    with transaction(), enrolment.opened(member, to_micros(NOON + 5 * DAY)) as (_, entries, _):
        assert [one.state for one in entries.every] == [EntryState.JOINED]
    pipeline.drain()
    assert sweep.settle_due(NOON + 5 * DAY) == 0
    assert (state(member, kept), progress(member, kept)) == (EntryState.JOINED, [0])


def test_a_delivery_is_of_one_instant(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **NOW)
    join(member, kept)
    late = NOON + 9 * DAY
    report(member, deposit("100"), paid_out("50", 2), deposit("50", 4), now=late)
    pipeline.drain()
    sweep.settle_due(late + HOUR)
    assert (found := entry(member, kept)) is not None
    assert (found.completed_at, found.claimed_at) == (to_micros(NOON + 7 * DAY), to_micros(late + HOUR))


def test_a_bust_of_what_was_paid_out_makes_it_kept_all_along(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **NOW)
    join(member, kept)
    out = paid_out("50", 1)
    for one in (deposit("100"), out):
        play(member, one)
    play(member, Said(busts=out.id, at=out.at), now=NOON + 5 * DAY)
    assert state(member, kept) == EntryState.CLAIMED
    assert (found := entry(member, kept)) is not None
    assert found.completed_at == to_micros(NOON + 3 * DAY)


def test_a_bust_of_the_deposit_takes_the_completion_back(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **NOW)
    join(member, kept)
    first = deposit("100")
    play(member, first)
    sweep.settle_due(NOON + 3 * DAY)
    before = balances(member)[0]
    play(member, Said(busts=first.id, at=first.at), now=NOON + 4 * DAY)
    assert (state(member, kept), progress(member, kept)) == (EntryState.JOINED, [0])
    assert (found := entry(member, kept)) is not None
    assert found.due_at is None
    assert balances(member)[0] == before - 40


def test_what_is_completed_waits_for_ever_to_be_claimed(app: Flask):
    member, visits = trader(), challenge("days", VISITS, window={"kind": "personal", "days": 3}, reward={"points": 40})
    join(member, visits)
    for day in (0, 1):
        play(member, Said(kind="visit", at=NOON + day * DAY))
    assert sweep.settle_due(NOON + 400 * DAY) == 0
    claim(member, visits, NOON + 400 * DAY)
    assert state(member, visits) == EntryState.CLAIMED


def test_a_badge_and_a_level_follow_from_what_time_completes(app: Flask):
    member = trader()
    medal = publish_badge("medal", {"kind": "given"}, "1")
    reward = {"points": 100_000, "qualifying": True, "badge": "medal"}
    kept = challenge("kept", KEPT, claim=False, reward=reward)
    join(member, kept)
    play(member, deposit("100"))
    sweep.settle_due(NOON + 3 * DAY)
    assert levels_held(member) == {medal: 1}
    assert "tier.reached" in messages(member)


def test_one_member_who_cannot_be_settled_holds_up_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch):
    visits = challenge("days", VISITS, window={"kind": "personal", "days": 1})
    members = [trader() for _ in range(4)]
    for member in members:
        join(member, visits)
    load = enrolment.load

    def load_but_never_that_member(states: Any, *rest: Any) -> None:
        load(states, *rest)
        if members[1] in states:
            raise RuntimeError("the entry is damaged")

    with monkeypatch.context() as patched:
        patched.setattr(enrolment, "load", load_but_never_that_member)
        patched.setattr(sweep, "CHUNK", 2)
        assert sweep.settle_due(NOON + 9 * DAY) == 3
    assert [state(member, visits) for member in members].count(EntryState.EXPIRED) == 3
    assert sweep.settle_due(NOON + 9 * DAY) == 1


def test_the_clock_rings_for_it_each_minute(app: Flask):
    assert jobs.settle_due() == 0
