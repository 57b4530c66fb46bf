"""The picture of a badge, and the icons of the pages drawn without a browser."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from app.gamification.pictures.badge import Card, alias_or_nothing, draw
from app.gamification.pictures.light import HEIGHT, WIDTH
from app.gamification.pictures.outlines import icon, outline
from tests.house.test_css import drawn

CARD = Card(
    right_to_left=False,
    brand="Meridian Markets",
    programme="Meridian Rewards",
    icon="shield-check",
    level=2,
    name="Stop keeper",
    metal="Silver level",
    whose="Lynx",
    under=("holds this badge at Meridian Markets",),
    risk="CFDs are leveraged and you can lose more quickly than you expect. 72% of accounts lose money.",
    foot="Meridian Rewards: rewards.meridian.example",
)


def picture(card: Card) -> Image.Image:
    with Image.open(io.BytesIO(draw(card))) as opened:
        opened.load()
    return opened


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, right_to_left=True, name="حارس الوقف", metal="المستوى الفضي", whose="ليلى", level=1),
        replace(CARD, name="止损在先", metal="白银等级", whose="林嘉怡", level=3),
        replace(CARD, name="N" * 400, whose="w" * 20, brand="B" * 200, risk="word " * 300, under=("u" * 400,)),
        replace(CARD, name="", metal="", whose="", icon="no-such-icon", risk=""),
    ],
)
def test_it_is_drawn_as_links_are_shown(card: Card):
    assert picture(card).size == (WIDTH, HEIGHT)


def test_the_hexagon_stands_where_reading_begins():
    left, right = picture(CARD), picture(replace(CARD, right_to_left=True))
    assert sum(left.getpixel((268, 215))) > 500 > sum(right.getpixel((268, 215)))


@pytest.mark.parametrize("name", sorted(drawn()))
def test_every_icon_of_the_sprite_can_be_drawn(name: str):
    points = [point for line in icon(name) for point in line]
    assert len(points) > 1
    assert all(-1 <= x <= 25 and -1 <= y <= 25 for x, y in points)


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ("M1 2l3 4", (4, 6)),
        ("m1 2 3 4", (4, 6)),
        ("M0 0h5v6H1V2z", (0, 0)),
        ("M0 0c0 4 4 4 4 0s4-4 4 0", (8, 0)),
        ("M0 0Q2 4 4 0T8 0", (8, 0)),
        ("M2 0a2 2 0 012 2", (4, 2)),
        ("M2 0A2 2 0 1 0 4 2", (4, 2)),
        ("M0-.5.5.5", (0.5, 0.5)),
    ],
)
def test_a_path_ends_where_it_says(path: str, ends: tuple[float, float]):
    (line,) = outline(path)
    assert line[-1] == pytest.approx(ends)


def test_an_arc_bends_to_its_side():
    (small,), (large,) = outline("M2 0A2 2 0 0 1 4 2"), outline("M2 0A2 2 0 1 0 4 2")
    assert max(x for x, _ in small) == pytest.approx(4, abs=0.02)
    assert min(x for x, _ in large) == pytest.approx(0, abs=0.02)


def test_half_an_alias_is_nobodys():
    assert alias_or_nothing("Lynx 李") == "Lynx 李"
    assert alias_or_nothing("Lynx ผ") == ""
