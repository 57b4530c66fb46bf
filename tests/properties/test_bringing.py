"""Uploads, the broker's own reports, undoing, approving, bringing again: in any order each deal counts once.

A member's acts and the broker's are shuffled; whatever came of them, the balances are those of the deals that stand:
what the broker reported, and what a member has brought and not taken back. Folded again the history says the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gamification.ledger.verify import verify
from app.gamification.statements import imports, work
from tests.support.bringing import RULE, approve, confirm, file_of, linked, look, take_back, verified
from tests.support.cast import make_staff
from tests.support.examples import examples
from tests.support.play import balances, trader
from tests.support.programmes import end_all_rules, publish

TICKETS = (1, 2, 3)
some = st.sets(st.sampled_from(TICKETS), min_size=1).map(sorted)
acts = st.one_of(
    st.tuples(st.just("bring"), some),
    st.tuples(st.just("confirm"), some),  # and nothing stored yet when the next act comes
    st.tuples(st.just("report"), some),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("approve"), st.integers(0, 9)),
    st.tuples(st.just("work"), st.none()),
)


@dataclass
class Told:
    """What ought to stand, in plain sets: by import the deals that are its own, in the order in which they were told."""

    reported: set[int] = field(default_factory=set)
    brought: dict[int, set[int]] = field(default_factory=dict)  # by import, of those not taken back
    approved: set[int] = field(default_factory=set)

    def bring(self, import_id: int, tickets: list[int]) -> None:
        known = self.reported.union(*self.brought.values())
        self.brought[import_id] = set(tickets) - known

    @property
    def points(self) -> tuple[int, int]:
        """Available and pending."""
        free = self.reported.union(*(deals for id_, deals in self.brought.items() if id_ in self.approved))
        held = set().union(*self.brought.values()) - free
        return 10 * len(free), 10 * len(held)


@settings(max_examples=examples(25))
@given(st.lists(acts, min_size=2, max_size=9))
def test_in_any_order_each_deal_counts_once(
    app: Flask, start_over: Callable[[], None], played: list[tuple[str, object]]
):
    start_over()
    end_all_rules()
    publish("lots", RULE)
    member, staff = trader(), make_staff("omar@example.com", "Omar Rahal", "owner").id
    linked(member)
    told = Told()
    for name, what in played:
        if name in ("bring", "confirm"):
            tickets = list(what)  # type: ignore[call-overload]
            import_id = look(member, file_of(*tickets))
            told.bring(import_id, tickets)
            if name == "bring":
                work.drain()
                confirm(member, import_id)
            else:
                confirm(member, import_id, drain=False)
        elif name == "report":
            work.drain()
            verified(*what)  # type: ignore[misc]
            told.reported |= set(what)  # type: ignore[call-overload]
        elif name == "work":
            work.drain()
        elif mine := sorted(told.brought.keys() - told.approved):
            chosen = mine[what % len(mine)]  # type: ignore[operator]
            if name == "undo":
                take_back(member, chosen, drain=False)
                del told.brought[chosen]
            else:
                work.drain()
                approve(staff, chosen, token=str(chosen))
                told.approved.add(chosen)
    work.drain()
    available, pending, debt, lifetime = balances(member)
    assert (available, pending) == told.points
    assert (debt, lifetime) == (0, available + pending)
    assert {one.state for one in imports.of_member(member)} <= {"stored", "approved", "taken_back"}
    assert verify().bad is None
