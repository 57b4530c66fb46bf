"""The drawing of a month: bars in a stretched picture, written here because a template would ask each figure twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from app.gamification.ledger.month import DaySum, Month
from app.lib.i18n import _l
from app.routes.formats import calendar_of, num
from app.routes.language import language

HEIGHT, COLUMN, BAR = 200, 10, 6
ROUND = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The parts of the picture, ready to stand in the page."""

    name: str
    width: int
    scale: Markup  # the figures beside it
    lines: Markup  # one for each of them
    bars: Markup
    days: Markup  # the words below it


def drawing(month: Month) -> Drawing:
    """Everything the picture of a month consists of."""
    up = max([1, *(day.earned + day.pending for day in month.days)])
    down = max(day.gone for day in month.days)
    step = _step(max(up, down))
    above, below = -(-up // step), -(-down // step)
    unit = HEIGHT / ((above + below) * step)
    zero, width = above * step * unit, COLUMN * len(month.days)
    marks = range(above, -below - 1, -1)
    lines = (f'<path class="{_line(n)}" d="M0 {zero - n * step * unit:.1f}H{width}"/>' for n in marks)
    return Drawing(
        month_name(month.first),
        width,
        Markup("".join(f"<span>{num(n * step)}</span>" for n in marks)),
        Markup("".join(lines)),
        Markup("".join(_columns(month, zero, unit))),
        Markup("".join(_days(month))),
    )


def month_name(first: date) -> str:
    """November 2026."""
    spoken = language()
    if spoken.code == "zh":
        return f"{first.year}年{first.month}月"
    return f"{calendar_of(spoken).months[first.month - 1]} {first.year}"


def _step(highest: int) -> int:
    """The smallest round number of which two reach the highest bar."""
    power = 1
    while True:
        for number in ROUND:
            if 2 * number * power >= highest:
                return number * power
        power *= 100


def _line(n: int) -> str:
    return "grid-line" if n else "zero-line"


def _columns(month: Month, zero: float, unit: float) -> Iterator[str]:
    calendar, number = calendar_of(language()), month.first.month
    names = {"n": number, "m": calendar.short_months[number - 1], "M": calendar.months[number - 1]}
    for place, day in enumerate(month.days):
        if day.earned or day.pending or day.gone:
            name = escape(calendar.day_month.format(d=place + 1, **names))
            bars = "".join(_bars(place * COLUMN + (COLUMN - BAR) // 2, zero, unit, day))
            yield f"<g><title>{name}: {_figures(day)}</title>{bars}</g>"


def _bars(x: int, zero: float, unit: float, day: DaySum) -> Iterator[str]:
    earned, pending, gone = day.earned * unit, day.pending * unit, day.gone * unit
    for series, y, height in (
        ("earned", zero - earned, earned),
        ("pending", zero - earned - pending, pending),
        ("spent", zero, gone),
    ):
        if height > 0:
            yield f'<rect class="{series}" x="{x}" y="{y:.1f}" width="{BAR}" height="{height:.1f}" rx="0.8" ry="2"/>'


def _figures(day: DaySum) -> str:
    """“+210, −26”, which needs no translation."""
    came, gone = day.earned + day.pending, day.gone
    return ", ".join([f"+{num(came)}"] * bool(came) + [num(-gone)] * bool(gone))


def _days(month: Month) -> Iterator[str]:
    """Every fifth day, the first and the last, with room around the word “today”."""
    last = len(month.days)
    today = month.today - month.days[0].day + 1
    named = {1, *range(5, last - 2, 5), last}
    for number in range(1, last + 1):
        if number == today:
            yield f"<span data-now>{escape(language().text(_TODAY))}</span>"
        else:
            yield f"<span>{number}</span>" if number in named and abs(number - today) > 3 else "<span></span>"


_TODAY = _l("today")
