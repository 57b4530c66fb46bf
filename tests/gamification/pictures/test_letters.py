"""Lines of pictures: every script from our own fonts, each in its own direction."""

import pytest
from PIL import Image, ImageDraw

from app.gamification.pictures.letters import Piece, Style, _pieces, fitted, lines, shrunk, width, write

STYLE = Style(24)


def pieces(text: str, right_to_left: bool = False) -> list[str]:
    return [piece.text for piece in _pieces(text, right_to_left)]


def test_a_line_of_two_scripts_is_cut_where_the_font_changes():
    assert list(_pieces("积分 Meridian Ł", False)) == [
        Piece("积分", "chinese", False),
        Piece(" Meridian ", "latin", False),
        Piece("Ł", "latin-ext", False),
    ]


def test_an_arabic_line_is_drawn_from_the_right_and_its_numbers_are_not():
    assert pieces("من 118 من 124 صفقة", True) == ["صفقة", " ", "124", " ", "من", " ", "118", " ", "من"]


def test_a_range_of_numbers_is_read_from_the_right_in_arabic():
    assert "".join(pieces("2017 – 2018", True)) == "2018 – 2017"
    assert "".join(pieces("2017 – 2018")) == "2017 – 2018"
    assert pieces("نقطة Sold 118 of 124 نقطة", True) == ["نقطة", " ", "Sold 118 of 124", " ", "نقطة"]


@pytest.mark.parametrize("number", ["22,000", "74.2%", "+1,240", "−26", "10:30"])
def test_a_number_keeps_its_signs(number: str):
    assert number in pieces(f"خسر {number} منها", True)


def test_latin_words_stay_whole_within_arabic():
    assert pieces("مكافآت Meridian Markets", True) == ["Meridian Markets", " ", "مكافآت"]


def test_brackets_turn_round_with_the_line():
    assert pieces("نقاط (كثيرة)", True) == ["(", "كثيرة", ") ", "نقاط"]


@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\u200b", "\n", "\0", "\ue000", "😀", "ᚠ"])
def test_what_no_font_draws_is_left_out(unseen: str):
    assert pieces(f"a{unseen}b") == ["ab"]


def test_long_names_end_in_an_ellipsis():
    short = fitted("Meridian Markets Worldwide", STYLE, 160)
    assert short.endswith("…") and width(short, STYLE) <= 160
    assert fitted("Meridian", STYLE, 160) == "Meridian"


def test_large_figures_are_written_smaller():
    assert shrunk("9,007,199,254,740,992", Style(132, 760), 500).size < 60
    assert shrunk("47", Style(132, 760), 500).size == 132
    assert shrunk("a very long headline that never fits", Style(34), 50, least=27).size == 27


@pytest.mark.parametrize(
    "text",
    [
        "CFDs are complex and carry a high risk of losing money quickly because of leverage.",
        "差价合约是复杂的金融工具，由于杠杆作用，存在资金快速亏损的高风险。在本公司，积分没有现金价值。",
        "x" * 400,
    ],
)
def test_text_breaks_into_lines_that_fit(text: str):
    found = lines(text, STYLE, 420, 3)
    assert 2 <= len(found) <= 3 or text.startswith("x")
    assert all(width(line, STYLE) <= 420 for line in found[:-1]) and all(not line.startswith("，") for line in found)


def test_arabic_letters_are_joined():
    apart = sum(width(letter, Style(40), True) for letter in "مرحبا")
    assert width("مرحبا", Style(40), True) < apart


def test_a_line_can_end_where_it_is_told_to():
    image = Image.new("L", (300, 60))
    write(ImageDraw.Draw(image), (290, 40), "Points", Style(30), (255,), align="right")
    box = image.getbbox()
    assert box is not None and 280 <= box[2] <= 292 and box[0] > 150
