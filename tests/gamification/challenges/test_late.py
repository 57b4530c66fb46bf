"""What occurred in time and is reported when the challenge is over: a bridge that was down loses nobody a challenge."""

from datetime import datetime, timedelta
from typing import Any

import hypothesis
import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import pipeline, programme
from app.gamification.activities import AccountEntry, DepositMade, LessonPassed
from app.gamification.challenges import sweep
from app.gamification.challenges.entry import EntryState
from app.gamification.challenges.page import challenge_page
from app.gamification.challenges.shown import Stage
from app.gamification.ledger.verify import verify
from app.gamification.messages.reads import latest
from app.lib.clock import to_micros
from app.models.base import connection, plain_json, read_all, transaction
from app.models.ledger import Cause
from tests.gamification.challenges.test_automatic import move
from tests.gamification.ledger.reading import english, owner
from tests.gamification.tiers.climbing import earn, level, programme_with
from tests.properties.test_rounds import unshrunk
from tests.support.examples import examples
from tests.support.play import NOON, Said, balances, play, report, trade, trader, transfers
from tests.support.playing import LESSONS, LOTS, challenge, claim, entry, join, leave, messages, progress, state

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOT = 10**8
VISITS = {"kind": "visits", "settings": {"target": 2}}
KEPT = {"kind": "deposit_kept", "settings": {"target": 2, "amount": "100", "currency": "USD"}}
DAYS: dict[str, Any] = {"window": {"kind": "personal", "days": 4}}
ENDS = NOON + 84 * HOUR  # at midnight, in the member's zone
NOW: dict[str, Any] = {"claim": False, "reward": {"points": 100}}
WEEKLY: dict[str, Any] = {
    "window": {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"},
    "recurrence": "end",
    "automatic": True,
}


def visit(member: int, at: datetime, now: datetime | None = None, **more: Any) -> Said:
    said = Said(kind="visit", at=at, **more)
    play(member, said, now=now or at)
    return said


def given(member: int) -> list[int]:
    """The points that challenges gave, taken back or not."""
    return [row.amount for row in transfers(member) if row.cause == Cause.CHALLENGE]


def over(member: int, *steps: dict[str, Any], **more: Any) -> int:
    """A challenge that ran for the member, and ended with one visit too few."""
    one = challenge("days", *(steps or (VISITS,)), **DAYS, **more)
    join(member, one)
    visit(member, NOON + HOUR)
    assert sweep.settle_due(ENDS + DAY) == 1
    assert state(member, one) == EntryState.EXPIRED
    return one


def test_what_was_missing_completes_it_after_all_and_the_member_is_told_why(app: Flask):
    member = trader()
    days = over(member, reward={"points": 100})
    visit(member, NOON + DAY, ENDS + 5 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.COMPLETED, [2])
    assert (found := entry(member, days)) is not None
    assert (found.completed_at, found.ended_at, found.due_at) == (to_micros(NOON + DAY), None, None)
    (told,) = read_all(text("SELECT facts FROM message WHERE kind = 'challenge.completed'"))
    assert plain_json(told.facts)["late"] is True
    assert "after all: something you did in time was reported later" in said(member)
    before = balances(member)[0]
    claim(member, days, ENDS + 6 * DAY)
    assert balances(member)[0] == before + 100


def test_a_reward_that_nobody_has_to_claim_comes_at_once_and_once(app: Flask):
    member = trader()
    days = over(member, **NOW)
    late = visit(member, NOON + DAY, ENDS + 5 * DAY)
    assert state(member, days) == EntryState.CLAIMED
    assert report(member, late, now=ENDS + 6 * DAY) == ["duplicate"]
    visit(member, NOON + 2 * DAY, ENDS + 6 * DAY)
    assert given(member) == [100]
    assert messages(member).count("challenge.completed") == 1


def test_the_page_says_until_when_late_reports_count_and_what_came_too_late(app: Flask):
    member = trader()
    days = over(member, **NOW)
    page = challenge_page(owner(member), days, ENDS + 5 * DAY)
    assert page.card.stage == Stage.EXPIRED
    assert page.card.window is not None and english(page.card.window).startswith("Late reports count until")
    assert challenge_page(owner(member), days, ENDS + 30 * DAY).card.window is None
    visit(member, NOON + DAY, ENDS + 30 * DAY)
    activities = challenge_page(owner(member), days, ENDS + 31 * DAY).activities
    assert activities is not None
    assert english(activities.rows[0].why) == "Reported more than 30 days after it ended"


def said(member: int) -> str:
    told = latest(member, 9, programme.current().ladder, "en")
    return " ".join(english(one.wording.sentence) for one in told)


@pytest.mark.parametrize(("behind", "counts"), [(timedelta(), True), (timedelta(microseconds=1), False)])
def test_it_counts_for_thirty_days_behind_the_end(app: Flask, behind: timedelta, counts: bool):
    member = trader()
    days = over(member, **NOW)
    visit(member, NOON + DAY, ENDS + 30 * DAY - timedelta(microseconds=1) + behind)
    assert (state(member, days) == EntryState.CLAIMED) == counts


def test_what_occurred_outside_the_window_is_as_late_as_ever(app: Flask):
    member = trader()
    days = over(member, **NOW)
    visit(member, ENDS, ENDS + 5 * DAY)
    visit(member, NOON - HOUR, ENDS + 5 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [1])


def test_what_takes_the_late_report_back_takes_the_completion_back_and_another_brings_it_again(app: Flask):
    member = trader()
    days = over(member, **NOW)
    before = balances(member)[0]
    late = visit(member, NOON + DAY, ENDS + 5 * DAY)
    play(member, Said(busts=late.id, at=late.at), now=ENDS + 6 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.WITHDRAWN, [1])
    assert balances(member)[0] == before
    visit(member, NOON + 2 * DAY, ENDS + 7 * DAY)
    assert state(member, days) == EntryState.CLAIMED
    assert given(member) == [100, 100]
    assert verify().bad is None


def test_what_was_taken_back_when_it_was_over_is_missed_by_what_comes_late(app: Flask):
    member = trader()
    days = challenge("days", VISITS, **DAYS, **NOW)
    join(member, days)
    first = visit(member, NOON + HOUR)
    sweep.settle_due(ENDS + DAY)
    play(member, Said(busts=first.id, at=first.at), now=ENDS + 2 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [0])
    visit(member, NOON + DAY, ENDS + 3 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [1])


def test_a_deposit_that_is_reported_late_was_kept_all_along(app: Flask):
    members = in_time, _ = trader(), trader()
    kept = challenge("kept", KEPT, **DAYS, **NOW)
    for member, at in zip(members, (NOON + DAY, ENDS - HOUR), strict=True):
        join(member, kept)
        said = Said(DepositMade("150", "USD"), "deposit.made", at)
        play(member, said, now=ENDS + 3 * DAY)
    sweep.settle_due(ENDS + 3 * DAY + HOUR)
    assert [state(member, kept) for member in members] == [EntryState.CLAIMED, EntryState.EXPIRED]
    assert (found := entry(in_time, kept)) is not None
    assert found.completed_at == to_micros(NOON + 3 * DAY)
    assert sweep.settle_due(ENDS + 40 * DAY) == 0


def test_what_time_has_completed_in_the_month_before_counts_for_its_level(app: Flask):
    """The next report notices it, and is of this month itself."""
    programme_with(period={"kind": "month"})
    member, before = trader(), NOON - 12 * DAY
    earn(member, 70, before)
    kept = challenge("kept", KEPT, now=before, claim=False, reward={"points": 40, "qualifying": True})
    join(member, kept, before)
    earn(member, 1, NOON)
    play(member, Said(DepositMade("150", "USD"), "deposit.made", before + DAY), now=NOON + HOUR)
    assert level(member) == "bronze"
    visit(member, NOON + 2 * HOUR)
    assert (found := entry(member, kept)) is not None
    assert found.completed_at == to_micros(before + 3 * DAY)
    assert level(member) == "silver"


def test_what_was_paid_out_in_the_same_delivery_is_known_before_time_passes(app: Flask):
    member, kept = trader(), challenge("kept", KEPT, **DAYS, **NOW)
    join(member, kept)
    sweep.settle_due(ENDS + DAY)
    paid_out = Said(AccountEntry("balance", "-100", "USD"), "account.entry", NOON + 2 * DAY)
    report(member, Said(DepositMade("150", "USD"), "deposit.made", NOON + DAY), paid_out, now=ENDS + 3 * DAY)
    pipeline.drain()
    sweep.settle_due(ENDS + 4 * DAY)
    assert state(member, kept) == EntryState.EXPIRED


def test_it_counts_for_the_run_it_occurred_in_alone(app: Flask):
    member = trader()
    days = over(member, recurrence="completion", **NOW)
    join(member, days, ENDS + 2 * DAY)
    visit(member, NOON + DAY, ENDS + 3 * DAY)
    assert (state(member, days), state(member, days, 1)) == (EntryState.CLAIMED, EntryState.JOINED)
    assert progress(member, days, 1) == [0]


def test_what_was_completed_again_takes_nothing_from_the_run_before(app: Flask):
    member = trader()
    days = challenge("days", VISITS, window=WEEKLY["window"], recurrence="completion", **NOW)
    join(member, days)
    ends = NOON + 106 * HOUR
    first = visit(member, NOON + HOUR)
    visit(member, NOON + DAY)
    join(member, days, NOON + DAY + HOUR)
    visit(member, NOON + DAY + 2 * HOUR)
    visit(member, NOON + 2 * DAY)
    play(member, Said(busts=first.id, at=first.at), now=ends + 2 * DAY)
    assert (state(member, days), state(member, days, 1)) == (EntryState.WITHDRAWN, EntryState.CLAIMED)
    visit(member, NOON + 3 * DAY, ends + 3 * DAY)  # of the second, which is done
    assert state(member, days) == EntryState.WITHDRAWN
    visit(member, NOON + 2 * HOUR, ends + 3 * DAY)  # of the first
    assert state(member, days) == EntryState.CLAIMED


def test_what_was_completed_again_without_an_end_takes_nothing_from_the_run_before(app: Flask):
    member = trader()
    days = challenge("days", VISITS, **DAYS, recurrence="completion", **NOW)
    join(member, days)
    first = visit(member, NOON + HOUR)
    visit(member, NOON + DAY)
    challenge("days", VISITS, now=NOON + DAY, recurrence="completion", **NOW)
    join(member, days, NOON + DAY + HOUR)
    visit(member, NOON + DAY + 2 * HOUR)
    visit(member, NOON + 2 * DAY)
    play(member, Said(busts=first.id, at=first.at), now=ENDS + 2 * DAY)
    assert (state(member, days), state(member, days, 1)) == (EntryState.WITHDRAWN, EntryState.CLAIMED)
    visit(member, NOON + 3 * DAY, ENDS + 3 * DAY)  # of the second, which is done
    assert state(member, days) == EntryState.WITHDRAWN
    visit(member, NOON + 2 * HOUR, ENDS + 3 * DAY)  # of the first
    assert state(member, days) == EntryState.CLAIMED


def test_who_left_is_not_in_it_any_more(app: Flask):
    member, days = trader(), challenge("days", VISITS, **DAYS, **NOW)
    join(member, days)
    visit(member, NOON + HOUR)
    leave(member, days, NOON + 2 * DAY)
    visit(member, NOON + DAY, ENDS + 3 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.LEFT, [1])


def test_what_staff_had_against_it_when_it_ended_stays_so_until_something_counts(app: Flask):
    member, days = trader(), challenge("days", VISITS, **DAYS, **NOW)
    join(member, days)
    block(member, True)
    for days_later in (0, 1):
        visit(member, NOON + HOUR + days_later * DAY)
    sweep.settle_due(ENDS + DAY)
    block(member, False)
    visit(member, NOON + 2 * DAY, ENDS + 3 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [2])


@pytest.mark.parametrize("way", ["busts", "corrects"])
def test_what_is_taken_back_of_more_than_was_needed_completes_nothing(app: Flask, way: str):
    member, days = trader(), challenge("days", VISITS, **DAYS, **NOW)
    join(member, days)
    block(member, True)
    first, second, _ = [visit(member, NOON + HOUR + place * DAY) for place in range(3)]
    sweep.settle_due(ENDS + DAY)
    block(member, False)
    play(member, Said(kind="visit", at=first.at, **{way: first.id}), now=ENDS + 3 * DAY)
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [2])
    play(member, Said(busts=second.id, at=second.at), now=ENDS + 4 * DAY)
    missing = way == "busts"
    assert (state(member, days), progress(member, days)) == (EntryState.EXPIRED, [2 - missing])
    visit(member, NOON + 2 * HOUR, ENDS + 5 * DAY)
    assert state(member, days) == (EntryState.CLAIMED if missing else EntryState.EXPIRED)


