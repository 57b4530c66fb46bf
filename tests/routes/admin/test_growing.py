"""Forms that grow from a dataclass: each type of field takes what people type, exactly, or says what it wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.routes.admin.growing import cells_of, flat, form_of, settings_of, version_of


def meta(label: str, **more: Any) -> Any:
    return {"label": label, **more}


@dataclass(frozen=True)
class Every:
    """One field of each type."""

    words: str = field(metadata=meta("Words", longest=10))
    count: int = field(metadata=meta("Count", min=1, max=10))
    rate: Decimal = field(metadata=meta("Rate", min=Decimal("0.5"), max=Decimal(100), decimals=4))
    since: date = field(metadata=meta("Since", min=date(2020, 1, 1), max=date(2030, 1, 1)))
    one: str = field(metadata=meta("One", choices={"a": "First", "b": "Second"}))
    several: tuple[str, ...] = field(default=(), metadata=meta("Several", choices={"x": "X", "y": "Y"}, optional=True))
    title: dict[str, str] = field(default_factory=dict, metadata=meta("Title", longest=20))
    ticked: bool = field(default=False, metadata=meta("Ticked"))
    lines: str = field(default="", metadata=meta("Lines", lines=True, optional=True))
    perhaps: int | None = field(default=None, metadata=meta("Perhaps", optional=True, min=0))
    limit: Decimal | None = field(default=None, metadata=meta("Limit", optional=True, min=Decimal(1)))
    until: date | None = field(default=None, metadata=meta("Until", optional=True))
    either: str | None = field(default=None, metadata=meta("Either", choices={"p": "P"}, optional=True))


GOOD = {
    "words": "Hello",
    "count": "3",
    "rate": "1.25",
    "since": "2026-03-31",
    "one": "b",
    "several": ["x", "y"],
    "title_en": "Name",
    "title_ar": "اسم",
    "ticked": "y",
}


def sent(app: Flask, changes: Mapping[str, Any] | None = None, **options: Any) -> Any:
    with app.test_request_context("/", method="POST", data={**GOOD, **(changes or {})}):
        form = form_of(Every, **options)
        valid = form.validate()
        return (
            settings_of(form, Every)
            if valid
            else {name: [str(e) for e in errors] for name, errors in form.errors.items()}
        )


def test_every_type_is_taken_as_it_was_typed(app: Flask):
    assert sent(app) == Every(
        "Hello",
        3,
        Decimal("1.25"),
        date(2026, 3, 31),
        "b",
        ("x", "y"),
        {"en": "Name", "ar": "اسم"},
        True,
    )


@pytest.mark.parametrize(
    ("field_name", "typed", "taken"),
    [
        ("words", "  Hi  there ", "Hi there"),
        ("words", "a\u202egnp.exe", "agnp.exe"),  # right-to-left override
        ("words", "a\u2066b\u2069\x00\x07", "ab"),
        ("words", "cafe\u0301", "café"),
        ("count", "٣", 3),  # Arabic-Indic
        ("count", "３", 3),  # full width
        ("count", "+7", 7),
        ("count", "\u200f7\u200e", 7),
        ("rate", "٠٫٧٥", Decimal("0.75")),
        ("rate", ".5", Decimal("0.5")),
        ("rate", "12.", Decimal(12)),
        ("rate", "007.50", Decimal("7.50")),
        ("since", "٢٠٢٦-٠٣-٣١", date(2026, 3, 31)),
        ("lines", "one\r\ntwo\u202e\n\n three ", "one\ntwo\n\nthree"),
        ("ticked", "TRUE", True),
        ("ticked", "", False),
        ("ticked", "no", False),
        ("perhaps", "", None),
        ("perhaps", "0", 0),
        ("limit", " ", None),
        ("until", "", None),
        ("either", "", None),
        ("either", "p", "p"),
    ],
)
def test_what_people_type_on_any_keyboard_is_understood(app: Flask, field_name: str, typed: str, taken: Any):
    found = sent(app, {field_name: typed})
    assert isinstance(found, Every), found
    assert getattr(found, field_name) == taken


@pytest.mark.parametrize(
    ("field_name", "typed", "told"),
    [
        ("words", "", "Fill this in."),
        ("words", " \u200e\u202e ", "Fill this in."),
        ("words", "12345678901", "too long"),
        ("count", "", "Fill this in."),
        ("count", "0", "from 1 to 10"),
        ("count", "11", "from 1 to 10"),
        ("count", "1.5", "whole number"),
        ("count", "1e3", "whole number"),
        ("count", "1,000", "whole number"),
        ("count", "0x10", "whole number"),
        ("count", "9" * 400, "whole number"),
        ("count", "１²", "whole number"),
        ("rate", "NaN", "Write a number such as"),
        ("rate", "sNaN", "Write a number such as"),
        ("rate", "Infinity", "Write a number such as"),
        ("rate", "-inf", "Write a number such as"),
        ("rate", "1e400", "Write a number such as"),
        ("rate", "1E2", "Write a number such as"),
        ("rate", "1_000", "Write a number such as"),
        ("rate", "1,5", "Write a number such as"),
        ("rate", ".", "Write a number such as"),
        ("rate", "9" * 16, "Write a number such as"),
        ("rate", "1.23456", "at most 4 decimals"),
        ("rate", "0.4999", "from 0.5 to 100"),
        ("rate", "100.0001", "from 0.5 to 100"),
        ("rate", "-1", "from 0.5 to 100"),
        ("perhaps", "-1", "at least 0"),
        ("limit", "0.5", "at least 1"),
        ("since", "31/03/2026", "year, month and day"),
        ("since", "2026-02-30", "year, month and day"),
        ("since", "2019-12-31", "from 2020-01-01 to 2030-01-01"),
        ("until", "0001-01-01", "from 1970-01-01"),
        ("until", "9999-12-31", "from 1970-01-01"),
        ("one", "c", "Choose one from the list."),
        ("one", "", "Fill this in."),
        ("several", ["x", "z"], "Choose one from the list."),
        ("either", "q", "Choose one from the list."),
        ("title_en", "", "Fill this in."),
        ("title_zh", "长" * 21, "too long"),
        ("ticked", "perhaps", "true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(app: Flask, field_name: str, typed: Any, told: str):
    errors = sent(app, {field_name: typed})
    assert isinstance(errors, dict), f"{typed!r} was taken as {getattr(errors, field_name.partition('_')[0], errors)!r}"
    assert list(errors) == [field_name]
    assert told in errors[field_name][0].replace('<bdi dir="ltr">', "").replace("<bdi>", "").replace("</bdi>", "")


def test_what_is_stored_fills_its_form(app: Flask):
    values = Every("a", 1, Decimal("1.50"), date(2026, 1, 2), "a", ("y",), {"en": "E"}, True, "l1\nl2")
    with app.test_request_context("/"):
        drawn = {item.name: str(item()) for item in form_of(Every, values)}
    assert 'value="1.5"' in drawn["rate"]
    assert 'value="2026-01-02"' in drawn["since"]
    assert 'value="E"' in drawn["title_en"]
    assert 'dir="rtl"' in drawn["title_ar"]
    assert "checked" in drawn["ticked"]
    assert "l1\nl2" in drawn["lines"].replace("\r\n", "\n")
    assert drawn["several"].count("checked") == 1


def test_choices_are_words_and_never_markup(app: Flask):
    @dataclass(frozen=True)
    class Named:
        one: str = field(metadata=meta("One", choices=lambda: {"a": "<b>50% off</b>"}))

    with app.test_request_context("/"):
        assert "&lt;b&gt;50% off&lt;/b&gt;" in str(form_of(Named)["one"]())


def test_a_fixed_field_keeps_what_is_stored(app: Flask):
    @dataclass(frozen=True)
    class Kept:
        key: str = field(metadata=meta("Key", fixed=True))
        kind: str = field(metadata=meta("Kind", choices={"a": "A", "b": "B"}, fixed=True))
        name: str = field(metadata=meta("Name"))

    with app.test_request_context("/", method="POST", data={"key": "other", "kind": "b", "name": "New"}):
        form = form_of(Kept, stored=Kept("mine", "a", "Old"))
        assert form.validate(), form.errors
        assert settings_of(form, Kept) == Kept("mine", "a", "New")
        assert "disabled" in str(form["key"]())


def test_a_version_tells_every_change():
    values = Every("a", 1, Decimal("1.50"), date(2026, 1, 2), "a")
    same = Every("a", 1, Decimal("1.5"), date(2026, 1, 2), "a")
    assert version_of(values) == version_of(same)
    changed = [
        Every("b", 1, Decimal("1.5"), date(2026, 1, 2), "a"),
        Every("a", 2, Decimal("1.5"), date(2026, 1, 2), "a"),
        Every("a", 1, Decimal("1.5"), date(2026, 1, 2), "a", title={"ar": "x"}),
        Every("a", 1, Decimal("1.5"), date(2026, 1, 2), "a", ticked=True),
        Every("a", 1, Decimal("1.5"), date(2026, 1, 2), "a", perhaps=0),
    ]
    assert len({version_of(one) for one in [values, *changed]}) == 1 + len(changed)


def test_cells_are_what_a_form_takes(app: Flask):
    values = Every("a", 1, Decimal("1.50"), date(2026, 1, 2), "a", ("x", "y"), {"en": "E", "zh": "中"}, True, "l")
    cells = cells_of(values)
    assert cells["several"] == "x|y"
    assert cells["ticked"] == "true"
    assert set(cells) == set(flat(values))
