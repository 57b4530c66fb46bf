"""Drawings of the overview, as parts of SVG: a template would ask each figure twice, and a script is not needed.

Pictures are stretched to their place, so words and scales stand beside them in HTML.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.gamification.insight.stretch import Step
from app.lib.i18n import _l
from app.routes.admin.days import span, tick
from app.routes.language import gettext
from app.routes.quantities import short

HEIGHT, COLUMN, TICKS = 240, 10, 6
SPARK_WIDTH, SPARK_HEIGHT = 100, 26
CELL, GAP = 12, 1.6
ROUND = (10, 20, 25, 50)


@dataclass(frozen=True, slots=True)
class Flows:
    """Points in and out by step, with the line of what is outstanding on a scale of its own."""

    width: int
    scale: tuple[str, ...]
    line_scale: tuple[str, ...]
    grid: Markup
    bars: Markup
    line: str  # the path
    ticks: tuple[str, ...]


def flows(steps: Sequence[Step]) -> Flows:
    """The picture of what moved, and of what was outstanding after each step."""
    up = max([1, *(step.issued for step in steps)])
    down = max(step.redeemed + step.expired for step in steps)
    unit = _round_step(max(up, down), 3)
    above, below = -(-up // unit), -(-down // unit)
    pixels = HEIGHT / ((above + below) * unit)
    zero, width = above * unit * pixels, COLUMN * len(steps)
    low, high, line_unit = _around([step.outstanding for step in steps], above + below)
    points = (
        f"{place * COLUMN + COLUMN / 2:.0f} {HEIGHT - (step.outstanding - low) * HEIGHT / (high - low):.1f}"
        for place, step in enumerate(steps)
    )
    return Flows(
        width,
        tuple(short(n * unit) for n in range(above, -below - 1, -1)),
        tuple(short(value) for value in range(high, low - 1, -line_unit)),
        Markup("".join(_grid(above, below, unit * pixels, width))),
        Markup("".join(_columns(steps, zero, pixels))),
        "M" + "L".join(points),
        _ticks(steps),
    )


def spark(values: Sequence[int]) -> tuple[str, str]:
    """A line of a figure without scale: its path, and that of the area under it."""
    low, high = min(values), max(values)
    reach = (high - low) or 1
    wide = SPARK_WIDTH / max(len(values) - 1, 1)
    room = SPARK_HEIGHT - 4
    points = [
        f"{place * wide:.1f} {SPARK_HEIGHT - 2 - (room * (value - low) / reach if high > low else room / 2):.1f}"
        for place, value in enumerate(values)
    ]
    if len(points) == 1:
        points.append(f"{SPARK_WIDTH} {points[0].split()[1]}")
    line = "M" + "L".join(points)
    return line, f"{line}L{SPARK_WIDTH} {SPARK_HEIGHT}L0 {SPARK_HEIGHT}Z"


def heat(hours: Mapping[int, int], weekdays: Sequence[str]) -> Markup:
    """A square for each hour of the week, Monday first; five shades up to the busiest."""
    most = max(hours.values(), default=0)
    squares = []
    for hour in range(7 * 24):
        number, (day, of_day) = hours.get(hour, 0), divmod(hour, 24)
        title = escape(_HOUR % {"day": weekdays[day], "hour": f"{of_day:02}:00", "number": f"{number:,}"})
        squares.append(
            f'<rect class="heat-{_shade(number, most)}" x="{of_day * CELL:d}" y="{day * CELL:d}"'
            f' width="{CELL - GAP}" height="{CELL - GAP}"><title>{title}</title></rect>'
        )
    return Markup("".join(squares))


_HOUR = "%(day)s %(hour)s: %(number)s"


def _shade(number: int, most: int) -> int:
    """0 for nothing, then a quarter of the most each."""
    return 0 if not number else min(4, 1 + 4 * number // (most + 1))


def _round_step(highest: int, steps: int) -> int:
    """The smallest round number of which so many reach the highest."""
    for number in (1, 2, 5):
        if number * steps >= highest:
            return number
    power = 1
    while True:
        for number in ROUND:
            if number * power * steps >= highest:
                return number * power
        power *= 10


def _around(values: Sequence[int], steps: int) -> tuple[int, int, int]:
    """The lowest and the highest mark of a scale around these values, and what lies between two, in so many steps."""
    low, high = min(values), max(values)
    unit = _round_step(max(high - low, high // 20, steps), steps)
    bottom = low // unit * unit
    while bottom + steps * unit < high:
        unit = _round_step(unit * steps + 1, steps)
        bottom = low // unit * unit
    return bottom, bottom + steps * unit, unit


def _grid(above: int, below: int, line: float, width: int) -> Iterator[str]:
    for place, n in enumerate(range(above, -below - 1, -1)):
        yield f'<path class="{"grid-line" if n else "zero-line"}" d="M0 {place * line:.1f}H{width}"/>'


def _columns(steps: Sequence[Step], zero: float, pixels: float) -> Iterator[str]:
    for place, step in enumerate(steps):
        if step.issued or step.redeemed or step.expired:
            x = place * COLUMN + 1.5
            yield f"<g><title>{escape(_said(step))}</title>"
            yield _bar("issued", x, zero - step.issued * pixels, step.issued * pixels)
            yield _bar("redeemed", x, zero, step.redeemed * pixels)
            yield _bar("expired", x, zero + step.redeemed * pixels, step.expired * pixels)
            yield "</g>"


def _bar(series: str, x: float, y: float, height: float) -> str:
    if height <= 0:
        return ""
    return f'<rect class="{series}" x="{x}" y="{y:.1f}" width="{COLUMN - 3}" height="{max(height, 0.6):.1f}"/>'


def _said(step: Step) -> str:
    """What the pointer is told of a column."""
    figures = [(_l("Issued %(points)s"), step.issued), (_l("Redeemed %(points)s"), step.redeemed)]
    figures.append((_l("Expired %(points)s"), step.expired))
    said = [str(gettext(words, points=f"{number:,}")) for words, number in figures if number]
    return f"{span(step.first, step.last)}: {' · '.join(said)}"


def _ticks(steps: Sequence[Step]) -> tuple[str, ...]:
    """Days below the picture, each in the middle of its part of it."""
    number = min(TICKS, len(steps))
    return tuple(tick(steps[(2 * n + 1) * len(steps) // (2 * number)].first) for n in range(number))
