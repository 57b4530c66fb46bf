"""Months and years of a tried statement: what they are called, and the bars drawn of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.gamification.statements.findings import By, Period
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l
from app.lib.periods import period_end, period_start
from app.routes.formats import calendar_of, say_plainly
from app.routes.language import language

FEWEST = 8  # places of the chart: the bar of a single month is not to be as wide as a page
TICKS = 4  # so many words stand side by side on a phone
_MONTH = {"en": "{m} {y}", "ar": "{M} {y}", "zh": "{y}年{n}月"}
_MONTH_ALONE = {"en": "{m}", "ar": "{M}", "zh": "{n}月"}
_YEAR = {"zh": "{y}年"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A place of the chart, as the macro `charts.points_by_day` draws it."""

    index: int
    earned: int = 0
    title: str = ""
    tick: str = ""
    pending: int = 0
    spent: int = 0
    today: bool = False


def named(day: int, by: By) -> str:
    """Mar 2017, or 2017."""
    return _written(_MONTH if by == "month" else _YEAR, day)


def written(day: date) -> str:
    """22 Nov 2026: what is kept or shown elsewhere says its year."""
    calendar = calendar_of(language())
    return calendar.day_month_year.format(
        d=day.day, n=day.month, m=calendar.short_months[day.month - 1], M=calendar.months[day.month - 1], y=day.year
    )


def starts_of(first: int, by: By) -> Iterator[int]:
    """The first days of the periods from the one that a day lies in."""
    day = period_start(first, by)
    while True:
        yield day
        day = period_end(day, by)


def bars(periods: Sequence[Period], by: By) -> list[Bar]:
    """The bars from the earliest on, in the middle of empty places where they are few."""
    before = max(0, FEWEST - len(periods)) // 2
    drawn = [
        Bar(before + place, period.points, _title(period, by), tick) for place, (period, tick) in _ticked(periods, by)
    ]
    count = max(FEWEST, len(periods))
    return [*(Bar(place) for place in range(before)), *drawn, *(Bar(n) for n in range(before + len(periods), count))]


def _ticked(periods: Sequence[Period], by: By) -> Iterator[tuple[int, tuple[Period, str]]]:
    """Every so many have words below, months with their year where it is another than the last one's."""
    step, year = -(-max(FEWEST, len(periods)) // TICKS), 0
    for place, period in enumerate(periods):
        tick = ""
        if place % step == 0:
            is_new, year = from_day(period.day).year != year, from_day(period.day).year
            tick = named(period.day, by) if is_new or by == "year" else _written(_MONTH_ALONE, period.day)
        yield place, (period, tick)


def _title(period: Period, by: By) -> str:
    values = {"period": named(period.day, by), "points": period.points, "trades": period.trades}
    return say_plainly(Sentence(_l("%(period)s: %(points)s points, %(trades)s closed trades"), values))


def _written(orders: dict[str, str], day: int) -> str:
    spoken, date_ = language(), from_day(day)
    calendar = calendar_of(spoken)
    return orders.get(spoken.code, "{y}").format(
        n=date_.month, m=calendar.short_months[date_.month - 1], M=calendar.months[date_.month - 1], y=date_.year
    )


def span(first: int | None, last: int | None) -> Sentence:
    """From one day to another, in words; nothing where there is no day."""
    if first is None or last is None:
        return Sentence("")
    if first == last:
        return Sentence("%(day)s", {"day": written(from_day(first))})
    return Sentence(_l("%(first)s to %(last)s"), {"first": written(from_day(first)), "last": written(from_day(last))})
