"""Days as the desk's pictures and tables write them."""

from app.lib.clock import from_day
from app.routes.formats import calendar_of, day_month
from app.routes.language import language


def tick(day: int) -> str:
    """A day below a picture, always without its year: there is no room for it."""
    date, calendar = from_day(day), calendar_of(language())
    name, short = calendar.months[date.month - 1], calendar.short_months[date.month - 1]
    return calendar.day_month.format(d=date.day, n=date.month, M=name, m=short)


def span(first: int, last: int) -> str:
    """One day, or from the first to the last."""
    return day_month(first) if first == last else f"{day_month(first)} – {day_month(last)}"
