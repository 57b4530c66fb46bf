"""The picture of what a history would have earned, in every language, whatever the figures and the brand."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from app.gamification.branding.palette import Colours
from app.gamification.pictures.earned import Card, draw
from app.gamification.pictures.light import HEIGHT, WIDTH
from app.gamification.pictures.sheet import Mark

CARD = Card(
    right_to_left=False,
    brand="Meridian Markets",
    programme="Meridian Rewards",
    headline="My trading history would have earned",
    points="47,243",
    unit="points",
    under=("from 118 of 124 closed trades", "8 Sep 2023 to 29 Dec 2023"),
    chart_title="Points by month",
    first="Sep 2023",
    last="Dec 2023",
    bars=(13_226, 11_402, 13_351, 9_264),
    best="Strongest month: Nov 2023, 13,351 points",
    risk="CFDs are leveraged and you can lose more quickly than you expect. 72% of accounts lose money.",
    foot="Try it with your own statement: rewards.meridian.example · counted on 22 Nov 2026",
)


def drawn(card: Card) -> Image.Image:
    content = draw(card)
    assert len(content) < 300_000
    with Image.open(io.BytesIO(content)) as opened:
        opened.load()
    return opened


def logo(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (width, height), (0, 160, 90, 255)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, right_to_left=True, headline="كان سجل تداولي سيكسب", unit="نقطة", brand="ميريديان"),
        replace(CARD, headline="我的交易记录本可获得", unit="积分", brand="子午线"),
        replace(CARD, bars=(1,), first="2023", last="2023"),
        replace(CARD, bars=tuple(range(60)), points="9,007,199,254,740,992"),
        replace(CARD, bars=(0, 0)),
        replace(CARD, brand="B" * 200, programme="P" * 200, risk="word " * 300, headline="long " * 60, foot="f" * 400),
        replace(CARD, brand="", programme="", risk="", best=""),
        replace(CARD, colours=Colours("#ffdd00")),
        replace(CARD, colours=Colours("#0a7a3c", "#ffffff")),
        replace(CARD, mark=Mark(logo(640, 160), "dark", has_name=True)),
        replace(CARD, mark=Mark(logo(32, 32), "", has_name=False), right_to_left=True),
        replace(CARD, mark=Mark(b"no picture", "", has_name=False)),
    ],
)
def test_it_is_drawn_as_links_are_shown(card: Card):
    image = drawn(card)
    assert (image.size, image.format) == ((WIDTH, HEIGHT), "PNG")


def test_the_same_figures_give_the_same_picture():
    assert draw(CARD) == draw(CARD)


def test_arabic_reads_from_the_other_side():
    card = replace(CARD, mark=Mark(logo(100, 40), "", has_name=True))
    left, right = drawn(card), drawn(replace(card, right_to_left=True))
    assert left.getpixel((80, 80)) == right.getpixel((WIDTH - 80, 80)) == (0, 160, 90)


def test_points_raise_the_bars():
    low, high = drawn(replace(CARD, bars=(100, 1))), drawn(replace(CARD, bars=(1, 100)))
    assert low.getpixel((790, 300)) == high.getpixel((1000, 300)) != low.getpixel((1000, 300))
