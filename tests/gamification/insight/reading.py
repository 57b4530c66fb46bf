"""What the figures say, and what the ledger says of the same."""

from datetime import datetime, timedelta

from sqlalchemy import text

from app.gamification import programme
from app.gamification.activities import BY_CODE
from app.gamification.insight import rollup
from app.gamification.insight.figures import EVER, INTO, OUT_OF, Figure
from app.lib.clock import from_micros
from app.lib.periods import day_of
from app.models.activity import ActivityFlag
from app.models.base import read_all, read_one

Figures = dict[tuple[Figure, int, int], int]
MARKS = (Figure.FOLDED, Figure.INCOMPLETE, Figure.MEMBERS)


def figures(now: datetime | None = None) -> Figures:
    """Every figure but the marks, once all tallies are folded; what came to nothing is left out."""
    if now is not None:
        rollup.fold(now)
    rows = read_all(text("SELECT figure, day, subject_id, amount FROM day_figure WHERE amount <> 0"))
    return {(Figure(figure), day, subject): amount for figure, day, subject, amount in rows if figure not in MARKS}


def by_day(figure: Figure, subject: int = 0) -> dict[int, int]:
    """One figure by day."""
    return {
        day: amount for (one, day, of), amount in figures().items() if one == figure and of == subject and day != EVER
    }


def in_all(figure: Figure, subject: int = 0) -> int:
    """One figure over all days."""
    return sum(by_day(figure, subject).values())


def active_days() -> set[tuple[int, int]]:
    """Who did something on which day."""
    return {(member, day) for member, day in read_all(text("SELECT member_id, day FROM active_day"))}


def outstanding() -> int:
    """Points that members hold, as the figures say."""
    return sum(in_all(figure) for figure in INTO) - sum(in_all(figure) for figure in OUT_OF)


def held_by_members() -> tuple[int, int]:
    """Points that members hold, pending ones too, and what they owe, as the ledger says."""
    row = read_one(text("SELECT coalesce(sum(available + pending), 0), coalesce(sum(debt), 0) FROM wallet"))
    return int(row[0]), int(row[1])


def counted_within(days: set[tuple[int, int]], length: int, day: int) -> int:
    """Members active in the days that end on this day, counted over members and their days."""
    return len({member for member, at in days if day - length < at <= day})


def truly_active() -> set[tuple[int, int]]:
    """Who did something on which day, by what was decided."""
    zone = programme.current().zone
    rows = read_all(
        text(
            "SELECT d.member_id, a.kind, a.flags, a.occurred_at, a.recorded_at"
            " FROM decision d JOIN activity a ON a.id = d.activity_id"
        )
    )
    return {
        (row.member_id, day_of(from_micros(row.occurred_at), zone))
        for row in rows
        if BY_CODE[row.kind].key != "account.entry"
        and not row.flags & ActivityFlag.BUSTS
        and from_micros(row.recorded_at) - from_micros(row.occurred_at) < timedelta(days=400)
    }
