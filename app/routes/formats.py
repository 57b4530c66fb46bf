"""How numbers, days and times are written for the reader, and how a Sentence is said."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from flask import Flask, g
from markupsafe import Markup, escape

from app.gamification.brand import brand
from app.lib import clock
from app.lib.amounts import plain
from app.lib.countries import Country, country_name
from app.lib.i18n import Counted, Sentence, _l, pick
from app.platforms.names import platform_name
from app.routes.desk import at_desk, signed_in_staff
from app.routes.language import Language, language
from app.routes.session import signed_in

Day = date | datetime | int  # a number is days since 1970-01-01
MINUS = "\u2212"


@dataclass(frozen=True)
class Calendar:
    """A language's names and orders. Digits are Latin in all of them, as on the trading platforms."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    day_month: str
    day_month_year: str
    day_label: str
    day_label_year: str
    moment: str


_ORDERS = {
    "en": ("{d} {m}", "{d} {m} {y}", "{w} {d} {M}", "{w} {d} {M} {y}", "{day}, {time}"),
    "ar": ("{d} {M}", "{d} {M} {y}", "{w} {d} {M}", "{w} {d} {M} {y}", "{day}، {time}"),
    "zh": ("{n}月{d}日", "{y}年{n}月{d}日", "{n}月{d}日 {w}", "{y}年{n}月{d}日 {w}", "{day} {time}"),
}


@cache
def calendar_of(spoken: Language) -> Calendar:
    """The calendar of a language."""
    weekdays = get_day_names("wide", locale=spoken.locale)
    months, short = (get_month_names(width, locale=spoken.locale) for width in ("wide", "abbreviated"))
    return Calendar(
        tuple(weekdays[number] for number in range(7)),
        tuple(months[number] for number in range(1, 13)),
        tuple(short[number] for number in range(1, 13)),
        *_ORDERS[spoken.code],
    )


# Numbers


def num(value: int | Decimal) -> str:
    """Grouped by thousands, exact, with the real minus sign."""
    if isinstance(value, Decimal):
        whole, _, fraction = plain(abs(value)).partition(".")
        written = f"{int(whole):,}.{fraction}" if fraction else f"{int(whole):,}"
    else:
        written = f"{abs(value):,}"
    return MINUS + written if value < 0 else written


def signed(value: int | Decimal) -> str:
    """With its sign in front: +1,240 or −26; zero has none."""
    return num(value) if value <= 0 else f"+{num(value)}"


def figure(value: int | Decimal) -> Markup:
    """A number as it stands on a page, isolated from the direction around it; what the macro `ui.num` draws, sooner."""
    return Markup(f'<bdi class="num" dir="ltr">{num(value)}</bdi>')


# Days and times, in the reader's own zone


def reader_zone() -> ZoneInfo:
    """The signed-in reader's time zone, else the programme's."""
    try:
        zone: ZoneInfo = g.reader_zone
    except AttributeError:
        reader = signed_in_staff() if at_desk() else signed_in()
        zone = g.reader_zone = reader.zone if reader else brand().zone
    return zone


@contextmanager
def reading_in(zone: ZoneInfo) -> Iterator[None]:
    """Write days and times in another zone than the reader's, such as in a mail to somebody else."""
    before = g.get("reader_zone")
    g.reader_zone = zone
    try:
        yield
    finally:
        g.pop("reader_zone")
        if before is not None:
            g.reader_zone = before


def today() -> date:
    """The reader's calendar day."""
    return clock.now().astimezone(reader_zone()).date()


def day_month(day: Day) -> str:
    """20 Nov; with the year when it is not the present one."""
    return _day_month(_date(day), calendar_of(language()))