def block(member: int, blocked: bool) -> None:
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = :b WHERE id = :m"), {"b": blocked, "m": member})


def test_a_week_nobody_was_ever_offered_begins_with_nothing(app: Flask):
    member = trader()
    weekly = challenge("weekly", VISITS, now=NOON + 14 * DAY, **WEEKLY, **NOW)
    for days in (0, 8, 13):
        visit(member, NOON + days * DAY, NOON + 15 * DAY)
    assert (entry(member, weekly), entry(member, weekly, 1)) == (None, None)
    assert progress(member, weekly, 2) == [1]


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ({"reward": {"points": 101}}, True),
        ({"recurrence": "none"}, False),
        ({"window": {"kind": "fixed", "first": "2026-03-01", "last": "2026-03-08"}}, False),
    ],
)
def test_a_week_that_was_offered_before_a_word_of_it_was_mended_counts(app: Flask, more: dict[str, Any], begins: bool):
    """Published again when the week is over: only other runs are not those that everybody was offered."""
    member, weekly = trader(), challenge("weekly", VISITS, **WEEKLY, **NOW)
    for place in range(2):
        challenge("weekly", VISITS, now=NOON + (6 + place) * DAY, **(WEEKLY | NOW | more))
    visit(member, NOON + 3 * DAY, NOON + 8 * DAY)
    assert [row.run for row in read_all(text("SELECT run FROM challenge_entry"))] == [0] * begins
    assert not begins or progress(member, weekly) == [1]


