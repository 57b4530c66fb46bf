"""Large figures, money and shares, in three languages."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask

from app.routes.language import speaking
from app.routes.quantities import change, compact, money_text, percent, short


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("code", "value", "written"),
    [
        ("en", 9_999, "9,999"),
        ("en", 352_104, "352.1K"),
        ("en", 5_000_000, "5M"),
        ("en", -20_000, "\u2066−20\u2069K"),
        ("ar", 352_000, "352\xa0ألف"),
        ("zh", 352_000, "35.2万"),
        ("zh", -20_000, "\u2066−2\u2069万"),
    ],
)
def test_large_figures_are_short_in_the_readers_words(code: str, value: int, written: str):
    with speaking(code):
        assert short(value) == written


def test_a_short_figure_says_the_exact_one_too():
    with speaking("en"):
        assert str(compact(352_104)) == '<bdi class="num" title="352,104">352.1K</bdi>'
        assert "title" not in compact(500)


@pytest.mark.parametrize(
    ("amount", "currency", "exact", "written"),
    [
        ("19.20", "USD", False, "$19.20"),
        ("47920.49", "USD", False, "$47,920"),
        ("47920.49", "USD", True, "$47,920.49"),
        ("-3.5", "EUR", False, "−€3.50"),
        ("1234.5", "JPY", True, "¥1,234"),
        ("12.3456", "KWD", True, "KWD\xa012.346"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount: str, currency: str, exact: bool, written: str):
    assert money_text(Decimal(amount), currency, exact=exact) == written


def test_shares_and_changes():
    assert "14.8%" in percent(148, 1000)
    assert percent(1, 0) == "–"
    assert change(1041, 1000) == "+4.1%"
    assert change(959, 1000) == "−4.1%"
    assert change(1000, 1000) == "±0%"
    assert change(5, 0) == ""
    assert change(1101, 100) == "", "from next to nothing: no figure would say anything"
