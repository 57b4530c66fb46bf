"""How numbers, days and sentences are written for the reader."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from time_machine import travel

from app.lib.clock import to_day
from app.lib.i18n import Sentence, _n
from app.routes.formats import clock_time, day_label, day_month, moment, num, say, say_plainly, signed
from app.routes.language import speaking


@pytest.fixture(autouse=True)
def request_of_a_stranger(app: Flask) -> Iterator[None]:
    """Inside a request of somebody who reads English; the programme's zone is Nicosia's."""
    with app.test_request_context("/"), travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        yield


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (24860, "24,860"),
        (-26, "−26"),
        (2**53, "9,007,199,254,740,992"),
        (Decimal("1234.50"), "1,234.5"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+5"), "100,000"),
        (Decimal("0.00000001"), "0.00000001"),
    ],
)
def test_numbers_are_exact_and_grouped(value: int | Decimal, written: str):
    assert num(value) == written


def test_a_sign_is_written_where_it_matters():
    assert (signed(1240), signed(-26), signed(0)) == ("+1,240", "−26", "0")


@pytest.mark.parametrize(
    ("figure", "written"),
    [(1, "1 day left"), (2, "2 days left"), (0, "0 days left"), (-1, "−1 day left"), (Decimal("1.5"), "1.5 days left")],
)
def test_a_sentence_agrees_with_its_figure(figure: int | Decimal, written: str):
    left = Sentence(_n("%(days)s day left", "%(days)s days left", "days"), {"days": figure})
    assert say_plainly(left) == written
    assert "day" in say(left)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_nothing_is_lost_in_writing(value: Decimal):
    assert Decimal(num(value).replace(",", "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ("20 Nov", "1 Dec 2027", "Today, Friday 20 November", "Thursday 31 December 2026", "20 Nov, 14:32")),
        ("ar", ("20 نوفمبر", "1 ديسمبر 2027", None, None, "20 نوفمبر، 14:32")),
        ("zh", ("11月20日", "2027年12月1日", None, None, "11月20日 14:32")),
    ],
)
def test_days_are_written_as_the_language_does(language: str, written: tuple[str | None, ...]):
    at = datetime(2026, 11, 20, 12, 32, tzinfo=UTC)
    with speaking(language):
        found = (day_month(at), day_month(date(2027, 12, 1)), day_label(at), day_label(date(2026, 12, 31)), moment(at))
    for wanted, got in zip(written, found, strict=True):
        assert wanted is None or got == wanted or (wanted.endswith("2026") and got == wanted.removesuffix(" 2026"))


def test_a_number_is_a_day_since_1970():
    assert day_label(to_day(date(2026, 11, 19))) == "Yesterday, Thursday 19 November"
    assert day_label(to_day(date(2025, 11, 19))) == "Wednesday 19 November 2025"


def test_a_time_is_that_of_the_readers_zone():
    assert clock_time(datetime(2026, 7, 1, 12, 5, tzinfo=UTC)) == "15:05"
    assert clock_time(datetime(2026, 12, 1, 22, 5, tzinfo=UTC)) == "00:05"


def test_a_sentence_is_said_with_its_figures_isolated():
    sentence = Sentence(
        "Open %(value)s s, needs %(needed)s s, 50%% of %(who)s", {"value": 1210, "needed": 180, "who": "<Bob>"}
    )
    assert str(say(sentence)) == (
        'Open <bdi dir="ltr">1,210</bdi> s, needs <bdi dir="ltr">180</bdi> s, 50% of <bdi>&lt;Bob&gt;</bdi>'
    )
    assert say_plainly(sentence) == "Open 1,210 s, needs 180 s, 50% of <Bob>"


def test_a_sentence_may_stand_in_another():
    inner = Sentence("by %(when)s", {"when": date(2026, 12, 31)})
    assert "by <bdi>31 Dec</bdi>" in say(Sentence("Lapses %(how)s", {"how": inner}))


def test_words_of_others_are_never_markup():
    assert str(say("<script>")) == "&lt;script&gt;"
