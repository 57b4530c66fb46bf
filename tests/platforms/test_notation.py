"""How figures and days are written is told from all of them; what none of them tells is a doubt."""

from datetime import timedelta

import pytest

from app.platforms.doubts import Doubt
from app.platforms.hints import NOTHING_TOLD, Hints
from app.platforms.notation import Notation, notation_of


def told_by(*texts: str, hints: Hints = NOTHING_TOLD, delimiter: str = ",") -> Notation:
    moments = [text for text in texts if ":" in text]
    return notation_of([text for text in texts if ":" not in text], moments, hints, delimiter=delimiter)


@pytest.mark.parametrize(
    ("figures", "marks", "in_doubt"),
    [
        ("1.5 1,234.50", "point", False),
        ("1,5 1.234,50", "comma", False),
        ("1,5 1.234", "comma", False),
        ("0.123 1,234", "point", False),
        ("1,234,567 1.234", "point", False),
        ("100 -3", "point", False),
        ("1.234", "point", True),
        ("1,234", "point", True),
        ("1,5 1.5 1.234", "point", True),
    ],
)
def test_figures_speak_for_each_other(figures: str, marks: str, in_doubt: bool):
    found = told_by(*figures.split())
    assert (found.marks, bool(found.doubts)) == (marks, in_doubt)


def test_semicolons_between_cells_make_the_comma_likelier():
    found = told_by("1.234", delimiter=";")
    assert (found.marks, found.doubts) == ("comma", (Doubt("marks", "comma", ("point",)),))


def test_a_hint_settles_a_doubt_and_nothing_else():
    assert told_by("1.234", hints=Hints(marks="comma")) == Notation("comma")
    assert told_by("1.234", "1.5", hints=Hints(marks="comma")).marks == "point"
    assert told_by("03/04/2026 10:00", hints=Hints(dates="month_first")) == Notation(dates="month_first")
    assert told_by("13/04/2026 10:00", hints=Hints(dates="month_first")).dates == "day_first"


@pytest.mark.parametrize(
    ("text", "marks", "read"),
    [
        ("1,234.50", "point", "1234.50"),
        ("1.234,50", "comma", "1234.50"),
        ("1.234", "comma", "1234"),
        ("1.234", "point", "1.234"),
        ("0.01", "comma", "0.01"),
        ("4 182.78", "point", "4182.78"),
        ("4\xa0182,78", "comma", "4182.78"),
        ("1'234.5", "point", "1234.5"),
        ("- 0.08", "point", "-0.08"),
        ("−3,5", "comma", "-3.5"),
        ("—", "point", ""),
        ("1 428 Lots", "point", "1428"),
        ("0.05 / 0.10", "point", "0.05"),
        ("1.2.3", "point", "1.2.3"),
        ("NaN", "point", "NaN"),
        ("1e5", "point", "1e5"),
    ],
)
def test_a_figure_is_read(text: str, marks: str, read: str):
    assert Notation(marks).number(text) == read  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2025.03.03 09:15", "2025.03.03 09:15"),
        ("2025-03-03T09:15:10.250", "2025.03.03 09:15:10.250000"),
        ("2025/3/3 9:15:00", "2025.03.03 09:15:00"),
        ("03.04.2025 09:15", "2025.04.03 09:15:00"),
        ("03/04/2025 09:15:00", "2025.04.03 09:15:00"),
        ("03 Jun 2026 14:34:12.258", "2026.06.03 14:34:12.258000"),
        ("3-June-2026 2:34 PM", "2026.06.03 14:34:00"),
        ("03/04/2025 12:05:00 AM", "2025.04.03 00:05:00"),
        ("2025-03-03 09:15:00Z", "2025.03.03 09:15:00"),
        ("2025-03-03 00:15:00+02:00", "2025.03.02 22:15:00"),
        ("2025-02-30 09:15", "2025-02-30 09:15"),
        ("0001-01-01 00:00+14:00", "0001-01-01 00:00+14:00"),
        ("03 Foo 2026 14:34", "03 Foo 2026 14:34"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_read(text: str, read: str):
    assert Notation().moment(text) == read


def test_the_offset_of_a_heading_is_taken_away():
    notation = Notation(offset=timedelta(hours=-6))
    assert notation.moment("03 Jun 2026 20:34:12") == "2026.06.04 02:34:12"
    assert notation.moment("2026.06.03 20:34:12") == "2026.06.04 02:34:12"


@pytest.mark.parametrize(
    ("dates", "order", "in_doubt"),
    [
        (["13/04/2025 10:00", "03/04/2025 10:00"], "day_first", False),
        (["04/13/2025 10:00", "03/04/2025 10:00"], "month_first", False),
        (["03/04/2025 10:00"], "day_first", True),
        (["03/04/2025 10:00:00 PM"], "month_first", True),
        (["03/03/2025 10:00"], "day_first", False),
        (["2025.03.04 10:00"], "day_first", False),
    ],
)
def test_days_speak_for_each_other(dates: list[str], order: str, in_doubt: bool):
    found = told_by(*dates)
    assert (found.dates, [doubt.key for doubt in found.doubts]) == (order, ["dates"] * in_doubt)
