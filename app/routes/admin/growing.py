"""Forms that grow from a `Settings` dataclass: the domain says what there is to set, and imports no form library.

A field's metadata may hold `label` and `help` (marked for translation), `min`, `max`, `decimals`, `longest`, `choices`
(a mapping of value to words, or a function that returns one), `optional`, `lines` (a text of more than one line),
`full` (takes the whole row), `fixed` (said once: what is stored keeps it). A field of type dict[str, str] is a text in
every language: one input each.
"""

import dataclasses
import hashlib
import json
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from wtforms import Field, SelectField
from wtforms.validators import Length, Optional

from app.lib.amounts import plain
from app.lib.i18n import DEFAULT_LANGUAGE, LANGUAGES, direction
from app.routes.admin.fields import (
    DIGITS_AFTER,
    EARLIEST,
    LATEST,
    Asked,
    Between,
    Day,
    Exact,
    Line,
    Lines,
    Several,
    Tick,
    Whole,
)
from app.routes.formats import say
from app.routes.forms import TOO_LONG, Form, OneOf

LONGEST = 200
SEVERAL = (list[str], tuple[str, ...], frozenset[str])
BETWEEN_SEVERAL = "|"  # in a cell of a file
Choices = Mapping[str, str] | Callable[[], Mapping[str, str]]
Described = dataclasses.Field[Any]


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


def form_of(settings: type, values: Any = None, *, stored: Any = None) -> Form:
    """A form for this request: filled from what was posted, else from `values`, an instance of the Settings.

    With `stored`, what is stored already: its `fixed` fields stand in the form, but cannot be changed by it.
    """
    form = form_class(settings)(data=None if values is None else flat(values))
    offer(form, settings)
    if stored is not None:
        keep_fixed(form, stored)
    return form


def offer(form: Form, settings: type) -> None:
    """Give the form's lists what can be chosen now, in the reader's language."""
    for field in dataclasses.fields(settings):
        choices: Choices | None = field.metadata.get("choices")
        if choices is not None:
            offered = [(value, say(words)) for value, words in _called(choices).items()]
            several = isinstance(form[field.name], Several)
            form[field.name].choices = [("", "–"), *offered] if _optional(field) and not several else offered


def keep_fixed(form: Form, stored: Any) -> None:
    """Put the stored value into each `fixed` field, whatever was posted."""
    for field in dataclasses.fields(stored):
        if field.metadata.get("fixed"):
            form[field.name].data, form[field.name].raw_data = getattr(stored, field.name), None
            form[field.name].process_errors = []
            form[field.name].render_kw = {**(form[field.name].render_kw or {}), "disabled": True}


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
            written = {code: form[f"{field.name}_{code}"].data or "" for code in LANGUAGES}
            values[field.name] = {code: text for code, text in written.items() if text}
            continue
        value = form[field.name].data
        if hints[field.name] in SEVERAL:
            container = typing.get_origin(hints[field.name])
            value = container(value or ())
        elif hints[field.name] is str:
            value = value or ""
        elif value == "":
            value = None
        values[field.name] = value
    return settings(**values)


def version_of(values: Any) -> str:
    """A digest of a Settings instance: which version of it a form was opened with."""
    told = json.dumps(cells_of(values), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def names_of(settings: type) -> Iterator[tuple[str, Described, str]]:
    """(name in the form and in files, field, language or "") of everything there is to set, in order."""
    hints = typing.get_type_hints(settings)
    for field in dataclasses.fields(settings):
        if hints[field.name] == dict[str, str]:
            yield from ((f"{field.name}_{code}", field, code) for code in LANGUAGES)
        else:
            yield field.name, field, ""


def cells_of(values: Any) -> dict[str, str]:
    """A Settings instance as the cells of a file; what a form takes as it is."""
    return {name: _cell(value) for name, value in flat(values).items()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return BETWEEN_SEVERAL.join(sorted(value))
    return BETWEEN_SEVERAL.join(value) if isinstance(value, list | tuple) else str(value)


def _called(choices: Choices) -> Mapping[str, str]:
    return choices() if callable(choices) else choices


def _optional(field: Described) -> bool:
    return bool(field.metadata.get("optional"))


def _asked(field: Described) -> Any:
    return Optional() if _optional(field) else Asked()


def _shortest(field: Described) -> Length:
    return Length(max=field.metadata.get("longest", LONGEST), message=TOO_LONG)


def _text_in(field: Described, code: str) -> Field:
    # English is what every reader falls back to; the others may come later.
    asked = _asked(field) if code == DEFAULT_LANGUAGE else Optional()
    kind = Lines if field.metadata.get("lines") else Line
    hints = {"lang": code, "dir": direction(code), "data-language": LANGUAGES[code]}
    return kind(
        field.metadata["label"],
        [asked, _shortest(field)],
        description=field.metadata.get("help", "") if code == DEFAULT_LANGUAGE else "",
        render_kw=hints,
    )


def _field(field: Described, hint: Any) -> Field:
    about = field.metadata
    hints: dict[str, Any] = {"data-full": True} if about.get("full") else {}
    options: dict[str, Any] = {"label": about["label"], "description": about.get("help", ""), "render_kw": hints}
    if field.default is not dataclasses.MISSING:
        options["default"] = field.default
    elif field.default_factory is not dataclasses.MISSING:
        options["default"] = field.default_factory
    if hint is bool:
        return Tick(**options)
    if "choices" in about:
        if hint in SEVERAL:
            return Several(**options, validators=[] if _optional(field) else [Asked()])
        asked = [Optional()] if _optional(field) else [Asked()]
        return SelectField(**options, validators=[*asked, _Offered()], validate_choice=False)
    limits = about.get("min"), about.get("max")
    if hint in (int, int | None):
        hints["inputmode"] = "numeric"
        return Whole(**options, validators=[_asked(field), *_between(*limits)])
    if hint in (Decimal, Decimal | None):
        hints["inputmode"] = "decimal"
        places = about.get("decimals", DIGITS_AFTER)
        return Exact(**options, validators=[_asked(field), *_between(*limits)], decimals=places)
    if hint in (date, date | None):
        within = Between(limits[0] or EARLIEST, limits[1] or LATEST, of_dates=True)
        return Day(**options, validators=[_asked(field), within])
    kind = Lines if about.get("lines") else Line
    return kind(**options, validators=[_asked(field), _shortest(field)])


def _between(low: Any, high: Any) -> list[Between]:
    return [] if low is None and high is None else [Between(low, high)]


class _Offered:
    """Refuses what the list, which is drawn for each request, does not offer."""

    def __call__(self, form: Any, field: Any) -> None:
        OneOf(str(value) for value, *_ in field.choices)(form, field)
