"""What the decisions about a statement come to: by rule, by month, by reason, and the best trade explained."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Literal

from app.gamification.accrual.rule import GIVEN
from app.gamification.activities import facts_of
from app.gamification.ledger.checks import checks
from app.gamification.ledger.equation import cap_used, equation
from app.gamification.ledger.explain import in_words
from app.gamification.ledger.explanation import Explanation
from app.gamification.ledger.outcome import read_outcome, rule_name, rule_of
from app.gamification.ledger.words.reasons import CHIPS, key_of, miss
from app.gamification.ledger.words.titles import ENTRIES, title
from app.gamification.programme import Programme
from app.gamification.statements.reading import Row
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at, period_end, period_start
from app.models.activity import Reason
from app.models.ledger import Cause, Code

MOST_MONTHS = 36  # more are drawn by the year
By = Literal["month", "year"]
ASIDE = {key: ENTRIES[key] for key in ("closed_by", "opening_unknown", "without_deal")} | {
    "archived": _l("Sums of archived trades"),
    "unusable": _l("Values that cannot be kept"),
    "duplicates": _l("The same trade twice"),
}


@dataclass(frozen=True, slots=True)
class Earner:
    """What one rule would have given."""

    name: str
    points: int
    trades: int


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year by its first day (days since 1970), with its points and closed trades."""

    day: int
    points: int
    trades: int


@dataclass(frozen=True, slots=True)
class Unearned:
    """Closed trades that would earn nothing, for one reason; `example` is the first of them, in words."""

    words: str
    trades: int
    example: Sentence | None = None
    about: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The trade that would have earned most, explained like a line of the ledger."""

    title: Sentence
    at: int  # microseconds
    points: int
    why: Explanation


@dataclass(frozen=True, slots=True)
class Sums:
    """All of it added up. The closed rows are those that earn and those of `unearned`, none left out."""

    points: int
    closed: int
    earning: int
    lots: Decimal
    first_day: int | None  # in the programme's zone; None where there is no trade
    last_day: int | None
    by: By
    periods: tuple[Period, ...]
    earners: tuple[Earner, ...]  # the largest first
    unearned: tuple[Unearned, ...]  # the most frequent first
    best: Best | None

    @property
    def strongest(self) -> Period | None:
        """The month or year with the most points."""
        return max(self.periods, key=lambda period: period.points, default=None)


class Findings:
    """Adds up the decisions, row by row."""

    def __init__(self, current: Programme, language: str) -> None:
        self.current, self.language = current, language
        self.days: list[tuple[int, int]] = []  # (day, points) of each trade
        self.lots = Decimal()
        self.earned: defaultdict[int, Counter[str]] = defaultdict(Counter)  # rule → points, trades
        self.names: dict[int, str] = {}
        self.reasons: Counter[str] = Counter()
        self.examples: dict[str, tuple[Row, int, str]] = {}
        self.aside: Counter[str] = Counter()
        self.best: tuple[int, Row, str] | None = None

    def add(self, row: Row, points: int, reason: int, outcome: str) -> None:
        """Count one closed row with its decision."""
        if row.set_aside is not None:
            self.aside[row.set_aside] += 1
            return
        self.days.append((day_at(row.item.occurred_at, self.current.zone), points))
        self.lots += Decimal(facts_of(row.item.kind, row.item.data).lots)
        if reason == Reason.EARNED:
            self._award(row, points, outcome)
        else:
            key = key_of(reason, read_outcome(outcome).entries)
            self.reasons[key] += 1
            self.examples.setdefault(key, (row, reason, outcome))

    def _award(self, row: Row, points: int, outcome: str) -> None:
        for entry in read_outcome(outcome).awarded:
            rule = rule_of(entry[0])
            self.earned[rule.rule_id].update(points=entry[GIVEN], trades=1)
            self.names[rule.rule_id] = rule_name(entry[0], self.language)
        if self.best is None or points > self.best[0]:
            self.best = (points, row, outcome)

    def sums(self) -> Sums:
        """The whole of it."""
        by, periods = _periods(self.days)
        earners = [Earner(self.names[id_], sums["points"], sums["trades"]) for id_, sums in self.earned.items()]
        days = [day for day, _ in self.days]
        earning = sum(points > 0 for _, points in self.days)
        return Sums(
            points=sum(points for _, points in self.days),
            closed=len(self.days) + self.aside.total(),
            earning=earning,
            lots=self.lots,
            first_day=min(days, default=None),
            last_day=max(days, default=None),
            by=by,
            periods=periods,
            earners=tuple(sorted(earners, key=lambda earner: (-earner.points, earner.name))),
            unearned=tuple(sorted(self._unearned(), key=lambda reason: -reason.trades)),
            best=self._best(),
        )

    def _unearned(self) -> Iterator[Unearned]:
        for key, trades in self.reasons.items():
            row, reason, outcome = self.examples[key]
            kind, facts = row.item.kind, facts_of(row.item.kind, row.item.data)
            why = miss(reason, read_outcome(outcome), kind, facts, self.language)
            yield Unearned(CHIPS[key], trades, why.headline, title(kind, facts))
        for key, trades in self.aside.items():
            if trades:
                yield Unearned(ASIDE[key], trades)

    def _best(self) -> Best | None:
        if self.best is None:
            return None
        points, row, text = self.best
        item, outcome = row.item, read_outcome(text)
        place, entry = max(
            ((place, entry) for place, entry in enumerate(outcome.entries) if entry in outcome.awarded),
            key=lambda found: found[1][GIVEN],
        )
        facts, rule = facts_of(item.kind, item.data), rule_of(entry[0])
        line: Any = SimpleNamespace(
            code=Code.ACCRUAL, cause=Cause.ACTIVITY, kind=item.kind, data=item.data, outcome=text, part=2 * place
        )
        why = Explanation(
            sentences=in_words(line, self.language),
            tiles=equation(rule, facts, entry, self.language),
            checks=checks(rule, facts, outcome, self.language),
            cap=cap_used(entry),
        )
        return Best(title(item.kind, facts), item.occurred_at, points, why)


def _periods(days: Sequence[tuple[int, int]]) -> tuple[By, tuple[Period, ...]]:
    """Points and trades by month, or by year where there are too many months; empty ones in between included."""
    if not days:
        return "month", ()
    first, last = min(days)[0], max(days)[0]
    start, end = from_day(first), from_day(last)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    by: By = "month" if months <= MOST_MONTHS else "year"
    points, trades = Counter[int](), Counter[int]()
    for day, given in days:
        place = period_start(day, by)
        points[place] += given
        trades[place] += 1
    found, place = [], period_start(first, by)
    while place <= last:
        found.append(Period(place, points[place], trades[place]))
        place = period_end(place, by)
    return by, tuple(found)
