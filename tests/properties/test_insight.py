"""Whatever happens to members, in whatever order: the figures are the ledger's sums, folded bit by bit or counted anew."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.gamification import ingest, pipeline, programme
from app.gamification.errors.points import NotEnoughPoints
from app.gamification.insight import active, rollup, tally
from app.gamification.insight.figures import EVER, MOVES, WITHIN, Figure
from app.gamification.insight.rebuild import rebuild
from app.gamification.ledger import lapsing, wallets
from app.gamification.members.enrolment import enrol
from app.lib.clock import EPOCH, to_day
from app.models.base import transaction
from tests.gamification.insight.reading import (
    active_days,
    by_day,
    counted_within,
    figures,
    held_by_members,
    in_all,
    outstanding,
    truly_active,
)
from tests.properties.test_rounds import MEMBERS, START, Said, encode, said, unshrunk

# What happens between two deliveries.
acts = st.sampled_from(["nothing", "fold", "spend", "refund", "raise", "lower", "release", "year", "nothing"])
lives = st.lists(st.tuples(st.lists(said, min_size=1, max_size=5), acts, st.integers(0, 2)), min_size=1, max_size=6)


def live(plan: list[tuple[list[Said], str, int]]) -> datetime:
    """Play the plan; when it ends."""
    with transaction():
        ids = [
            enrol(
                f"m{place}@example.com",
                f"Member {place}",
                now=START - timedelta(days=50),
                country=country,
                client_class=client_class,
                entity_key=entity,
                external_id=f"M{place}",
            )
            for place, (country, client_class, entity) in enumerate(MEMBERS)
        ]
    place, at = 0, START
    for number, (delivery, act, who) in enumerate(plan):
        at += timedelta(hours=13)
        items = [encode(one, place + offset, at) for offset, one in enumerate(delivery)]
        place += len(delivery)
        with transaction():
            ingest.accept(ingest.source("broker"), items, at)
        pipeline.drain()
        at = do(act, ids[who], number, at)
    return at


def do(act: str, member_id: int, number: int, at: datetime) -> datetime:
    """Something happens to a member, or to all; returns when it is over."""
    at += {"release": timedelta(days=15), "year": timedelta(days=300)}.get(act, timedelta(minutes=1))
    if act == "fold":
        rollup.fold(at)
    elif act == "release":
        lapsing.release_due(at)
    elif act == "year":
        lapsing.expire_due(at)
    elif act != "nothing":
        with suppress(NotEnoughPoints):
            change(act, member_id, number, at)
    return at


def change(act: str, member_id: int, number: int, at: datetime) -> None:
    """Change a wallet from outside the pipeline; raises NotEnoughPoints."""
    with transaction():
        if act in ("raise", "lower"):
            wallets.adjust(member_id, 70 if act == "raise" else -7, "By hand", at)
        else:
            wallets.redeem(member_id, 11, 100 + number, at, service=True)
    if act == "refund":
        with transaction():
            wallets.refund(member_id, 100 + number, at)


@unshrunk
@given(lives)
def test_folded_figures_are_the_ledgers_and_the_same_when_counted_anew(app, start_over, plan):
    start_over()
    now = live(plan)
    once = figures(now)
    held, owed = held_by_members()
    assert outstanding() == held
    assert in_all(Figure.OWED) - in_all(Figure.REPAID) == owed
    assert {figure: once.get((figure, EVER, 0), 0) for figure in MOVES} == {figure: in_all(figure) for figure in MOVES}
    did, kept = truly_active(), active_days()
    assert {(member, day) for member, day in did if day > to_day(now.date()) - 700} <= kept <= did
    assert by_day(Figure.ACTIVE) == Counter(day for _, day in did)
    _check_windows(did)
    rebuild(now)
    assert figures() == once
    assert active_days() <= did


@unshrunk
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 900)), min_size=1, max_size=40), st.integers(1, 7))
def test_days_may_arrive_in_any_order(app, start_over, seen, at_a_time):
    start_over()
    with transaction():
        ids = [enrol(f"m{place}@example.com", "Member", now=START) for place in range(4)]
    days = [(ids[member - 1], day) for member, day in seen]
    for start in range(0, len(days), at_a_time):
        found = tally.nothing()
        found.active.update((day, member) for member, day in days[start : start + at_a_time])
        with transaction() as conn:
            active.count_active(conn, found, programme.current().zone, EPOCH)  # nothing is old enough to be dropped
            rollup.add(conn, found.sums)
    assert active_days() == set(days)
    _check_windows(set(days))


def _check_windows(days: set[tuple[int, int]]) -> None:
    """Members active within a window, kept by its changes alone, are those that a count finds."""
    for length, figure in WITHIN.items():
        changes = by_day(figure)
        for day in {day + more for _, day in days for more in (0, length - 1, length)}:
            so_far = sum(amount for at, amount in changes.items() if at <= day)
            assert so_far == counted_within(days, length, day)
