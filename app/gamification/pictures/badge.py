"""The picture of a badge that somebody shows to others: 1200 × 630, the hexagon of the pages large beside the words."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.gamification.pictures.letters import Ink, Style, can_write, fitted, lines, shrunk
from app.gamification.pictures.light import WIDTH
from app.gamification.pictures.outlines import Line, icon, outline
from app.gamification.pictures.sheet import EDGE, FINE, ONE_AT_A_TIME, WHITE, House, Sheet

# The shapes of app/templates/macros/badges.html, in a box of 100 by 108.
_RING = (
    "M50 8.8Q54.8 8.8 59.5 11.5L82 24.5Q91.6 30 91.6 41V67Q91.6 78 82 83.5L59.5 96.5Q50 102 40.5 96.5L18 83.5"
    "Q8.4 78 8.4 67V41Q8.4 30 18 24.5L40.5 11.5Q45.2 8.8 50 8.8Z"
)
_FACE = (
    "M50 17.25Q53.9 17.25 57.8 19.5L76 30Q83.8 34.5 83.8 43.5V64.5Q83.8 73.5 76 78L57.8 88.5Q50 93 42.2 88.5L24 78"
    "Q16.2 73.5 16.2 64.5V43.5Q16.2 34.5 24 30L42.2 19.5Q46.1 17.25 50 17.25Z"
)
# Each facet with the share of light that falls on it.
_FACETS = (
    ("M50 54V17.25Q53.9 17.25 57.8 19.5L76 30Q79.9 32.25 81.85 35.6Z", 0.66),
    ("M50 54 81.85 35.6Q83.8 39 83.8 43.5V64.5Q83.8 69 81.85 72.4Z", 0.40),
    ("M50 54 81.85 72.4Q79.9 75.75 76 78L57.8 88.5Q53.9 90.75 50 90.75Z", 0.08),
    ("M50 54V90.75Q46.1 90.75 42.2 88.5L24 78Q20.1 75.75 18.15 72.4Z", 0.30),
    ("M50 54 18.15 72.4Q16.2 69 16.2 64.5V43.5Q16.2 39 18.15 35.6Z", 0.72),
    ("M50 54 18.15 35.6Q20.1 32.25 24 30L42.2 19.5Q46.1 17.25 50 17.25Z", 0.96),
)
# Light, shadow and what stands on it, of bronze, silver and gold: those of app/static/css/tokens.css.
_METALS: dict[int, tuple[Ink, Ink, Ink]] = {
    1: ((240, 195, 154), (169, 98, 42), (67, 32, 10)),
    2: ((243, 246, 251), (143, 156, 181), (39, 51, 74)),
    3: ((255, 230, 163), (216, 150, 15), (58, 39, 0)),
}
_BOX = (96, 128, 344)  # left, top, width of the hexagon
_WORDS = 540  # where the words begin
_ICON = (33, 37, 34)  # left, top, side of the icon in the box


@dataclass(frozen=True, kw_only=True)
class Card(House):
    """Everything that stands on the picture, in the language of whoever shows it."""

    icon: str
    level: int
    name: str
    metal: str  # what the level is called; "" where there is only one
    whose: str  # the alias, "" where our fonts cannot write it
    under: tuple[str, ...]


def draw(card: Card) -> bytes:
    """The picture as PNG."""
    with ONE_AT_A_TIME:
        return _Drawing(card).png()


class _Drawing(Sheet):
    """One picture while it is drawn."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.card = card

    def show_content(self) -> None:
        self.hexagon()
        self.words()

    def hexagon(self) -> None:
        """The badge, cut as on the pages, in its ring and its own light."""
        left, top, side = _BOX
        size = (side, round(side * 1.08))
        scale = side * FINE / 100
        light, deep, on = _METALS[self.card.level]
        layer = Image.new("RGBA", (size[0] * FINE, size[1] * FINE), (*light, 0))
        pen = ImageDraw.Draw(layer)
        _stroke(layer, outline(_RING), scale, 3.4 * scale, (*light, 84))
        _fill(pen, _FACE, scale, _mixed(light, deep, 0.5))
        for path, share in _FACETS:
            _fill(pen, path, scale, _mixed(light, deep, share))
        x, y, wide = _ICON
        unit = wide / 24
        strokes = [[(x + a * unit, y + b * unit) for a, b in line] for line in icon(self.card.icon)]
        _stroke(layer, strokes, scale, 2 * unit * scale, (*on, 255))
        at = (self.left(left, side), top)
        self._halo(at[0] + side // 2, top + size[1] // 2, light)
        self.image.alpha_composite(layer.resize(size, Image.Resampling.LANCZOS), at)

    def words(self) -> None:
        """The name, large, its level, and whose it is."""
        card, room = self.card, WIDTH - EDGE - _WORDS
        style = shrunk(card.name, Style(62, 740), room, self.rtl, 40)
        name = lines(card.name, style, room, 2, self.rtl)
        y = 262 if len(name) == 1 else 236
        for line in name:
            self.text(_WORDS, y, line, style, WHITE)
            y += round(style.size * 1.18)
        if card.metal:
            self.text(_WORDS, y, card.metal, Style(36, 640), (*_METALS[card.level][0], 255))
            y += 62
        if card.whose:
            self.text(_WORDS, y, fitted(card.whose, Style(34, 600), room, self.rtl), Style(34, 600), self.ink_2)
            y += 44
        for line in card.under:
            self.text(_WORDS, y, fitted(line, Style(24, 500), room, self.rtl), Style(24, 500), self.ink_3)
            y += 36

    def _halo(self, x: int, y: int, light: Ink) -> None:
        falling = Image.radial_gradient("L").point([round(max(0, 255 - level * 1.5) * 0.3) for level in range(256)])
        falling = falling.resize((760, 760), Image.Resampling.BICUBIC)
        mask = Image.new("L", self.image.size)
        mask.paste(falling, (x - 380, y - 380))
        self.image.paste(Image.new("RGBA", self.image.size, (*light, 255)), (0, 0), mask)


def alias_or_nothing(alias: str) -> str:
    """The alias as far as a picture can show it: half a name would be somebody else's."""
    return alias if can_write(alias) else ""


def _mixed(light: Ink, deep: Ink, share: float) -> Ink:
    return (*(round(a * share + b * (1 - share)) for a, b in zip(light, deep, strict=True)), 255)


def _fill(pen: ImageDraw.ImageDraw, path: str, scale: float, ink: Ink) -> None:
    for line in outline(path):
        pen.polygon([(x * scale, y * scale) for x, y in line], ink)


def _stroke(layer: Image.Image, every: list[Line], scale: float, wide: float, ink: Ink) -> None:
    """Lines with round joints and ends: Pillow's own are square, and gape where they meet."""
    mask = Image.new("L", layer.size)
    pen, radius = ImageDraw.Draw(mask), round(wide) / 2 - 0.6  # a hair less, or each joint would show as a knot
    for line in every:
        points = [(x * scale, y * scale) for x, y in line]
        pen.line(points, 255, round(wide))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    # Drawn once as a whole, so that what shines through does not do so twice where lines overlap.
    layer.paste(Image.new("RGBA", layer.size, ink), (0, 0), mask)
