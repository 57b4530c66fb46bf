"""Colour and light of pictures: the lit surface of the pages, gold, and how two colours run into each other."""

from functools import lru_cache

from PIL import Image, ImageDraw

from app.gamification.pictures.letters import Ink
from app.lib.colour import Colour

WIDTH, HEIGHT = 1200, 630  # as links are shown elsewhere
_GOLD_TOP, _GOLD_FOOT = (255, 213, 114, 255), (238, 177, 53, 255)


def ink_of(colour: Colour) -> Ink:
    """An opaque colour as Pillow takes it."""
    return (colour.red, colour.green, colour.blue, 255)


@lru_cache(maxsize=4)
def ground(hero: tuple[Colour, ...], mirrored: bool) -> Image.Image:
    """The lit surface of the pages: two deep colours, a glow in two corners. It is kept: draw on a copy."""
    surface = blend((WIDTH, HEIGHT), ink_of(hero[0]), ink_of(hero[1]), slanted=True)
    _glow(surface, ink_of(hero[2]), (WIDTH, 0), 760, 0.85)
    _glow(surface, ink_of(hero[3]), (0, HEIGHT), 620, 0.8)
    grid = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    pen = ImageDraw.Draw(grid)
    for x in range(0, WIDTH, 42):
        pen.line((x, 0, x, HEIGHT), (255, 255, 255, 9))
    for y in range(0, HEIGHT, 42):
        pen.line((0, y, WIDTH, y), (255, 255, 255, 9))
    surface.alpha_composite(grid)
    return surface.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else surface


def _glow(surface: Image.Image, ink: Ink, at: tuple[int, int], radius: int, strength: float) -> None:
    falling = Image.radial_gradient("L").point(
        [round((255 - min(255, level * 1.41)) * strength) for level in range(256)]
    )
    falling = falling.resize((2 * radius, 2 * radius), Image.Resampling.BICUBIC)
    mask = Image.new("L", surface.size)
    mask.paste(falling, (at[0] - radius, at[1] - radius))
    surface.paste(Image.new("RGBA", surface.size, ink), (0, 0), mask)


def blend(size: tuple[int, int], first: Ink, second: Ink, slanted: bool = False) -> Image.Image:
    """The first colour at the head, running into the second at the foot, or from corner to corner."""
    mask = Image.linear_gradient("L")
    if slanted:
        mask = mask.rotate(60, Image.Resampling.BICUBIC, fillcolor=128).crop((48, 48, 208, 208))
    surface = Image.new("RGBA", size, first)
    surface.paste(Image.new("RGBA", size, second), (0, 0), mask.resize(size, Image.Resampling.BICUBIC))
    return surface


def gold(size: tuple[int, int]) -> Image.Image:
    """Gold with the light from above; it means points, as on the pages."""
    return blend(size, _GOLD_TOP, _GOLD_FOOT)
