"""Whatever happens in whatever order, the sum on the wallet is the sum of the days it should hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.gamification import pipeline, programme
from app.gamification.tiers.reassessment import Reassessment
from app.lib.periods import day_of
from tests.gamification.tiers.climbing import earn, level, merit, night, programme_with, recounted, take_back
from tests.support.examples import examples
from tests.support.play import Said, report, trader, wallet

START = datetime(2026, 2, 20, 20, tzinfo=UTC)
LEVELS = (("bronze", 0, None), ("silver", 30, 20), ("gold", 60, 40))
LADDERS = (
    {"period": {"kind": "rolling", "days": 9}, "grace_days": 2, "warn_days": 4},
    {"period": {"kind": "rolling", "days": 9}, "downgrade": "to_balance"},
    {"period": {"kind": "month"}, "grace_days": 3, "warn_days": 5},
    {"period": {"kind": "month"}, "promotion": "next_period"},
    {"period": {"kind": "lifetime"}},
)


@dataclass(frozen=True)
class Move:
    """Hours pass, then: earn on an earlier day, take something back, or let the night do its review."""

    hours: int
    kind: str
    points: int
    days_before: int


moves = st.lists(
    st.builds(
        Move,
        st.integers(0, 60),
        st.sampled_from(["earn", "earn", "earn", "two at once", "take back", "night"]),
        st.integers(1, 40),
        st.sampled_from([0, 0, 0, 1, 4, 8, 9, 10, 30]),
    ),
    max_size=14,
)


@settings(max_examples=examples(40))
@given(st.sampled_from(LADDERS), moves)
def test_the_sum_is_a_recount_of_its_days(app, start_over: Callable[[], None], rules, plan):
    start_over()
    programme_with(*LEVELS, **rules)
    member, now = trader(), START
    said: list[Said] = []
    for move in plan:
        now += timedelta(hours=move.hours, seconds=1)
        at = now - timedelta(days=move.days_before)
        if move.kind == "earn":
            said.append(earn(member, move.points, at, now))
        elif move.kind == "two at once":
            both = [merit(move.points, at), merit(move.points, now)]
            report(member, both[0], now=now)
            report(member, both[1], now=now + timedelta(hours=20))
            now += timedelta(hours=20)
            pipeline.drain()
            said += both
        elif move.kind == "take back" and said:
            take_back(member, said.pop(move.points % len(said)), now)
        elif move.kind == "night":
            night(now)
            assert night(now) == Reassessment()
            assert_whole(member, now)
        found = wallet(member)
        assert found.qualifying == recounted(member, first_day(found.window_from))
    night(now + timedelta(days=1))
    assert_whole(member, now + timedelta(days=1))


def assert_whole(member: int, now: datetime) -> None:
    """After a night the sum is that of the window, and nobody stands above what the sum and the rules allow."""
    current = programme.current()
    today = day_of(now, current.zone)
    found = wallet(member)
    assert found.qualifying == recounted(member, current.ladder.window_start(today))
    if current.ladder.promotion == "at_once":
        reached = current.ladder.reached(found.qualifying)
        assert current.ladder.level(found.level_id).position >= reached.position, level(member)


def first_day(window_from: int) -> int:
    kind = programme.current().ladder.period.kind
    return -(2**31) if kind == "lifetime" else window_from
