"""Who stands where, and who would move: exactly what the nights then do."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gamification import programme
from app.gamification.tiers import crowd, publishing
from app.gamification.tiers.check import sound
from app.lib.clock import from_day
from app.lib.periods import day_of
from tests.gamification.tiers.climbing import drawn, earn, level, night, nights, programme_with, published
from tests.support.cast import Person, make_staff
from tests.support.examples import examples
from tests.support.play import trader, wallet
from tests.support.queries import counted

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
PERIODS = (
    # No day leaves these within the days that the test looks ahead.
    {"kind": "rolling", "days": 25},
    {"kind": "rolling", "days": 95},
    {"kind": "month"},
    {"kind": "quarter"},
    {"kind": "lifetime"},
)


def test_stairs_say_who_stands_on_them_and_who_is_near_the_next(app: Flask):
    programme_with()
    for points in (0, 89, 90, 99, 100, 134, 135, 149, 150, 900):
        if points:
            earn(trader(), points, JUNE)
        else:
            trader()
    found = crowd.stairs(programme.current().ladder, JUNE)
    assert [(stair.level.key, stair.members, stair.near) for stair in found] == [
        ("bronze", 4, 2),
        ("silver", 4, 2),
        ("gold", 2, 0),
    ]


def test_flows_tell_where_from_and_where_to(app: Flask):
    programme_with()
    for points in (20, 95, 100, 160, 500):
        earn(trader(), points, JUNE)
    definition = sound(drawn(("bronze", 0, None), ("silver", 90, 50), ("gold", 300, 200)))
    found = crowd.movement(definition, JUNE)
    flows = {(flow.origin.key, flow.to.key, flow.way): flow.members for flow in found.flows}
    assert flows == {("bronze", "silver", "up"): 1, ("gold", "silver", "down"): 1}
    assert (found.staying, found.moving, found.anyway) == (3, 2, 0)
    assert {mover.points for mover in found.movers} == {95, 160}


def test_members_of_a_level_that_goes_are_shown_going_over(app: Flask):
    programme_with()
    earn(trader(), 160, JUNE)
    found = crowd.movement(sound(drawn(("bronze", 0, None), ("silver", 100, None))), JUNE)
    assert [(flow.origin.key, flow.to.key, flow.way, flow.members) for flow in found.flows] == [
        ("gold", "silver", "over", 1)
    ]


def test_a_level_that_is_new_has_no_id_yet(app: Flask):
    programme_with()
    earn(trader(), 500, JUNE)
    found = crowd.movement(sound(drawn(("bronze", 0, None), ("silver", 100, None), ("titanium", 400, None))), JUNE)
    assert [(flow.origin.key, flow.to.key) for flow in found.flows] == [("gold", "titanium")]


def test_two_statements_answer_however_many_members_there_are(app: Flask):
    programme_with()
    for _ in range(6):
        earn(trader(), 160, JUNE)
    definition = sound(drawn(("bronze", 0, None), ("silver", 100, None), period={"kind": "month"}))
    programme.current()
    with counted() as seen:
        crowd.movement(definition, JUNE)
    assert len([one for one in seen if "wallet" in one]) == 2


SEEDED = (
    (("bronze", 0, None), ("silver", 100, 60), ("gold", 150, 75)),
    (("bronze", 0, None), ("silver", 60, None), ("gold", 250, 100)),
    (("bronze", 0, None), ("silver", 120, 110)),
)
WITH_NEW = (
    (("bronze", 0, None), ("gold", 140, 90), ("titanium", 220, 180)),
    (("bronze", 0, None), ("silver", 100, 60), ("gold", 150, 75), ("titanium", 200, 150)),
)
# Far from every window's edge: nothing enters or leaves a window while the test looks.
days_before = st.sampled_from([0, 2, 50, 60, 120])
members = st.lists(st.lists(st.tuples(days_before, st.integers(20, 160)), max_size=3), min_size=1, max_size=5)


@settings(max_examples=examples(20))
@given(
    st.sampled_from(SEEDED),
    st.sampled_from(SEEDED + WITH_NEW),
    st.sampled_from(PERIODS),
    st.sampled_from(PERIODS),
    st.sampled_from(["never", "one_level", "to_balance"]),
    st.booleans(),
    st.integers(0, 2),
    members,
)
def test_the_nights_move_whom_the_page_said(
    app: Flask, start_over: Callable[[], None], old, new, before, after, downgrade, at_once, grace, histories
):
    start_over()
    programme_with(*old, period=before)
    mia, omar = make_staff("m@example.com", "Mia", "manager"), make_staff("o@example.com", "Omar", "approver")
    people = [trader() for _ in histories]
    for member, history in zip(people, histories, strict=True):
        for days, points in sorted(history, reverse=True):
            earn(member, points, JUNE - timedelta(days=days))
    night(JUNE)
    rules = {"period": after, "downgrade": downgrade, "grace_days": grace}
    if not at_once and after["kind"] in ("month", "quarter"):
        rules["promotion"] = "next_period"
    definition = sound(drawn(*new, **rules))
    if definition == sound(publishing.in_force().definition):
        return
    live = programme.current().ladder
    stood = {member: live.level(wallet(member).level_id).key for member in people}
    said = crowd.movement(definition, JUNE)
    published(mia, omar, definition, JUNE)
    ladder = programme.current().ladder
    standing = {member: ladder.level(wallet(member).level_id).key for member in people}
    assert all(standing[member] == stood[member] for member in people if ladder_has(definition, stood[member]))
    zone = programme.current().zone
    last = max(said.rise_on, said.fall_on)
    nights(JUNE + timedelta(days=1), JUNE + timedelta(days=last - day_of(JUNE, zone)))
    assert from_day(said.fall_on) >= JUNE.date() + timedelta(days=1)
    moved = Counter(
        (stood[member], now) for member in people if (now := ladder.level(wallet(member).level_id).key) != stood[member]
    )
    assert moved == {(flow.origin.key, flow.to.key): flow.members for flow in said.flows}
    assert said.staying == len(people) - sum(moved.values())


def ladder_has(definition: dict, key: str) -> bool:
    return any(one["key"] == key for one in definition["levels"])


def test_nobody_moves_where_nothing_changed(app: Flask, mia: Person, omar: Person):
    programme_with()
    earn(trader(), 160, JUNE)
    assert crowd.movement(sound(publishing.in_force().definition), JUNE).moving == 0
    assert level(1) is not None
