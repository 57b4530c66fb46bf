"""The fields of forms that grow: what people type on any keyboard, taken exactly or refused in a sentence."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, DecimalField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.gamification.members.names import visible
from app.lib.amounts import plain
from app.lib.i18n import Sentence, _l
from app.routes.formats import say
from app.routes.forms import MISSING, NOT_OFFERED

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
LONGEST_NUMBER = 40
DIGITS_BEFORE, DIGITS_AFTER = 15, 8

NO_WHOLE = _l("Write a whole number, such as 1200, without spaces or commas.")
NO_DECIMAL = _l("Write a number such as 1250.5, without spaces or commas.")
TOO_FINE = _l("Write at most %(places)s decimals.")
BETWEEN = _l("Write a number from %(min)s to %(max)s.")
AT_LEAST = _l("Write a number of at least %(min)s.")
AT_MOST = _l("Write a number of at most %(max)s.")
NO_DATE = _l("Write a date as year, month and day, such as 2026-03-31.")
DATE_BETWEEN = _l("Write a date from %(min)s to %(max)s.")

NO_TICK = _l("Write true or false.")

YES, NO = frozenset({"true", "yes", "y", "1", "on"}), frozenset({"", "false", "no", "n", "0"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(rf"[+-]?(?=[.0-9]*[0-9])[0-9]{{0,{DIGITS_BEFORE}}}(\.[0-9]*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The decimal separator of Arabic keyboards, and the minus signs that word processors put in.
_SIGNS = str.maketrans({"٫": ".", "−": "-", "﹣": "-", "－": "-", "．": ".", "＋": "+"})


def typed(text: str) -> str:
    """A number or date as it was meant: digits of every script as 0 to 9, without marks of direction."""
    kept = visible(text[:LONGEST_NUMBER]).translate(_SIGNS)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in kept)


def lines_of(text: str) -> str:
    """A text of several lines as it is seen, without control and direction characters."""
    lines = [visible(line) for line in re.split(r"\r\n|\r|\n", text)]
    return "\n".join(lines).strip("\n")


class Line(StringField):
    """A text of one line, as it is seen."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = visible(valuelist[0])


class Lines(TextAreaField):
    """A text of several lines, as it is seen."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = lines_of(valuelist[0])


class Whole(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data, text = None, typed(valuelist[0])
        if not _WHOLE.fullmatch(text):
            raise ValueError(NO_WHOLE)
        self.data = int(text)


class Exact(DecimalField):
    """A decimal number, kept as it was written; no exponent, infinity or NaN."""

    def __init__(self, *args: Any, decimals: int = DIGITS_AFTER, **options: Any) -> None:
        super().__init__(*args, **options)
        self.decimals = decimals

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else plain(Decimal(self.data))

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data, text = None, typed(valuelist[0])
        if not _DECIMAL.fullmatch(text):
            raise ValueError(NO_DECIMAL)
        if len(text.partition(".")[2]) > self.decimals:
            raise ValueError(say(Sentence(TOO_FINE, {"places": self.decimals})))
        self.data = Decimal(text)


class Day(DateField):
    """A calendar date."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data, text = None, typed(valuelist[0])
        try:
            if not _DATE.fullmatch(text):
                raise ValueError
            self.data = date.fromisoformat(text)
        except ValueError:
            raise ValueError(NO_DATE) from None


class Tick(BooleanField):
    """A box to tick; files write true or false, or what a spreadsheet makes of it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0].strip().lower() if valuelist else ""
        self.data = written in YES
        if written not in YES | NO:
            raise ValueError(NO_TICK)


class Several(SelectMultipleField):
    """Any of a few choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        offered = {str(value) for value, *_ in self.choices or ()}
        if not set(self.data or ()) <= offered:
            raise ValidationError(NOT_OFFERED)


class Asked:
    """Refuses what was left empty, or holds nothing that can be seen."""

    field_flags = {"required": True}

    def __call__(self, _form: Any, field: Any) -> None:
        data = field.data
        filled = data is not None if not isinstance(data, str | list | tuple) else bool(data)
        if filled or (field.errors and any(text.strip() for text in field.raw_data or ())):
            return  # what was typed and could not be read has its own sentence
        field.errors = []
        raise StopValidation(MISSING)


class Between:
    """Refuses numbers and dates outside of a range, naming its ends; None is an open end."""

    def __init__(self, low: Any, high: Any, *, of_dates: bool = False) -> None:
        self.low, self.high = low, high
        self._words = DATE_BETWEEN if of_dates else self._of_numbers()

    def _of_numbers(self) -> str:
        if self.low is None:
            return AT_MOST
        return AT_LEAST if self.high is None else BETWEEN

    def __call__(self, _form: Any, field: Any) -> None:
        value = field.data
        if value is None or ((self.low is None or self.low <= value) and (self.high is None or value <= self.high)):
            return
        ends = {"min": self.low, "max": self.high}
        figures = {name: end.isoformat() if isinstance(end, date) else end for name, end in ends.items()}
        raise ValidationError(say(Sentence(self._words, figures)))
