"""The picture of what a history would have earned: 1200 × 630, as links are shown elsewhere; it knows no language.

Whoever asks brings every word, finished; figures are words here too. The risk warning is part of the picture, because
a picture goes where our pages do not.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageDraw, UnidentifiedImageError

from app.gamification.branding.palette import OWN, Colours, palette
from app.gamification.pictures.letters import Align, Ink, Style, fitted, lines, shrunk, width, write
from app.gamification.pictures.light import WIDTH, blend, gold, ground, ink_of
from app.lib.colour import Colour

_EDGE = 64
_PANEL = (660, 150, WIDTH - _EDGE, 470)  # left, top, right, bottom
_FINE = 3  # edges are drawn so many times larger first
_WHITE: Ink = (255, 255, 255, 255)
_GOLD_LIGHT: Ink = (255, 227, 160, 255)
# FreeType's faces are not made for two threads, and one picture at a time is enough work for a web process.
_ONE_AT_A_TIME = Lock()
# The product's own hero, as app/static/css/tokens.css has it on dark pages.
_OWN_HERO = (Colour(11, 20, 51), Colour(24, 41, 107), Colour(47, 85, 240), Colour(59, 31, 134))
_OWN_INK = (Colour(219, 227, 255), Colour(201, 212, 255))
_OWN_LOGO = (Colour(91, 124, 255), Colour(32, 54, 168))


@dataclass(frozen=True)
class Mark:
    """The broker's logo, as it was read (branding/pictures.py); `plate` says that dark pages need a ground under it."""

    content: bytes
    plate: str
    has_name: bool


@dataclass(frozen=True)
class Card:
    """Everything that stands on the picture, in the reader's language."""

    right_to_left: bool
    brand: str
    programme: str
    headline: str  # above the figure
    points: str
    unit: str  # beside it
    under: tuple[str, ...]  # lines below it
    chart_title: str
    first: str  # what the first bar is called
    last: str
    bars: tuple[int, ...]
    best: str  # below the bars
    risk: str
    foot: str  # where to try it, and when it was counted
    colours: Colours | None = None
    mark: Mark | None = None


def draw(card: Card) -> bytes:
    """The picture as PNG."""
    with _ONE_AT_A_TIME:
        return _Drawing(card).png()


