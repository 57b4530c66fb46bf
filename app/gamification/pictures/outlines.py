"""Outlines of SVG as lines that Pillow can draw: the paths and shapes that our icons are made of, and no more."""

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from app import lib

Point = tuple[float, float]
Line = list[Point]

_SPRITE = Path(lib.__path__[0]).parent / "static" / "icons.svg"
_SVG = "{http://www.w3.org/2000/svg}"
_FLAG = re.compile(r"[\s,]*([01])")
_NUMBER = re.compile(r"[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_COMMAND = re.compile(r"[\s,]*([MLHVCSQTAZmlhvcsqtaz])")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_STEPS = 16  # lines that a curve becomes


def icon(name: str) -> list[Line]:
    """The strokes of an icon of the sprite, in a square of 24; none for one that it lacks."""
    return _icons().get(name, [])


def outline(path: str) -> list[Line]:
    """The lines of a path, a list for each time the pen is set down."""
    return [line for line in _drawn(path) if len(line) > 1]


@cache
def _icons() -> dict[str, list[Line]]:
    # The sprite is a file of ours: docs/icons.py writes it.
    root = ElementTree.parse(_SPRITE).getroot()
    return {
        symbol.get("id", ""): [line for shape in symbol for line in _shape(shape)]
        for symbol in root.iter(f"{_SVG}symbol")
    }


def _shape(shape: ElementTree.Element) -> list[Line]:
    number = {name: float(value) for name, value in shape.items() if _NUMBER.fullmatch(value)}
    kind = shape.tag.removeprefix(_SVG)
    if kind == "path":
        return outline(shape.get("d", ""))
    if kind in ("circle", "ellipse"):
        rx, ry = (number.get("r", number.get(side, 0.0)) for side in ("rx", "ry"))
        return [[*_turn((number["cx"], number["cy"]), rx, ry, 0.0, 0.0, 2 * math.pi)]]
    if kind == "line":
        return [[(number["x1"], number["y1"]), (number["x2"], number["y2"])]]
    if kind == "rect":
        return outline(_rectangle(number))
    if kind in ("polyline", "polygon"):
        found = [float(one) for one in _NUMBER.findall(shape.get("points", ""))]
        line = list(zip(found[::2], found[1::2], strict=True))
        return [[*line, line[0]] if kind == "polygon" else line]
    return []


def _rectangle(number: dict[str, float]) -> str:
    x, y, width, height = (number.get(name, 0.0) for name in ("x", "y", "width", "height"))
    round_ = number.get("rx", number.get("ry", 0.0))
    if not round_:
        return f"M{x} {y}h{width}v{height}h{-width}z"
    arc, across, down = f"a{round_} {round_} 0 0 1", width - 2 * round_, height - 2 * round_
    return (
        f"M{x + round_} {y}h{across}{arc} {round_} {round_}v{down}{arc} {-round_} {round_}"
        f"h{-across}{arc} {-round_} {-round_}v{-down}{arc} {round_} {-round_}z"
    )


def _steps_of(path: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its figures; figures without a command repeat the one before."""
    at, command = 0, ""
    while at < len(path):
        if found := _COMMAND.match(path, at):
            command, at = found[1], found.end()
        elif not path[at:].strip(" ,\n\t") or not command:
            return
        elif command in "Mm":
            command = "L" if command == "M" else "l"
        values = []
        for place in range(_TAKES[command.upper()]):
            # An arc's flags may stand without a gap: “a2 2 0 012 2”.
            pattern = _FLAG if command in "Aa" and place in (3, 4) else _NUMBER
            figure = pattern.match(path, at)
            if figure is None:
                return
            values.append(float(figure[1]))
            at = figure.end()
        yield command, values


def _drawn(path: str) -> Iterator[Line]:
    line: Line = []
    here: Point = (0.0, 0.0)
    start, handle, before = here, here, ""
    for command, values in _steps_of(path):
        kind, dx, dy = command.upper(), *((0.0, 0.0) if command.isupper() else here)
        if kind == "M":
            yield line
            here = start = (values[0] + dx, values[1] + dy)
            line = [here]
        elif kind == "Z":
            line.append(start)
            here = start
        elif kind in "LHV":
            across = values[0] + dx if kind != "V" else here[0]
            down = values[-1] + dy if kind != "H" else here[1]
            here = (across, down)
            line.append(here)
        elif kind == "A":
            end = (values[5] + dx, values[6] + dy)
            line += _arc(here, end, *values[:5])
            here = end
        else:
            points = [(x + dx, y + dy) for x, y in zip(values[::2], values[1::2], strict=True)]
            if kind in "ST":
                smooth = before in ("CS" if kind == "S" else "QT")
                points.insert(0, (2 * here[0] - handle[0], 2 * here[1] - handle[1]) if smooth else here)
            line += _curve([here, *points])
            handle, here = points[-2], points[-1]
        before = kind
    yield line


def _curve(points: list[Point]) -> Iterator[Point]:
    """A Bézier curve by de Casteljau, without the point that it begins at."""
    for step in range(1, _STEPS + 1):
        t, left = step / _STEPS, points
        while len(left) > 1:
            left = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(left)]
        yield left[0]


def _arc(start: Point, end: Point, rx: float, ry: float, degrees: float, large: float, sweep: float) -> Iterator[Point]:
    """An elliptical arc, as the appendix of SVG's own text works it out."""
    if start == end or not rx or not ry:
        yield end
        return
    turned = math.radians(degrees)
    cos, sin = math.cos(turned), math.sin(turned)
    half_x, half_y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * half_x + sin * half_y, cos * half_y - sin * half_x
    scale = max(1.0, math.hypot(x / rx, y / ry))
    rx, ry = abs(rx) * scale, abs(ry) * scale
    spread = (rx * y) ** 2 + (ry * x) ** 2
    factor = math.sqrt(max(0.0, (rx * ry) ** 2 / spread - 1)) * (-1 if bool(large) == bool(sweep) else 1)
    cx, cy = factor * rx * y / ry, -factor * ry * x / rx
    centre = (cos * cx - sin * cy + (start[0] + end[0]) / 2, sin * cx + cos * cy + (start[1] + end[1]) / 2)
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    reach = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    if sweep and reach < 0:
        reach += 2 * math.pi
    elif not sweep and reach > 0:
        reach -= 2 * math.pi
    yield from list(_turn(centre, rx, ry, turned, first, reach))[1:]


def _turn(centre: Point, rx: float, ry: float, turned: float, first: float, reach: float) -> Iterator[Point]:
    """Points along an ellipse, from an angle on."""
    cos, sin = math.cos(turned), math.sin(turned)
    for step in range(2 * _STEPS + 1):
        angle = first + reach * step / (2 * _STEPS)
        x, y = rx * math.cos(angle), ry * math.sin(angle)
        yield centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y
