"""Pictures from outside: checked before they are opened, drawn anew, and stripped of everything but what is seen."""

import hashlib
import io
import struct
import warnings
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from app.gamification.branding.palette import DARK_GROUND, GRAPHIC, LIGHT_GROUND
from app.gamification.errors.programme import BadPicture, PictureTooLarge, PictureTooSmall
from app.lib.colour import Colour

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 1024 * 1024
MOST_SIDE, MOST_PIXELS = 6000, 12_000_000
LEAST_SIDE = 32
LOGO = (640, 160)
ICON, TOUCH = 64, 180
# What decoders raise over bytes that are not what they say.
_BROKEN = (
    *(UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError),
    *(struct.error, MemoryError, Warning),
)


class Picture(NamedTuple):
    """A picture as it is kept: PNG, under the digest of its bytes."""

    digest: str
    content: bytes
    width: int
    height: int


class Logo(NamedTuple):
    """A logo with the small squares made from it; `plate` says on which pages it needs a ground of its own."""

    picture: Picture
    icon: Picture
    touch: Picture
    plate: str  # "": none; "dark": it is dark, and stands on a light plate there; "light": the other way


def read_logo(data: bytes) -> Logo:
    """Make a logo of what was uploaded; raises PictureTooLarge, PictureTooSmall or BadPicture."""
    drawn = _read(data)
    logo = ImageOps.contain(drawn, LOGO, Image.Resampling.LANCZOS) if _exceeds(drawn) else drawn
    touch = Image.new("RGB", (TOUCH, TOUCH), "white" if _plate(drawn) != "light" else DARK_GROUND[1].hex)
    touch.paste(small := _square(drawn, TOUCH - 36), (18, 18), small)
    return Logo(_kept(logo), _kept(_square(drawn, ICON)), _kept(touch), _plate(drawn))


def _read(data: bytes) -> Image.Image:
    if len(data) > MOST_BYTES:
        raise PictureTooLarge(most=MOST_BYTES // 1024)
    try:
        with warnings.catch_warnings():
            # What Pillow only warns of is refused here.
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                # The head alone is read so far: a bomb says there how large it would become.
                _check_size(*opened.size)
                opened.draft("RGB", (2 * LOGO[0], 2 * LOGO[0]))
                upright = ImageOps.exif_transpose(opened)
                drawn = Image.new("RGBA", upright.size)
                drawn.paste(upright.convert("RGBA"))
                return drawn
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(most=MOST_BYTES // 1024) from error
    except _BROKEN as error:
        raise BadPicture() from error


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise PictureTooLarge(most=MOST_BYTES // 1024)
    if min(width, height) < LEAST_SIDE:
        raise PictureTooSmall(least=LEAST_SIDE)


def _exceeds(drawn: Image.Image) -> bool:
    return drawn.width > LOGO[0] or drawn.height > LOGO[1]


def _square(drawn: Image.Image, side: int) -> Image.Image:
    """The picture in the middle of a square that is clear around it."""
    small = ImageOps.contain(drawn, (side, side), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    return square


def _plate(drawn: Image.Image) -> str:
    """Where a picture with a clear ground could not be seen: dark ones on dark pages, pale ones on light pages."""
    tiny = ImageOps.contain(drawn, (48, 48), Image.Resampling.BOX)
    channels = iter(tiny.tobytes())
    seen = [
        Colour(red, green, blue)
        for red, green, blue, alpha in zip(channels, channels, channels, channels, strict=True)
        if alpha > 127
    ]
    if not seen or len(seen) > 0.97 * tiny.width * tiny.height:
        return ""
    hidden = {
        "dark": sum(one.contrast(DARK_GROUND[1]) < GRAPHIC - 1 for one in seen),
        "light": sum(one.contrast(LIGHT_GROUND[0]) < GRAPHIC - 1.5 for one in seen),
    }
    worst = max(hidden, key=lambda theme: hidden[theme])
    return worst if hidden[worst] > 0.3 * len(seen) else ""


def _kept(drawn: Image.Image) -> Picture:
    file = io.BytesIO()
    drawn.save(file, "PNG", optimize=True)
    content = file.getvalue()
    return Picture(hashlib.sha256(content).hexdigest(), content, drawn.width, drawn.height)