class _Drawing:
    """One picture while it is drawn. Sides are as if the text ran to the right; `_turned` turns them round."""

    def __init__(self, card: Card) -> None:
        self.card, self.rtl = card, card.right_to_left
        made = palette(card.colours or OWN)
        self.hero = made.hero if card.colours else _OWN_HERO
        self.ink_2, self.ink_3 = (ink_of(one) for one in (made.hero_ink if card.colours else _OWN_INK))
        self.logo = made.logo if card.colours else None
        self.image = ground(tuple(self.hero), self.rtl).copy()
        self.pen = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        """Everything on its ground."""
        self._brand()
        self._figure()
        self._chart()
        self._foot()
        file = io.BytesIO()
        self.image.convert("RGB").save(file, "PNG", compress_level=6)
        return file.getvalue()

    def _brand(self) -> None:
        x, baseline = _EDGE, 98
        drawn = _opened(self.card.mark) if self.card.mark else None
        if drawn is not None:
            plate = 10 if self.card.mark and self.card.mark.plate == "dark" else 0
            left = self._left(x, drawn.width + 2 * plate)
            if plate:
                self._box((left, 56, left + drawn.width + 2 * plate, 64 + drawn.height + plate), 12, _WHITE)
            self.image.alpha_composite(drawn, (left + plate, 62))
            x += drawn.width + 2 * plate + 18
        else:
            self._gem(self._left(x, 52), 56)
            x += 52 + 18
        if drawn is None or not (self.card.mark and self.card.mark.has_name):
            name = fitted(self.card.brand, Style(34, 700), 420, self.rtl)
            self._text(x, baseline, name, Style(34, 700), _WHITE)
        style = Style(24, 560)
        said = fitted(self.card.programme, style, 440, self.rtl)
        self._text(WIDTH - _EDGE, 92, said, style, self.ink_3, end=True)

    def _figure(self) -> None:
        room, style = (
            _PANEL[0] - _EDGE - 44,
            shrunk(self.card.headline, Style(34, 560), _PANEL[0] - _EDGE - 44, self.rtl, 27),
        )
        above = lines(self.card.headline, style, room, 2, self.rtl)
        y = 192
        for place, line in enumerate(above):
            y = 192 + 40 * place
            self._text(_EDGE, y, line, style, self.ink_2)
        big = shrunk(self.card.points, Style(132 if len(above) == 1 else 106, 760), room)
        y += 34 + round(big.size * 0.73)
        self._gold(_EDGE, y, self.card.points, big)
        y += 60
        self._text(_EDGE, y, self.card.unit, Style(38, 640), _GOLD_LIGHT)
        y += 44
        for line in self.card.under:
            self._text(_EDGE, y, fitted(line, Style(23, 500), room, self.rtl), Style(23, 500), self.ink_2)
            y += 33

    def _chart(self) -> None:
        left, top, right, bottom = _PANEL
        self._box(self._turned(_PANEL), 26, (6, 12, 36, 108), (255, 255, 255, 56))
        title = fitted(self.card.chart_title, Style(24, 600), right - left - 60, self.rtl)
        self._text(left + 30, top + 48, title, Style(24, 600), _WHITE)
        self._bars((left + 30, top + 78, right - 30, bottom - 84))
        style = Style(20, 560)
        ends = (self.card.last, self.card.first) if self.rtl else (self.card.first, self.card.last)
        if ends[0] != ends[1]:
            self._text(left + 30, bottom - 54, ends[0], style, self.ink_3)
        self._text(right - 30, bottom - 54, ends[1], style, self.ink_3, end=True)
        style = shrunk(self.card.best, Style(21, 600), right - left - 60, self.rtl, 16)
        best = fitted(self.card.best, style, right - left - 60, self.rtl)
        self._text(left + 30, bottom - 20, best, style, _GOLD_LIGHT)

    def _bars(self, box: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = box
        highest = max((*self.card.bars, 1))
        step = (right - left) / max(len(self.card.bars), 1)
        wide = max(3.0, min(46.0, step * 0.66))
        mask = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
        pen = ImageDraw.Draw(mask)
        # Bars keep the direction of time as charts have it everywhere: the earliest on the left, in Arabic too.
        for place, points in enumerate(self.card.bars):
            tall = (bottom - top) * points / highest
            if points:
                tall = max(tall, 4)
                at = (
                    step * (place + 0.5) - wide / 2,
                    bottom - top - tall,
                    step * (place + 0.5) + wide / 2,
                    bottom - top,
                )
                pen.rounded_rectangle([round(side * _FINE) for side in at], min(6, wide / 2) * _FINE, 255)
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BOX)
        self.image.paste(gold((right - left, bottom - top)), (box[0] if not self.rtl else WIDTH - right, top), mask)
        base = Image.new("RGBA", (right - left, 2), (255, 255, 255, 70))
        self.image.alpha_composite(base, (left if not self.rtl else WIDTH - right, bottom + 2))

    def _foot(self) -> None:
        self.image.alpha_composite(Image.new("RGBA", (WIDTH - 2 * _EDGE, 1), (255, 255, 255, 46)), (_EDGE, 500))
        style, y = Style(18, 480), 534
        for line in lines(self.card.risk, style, WIDTH - 2 * _EDGE, 2, self.rtl):
            self._text(_EDGE, y, line, style, self.ink_3)
            y += 26
        self._text(
            _EDGE, 598, fitted(self.card.foot, Style(20, 600), WIDTH - 2 * _EDGE, self.rtl), Style(20, 600), _WHITE
        )

    # --- pieces --------------------------------------------------------------------------------------------------

    def _left(self, start: int, wide: int) -> int:
        return WIDTH - start - wide if self.rtl else start

    def _turned(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        left, top, right, bottom = box
        return (WIDTH - right, top, WIDTH - left, bottom) if self.rtl else box

    def _text(self, x: float, y: float, text: str, style: Style, ink: Ink, *, end: bool = False) -> None:
        at = WIDTH - x if self.rtl else x
        align: Align = "right" if end != self.rtl else "left"
        write(self.pen, (at, y), text, style, ink, right_to_left=self.rtl, align=align)

    def _gold(self, x: int, y: int, text: str, style: Style) -> None:
        """The figure, in gold from top to foot."""
        wide, tall = round(width(text, style)) + 8, style.size + 20
        mask = Image.new("L", (wide, tall))
        write(ImageDraw.Draw(mask), (0, tall - 20), text, style, (255,))
        self.image.paste(gold((wide, tall)), (self._left(x, wide), y - tall + 20), mask)

    def _box(self, box: Sequence[int], radius: int, fill: Ink, line: Ink | None = None) -> None:
        left, top, right, bottom = box
        size = (right - left, bottom - top)
        layer = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), (*fill[:3], 0))
        edge = (0, 0, size[0] * _FINE - 1, size[1] * _FINE - 1)
        ImageDraw.Draw(layer).rounded_rectangle(edge, radius * _FINE, fill, line, _FINE if line else 0)
        self.image.alpha_composite(layer.resize(size, Image.Resampling.LANCZOS), (left, top))

    def _gem(self, x: int, y: int) -> None:
        """The product's own mark, for a brand without a logo."""
        side = 52 * _FINE
        first, second = (one for one in (self.logo or _OWN_LOGO))
        square = blend((side, side), ink_of(first), ink_of(second))
        pen, unit = ImageDraw.Draw(square), side / 24 * 0.58
        for path in _GEM:
            points = [(side * 0.21 + across * unit, side * 0.21 + down * unit) for across, down in path]
            pen.line(points, _WHITE, 5, "curve")
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), 15 * _FINE, 255)
        small = (52, 52)
        self.image.paste(
            square.resize(small, Image.Resampling.LANCZOS), (x, y), mask.resize(small, Image.Resampling.BOX)
        )


_GEM = (
    ((6, 3), (18, 3), (22, 9), (12, 22), (2, 9), (6, 3)),
    ((10.5, 3), (8, 9), (12, 22), (16, 9), (13.5, 3)),
    ((2, 9), (22, 9)),
)


def _opened(mark: Mark) -> Image.Image | None:
    """The logo, no larger than its place."""
    try:
        with Image.open(io.BytesIO(mark.content), formats=("PNG",)) as opened:
            drawn = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return None
    drawn.thumbnail((300, 46), Image.Resampling.LANCZOS)
    return drawn
