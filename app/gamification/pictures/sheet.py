"""What every picture that leaves the house has: the lit ground, the brand, the risk warning at its foot.

It knows no language: whoever asks brings every word, finished. The risk warning is part of a picture, because it goes
where our pages do not.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageDraw, UnidentifiedImageError

from app.gamification.branding.palette import OWN, Colours, palette
from app.gamification.pictures.letters import Align, Ink, Style, fitted, lines, write
from app.gamification.pictures.light import WIDTH, blend, ground, ink_of
from app.lib.colour import Colour

EDGE = 64
FINE = 3  # edges are drawn so many times larger first
WHITE: Ink = (255, 255, 255, 255)
# FreeType's faces are not made for two threads, and one picture at a time is enough work for a web process.
ONE_AT_A_TIME = Lock()
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


@dataclass(frozen=True, kw_only=True)
class House:
    """Whose picture it is, in the reader's language."""

    right_to_left: bool
    brand: str
    programme: str
    risk: str
    foot: str
    colours: Colours | None = None
    mark: Mark | None = None


class Sheet:
    """One picture while it is drawn. Sides are as if the text ran to the right; `turned` turns them round."""

    def __init__(self, house: House) -> None:
        self.house, self.rtl = house, house.right_to_left
        made = palette(house.colours or OWN)
        self.hero = made.hero if house.colours else _OWN_HERO
        self.ink_2, self.ink_3 = (ink_of(one) for one in (made.hero_ink if house.colours else _OWN_INK))
        self.logo = made.logo if house.colours else None
        self.image = ground(tuple(self.hero), self.rtl).copy()
        self.pen = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        """The whole picture: what it is about stands between the brand and the foot."""
        self.show_brand()
        self.show_content()
        self.show_foot()
        file = io.BytesIO()
        self.image.convert("RGB").save(file, "PNG", compress_level=6)
        return file.getvalue()

    def show_content(self) -> None:
        """What this picture is about."""
        raise NotImplementedError

    def show_brand(self) -> None:
        """Logo and name, the programme opposite."""
        x, baseline = EDGE, 98
        drawn = _opened(self.house.mark) if self.house.mark else None
        if drawn is not None:
            plate = 10 if self.house.mark and self.house.mark.plate == "dark" else 0
            left = self.left(x, drawn.width + 2 * plate)
            if plate:
                self.box((left, 56, left + drawn.width + 2 * plate, 64 + drawn.height + plate), 12, WHITE)
            self.image.alpha_composite(drawn, (left + plate, 62))
            x += drawn.width + 2 * plate + 18
        else:
            self._gem(self.left(x, 52), 56)
            x += 52 + 18
        if drawn is None or not (self.house.mark and self.house.mark.has_name):
            name = fitted(self.house.brand, Style(34, 700), 420, self.rtl)
            self.text(x, baseline, name, Style(34, 700), WHITE)
        style = Style(24, 560)
        said = fitted(self.house.programme, style, 440, self.rtl)
        self.text(WIDTH - EDGE, 92, said, style, self.ink_3, end=True)

    def show_foot(self) -> None:
        """The risk warning, and below it where the picture is from."""
        self.image.alpha_composite(Image.new("RGBA", (WIDTH - 2 * EDGE, 1), (255, 255, 255, 46)), (EDGE, 500))
        style, y = Style(18, 480), 534
        for line in lines(self.house.risk, style, WIDTH - 2 * EDGE, 2, self.rtl):
            self.text(EDGE, y, line, style, self.ink_3)
            y += 26
        self.text(EDGE, 598, fitted(self.house.foot, Style(20, 600), WIDTH - 2 * EDGE, self.rtl), Style(20, 600), WHITE)

    def left(self, start: int, wide: int) -> int:
        """The left side of what is so wide and begins there."""
        return WIDTH - start - wide if self.rtl else start

    def turned(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """A box on the side where it belongs."""
        left, top, right, bottom = box
        return (WIDTH - right, top, WIDTH - left, bottom) if self.rtl else box

    def text(self, x: float, y: float, text: str, style: Style, ink: Ink, *, end: bool = False) -> None:
        """A line whose baseline begins, or with `end` ends, there."""
        at = WIDTH - x if self.rtl else x
        align: Align = "right" if end != self.rtl else "left"
        write(self.pen, (at, y), text, style, ink, right_to_left=self.rtl, align=align)

    def box(self, box: Sequence[int], radius: int, fill: Ink, line: Ink | None = None) -> None:
        """A surface with round corners."""
        left, top, right, bottom = box
        size = (right - left, bottom - top)
        layer = Image.new("RGBA", (size[0] * FINE, size[1] * FINE), (*fill[:3], 0))
        edge = (0, 0, size[0] * FINE - 1, size[1] * FINE - 1)
        ImageDraw.Draw(layer).rounded_rectangle(edge, radius * FINE, fill, line, FINE if line else 0)
        self.image.alpha_composite(layer.resize(size, Image.Resampling.LANCZOS), (left, top))

    def _gem(self, x: int, y: int) -> None:
        """The product's own mark, for a brand without a logo."""
        side = 52 * FINE
        first, second = (one for one in (self.logo or _OWN_LOGO))
        square = blend((side, side), ink_of(first), ink_of(second))
        pen, unit = ImageDraw.Draw(square), side / 24 * 0.58
        for path in _GEM:
            points = [(side * 0.21 + across * unit, side * 0.21 + down * unit) for across, down in path]
            pen.line(points, WHITE, 5, "curve")
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), 15 * FINE, 255)
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
