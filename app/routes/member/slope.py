"""The drawing of a window that empties: the sum of each coming day, against what is needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lib.clock import from_day
from app.routes.formats import calendar_of, day_month, num
from app.routes.language import language

HEIGHT, TICKS = 200, 6
ROUND = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Slope:
    """`steps` are its corners as (day in words, sum); `falls` is where, `falls_on` when the sum gets too small."""

    width: int
    scale: tuple[tuple[str, str, bool], ...]  # words, height of their line, whether it is the zero
    line: str
    area: str
    needed: str
    falls: int | None
    falls_on: int | None
    ticks: tuple[str, ...]
    steps: tuple[tuple[str, int], ...]


def slope(falls: Sequence[tuple[int, int]], length: int, needed: int) -> Slope:
    """Everything the picture consists of; `falls` are (day, sum from it on), the first of them today."""
    first, highest = falls[0]
    step = _step(max(highest, needed))
    lines = -(-max(highest, needed) // step)
    unit = HEIGHT / (lines * step)

    def height(points: int) -> str:
        return f"{HEIGHT - points * unit:.1f}"

    line = f"M0 {height(highest)}" + "".join(f"H{day - first}V{height(left)}" for day, left in falls[1:])
    line += f"H{length}"
    short = next((day for day, left in falls if left < needed), None)
    return Slope(
        length,
        tuple((num(n * step), height(n * step), n == 0) for n in range(lines, -1, -1)),
        line,
        f"{line}V{HEIGHT}H0Z",
        height(needed),
        None if short is None else short - first,
        short,
        tuple(_tick(first + (2 * n + 1) * length // (2 * TICKS)) for n in range(TICKS)),
        tuple((day_month(day), left) for day, left in falls),
    )


def _tick(day: int) -> str:
    """A day below the picture, always without its year: there is no room for it."""
    date, calendar = from_day(day), calendar_of(language())
    name, short = calendar.months[date.month - 1], calendar.short_months[date.month - 1]
    return calendar.day_month.format(d=date.day, n=date.month, M=name, m=short)


def _step(highest: int) -> int:
    """The smallest round number of which four reach the highest point."""
    power = 1
    while True:
        for number in ROUND:
            if 4 * number * power >= highest:
                return number * power
        power *= 100
