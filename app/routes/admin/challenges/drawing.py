"""The picture of who joined, completed and claimed, run by run, as parts of SVG; words stand beside it in HTML."""

from dataclasses import dataclass

from markupsafe import Markup

from app.gamification.catalogue.figures import Entered, Taking

MOST_RUNS = 12  # the newest; older ones are in the table
HEIGHT, COLUMN, BAR = 160, 36, 9


@dataclass(frozen=True, slots=True)
class Funnel:
    """Three columns a run, with the scale beside them; the table below has every run."""

    width: int
    scale: tuple[int, ...]  # from the top
    bars: Markup
    runs: tuple[tuple[int, Entered], ...]  # drawn, oldest first
    every: tuple[tuple[int, Entered], ...]  # newest first


def funnel(taking: Taking) -> Funnel:
    """The picture of a challenge's newest runs."""
    every = sorted(taking.runs.items())
    runs = every[-MOST_RUNS:]
    top = _round(max((one.joined for _, one in runs), default=0))
    bars = []
    for place, (_, one) in enumerate(runs):
        for number, (series, value) in enumerate(
            (("joined", one.joined), ("completed", one.completed), ("claimed", one.claimed))
        ):
            if value:
                height = max(value * HEIGHT / top, 1.0)
                x = place * COLUMN + 3 + number * (BAR + 1)
                bars.append(
                    f'<rect class="{series}" x="{x}" y="{HEIGHT - height:.1f}" width="{BAR}" height="{height:.1f}"/>'
                )
    scale = (top, top // 2, 0) if top > 1 else (top, 0)
    return Funnel(COLUMN * max(len(runs), 1), scale, Markup("".join(bars)), tuple(runs), tuple(every[::-1]))


def _round(highest: int) -> int:
    """The smallest even round number that reaches the highest."""
    power = 1
    while True:
        for number in (1, 2, 4, 6, 8):
            if number * power >= highest:
                return number * power
        power *= 10
