"""The drawing of a month: bars in a stretched picture, so that only numbers are left for the template to write."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.gamification.ledger.month import DaySum, Month
from app.lib.i18n import Sentence, _l
from app.routes.formats import calendar_of, day_month, num, say_plainly
from app.routes.language import language

HEIGHT, COLUMN, BAR = 200, 10, 6
ROUND = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Bar:
    series: str
    x: int
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Column:
    """The bars of one day and what the pointer is told."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    name: str
    width: int
    scale: tuple[tuple[str, str, bool], ...]  # words, height of their line, whether it is the zero
    columns: tuple[Column, ...]
    ticks: tuple[tuple[str, bool], ...]  # words under each day, whether it is today


def drawing(month: Month) -> Drawing:
    """Everything the picture of a month consists of."""
    up = max([1, *(day.earned + day.pending for day in month.days)])
    down = max(day.gone for day in month.days)
    step = _step(max(up, down))
    above, below = -(-up // step), -(-down // step)
    unit = HEIGHT / ((above + below) * step)
    zero = above * step * unit
    return Drawing(
        month_name(month.first),
        COLUMN * len(month.days),
        tuple((num(n * step), f"{zero - n * step * unit:.1f}", n == 0) for n in range(above, -below - 1, -1)),
        tuple(
            Column(_title(day), tuple(_bars(place * COLUMN + (COLUMN - BAR) // 2, zero, unit, day)))
            for place, day in enumerate(month.days)
            if day.earned or day.pending or day.gone
        ),
        tuple(_ticks(month)),
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


def _bars(x: int, zero: float, unit: float, day: DaySum) -> Iterator[Bar]:
    earned, pending, gone = day.earned * unit, day.pending * unit, day.gone * unit
    if earned > 0:
        yield Bar("earned", x, f"{zero - earned:.1f}", f"{earned:.1f}")
    if pending > 0:
        yield Bar("pending", x, f"{zero - earned - pending:.1f}", f"{pending:.1f}")
    if gone > 0:
        yield Bar("spent", x, f"{zero:.1f}", f"{gone:.1f}")


def _title(day: DaySum) -> str:
    values = {"day": day_month(day.day), "came": day.earned + day.pending, "pending": day.pending, "gone": day.gone}
    words = _l("%(day)s: %(came)s earned, of which %(pending)s pending; %(gone)s spent, lapsed or taken back")
    return say_plainly(Sentence(words, values))


def _ticks(month: Month) -> Iterator[tuple[str, bool]]:
    """Every fifth day, the first and the last, with room around the word “today”."""
    last = len(month.days)
    today = month.today - month.days[0].day + 1
    named = {1, *range(5, last - 2, 5), last}
    for number in range(1, last + 1):
        if number == today:
            yield language().text(_TODAY), True
        else:
            yield str(number) if number in named and abs(number - today) > 3 else "", False


_TODAY = _l("today")
