"""Colours as people see them: contrast by WCAG 2, shades by lightness in OKLCH."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

HEX = re.compile(r"#?([0-9a-fA-F]{6})")
STEPS = 1000  # of lightness, from black to white


class BadColour(ValueError):
    """What was written is no colour of six hexadecimal digits."""


@dataclass(frozen=True)
class Colour:
    """An opaque colour of the sRGB space, its channels from 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """`#2f55f0`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """Relative luminance by WCAG 2: 0 is black, 1 is white."""
        return 0.2126 * _linear(self.red) + 0.7152 * _linear(self.green) + 0.0722 * _linear(self.blue)

    def contrast(self, other: "Colour") -> float:
        """The ratio of the two, from 1 to 21."""
        lighter, darker = sorted((self.luminance, other.luminance), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    def over(self, below: "Colour", share: float) -> "Colour":
        """What is seen where this lies over another with that opacity."""
        pairs = ((self.red, below.red), (self.green, below.green), (self.blue, below.blue))
        return Colour(*(round(top * share + under * (1 - share)) for top, under in pairs))

    def lch(self) -> tuple[float, float, float]:
        """Lightness (0 to 1), chroma and hue in degrees, in OKLCH."""
        red, green, blue = _linear(self.red), _linear(self.green), _linear(self.blue)
        long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360

    def shade(self, lightness: float, chroma: float | None = None, turned: float = 0) -> "Colour":
        """The same hue at another lightness, with at most that chroma; `turned` turns the hue by degrees."""
        _, own, hue = self.lch()
        return from_lch(lightness, own if chroma is None else min(own, chroma), hue + turned)

    def nearest(self, fits: Callable[["Colour"], bool]) -> "Colour | None":
        """The shade that fits with the least change of lightness; the colour itself where it does."""
        if fits(self):
            return self
        start = round(self.lch()[0] * STEPS)
        for distance in range(1, STEPS + 1):
            for step in (start - distance, start + distance):
                if 0 <= step <= STEPS and fits(shade := self.shade(step / STEPS)):
                    return shade
        return None

    def toward(self, direction: int, fits: Callable[["Colour"], bool]) -> "Colour":
        """The first shade that fits on the way to white (1) or black (-1); that end where none does."""
        start = round(self.lch()[0] * STEPS)
        ends = range(start, STEPS + 1) if direction > 0 else range(start, -1, -1)
        if fits(self):
            return self
        return next(
            (shade for step in ends if fits(shade := self.shade(step / STEPS))), WHITE if direction > 0 else BLACK
        )


def from_hex(text: str) -> Colour:
    """The colour of `#2f55f0` or `2F55F0`; raises BadColour for anything else."""
    found = HEX.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise BadColour(text[:20])
    digits = found[1]
    return Colour(*(int(digits[place : place + 2], 16) for place in (0, 2, 4)))


def from_lch(lightness: float, chroma: float, hue: float) -> Colour:
    """The colour in OKLCH; chroma that sRGB cannot show is taken back, lightness and hue stay."""
    lightness = min(1.0, max(0.0, lightness))
    low, high = 0.0, chroma
    if _fits(_channels(lightness, chroma, hue)):
        low = chroma
    else:
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if _fits(_channels(lightness, middle, hue)) else (low, middle)
    return Colour(*(_encoded(channel) for channel in _channels(lightness, low, hue)))


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _fits(channels: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= channel <= 1.0005 for channel in channels)


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _encoded(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    share = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(share * 255)


BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)
