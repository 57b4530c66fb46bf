"""How members' pages draw weeks and months: the names of weekdays, and a month as weeks of days."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from babel.dates import get_day_names

from app.lib.clock import from_day
from app.lib.periods import period_end, period_start
from app.routes.formats import calendar_of
from app.routes.language import Language, language
from app.routes.member.bars import month_name


@dataclass(frozen=True)
class Cell:
    """A day of a drawn month; `day` is None before its first and after its last."""

    day: int | None
    number: int
    is_marked: bool
    is_today: bool


@dataclass(frozen=True)
class Drawn:
    """A month, Monday first."""

    name: str
    weeks: tuple[tuple[Cell, ...], ...]
    marked: int


def weekday_names() -> tuple[str, ...]:
    """Monday to Sunday, in full."""
    return calendar_of(language()).weekdays


def weekday_letters() -> tuple[str, ...]:
    """Monday to Sunday, as short as the reader's language has them."""
    return _letters(language())


def month_of(day: int, marked: Collection[int], today: int) -> Drawn:
    """The month that a day lies in, with the days that are marked."""
    first, end = period_start(day, "month"), period_end(day, "month")
    days: list[int | None] = [None] * from_day(first).weekday() + list(range(first, end))
    days += [None] * (-len(days) % 7)
    cells = [Cell(one, from_day(one).day if one is not None else 0, one in marked, one == today) for one in days]
    weeks = tuple(tuple(cells[at : at + 7]) for at in range(0, len(cells), 7))
    return Drawn(month_name(from_day(first)), weeks, sum(cell.is_marked for cell in cells))


@cache
def _letters(spoken: Language) -> tuple[str, ...]:
    # In Arabic the short names are whole words; one letter is how calendars there have it.
    names = get_day_names("narrow", context="stand-alone", locale=spoken.locale)
    return tuple(names[number] for number in range(7))
