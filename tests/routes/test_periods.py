"""Months and years of a chart: named in the reader's language, and no more words below than stand beside each other."""

import itertools

import pytest
from flask import Flask

from app.gamification.statements.findings import Period
from app.lib.periods import period_end
from app.routes.language import speaking
from app.routes.public.periods import FEWEST, TICKS, bars, named

MARCH = 19_417  # 1 March 2023


def months(count: int) -> list[Period]:
    found, day = [], MARCH
    for n in range(count):
        found.append(Period(day, n, n))
        day = period_end(day, "month")
    return found


@pytest.mark.parametrize(
    ("language", "month", "year"),
    [("en", "Mar 2023", "2023"), ("ar", "مارس 2023", "2023"), ("zh", "2023年3月", "2023年")],
)
def test_periods_are_named_in_the_readers_language(app: Flask, language: str, month: str, year: str):
    with speaking(language):
        assert named(MARCH, "month") == month and named(MARCH, "year") == year


@pytest.mark.parametrize("count", [0, 1, 4, 8, 13, 36])
def test_words_below_never_meet(app: Flask, count: int):
    drawn = bars(months(count), "month")
    assert [bar.index for bar in drawn] == list(range(max(count, FEWEST)))
    ticks = [bar.index for bar in drawn if bar.tick]
    assert len(ticks) <= TICKS and all(later - tick >= len(drawn) / TICKS for tick, later in itertools.pairwise(ticks))
    assert sum(bar.earned for bar in drawn) == sum(range(count))


def test_a_year_is_said_where_it_is_another_one(app: Flask):
    assert [bar.tick for bar in bars(months(14), "month") if bar.tick] == ["Mar 2023", "Jul", "Nov", "Mar 2024"]