def day_label(day: Day) -> str:
    """The head of a day's list: “Today, Friday 20 November”."""
    date_, calendar, present = _date(day), calendar_of(language()), today()
    order = calendar.day_label if date_.year == present.year else calendar.day_label_year
    written = _written(order, date_, calendar)
    if date_ == present:
        return language().text(_TODAY) % {"day": written}
    if date_ == present - timedelta(days=1):
        return language().text(_YESTERDAY) % {"day": written}
    return written


def clock_time(instant: datetime) -> str:
    """14:32."""
    local = instant.astimezone(reader_zone())
    return f"{local.hour:02}:{local.minute:02}"


def moment(instant: datetime) -> str:
    """20 Nov, 14:32."""
    local, calendar = instant.astimezone(reader_zone()), calendar_of(language())
    return calendar.moment.format(day=_day_month(local, calendar), time=f"{local.hour:02}:{local.minute:02}")


_TODAY = _l("Today, %(day)s")
_YESTERDAY = _l("Yesterday, %(day)s")


def _day_month(day: date, calendar: Calendar) -> str:
    return _written(calendar.day_month if day.year == today().year else calendar.day_month_year, day, calendar)


def _date(day: Day) -> date:
    if isinstance(day, datetime):
        return day.astimezone(reader_zone()).date()
    return clock.from_day(day) if isinstance(day, int) else day


def _written(order: str, day: date, calendar: Calendar) -> str:
    return order.format(
        d=day.day,
        n=day.month,
        y=day.year,
        w=calendar.weekdays[day.weekday()],
        M=calendar.months[day.month - 1],
        m=calendar.short_months[day.month - 1],
    )


# Sentences


def say(sentence: Sentence | str) -> Markup:
    """A sentence with its figures, in the reader's language; each figure isolated from the direction around it."""
    if isinstance(sentence, Markup):
        return sentence
    if isinstance(sentence, str):
        return escape(language().text(sentence))
    if isinstance(sentence.msgid, Counted):
        text = str(escape(_unfilled(sentence)))
    else:
        text = _escaped(language(), sentence.msgid)
    if not sentence.values:
        return Markup(text % {})
    return Markup(text % {name: _said(value) for name, value in sentence.values.items()})


@lru_cache(maxsize=8192)
def _escaped(spoken: Language, msgid: str) -> str:
    # A page says dozens of sentences; looking one up and escaping it costs as much as filling it in.
    return str(escape(spoken.text(msgid)))


def say_plainly(sentence: Sentence) -> str:
    """The same as plain text, for mails, titles and attributes."""
    values = {name: _formatted(value) for name, value in sentence.values.items()}
    return _unfilled(sentence) % values


def spelled(sentence: Sentence, written: Callable[[Any], str]) -> Markup:
    """A sentence whose values are written as HTML by the caller, who marks some of them."""
    return Markup(str(escape(_unfilled(sentence))) % {name: written(value) for name, value in sentence.values.items()})


def _unfilled(sentence: Sentence) -> str:
    if isinstance(sentence.msgid, Counted):
        return language().counted(sentence.msgid, sentence.values.get(sentence.msgid.by))
    return language().text(sentence.msgid)


def _said(value: Any) -> str:
    if isinstance(value, Sentence):
        return say(value)
    if isinstance(value, int | Decimal):
        return f'<bdi dir="ltr">{num(value)}</bdi>'
    return f"<bdi>{escape(_formatted(value))}</bdi>"


def _formatted(value: Any) -> str:
    if isinstance(value, Sentence):
        return say_plainly(value)
    if isinstance(value, int | Decimal):
        return num(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day_month(value)
    if isinstance(value, Country):
        return country_name(value, language().code)
    if isinstance(value, Mapping):
        return pick(dict(value), language().code)
    return str(value)


def install(app: Flask) -> None:
    """Give templates these functions, as globals and as filters."""
    functions = (say, num, signed, figure, day_label, day_month, clock_time, moment, platform_name)
    for function in functions:
        app.jinja_env.globals[function.__name__] = function
        app.jinja_env.filters[function.__name__] = function
