"""Reading the figures of a stretch of days: one statement over sums by day, whatever the number of members.

What is tallied but not folded yet is added where it is little; else the figures say as of when they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from app.gamification.activities import BY_KEY
from app.gamification.insight import tally
from app.gamification.insight.figures import EVER, INTO, MOVES, OUT_OF, WITHIN, Figure
from app.gamification.insight.stretch import Step, Stretch, Trend, flow, level
from app.gamification.ledger.statement import statement
from app.lib.clock import from_micros
from app.models.activity import Reason
from app.models.base import read_all

WEEKS = 28  # days of the week by hour: four of each
LIVE = 50  # tallies that a page adds up itself
_JOINED = BY_KEY["member.joined"].code
_BY_REVISION = (Figure.AWARDS, Figure.POINTS, Figure.MISSES)


class Earning(NamedTuple):
    """What one revision of a rule did."""

    awards: int
    points: int
    misses: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the overview counts; `as_of`, which is None before the first time, matters where it `is_behind`."""

    stretch: Stretch
    is_behind: bool
    as_of: datetime | None
    is_incomplete: bool  # what was recorded before the figures began is missing
    members: int
    joined: Trend
    active: Trend
    issued: Trend
    redeemed: Trend
    refunded: Trend
    expired: Trend
    decided: Trend
    missed: Trend  # decisions that earned nothing
    steps: tuple[Step, ...]
    outstanding: int
    redeemed_ever: int  # less refunds
    expired_ever: int
    revisions: dict[int, Earning]
    reasons: Counter[int]
    hours: Counter[int]  # hour of the week → activities of the last weeks

    @property
    def outstanding_before(self) -> int:
        """What was outstanding when the stretch began."""
        return self.steps[0].outstanding - self.steps[0].grown

    @property
    def is_empty(self) -> bool:
        """Whether nobody has done anything yet but to join."""
        return not self.hours and not self.decided.now and not self.outstanding


_PLACE = (
    "CASE WHEN day < :first THEN -1 WHEN (:today - day) / :step > :last THEN 0 ELSE :last - (:today - day) / :step END"
)
_STRETCH = "day >= :first AND day <= :today"
_BOTH = "day >= :before AND day <= :today"


def _one_of(figures: Iterable[Figure]) -> str:
    return f"figure IN ({', '.join(str(int(figure)) for figure in figures)})"


# Every part is a range of the table's key, so that it reads the days it speaks of and nothing else.
_FIGURES = {
    length: statement(
        f"""
        SELECT 'move' AS part, figure AS a, {_PLACE} AS b, CAST(sum(amount) AS bigint) AS amount,
            CAST(NULL AS text) AS figures
        FROM day_figure WHERE {_one_of(MOVES)} AND {_BOTH} GROUP BY 2, 3
        UNION ALL
        SELECT 'decided', CASE WHEN subject_id = {int(Reason.EARNED)} THEN 1 ELSE 0 END, {_PLACE},
            CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE figure = {int(Figure.REASON)} AND {_BOTH} GROUP BY 2, 3
        UNION ALL
        SELECT 'joined', 0, {_PLACE}, CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE figure = {int(Figure.DECIDED)} AND {_BOTH} AND subject_id = {_JOINED} GROUP BY 2, 3
        UNION ALL
        SELECT 'reason', 0, subject_id, CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE figure = {int(Figure.REASON)} AND {_STRETCH} GROUP BY 3
        UNION ALL
        SELECT 'revision', figure, subject_id, CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE {_one_of(_BY_REVISION)} AND {_STRETCH} GROUP BY 2, 3
        UNION ALL
        SELECT 'hour', 0, subject_id, CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE figure = {int(Figure.HOURS)} AND day > :weeks AND day <= :today GROUP BY 3
        UNION ALL
        SELECT 'within', 0, CASE WHEN day < :first THEN -1 ELSE {_PLACE} END, CAST(sum(amount) AS bigint), NULL
        FROM day_figure WHERE figure = {int(figure)} AND day <= :today GROUP BY 3
        UNION ALL
        SELECT 'ever', figure, subject_id, amount, NULL
        FROM day_figure WHERE {_one_of((*MOVES, Figure.FOLDED, Figure.INCOMPLETE, Figure.MEMBERS))} AND day = {EVER}
        UNION ALL
        SELECT 'tally', 0, 0, 0, figures FROM (SELECT figures FROM tally ORDER BY id LIMIT {LIVE + 1}) AS waiting
        """,
        "part a b amount figures",
    )
    for length, figure in WITHIN.items()
}