def test_a_week_that_had_to_be_joined_takes_nobody_in_when_it_is_over(app: Flask):
    member, weekly = trader(), challenge("weekly", VISITS, **(WEEKLY | {"automatic": False}))
    challenge("weekly", VISITS, now=NOON + 6 * DAY, **WEEKLY)
    visit(member, NOON + 3 * DAY, NOON + 8 * DAY)
    assert entry(member, weekly) is None


def test_who_left_a_later_week_was_in_the_earlier_one(app: Flask):
    member, weekly = trader(), challenge("weekly", VISITS, **WEEKLY, **NOW)
    visit(member, NOON + 14 * DAY)
    leave(member, weekly, NOON + 15 * DAY)
    visit(member, NOON + HOUR, NOON + 20 * DAY)
    assert (progress(member, weekly), state(member, weekly, 2)) == ([1], EntryState.LEFT)


@pytest.mark.parametrize(
    "zones", [("Pacific/Kiritimati", "Pacific/Pago_Pago"), ("Pacific/Pago_Pago", "Pacific/Kiritimati")]
)
def test_who_has_moved_since_keeps_what_they_claimed(app: Flask, zones: tuple[str, str]):
    """A week ends where it was begun; where the member lives now it may still be on, or have been over."""
    member, weekly = trader(), challenge("weekly", VISITS, **WEEKLY, **NOW)
    move(member, zones[0])
    visit(member, NOON)
    visit(member, NOON + DAY)
    visit(member, NOON + 15 * DAY)
    move(member, zones[1])
    for hours in range(4 * 24, 5 * 24, 2):
        visit(member, NOON + hours * HOUR, NOON + 16 * DAY)
    visit(member, NOON + 3 * DAY, NOON + 16 * DAY)
    assert (state(member, weekly), progress(member, weekly)) == (EntryState.CLAIMED, [2])
    assert given(member).count(100) == 1 + (entry(member, weekly, 1) is not None)
    assert verify().bad is None


