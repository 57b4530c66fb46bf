"""What stands behind the question mark of a list: read strictly, and what makes no sense counts as not asked."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from flask import request

from app.lib.clock import to_day
from app.lib.periods import start_of
from app.routes.formats import reader_zone

LARGEST = 2**31 - 1
LONGEST_SEARCH = 100


def number(name: str) -> int | None:
    """A number from zero on that fits into a column."""
    written = request.args.get(name, "").strip()
    if not (written.isascii() and written.isdecimal() and len(written) <= 10):
        return None
    return int(written) if int(written) <= LARGEST else None


def choice(name: str, offered: Container[str]) -> str:
    """One of what the list offers, else ""."""
    written = request.args.get(name, "")
    return written if written in offered else ""


def typed() -> str:
    """What was typed into a list's search."""
    return request.args.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]


def day(name: str) -> date | None:
    """A date as a browser's field writes it."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def since(first: date | None) -> datetime | None:
    """When a day of the reader's begins."""
    return None if first is None else start_of(to_day(first), reader_zone())


def until(last: date | None) -> datetime | None:
    """When the day after a day of the reader's begins."""
    return since(None if last is None else last + timedelta(days=1))


def link(address: str, **asked: object) -> str:
    """An address with what is asked; what is empty is left out."""
    values = {name: value for name, value in asked.items() if value not in ("", None)}
    return f"{address}?{urlencode(values)}" if values else address
