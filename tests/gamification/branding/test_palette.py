"""Whatever colour a broker has, what is made of it can be read, or the nearest that can be is named."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.branding.palette import DARK_GROUND, INK, LIGHT_GROUND, OWN, TEXT, Colours, palette
from app.gamification.branding.stylesheet import digest, stylesheet
from app.lib.colour import WHITE, BadColour

written = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
LINE = re.compile(r"  --[a-z0-9-]+: [a-z0-9#(), ./-]+;")


@given(written, st.one_of(st.just(""), written))
def test_every_colour_is_readable_or_leads_to_one_that_is(brand: str, hero: str):
    made = palette(Colours(brand, hero))
    if made.suggested is not None:
        assert not made.is_readable
        made = palette(made.suggested)
    assert made.is_readable and made.suggested is None
    for fill in (*made.fill, *made.press):
        assert made.on_brand.contrast(fill) >= TEXT
    for ink in made.hero_ink:
        assert min(ink.contrast(ground) for ground in made.hero[:2]) >= TEXT
    assert all(made.text.light.contrast(ground) >= TEXT for ground in (*LIGHT_GROUND, made.soft.light))
    assert all(made.text.dark.contrast(ground) >= TEXT for ground in (*DARK_GROUND, made.soft.dark))


@given(written, st.one_of(st.just(""), written))
def test_the_sheet_holds_tokens_and_nothing_else(brand: str, hero: str):
    head, *lines, foot, end = stylesheet(Colours(brand, hero)).split("\n")
    assert (head, foot, end) == (":root {", "}", "")
    assert all(LINE.fullmatch(line) for line in lines)


def test_the_colour_itself_is_the_button_wherever_it_can_be():
    assert palette(Colours("#2f55f0")).fill.light.hex == "#2f55f0"
    assert palette(Colours("#2f55f0")).on_brand == WHITE


def test_a_pale_colour_carries_dark_text_and_is_told_of_a_shade_for_white():
    made = palette(Colours("#ffde02"))
    assert made.on_brand == INK and made.is_readable
    assert WHITE.contrast(palette(Colours(made.with_white)).fill.light) >= TEXT
    assert palette(OWN).with_white == ""


@pytest.mark.parametrize(("brand", "nearest"), [("#777777", "#767676"), ("#ffffff", None)])
def test_too_pale_a_colour_leads_to_the_nearest(brand: str, nearest: str | None):
    made = palette(Colours(brand))
    assert made.suggested is not None
    assert nearest in (None, made.suggested.brand)


def test_a_pale_hero_leads_to_a_deep_one():
    made = palette(Colours("#2f55f0", "#c0d0ff"))
    assert [check.words for check in made.checks if not check.passed] == ["Text on the hero"]
    assert made.suggested is not None and made.suggested.brand == "#2f55f0"


@pytest.mark.parametrize("brand", ["red;}body{", "url(https://x)", "expression(alert(1))", "", "#12345", "</style>"])
def test_nothing_is_made_of_what_is_no_colour(brand: str):
    with pytest.raises(BadColour):
        stylesheet(Colours(brand))
    with pytest.raises(BadColour):
        stylesheet(Colours("#2f55f0", brand or "#"))


def test_the_address_follows_the_colours():
    assert digest(Colours("#2f55f0")) == digest(Colours("#2f55f0")) != digest(Colours("#2f55f1"))