def test_a_window_of_one_s_own_is_not_used_up_by_what_is_over(app: Flask):
    member, days = trader(), challenge("days", VISITS, automatic=True, **DAYS, **NOW)
    visit(member, NOON, NOON + 20 * DAY)
    assert entry(member, days) is None
    visit(member, NOON + 21 * DAY)
    visit(member, NOON + 22 * DAY)
    assert state(member, days) == EntryState.CLAIMED


def test_a_quest_goes_on_where_it_stood(app: Flask):
    member = trader()
    quest = challenge("quest", VISITS, {**LESSONS, "after": [0]}, {**LOTS, "after": [0]}, **DAYS, **NOW)
    join(member, quest)
    visit(member, NOON + HOUR)
    sweep.settle_due(ENDS + DAY)
    late = ENDS + 2 * DAY
    play(member, Said(trade(lots="9.00", at=NOON + HOUR), at=NOON + HOUR), now=late)  # its step was not open yet
    assert progress(member, quest) == [1, 0, 0]
    visit(member, NOON + DAY, late)
    for key in ("risk", "costs"):
        play(member, Said(LessonPassed(key), "lesson.passed", NOON + DAY), now=late)
    assert (state(member, quest), progress(member, quest)) == (EntryState.EXPIRED, [2, 2, 0])
    play(member, Said(trade(lots="3.00", at=NOON + DAY), at=NOON + DAY), now=late)
    assert (state(member, quest), progress(member, quest)) == (EntryState.CLAIMED, [2, 2, 3 * LOT])


