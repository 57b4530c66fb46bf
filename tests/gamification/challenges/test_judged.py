"""What counted and why, as the page tells it: no database, and in step with what the engine itself makes of it."""

from datetime import datetime, timedelta
from typing import Any

from app.gamification.activities import Deposit, PaysFor
from app.gamification.challenges.compiled import CompiledChallenge, compile_challenge
from app.gamification.challenges.entry import Entry, EntryState
from app.gamification.challenges.judged import Reported, Story, tell, tell_apart
from app.gamification.habits.own import NOTHING_SET
from app.lib.clock import to_micros
from tests.support.seeing import NOON, trade

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOTS = {"kind": "lots_traded", "settings": {"target": "2"}}
DEPOSIT = {"kind": "deposit_kept", "settings": {"target": 3, "amount": "100", "currency": "USD"}}


def compiled(*steps: dict[str, Any]) -> CompiledChallenge:
    plain = {"name": {"en": "Test"}, "steps": list(steps)}
    return compile_challenge(1, "test", 1, 1, plain, lambda _: PaysFor.TRADING)


def entry(challenge: CompiledChallenge, state: int = EntryState.JOINED, ends_at: datetime | None = None) -> Entry:
    ends = None if ends_at is None else to_micros(ends_at)
    return Entry(1, challenge, 0, state, to_micros(NOON), ends, "UTC", 0, challenge.start())


def reported(
    seq: int, at: datetime = NOON, facts: Any = None, kind: str = "trade.closed", place: int = 0, **more: Any
) -> Reported:
    said = {"verified": True, "stands": True, "forbidden": False, **more}
    moment = to_micros(at)
    return Reported(seq, seq, 1, kind, facts or trade(at), 0, moment, place or seq, moment, **said)


def told(story: Story) -> list[tuple[int, bool, str]]:
    return [(one.report.seq, one.counted, one.why.msgid) for one in story.judged]


def test_each_step_is_dated_by_what_finished_it():
    story = tell(
        entry(compiled(LOTS)), [reported(n, NOON + n * DAY) for n in range(1, 4)], NOTHING_SET, to_micros(NOON)
    )
    assert story.done_at == (to_micros(NOON + 2 * DAY),)
    assert told(story)[-1] == (3, False, "That step was done already")
    assert len(story.days) == 2


def test_a_step_that_time_does_is_dated_by_time():
    deposit = Deposit("150", "USD", None)
    paid = reported(1, NOON, deposit, "deposit.made")
    now = to_micros(NOON + 10 * DAY)
    story = tell(entry(compiled(DEPOSIT)), [paid], NOTHING_SET, now)
    assert told(story) == [(1, True, "Counted")]
    assert story.done_at == (to_micros(NOON + 3 * DAY),)
    before = tell(entry(compiled(DEPOSIT)), [paid], NOTHING_SET, to_micros(NOON + 2 * DAY))
    assert before.done_at == (None,)


def test_what_stands_in_the_place_of_another_is_counted_there():
    first, second = reported(1, NOON + MINUTE, stands=False), reported(2, NOON + 2 * MINUTE)
    instead = reported(3, NOON + MINUTE, trade(lots="2.00"), place=1)
    story = tell(entry(compiled(LOTS)), [first, instead, second], NOTHING_SET, to_micros(NOON + DAY))
    assert [one[:2] for one in told(story)] == [(1, False), (3, True), (2, False)]


def test_of_a_finished_entry_nothing_later_is_told():
    every = [reported(n, NOON + n * MINUTE) for n in range(1, 9)]
    for state in (EntryState.COMPLETED, EntryState.CLAIMED):
        assert len(tell(entry(compiled(LOTS), state), every, NOTHING_SET, to_micros(NOON + DAY)).judged) == 2


def test_each_reason_to_look_away_comes_before_the_measure():
    running = entry(compiled(LOTS), ends_at=NOON + DAY)
    late = reported(5)._replace(placed_at=to_micros(NOON + 31 * DAY))
    every = [
        reported(1, stands=False),
        reported(2, verified=False),
        reported(3, NOON - MINUTE),
        reported(4, NOON + DAY),
        late,
        reported(6, forbidden=True),
    ]
    for story in (tell(running, every, NOTHING_SET, to_micros(NOON)), tell_apart(running, every, NOTHING_SET)):
        said = [why for _, _, why in told(story)]
        assert not any(counted for _, counted, _ in told(story))
        assert len(set(said)) == 6
        assert story.days == frozenset()


def test_apart_each_is_judged_by_the_first_step_that_takes_it():
    challenge = compiled({**LOTS, "settings": {"target": "2", "groups": ["metals"]}}, LOTS)
    story = tell_apart(entry(challenge), [reported(1), reported(2, facts=trade(symbol="XAUUSD"))], NOTHING_SET)
    assert [(one.counted, one.place) for one in story.judged] == [(True, 1), (True, 0)]
