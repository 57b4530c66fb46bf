"""Text in pictures: Latin, Arabic and Chinese letters from our own fonts, each line in its own direction.

Pillow shapes Arabic and joins it (raqm), but draws a line with one font. So a line is cut into pieces of one font and
one direction first, by the part of the Unicode bidirectional algorithm that short sentences need: letters and digits
say their direction, and what is neither goes with both neighbours, or else with the line.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import ImageDraw, ImageFont

from app import lib

Face = Literal["latin", "latin-ext", "arabic", "chinese"]
Align = Literal["left", "right"]
Ink = tuple[int, ...]

_OWN = Path(__file__).parent / "fonts"
_SITE = Path(lib.__path__[0]).parent / "static" / "fonts"  # those of the pages
_FILES: dict[Face, Path] = {
    "latin": _SITE / "inter-latin.woff2",
    "latin-ext": _SITE / "inter-latin-ext.woff2",
    "arabic": _SITE / "noto-sans-arabic.woff2",
    "chinese": _OWN / "noto-sans-sc.woff2",
}
_HEAVIEST: dict[Face, int] = {"latin": 900, "latin-ext": 900, "arabic": 700}
_BOLD = 600
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_NO_LETTER = "\uffff"
_JOINS_DIGITS = frozenset(".,:/")
_SIGNS = frozenset("%+-\N{MINUS SIGN}")


class Piece(NamedTuple):
    """Some letters of one font that run in one direction."""

    text: str
    face: Face
    right_to_left: bool


class Style(NamedTuple):
    """Size in pixels, and weight from 100 to 900."""

    size: int
    weight: int = 500


def width(text: str, style: Style, right_to_left: bool = False) -> float:
    """How wide a line is, in pixels."""
    return sum(_piece_width(piece, style) for piece in _pieces(text, right_to_left))


def write(
    canvas: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    style: Style,
    ink: Ink,
    *,
    right_to_left: bool = False,
    align: Align = "left",
) -> None:
    """Draw one line; `at` is where its baseline begins on that side."""
    x, y = at
    if align == "right":
        x -= width(text, style, right_to_left)
    for piece in _pieces(text, right_to_left):
        font, stroke = _font(piece.face, style), _stroke(piece.face, style)
        canvas.text(
            (x, y), piece.text, ink, font, "ls", direction="rtl" if piece.right_to_left else "ltr",
            language="ar" if piece.face == "arabic" else None, stroke_width=stroke,
        )  # fmt: skip
        x += _piece_width(piece, style)


def can_write(text: str) -> bool:
    """Whether our fonts have every letter of a text."""
    return all(letter == " " or (letter.isprintable() and _is_drawn(letter)) for letter in text)


def fitted(text: str, style: Style, most: float, right_to_left: bool = False) -> str:
    """The text, shortened with an ellipsis to a width."""
    if width(text, style, right_to_left) <= most:
        return text
    while text and width(f"{text}…", style, right_to_left) > most:
        text = text[:-1].rstrip()
    return f"{text}…"


def shrunk(text: str, style: Style, most: float, right_to_left: bool = False, least: int = 12) -> Style:
    """The style, made smaller until the text is no wider than that; never smaller than `least`."""
    while style.size > least and width(text, style, right_to_left) > most:
        style = style._replace(size=style.size - 1)
    return style


def lines(text: str, style: Style, most: float, count: int, right_to_left: bool = False) -> list[str]:
    """The text in at most so many lines of a width; the last one is shortened where it does not fit."""
    found, rest = [""], _words(text)
    for place, word in enumerate(rest):
        if width((found[-1] + word).strip(), style, right_to_left) <= most or not found[-1]:
            found[-1] += word
        elif len(found) < count:
            found.append(word.lstrip())
        else:
            found[-1] = fitted(found[-1] + "".join(rest[place:]), style, most, right_to_left)
            break
    return [line.strip() for line in found]


def _words(text: str) -> list[str]:
    """Where a line may break: before a space, and behind each Chinese character that no mark follows."""
    found: list[str] = []
    for letter in text:
        breaks = (
            not found or letter == " " or (_face(found[-1][-1]) == "chinese" and letter not in "，。、；：！？）》”%")
        )
        if breaks:
            found.append(letter)
        else:
            found[-1] += letter
    return found


def _pieces(text: str, right_to_left: bool) -> Iterator[Piece]:
    """A line from left to right, as it is seen."""
    letters = [letter for letter in text if letter == " " or (letter.isprintable() and _is_drawn(letter))]
    directions = _directions(letters, right_to_left)
    runs = [
        (backwards, [letter for letter, _ in run])
        for backwards, run in groupby(zip(letters, directions, strict=True), key=lambda pair: pair[1])
    ]
    for backwards, run in reversed(runs) if right_to_left else runs:
        pieces = [Piece("".join(some), face, backwards) for face, some in groupby(run, key=_face)]
        for piece in reversed(pieces) if backwards else pieces:
            # Shaping mirrors brackets of a font that is asked to run backwards only where the letters say so.
            is_arabic = piece.face == "arabic"
            text_ = piece.text if is_arabic or not backwards else piece.text.translate(_MIRRORED)[::-1]
            yield Piece(text_, piece.face, backwards and is_arabic)


def _directions(letters: list[str], right_to_left: bool) -> list[bool]:
    """For each letter, whether it runs from right to left."""
    own = [_direction(letters, place) for place in range(len(letters))]
    # A number keeps its own direction, but towards what stands beside it it goes with the word before it, or else with
    # the line: “2017 – 2018” is read from the right in Arabic, “from 2017 to 2018” is not.
    sides, strong = [], right_to_left
    for letter, one in zip(letters, own, strict=True):
        if one is not None and not _is_digit(letter) and letter.isalnum():
            strong = one
        sides.append(strong if _is_digit(letter) else one)
    found, before = [], right_to_left
    for place, side in enumerate(own):
        if side is None:
            after = next((one for one in sides[place:] if one is not None), right_to_left)
            found.append(before if before == after else right_to_left)
        else:
            found.append(side)
            before = bool(sides[place])
    return found


def _direction(letters: list[str], place: int) -> bool | None:
    """A letter's own direction; None for what has none."""
    letter = letters[place]
    if letter.isalnum():
        return _face(letter) == "arabic"
    before = letters[place - 1] if place else " "
    after = letters[place + 1] if place + 1 < len(letters) else " "
    if letter in _SIGNS and (_is_digit(before) or _is_digit(after)):
        return False
    return False if letter in _JOINS_DIGITS and _is_digit(before) and _is_digit(after) else None


