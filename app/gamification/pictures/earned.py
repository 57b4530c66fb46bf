"""The picture of what a history would have earned: 1200 × 630, as links are shown elsewhere.

Figures are words here too: whoever asks brings them finished.
"""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from app.gamification.pictures.letters import Ink, Style, fitted, lines, shrunk, width, write
from app.gamification.pictures.light import WIDTH, gold
from app.gamification.pictures.sheet import EDGE, FINE, ONE_AT_A_TIME, WHITE, House, Sheet

_PANEL = (660, 150, WIDTH - EDGE, 470)  # left, top, right, bottom
_GOLD_LIGHT: Ink = (255, 227, 160, 255)


@dataclass(frozen=True, kw_only=True)
class Card(House):
    """Everything that stands on the picture, in the reader's language; the foot says where to try it, and when."""

    headline: str  # above the figure
    points: str
    unit: str  # beside it
    under: tuple[str, ...]  # lines below it
    chart_title: str
    first: str  # what the first bar is called
    last: str
    bars: tuple[int, ...]
    best: str  # below the bars


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
        self.figure()
        self.chart()

    def figure(self) -> None:
        """What it would have been, large."""
        room, style = (
            _PANEL[0] - EDGE - 44,
            shrunk(self.card.headline, Style(34, 560), _PANEL[0] - EDGE - 44, self.rtl, 27),
        )
        above = lines(self.card.headline, style, room, 2, self.rtl)
        y = 192
        for place, line in enumerate(above):
            y = 192 + 40 * place
            self.text(EDGE, y, line, style, self.ink_2)
        big = shrunk(self.card.points, Style(132 if len(above) == 1 else 106, 760), room)
        y += 34 + round(big.size * 0.73)
        self._gold(EDGE, y, self.card.points, big)
        y += 60
        self.text(EDGE, y, self.card.unit, Style(38, 640), _GOLD_LIGHT)
        y += 44
        for line in self.card.under:
            self.text(EDGE, y, fitted(line, Style(23, 500), room, self.rtl), Style(23, 500), self.ink_2)
            y += 33

    def chart(self) -> None:
        """The panel with a bar for each month or year."""
        left, top, right, bottom = _PANEL
        self.box(self.turned(_PANEL), 26, (6, 12, 36, 108), (255, 255, 255, 56))
        title = fitted(self.card.chart_title, Style(24, 600), right - left - 60, self.rtl)
        self.text(left + 30, top + 48, title, Style(24, 600), WHITE)
        self._bars((left + 30, top + 78, right - 30, bottom - 84))
        style = Style(20, 560)
        ends = (self.card.last, self.card.first) if self.rtl else (self.card.first, self.card.last)
        if ends[0] != ends[1]:
            self.text(left + 30, bottom - 54, ends[0], style, self.ink_3)
        self.text(right - 30, bottom - 54, ends[1], style, self.ink_3, end=True)
        style = shrunk(self.card.best, Style(21, 600), right - left - 60, self.rtl, 16)
        best = fitted(self.card.best, style, right - left - 60, self.rtl)
        self.text(left + 30, bottom - 20, best, style, _GOLD_LIGHT)

    def _bars(self, box: tuple[int, int, int, int]) -> None:
        left, top, right, bottom = box
        highest = max((*self.card.bars, 1))
        step = (right - left) / max(len(self.card.bars), 1)
        wide = max(3.0, min(46.0, step * 0.66))
        mask = Image.new("L", ((right - left) * FINE, (bottom - top) * FINE))
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
                pen.rounded_rectangle([round(side * FINE) for side in at], min(6, wide / 2) * FINE, 255)
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BOX)
        self.image.paste(gold((right - left, bottom - top)), (box[0] if not self.rtl else WIDTH - right, top), mask)
        base = Image.new("RGBA", (right - left, 2), (255, 255, 255, 70))
        self.image.alpha_composite(base, (left if not self.rtl else WIDTH - right, bottom + 2))

    def _gold(self, x: int, y: int, text: str, style: Style) -> None:
        """The figure, in gold from top to foot."""
        wide, tall = round(width(text, style)) + 8, style.size + 20
        mask = Image.new("L", (wide, tall))
        write(ImageDraw.Draw(mask), (0, tall - 20), text, style, (255,))
        self.image.paste(gold((wide, tall)), (self.left(x, wide), y - tall + 20), mask)
