"""Days as the desk's pictures and tables write them."""

from functools import lru_cache

from app.lib.clock import from_day
from app.routes.formats import calendar_of, today
from app.routes.language import Language, language


def tick(day: int) -> str:
    """A day below a picture, always without its year: there is no room for it."""
    return _written(day, language(), from_day(day).year)


def span(first: int, last: int) -> str:
    """One day, or from the first to the last; with the year where it is not the present one."""
    spoken, year = language(), today().year
    begins = _written(first, spoken, year)
    return begins if first == last else f"{begins} – {_written(last, spoken, year)}"


@lru_cache(maxsize=4096)
def _written(day: int, spoken: Language, present_year: int) -> str:
    date, calendar = from_day(day), calendar_of(spoken)
    order = calendar.day_month if date.year == present_year else calendar.day_month_year
    name, short = calendar.months[date.month - 1], calendar.short_months[date.month - 1]
    return order.format(d=date.day, n=date.month, y=date.year, M=name, m=short)
