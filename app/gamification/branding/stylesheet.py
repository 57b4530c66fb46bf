"""The brand as a style sheet: the tokens it overrides and nothing else, written from colours that were read as such."""

import hashlib
from functools import lru_cache

from app.gamification.branding.palette import Colours, Pair, Palette, palette

DIGITS = 16


@lru_cache(maxsize=64)
def stylesheet(colours: Colours, selector: str = ":root") -> str:
    """The sheet of these colours; `selector` narrows it to a part of a page. Raises BadColour.

    It stands in no layer, so that it goes before every sheet of the product.
    """
    tokens = _tokens(palette(colours))
    return selector + " {\n" + "".join(f"  --{name}: {value};\n" for name, value in tokens.items()) + "}\n"


@lru_cache(maxsize=64)
def digest(colours: Colours) -> str:
    """What the address of the sheet names: it changes with the sheet, by whatever made it change."""
    return hashlib.sha256(stylesheet(colours).encode()).hexdigest()[:DIGITS]


def _tokens(made: Palette) -> dict[str, str]:
    shadow = made.fill.light
    return {
        "brand": _either(made.brand),
        "brand-fill": _either(made.fill),
        "brand-press": _either(made.press),
        "brand-light": _either(made.light),
        "brand-soft": _either(made.soft),
        "brand-line": _either(made.line),
        "brand-text": _either(made.text),
        "on-brand": made.on_brand.hex,
        "logo-1": made.logo.light.hex,
        "logo-2": made.logo.dark.hex,
        "hero-1": made.hero[0].hex,
        "hero-2": made.hero[1].hex,
        "hero-3": made.hero[2].hex,
        "hero-4": made.hero[3].hex,
        "hero-ink-2": made.hero_ink[0].hex,
        "hero-ink-3": made.hero_ink[1].hex,
        "shadow-brand": (
            "inset 0 1px 0 rgb(255 255 255 / 0.16), 0 6px 16px -8px "
            f"light-dark(rgb({shadow.red} {shadow.green} {shadow.blue} / 0.6), rgb(0 0 0 / 0.6))"
        ),
    }


def _either(pair: Pair) -> str:
    return f"light-dark({pair.light.hex}, {pair.dark.hex})"