@dataclass(slots=True)
class _Sums:
    """The rows of the statement, by what they say."""

    stretch: Stretch
    moves: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))  # figure → step
    decided: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))  # earned or not
    joined: Counter[int] = field(default_factory=Counter)
    reasons: Counter[int] = field(default_factory=Counter)
    revisions: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    hours: Counter[int] = field(default_factory=Counter)
    within: Counter[int] = field(default_factory=Counter)
    ever: Counter[int] = field(default_factory=Counter)
    tallies: list[str] = field(default_factory=list)

    def read(self, rows: Iterable[Any]) -> None:
        """Place every row."""
        for part, a, b, amount, figures in rows:
            if part == "tally":
                self.tallies.append(figures)
            elif part in ("move", "decided", "revision"):
                table = {"move": self.moves, "decided": self.decided, "revision": self.revisions}[part]
                table[a][b] += amount
            elif part == "ever":
                self.ever[a] += amount
            else:
                counter = {"joined": self.joined, "reason": self.reasons, "hour": self.hours, "within": self.within}
                counter[part][b] += amount

    def add(self, figure: int, day: int, subject: int, amount: int) -> None:
        """Place a sum that is not folded yet."""
        place = self.stretch.place(day)
        if figure in MOVES:
            self.ever[figure] += amount
        if figure == Figure.HOURS and self.stretch.today - _weeks(self.stretch) < day <= self.stretch.today:
            self.hours[subject] += amount
        if place is None:
            return
        if figure in MOVES:
            self.moves[figure][place] += amount
        elif figure == Figure.REASON:
            self.decided[int(subject == Reason.EARNED)][place] += amount
        elif figure == Figure.DECIDED and subject == _JOINED:
            self.joined[place] += amount
        if place >= 0 and figure == Figure.REASON:
            self.reasons[subject] += amount
        elif place >= 0 and figure in _BY_REVISION:
            self.revisions[figure][subject] += amount


def figures(stretch: Stretch) -> Figures:
    """The figures of a stretch and of what lies before it; one statement."""
    sums = _Sums(stretch)
    values = {"today": stretch.today, "first": stretch.first, "before": stretch.first - stretch.days}
    values |= {"step": stretch.step, "last": stretch.last, "weeks": stretch.today - _weeks(stretch)}
    sums.read(read_all(_FIGURES[stretch.days], values))
    is_behind = len(sums.tallies) > LIVE
    if not is_behind:
        for text in sums.tallies:
            for row in tally.sums_in(text):
                sums.add(*row)
    return _figures(stretch, sums, is_behind)


def _figures(stretch: Stretch, sums: _Sums, is_behind: bool) -> Figures:
    outstanding, folded = _balance(sums.ever), sums.ever[Figure.FOLDED]
    missed = flow(stretch, sums.decided[0])
    revisions = {revision for counter in sums.revisions.values() for revision in counter}
    return Figures(
        stretch,
        is_behind=is_behind,
        as_of=from_micros(folded) if folded else None,
        is_incomplete=bool(sums.ever[Figure.INCOMPLETE]),
        members=sums.ever[Figure.MEMBERS],
        joined=flow(stretch, sums.joined),
        active=level(stretch, sums.within),
        issued=flow(stretch, sums.moves[Figure.ISSUED]),
        redeemed=flow(stretch, sums.moves[Figure.REDEEMED]),
        refunded=flow(stretch, sums.moves[Figure.REFUNDED]),
        expired=flow(stretch, sums.moves[Figure.EXPIRED]),
        decided=flow(stretch, sums.decided[1]).plus(missed),
        missed=missed,
        steps=_steps(stretch, sums, outstanding),
        outstanding=outstanding,
        redeemed_ever=sums.ever[Figure.REDEEMED] - sums.ever[Figure.REFUNDED],
        expired_ever=sums.ever[Figure.EXPIRED],
        revisions={one: Earning(*(sums.revisions[figure][one] for figure in _BY_REVISION)) for one in revisions},
        reasons=+sums.reasons,
        hours=+sums.hours,
    )


def _weeks(stretch: Stretch) -> int:
    return min(WEEKS, stretch.days)


def _balance(moved: Counter[int]) -> int:
    """By how much what members hold grew."""
    return sum(moved[one] for one in INTO) - sum(moved[one] for one in OUT_OF)


def _steps(stretch: Stretch, sums: _Sums, outstanding: int) -> tuple[Step, ...]:
    """Backwards from what is outstanding now: so the line ends where the ledger stands, whatever was recorded late."""
    steps = []
    for place in range(stretch.last, -1, -1):
        moved: Counter[int] = Counter({figure: counter[place] for figure, counter in sums.moves.items()})
        steps.append(
            Step(
                *stretch.bounds(place),
                moved[Figure.ISSUED],
                moved[Figure.REDEEMED],
                moved[Figure.REFUNDED],
                moved[Figure.EXPIRED],
                moved[Figure.RAISED] - moved[Figure.LOWERED],
                moved[Figure.REVERSED] + moved[Figure.REPAID] + moved[Figure.SETTLED],
                outstanding,
            )
        )
        outstanding -= _balance(moved)
    return tuple(reversed(steps))
