"""The tables behind the overview's pictures: the same figures, for reading and as files."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from app.gamification.insight.earners import Earner
from app.gamification.insight.overview import Costs
from app.gamification.insight.reads import Figures
from app.gamification.ledger.words.reasons import CHIPS
from app.lib.clock import from_day
from app.lib.i18n import _l, pick
from app.models.activity import Reason
from app.routes.admin.days import span
from app.routes.formats import calendar_of, figure
from app.routes.language import gettext, language
from app.routes.quantities import money

Rows = Sequence[tuple[Any, ...]]
_CELL = '<td class="figure">'


class Table(NamedTuple):
    """Heads and rows; `days` says that a row begins with its first and its last day."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: Rows
    days: bool = False

    def body(self, currency: str) -> Markup:
        """The rows as HTML; written here, because a template takes ten times as long for hundreds of cells."""
        return Markup("".join(self._row(row, currency) for row in self.rows))

    def _row(self, row: tuple[Any, ...], currency: str) -> str:
        head, cells = (span(row[0], row[1]), row[2:]) if self.days else (row[0], row[1:])
        figures = (figure(cell) if isinstance(cell, int) else money(cell, currency, exact=True) for cell in cells)
        return f'<tr><th scope="row">{escape(head)}</th>{"".join(f"{_CELL}{one}</td>" for one in figures)}</tr>'


def figures_table(figures: Figures, costs: Costs) -> Table:
    """What the strip says, step by step."""
    rows = [
        (*figures.stretch.bounds(place), *row)
        for place, row in enumerate(
            zip(
                figures.active.steps,
                figures.joined.steps,
                figures.decided.steps,
                figures.missed.steps,
                map(costs.of, _net(figures)),
                strict=True,
            )
        )
    ]
    heads = (_l("Active members"), _l("Joined"), _l("Activities"), _l("Earned nothing"), _l("Cost"))
    return Table("members", _l("Members, activities and cost"), heads, rows, days=True)


def points_table(figures: Figures, costs: Costs) -> Table:
    """What moved, and what was outstanding after it."""
    heads = (
        _l("Issued"),
        _l("Redeemed"),
        _l("Refunded"),
        _l("Expired"),
        _l("Adjusted by staff"),
        _l("Taken back"),
        _l("Outstanding"),
    )
    return Table("points", _l("Points in, points out"), heads, figures.steps, days=True)


def rules_table(found: Sequence[Earner], costs: Costs) -> Table:
    """What each rule gave."""
    rows = [
        (pick(dict(one.name), language().code), one.number, one.awards, one.points, costs.of(one.points), one.misses)
        for one in found
    ]
    heads = (_l("Rule"), _l("Revision"), _l("Awards"), _l("Points"), _l("Cost"), _l("Did not earn"))
    return Table("rules", _l("Rules that gave most"), heads, rows)


def reasons_table(figures: Figures) -> Table:
    """Why activities earned nothing, the most frequent reason first."""
    rows = [(str(gettext(reason_words(reason))), number) for reason, number in misses(figures)]
    return Table("reasons", _l("Why activities earned nothing"), (_l("Reason"), _l("Activities")), rows)


def hours_table(hours: Mapping[int, int]) -> Table:
    """Activities by weekday and hour."""
    weekdays = calendar_of(language()).weekdays
    rows = [(weekdays[day], *(hours.get(24 * day + hour, 0) for hour in range(24))) for day in range(7)]
    heads = (_l("Weekday"), *(f"{hour:02}" for hour in range(24)))
    return Table("hours", _l("When members are active"), heads, rows)


def misses(figures: Figures) -> list[tuple[int, int]]:
    """Reasons other than to have earned, with their numbers."""
    return [(reason, number) for reason, number in figures.reasons.most_common() if reason != Reason.EARNED]


def reason_words(reason: int) -> str:
    """A reason in two or three words, marked for translation."""
    return CHIPS.get(Reason(reason).name, _l("A condition was not met"))


TABLES: dict[str, Callable[[Figures, Costs, Sequence[Earner]], Table]] = {
    "points": lambda figures, costs, _: points_table(figures, costs),
    "members": lambda figures, costs, _: figures_table(figures, costs),
    "rules": lambda _, costs, found: rules_table(found, costs),
    "reasons": lambda figures, *_: reasons_table(figures),
    "hours": lambda figures, *_: hours_table(figures.hours),
}


def for_file(table: Table) -> tuple[list[str], list[list[Any]]]:
    """Heads and rows of a file: days as dates, money and counts as plain numbers."""
    heads = [str(gettext(head)) for head in table.heads]
    if not table.days:
        return heads, [[_plain(cell) for cell in row] for row in table.rows]
    first, last = (str(gettext(words)) for words in (_l("First day"), _l("Last day")))
    rows = [[*(from_day(day).isoformat() for day in row[:2]), *map(_plain, row[2:])] for row in table.rows]
    return [first, last, *heads], rows


def _plain(cell: Any) -> Any:
    return format(cell, "f") if isinstance(cell, Decimal) else cell


def _net(figures: Figures) -> list[int]:
    return [spent - back for spent, back in zip(figures.redeemed.steps, figures.refunded.steps, strict=True)]
