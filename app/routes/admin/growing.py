"""Forms that grow from a `Settings` dataclass: the domain says what there is to set, and imports no form library.

A field's metadata may hold `label` and `help` (marked for translation), `min`, `max`, `longest`, `choices` (a mapping
of value to words, or a function that returns one), `optional`, `full` (takes the whole row), `lines` (a text of more
than one line). A field of type dict[str, str] is a text in every language: one input each.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.lib.i18n import LANGUAGES, _l
from app.routes.forms import MISSING, TOO_LONG, Form, OneOf

LONGEST = 200
OUT_OF_RANGE = _l("Write a number from %(min)s to %(max)s.")
NO_NUMBER = _l("Write a number.")
Choices = Mapping[str, str] | Callable[[], Mapping[str, str]]


@cache
def form_class(settings: type) -> type[Form]:
    """The form of a Settings dataclass."""
    hints = typing.get_type_hints(settings)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(settings):
        if hints[field.name] == dict[str, str]:
            fields |= {f"{field.name}_{code}": _text_in(field, code) for code in LANGUAGES}
        else:
            fields[field.name] = _field(field, hints[field.name])
    return type(f"{settings.__name__}Form", (Form,), fields)


def form_of(settings: type, values: Any = None) -> Form:
    """A form for this request: filled from what was posted, else from `values`, an instance of the Settings."""
    form = form_class(settings)(data=None if values is None else flat(values))
    for field in dataclasses.fields(settings):
        choices: Choices | None = field.metadata.get("choices")
        if choices is not None:
            offered = choices() if callable(choices) else choices
            form[field.name].choices = list(offered.items())
    return form


def flat(values: Any) -> dict[str, Any]:
    """The form's data of a Settings instance; a text in every language becomes one entry each."""
    data: dict[str, Any] = {}
    for field in dataclasses.fields(values):
        value = getattr(values, field.name)
        if isinstance(value, dict):
            data |= {f"{field.name}_{code}": value.get(code, "") for code in LANGUAGES}
        else:
            data[field.name] = value
    return data


def settings_of(form: Form, settings: type) -> Any:
    """What was filled in, as an instance of the Settings."""
    hints = typing.get_type_hints(settings)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(settings):
        if hints[field.name] == dict[str, str]:
            written = {code: (form[f"{field.name}_{code}"].data or "").strip() for code in LANGUAGES}
            values[field.name] = {code: text for code, text in written.items() if text}
            continue
        value = form[field.name].data
        values[field.name] = value.strip() if isinstance(value, str) else value
    return settings(**values)


def _text_in(field: dataclasses.Field[Any], code: str) -> Field:
    longest = field.metadata.get("longest", LONGEST)
    # English is what every reader falls back to; the others may come later.
    asked = InputRequired(MISSING) if code == "en" and not field.metadata.get("optional") else Optional()
    kind = TextAreaField if field.metadata.get("lines") else StringField
    hints = {"lang": code, "dir": "rtl" if code == "ar" else "ltr", "data-language": LANGUAGES[code]}
    return kind(field.metadata["label"], [asked, Length(max=longest, message=TOO_LONG)], render_kw=hints)


def _field(field: dataclasses.Field[Any], hint: Any) -> Field:
    about = field.metadata
    options: dict[str, Any] = {"label": about["label"], "description": about.get("help", "")}
    if field.default is not dataclasses.MISSING:
        options["default"] = field.default
    asked: Any = Optional() if about.get("optional") or hint is bool else InputRequired(MISSING)
    if hint is bool:
        return BooleanField(**options)
    if "choices" in about:
        several = hint in (list[str], tuple[str, ...], frozenset[str])
        kind = SelectMultipleField if several else SelectField
        return kind(**options, validators=[] if several else [asked, _Offered()], validate_choice=several)
    if hint in (int, Decimal) or hint in (int | None, Decimal | None):
        kind = IntegerField if hint in (int, int | None) else DecimalField
        limits = [NumberRange(about.get("min"), about.get("max"), message=NO_NUMBER)]
        return kind(**options, validators=[asked, *limits], render_kw={"inputmode": "decimal"})
    if hint.__name__ == "date" if isinstance(hint, type) else False:
        return DateField(**options, validators=[asked])
    kind = TextAreaField if about.get("lines") else StringField
    return kind(**options, validators=[asked, Length(max=about.get("longest", LONGEST), message=TOO_LONG)])


class _Offered:
    """Refuses what the list, which is drawn for each request, does not offer."""

    def __call__(self, form: Any, field: Any) -> None:
        OneOf(str(value) for value, *_ in field.choices)(form, field)
