"""What is counted by day, and under which figure each move of points falls."""

from enum import IntEnum

from app.models.ledger import Code, State, UnitId


class Figure(IntEnum):
    """A row of `day_figure`. Stored: never renumber, only add.

    Moves and decisions belong to the day they were recorded on, in the programme's zone; what members did (from HOURS
    on) to the day it occurred.
    """

    # Points, by what moved them
    ISSUED = 1  # earned, pending included
    RELEASED = 2
    REDEEMED = 3
    REFUNDED = 4
    REPAID = 5  # out of balances, into debt
    EXPIRED = 6
    RAISED = 7  # adjustments by staff, upwards
    LOWERED = 8
    REVERSED = 9  # taken back out of balances
    OWED = 10  # taken back beyond the balance: booked as debt
    SETTLED = 11
    QUALIFYING = 12
    UNQUALIFIED = 13  # qualifying points taken back
    # Decisions
    DECIDED = 20  # by kind of activity
    REASON = 21  # by reason; 0 is what earned
    AWARDS = 22  # by revision of a rule, as the next two
    POINTS = 23
    MISSES = 24
    # Members
    HOURS = 30  # activities by hour of the week: 0 is Monday from midnight to one
    ACTIVE = 31  # members who did something on that day
    # By how many the members active in the 7 days ending on that day are more than in those ending the day before.
    WITHIN_7 = 32
    WITHIN_30 = 33
    WITHIN_90 = 34
    WITHIN_365 = 35
    # Marks, which are no sums
    FOLDED = 90  # when everything tallied was last folded, in microseconds
    INCOMPLETE = 91  # what was recorded before the figures began is missing: `insight rebuild`
    MEMBERS = 92  # how many there are


# Stands for the day in rows that hold a figure's sum over all days, and in marks.
EVER = -1_000_000

WITHIN = {7: Figure.WITHIN_7, 30: Figure.WITHIN_30, 90: Figure.WITHIN_90, 365: Figure.WITHIN_365}

# What each moves into members' balances, available and pending together, or out of them.
INTO = (Figure.ISSUED, Figure.REFUNDED, Figure.RAISED)
OUT_OF = (Figure.REDEEMED, Figure.EXPIRED, Figure.LOWERED, Figure.REVERSED, Figure.REPAID, Figure.SETTLED)
MOVES = tuple(figure for figure in Figure if figure <= Figure.UNQUALIFIED)

_BY_CODE = {
    Code.ACCRUAL: Figure.ISSUED,
    Code.RELEASE: Figure.RELEASED,
    Code.REDEMPTION: Figure.REDEEMED,
    Code.REFUND: Figure.REFUNDED,
    Code.REPAYMENT: Figure.REPAID,
    Code.EXPIRY: Figure.EXPIRED,
    Code.REVERSAL: Figure.REVERSED,
    Code.SETTLEMENT: Figure.SETTLED,
}


def figure_of(unit: int, code: int, debit: int, credit: int) -> Figure | None:
    """The figure a transfer adds to; None for units other than points and qualifying."""
    if unit == UnitId.QUALIFYING:
        return Figure.UNQUALIFIED if code == Code.REVERSAL else Figure.QUALIFYING
    if unit != UnitId.POINTS:
        return None
    if code == Code.ADJUSTMENT:
        return Figure.RAISED if credit >= State.AVAILABLE else Figure.LOWERED
    if debit == State.DEBT:
        return Figure.OWED
    return _BY_CODE[Code(code)]
