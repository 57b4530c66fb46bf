"""From one or two colours of a brand to every token that pages take from it, each readable in light and in dark."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.lib.colour import WHITE, Colour, from_hex, from_lch
from app.lib.i18n import _l

TEXT, GRAPHIC = 4.5, 3.0  # the least contrast by WCAG 2.2, level AA
SEEN = 1.15  # of a button against the page: its words say what it is, its shape should still show
INK = from_hex("#0b1020")
# What the product's own sheets lay brand colours on.
LIGHT_GROUND = tuple(from_hex(one) for one in ("#ffffff", "#f7f9fd", "#f4f6fb"))
DARK_GROUND = tuple(from_hex(one) for one in ("#141d3c", "#0f1630", "#070b18"))
GLASS = 0.16  # how much white lies over the hero where a chip stands on it


@dataclass(frozen=True)
class Colours:
    """What the owner chose, as `#rrggbb`; an empty hero is made from the brand's own hue."""

    brand: str
    hero: str = ""


OWN = Colours("#2f55f0", "#0b1433")  # the product's, where a brand has none


class Pair(NamedTuple):
    """A token's colour on light and on dark pages."""

    light: Colour
    dark: Colour


class Check(NamedTuple):
    """One pair of colours that stand on each other: what it is, how much contrast there is, how much is needed."""

    words: str  # marked for translation
    ratio: float
    needed: float

    @property
    def passed(self) -> bool:
        return self.ratio >= self.needed


@dataclass(frozen=True)
class Palette:
    """Every token that a brand overrides, and how it reads."""

    brand: Pair
    fill: Pair
    press: Pair
    light: Pair
    soft: Pair
    line: Pair
    text: Pair
    on_brand: Colour
    logo: Pair
    hero: tuple[Colour, Colour, Colour, Colour]
    hero_ink: tuple[Colour, Colour]
    checks: tuple[Check, ...]
    suggested: Colours | None  # the nearest colours that can be read; None where these can
    with_white: str  # the nearest shade that carries white text, where this one is too pale for it

    @property
    def is_readable(self) -> bool:
        return all(check.passed for check in self.checks)


@lru_cache(maxsize=64)
def palette(colours: Colours) -> Palette:
    """The palette of these colours; raises BadColour."""
    chosen = from_hex(colours.brand)
    on_brand = _text_on(chosen)
    fill = Pair(chosen, _dark_fill(chosen, on_brand))
    soft = Pair(chosen.shade(0.955, 0.032), chosen.shade(0.29, 0.085))
    text = Pair(
        chosen.toward(-1, lambda one: _least(one, (*LIGHT_GROUND, soft.light)) >= TEXT + 0.3),
        chosen.shade(max(0.7, chosen.lch()[0]), 0.14).toward(
            1, lambda one: _least(one, (*DARK_GROUND, soft.dark)) >= TEXT + 0.3
        ),
    )
    brand = Pair(
        chosen.toward(-1, lambda one: _least(one, LIGHT_GROUND) >= GRAPHIC),
        chosen.toward(1, lambda one: _least(one, DARK_GROUND) >= GRAPHIC),
    )
    hero, hero_ink = _hero(colours, chosen)
    worst = min(_on_glass(one) for one in hero[:2])
    checks = (
        Check(_l("Text on buttons, on light pages"), on_brand.contrast(fill.light), TEXT),
        Check(_l("Text on buttons, on dark pages"), on_brand.contrast(fill.dark), TEXT),
        Check(_l("Coloured text on light pages"), _least(text.light, (*LIGHT_GROUND, soft.light)), TEXT),
        Check(_l("Coloured text on dark pages"), _least(text.dark, (*DARK_GROUND, soft.dark)), TEXT),
        Check(_l("Rings and lines on light pages"), _least(brand.light, LIGHT_GROUND), GRAPHIC),
        Check(_l("Rings and lines on dark pages"), _least(brand.dark, DARK_GROUND), GRAPHIC),
        Check(_l("Buttons against light pages"), _least(fill.light, LIGHT_GROUND), SEEN),
        Check(_l("Text on the hero"), worst, TEXT),
    )
    return Palette(
        brand=brand,
        fill=fill,
        press=Pair(*(_pressed(one, on_brand) for one in fill)),
        light=Pair(
            chosen.shade(min(0.8, brand.light.lch()[0] + 0.12)), brand.dark.shade(min(0.85, brand.dark.lch()[0] + 0.1))
        ),
        soft=soft,
        line=Pair(chosen.shade(0.88, 0.065), chosen.shade(0.38, 0.1)),
        text=text,
        on_brand=on_brand,
        logo=Pair(chosen.shade(min(0.78, chosen.lch()[0] + 0.1)), chosen.shade(max(0.25, chosen.lch()[0] - 0.16))),
        hero=hero,
        hero_ink=hero_ink,
        checks=checks,
        suggested=_suggested(colours, chosen, hero, checks),
        with_white=_with_white(chosen, on_brand),
    )