def _is_digit(letter: str) -> bool:
    return "0" <= letter <= "9"


@lru_cache(maxsize=4096)
def _face(letter: str) -> Face:
    code = ord(letter)
    if 0x0600 <= code <= 0x06FF:
        return "arabic"
    if code >= 0x2E80:
        return "chinese"
    extended = 0x0100 <= code <= 0x024F or 0x1E00 <= code <= 0x1EFF
    return "latin-ext" if extended and code not in (0x131, 0x152, 0x153) else "latin"


@lru_cache(maxsize=8192)
def _is_drawn(letter: str) -> bool:
    """Whether its font has the letter: what it has not is left out, rather than shown as an empty box."""
    font = _font(_face(letter), Style(24))
    return bytes(font.getmask(letter)) != bytes(font.getmask(_NO_LETTER))


def _piece_width(piece: Piece, style: Style) -> float:
    direction = "rtl" if piece.right_to_left else "ltr"
    return float(_font(piece.face, style).getlength(piece.text, direction=direction))


def _stroke(face: Face, style: Style) -> float:
    # The Chinese font has one weight, as several would be megabytes: its bold is drawn with a thin outline.
    return round(style.size / 48, 2) if face == "chinese" and style.weight >= _BOLD else 0


@lru_cache(maxsize=128)
def _font(face: Face, style: Style) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_FILES[face], style.size, layout_engine=ImageFont.Layout.RAQM)
    if face in _HEAVIEST:
        font.set_variation_by_axes([min(style.weight, _HEAVIEST[face])])
    return font