EVERY: dict[str, dict[str, Any]] = {
    "days": {"steps": [VISITS], **DAYS, **NOW},
    "again": {"steps": [VISITS], **DAYS, "recurrence": "completion", "reward": {"points": 7}},
    "weekly": {"steps": [{**VISITS, "settings": {"target": 3}}], **WEEKLY, **NOW},
    "first": {"steps": [VISITS], **DAYS, "automatic": True, "recurrence": "end", **NOW},
    "order": {"steps": [VISITS, {**VISITS, "after": [0]}], **DAYS, **NOW},
}


@settings(unshrunk, max_examples=examples(10))
@hypothesis.given(
    st.lists(st.tuples(st.integers(-30, 24 * 20), st.integers(0, 24 * 40), st.integers(-1, 11)), max_size=14),
    st.booleans(),
)
def test_however_late_a_round_of_many_is_the_same_as_rounds_of_one(app, start_over, plan, joins):
    results = []
    for limit in (0, 1, 3):
        start_over()
        member = trader()
        ids = [
            challenge(key, *one["steps"], **{k: v for k, v in one.items() if k != "steps"})
            for key, one in EVERY.items()
        ]
        for id_, one in zip(ids, EVERY.values(), strict=True):
            if not one.get("automatic"):
                join(member, id_)
        reports = []
        for place, (hours, delay, busts) in enumerate(plan):
            at = NOON + hours * HOUR
            flags = {"busts": f"v{busts}"} if 0 <= busts < place else {}
            reports.append((at + delay * HOUR, Said(kind="visit", at=at, id=f"v{place}", **flags)))
        # Reported in the order of their delays, folded when all of them are there.
        for now, one in sorted(reports, key=lambda each: each[0]):
            report(member, one, now=now)
        while pipeline.run(limit):
            pass
        sweep.settle_due(NOON + 100 * DAY)
        assert verify().bad is None
        results.append(everything())
    assert results[0] == results[1] == results[2]


def everything() -> list[list[Any]]:
    tables = ("challenge_entry ORDER BY member_id, challenge_id, run", "transfer ORDER BY wallet_id, seq")
    found = [[tuple(row) for row in read_all(text(f"SELECT * FROM {table}"))] for table in tables]
    told = [str(tuple(row)) for row in read_all(text("SELECT kind, facts, created_at FROM message"))]
    return [*found, sorted(told)]