def _text_on(fill: Colour) -> Colour:
    """White wherever it can be read, else ink; white again where neither can, as the check will say."""
    return INK if WHITE.contrast(fill) < TEXT <= INK.contrast(fill) else WHITE


def _dark_fill(chosen: Colour, on_brand: Colour) -> Colour:
    """The fill on dark pages: light enough to be seen there, as long as its text can still be read."""
    seen = chosen.toward(1, lambda one: _least(one, DARK_GROUND) >= GRAPHIC - 0.4)
    return (
        seen if on_brand.contrast(seen) >= TEXT else chosen.nearest(lambda one: on_brand.contrast(one) >= TEXT) or seen
    )


def _carries_text(fill: Colour) -> bool:
    return _text_on(fill).contrast(fill) >= TEXT and _least(fill, LIGHT_GROUND) >= SEEN


def _pressed(fill: Colour, on_brand: Colour) -> Colour:
    """A little further from the text on it, so that pressing never makes it harder to read."""
    lightness = fill.lch()[0]
    return fill.shade(lightness - 0.06 if on_brand == WHITE else min(0.97, lightness + 0.04))


def _hero(colours: Colours, chosen: Colour) -> tuple[tuple[Colour, Colour, Colour, Colour], tuple[Colour, Colour]]:
    deep = from_hex(colours.hero) if colours.hero else chosen.shade(0.2, 0.06)
    second = _second(deep) if colours.hero else chosen.shade(0.3, 0.115)
    ground = (deep, second)
    tint = chosen.shade(0.92, 0.04), chosen.shade(0.88, 0.055)
    inks = tuple(one.toward(1, lambda ink: _least(ink, ground) >= TEXT) for one in tint)
    glow = chosen.toward(-1, lambda one: inks[1].contrast(one) >= TEXT)
    return (deep, second, glow, chosen.shade(0.32, 0.16, turned=25)), (inks[0], inks[1])


def _second(deep: Colour) -> Colour:
    """Where the ground of the hero leads to: a little lighter, and fuller."""
    lightness, chroma, hue = deep.lch()
    return from_lch(lightness + 0.1, min(0.13, 2 * chroma), hue)


def _on_glass(ground: Colour) -> float:
    return WHITE.contrast(WHITE.over(ground, GLASS))


def _least(colour: Colour, grounds: tuple[Colour, ...]) -> float:
    return min(colour.contrast(ground) for ground in grounds)


def _suggested(colours: Colours, chosen: Colour, hero: tuple[Colour, ...], checks: tuple[Check, ...]) -> Colours | None:
    if all(check.passed for check in checks):
        return None
    brand = chosen.nearest(_carries_text) or chosen
    if not colours.hero:
        return Colours(brand.hex)
    deep = hero[0].toward(-1, lambda one: min(_on_glass(one), _on_glass(_second(one))) >= TEXT)
    return Colours(brand.hex, deep.hex)


def _with_white(chosen: Colour, on_brand: Colour) -> str:
    if on_brand == WHITE:
        return ""
    return chosen.toward(-1, lambda one: WHITE.contrast(one) >= TEXT).hex
