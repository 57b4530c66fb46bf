"""Colour maths against the figures that WCAG and the authors of OKLCH publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.colour import BLACK, WHITE, BadColour, Colour, from_hex, from_lch

colours = st.builds(Colour, *(st.integers(0, 255) for _ in range(3)))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#008000", "#ffffff", 5.14),
        ("#ffff00", "#000000", 19.56),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float):
    assert from_hex(one).contrast(from_hex(other)) == pytest.approx(ratio, abs=0.005)
    assert from_hex(other).contrast(from_hex(one)) == from_hex(one).contrast(from_hex(other))


@pytest.mark.parametrize(
    ("written", "lightness", "chroma", "hue"),
    [
        ("#ff0000", 0.62796, 0.25768, 29.234),
        ("#00ff00", 0.86644, 0.29483, 142.495),
        ("#0000ff", 0.45201, 0.31321, 264.052),
    ],
)
def test_oklch_is_that_of_its_authors(written: str, lightness: float, chroma: float, hue: float):
    found = from_hex(written).lch()
    assert found == pytest.approx((lightness, chroma, hue), abs=0.001)


@given(colours)
def test_there_and_back_is_the_same_colour(colour: Colour):
    back = from_lch(*colour.lch())
    assert all(abs(a - b) <= 1 for a, b in zip(_channels(colour), _channels(back), strict=True))


@given(colours, st.floats(0.1, 1))
def test_a_shade_is_a_colour_of_that_lightness(colour: Colour, lightness: float):
    assert colour.shade(lightness).lch()[0] == pytest.approx(lightness, abs=0.02)


@given(colours)
def test_the_nearest_that_fits_fits(colour: Colour):
    found = colour.nearest(lambda one: one.contrast(WHITE) >= 4.5)
    assert found is not None and found.contrast(WHITE) >= 4.5
    if colour.contrast(WHITE) >= 4.5:
        assert found == colour


def test_what_never_fits_is_none_or_an_end():
    assert BLACK.nearest(lambda _: False) is None
    assert BLACK.toward(1, lambda _: False) == WHITE and WHITE.toward(-1, lambda _: False) == BLACK


@pytest.mark.parametrize("written", ["#2F55F0", "2f55f0", " #2f55f0 "])
def test_a_colour_is_read_however_it_is_written(written: str):
    assert from_hex(written).hex == "#2f55f0"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "red",
        "#fff",
        "#2f55f0ff",
        "red;}body{",
        "url(https://x)",
        "expression(1)",
        "#2f55f\u0660",
        "#２f55f0",
        "\x00",
    ],
)
def test_what_is_no_colour_is_refused(written: str):
    with pytest.raises(BadColour):
        from_hex(written)


def _channels(colour: Colour) -> tuple[int, int, int]:
    return colour.red, colour.green, colour.blue
