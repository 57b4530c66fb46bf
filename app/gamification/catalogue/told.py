"""What a definition says, line by line: for its page, and to set one revision beside another."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from app.gamification.accrual.definition import Audience
from app.gamification.accrual.telling import whom
from app.gamification.accrual.telling.parts import both
from app.gamification.approvals.registry import Change
from app.gamification.catalogue.icons import ICONS
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import LANGUAGES, Sentence, _l

YES, NO = Sentence(_l("yes")), Sentence(_l("no"))
_NAMED, _ABOUT = _l("Name, %(language)s"), _l("About it, %(language)s")


class Line(NamedTuple):
    """One line: `key` says which part it is of, whatever its words."""

    key: str
    label: str | Sentence  # marked for translation
    value: Sentence


def changes(before: Iterable[Line], after: Iterable[Line]) -> tuple[Change, ...]:
    """What differs, in the order of the newer one; what is gone stands last."""
    was, now = ({line.key: line for line in lines} for lines in (before, after))
    found = [
        Change(line.label, was[key].value if key in was else None, line.value)
        for key, line in now.items()
        if key not in was or was[key].value != line.value
    ]
    gone = [Change(line.label, line.value, None) for key, line in was.items() if key not in now]
    return (*found, *gone)


def named(name: Mapping[str, str], about: Mapping[str, str]) -> Iterator[Line]:
    """What it is called, and what is said of it, in every language."""
    for key, words, texts in (("name", _NAMED, name), ("about", _ABOUT, about)):
        for code, language in LANGUAGES.items():
            if texts.get(code):
                yield Line(f"{key}.{code}", Sentence(words, {"language": language}), as_it_is(texts[code]))


def icon(name: str) -> Line:
    """Its drawing, by what it shows."""
    return Line("icon", _l("Icon"), Sentence(ICONS[name]) if name in ICONS else as_it_is(name))


def audience(said: Audience) -> Iterator[Line]:
    """For whom it is; nothing where it is for everyone."""
    if said.levels:
        yield Line("audience.levels", _l("Levels"), whom.levels(said))
    if said.countries:
        yield Line("audience.countries", _l("Countries"), whom.countries(said))
    if said.classes:
        yield Line("audience.classes", _l("Client categories"), whom.classes(said))


def settings(of: Any, *, but: Sequence[str] = ("target",)) -> Iterator[Line]:
    """What is set in an instance of a measure's Settings, as its form calls it; what is left empty is left out."""
    for field in dataclasses.fields(of):
        if field.name in but or "label" not in field.metadata:
            continue
        value = getattr(of, field.name)
        if value not in (None, "", (), frozenset(), {}):
            yield Line(field.name, field.metadata["label"], _value(value, field.metadata.get("choices")))


def _value(value: Any, choices: Any) -> Sentence:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple | list | frozenset | set):
        return both([_value(one, choices) for one in (sorted(value) if isinstance(value, frozenset) else value)])
    if isinstance(value, Mapping):
        return as_it_is(value)
    if choices is not None:
        return chosen(value, choices)
    return as_it_is(value if isinstance(value, int | Decimal) else str(value))


def chosen(value: str, choices: Any) -> Sentence:
    """A choice by its words. A list of our own is marked for translation; what is asked for each time is not."""
    words = (choices() if callable(choices) else choices).get(value, value)
    if isinstance(words, Sentence):
        return words
    return Sentence(words) if isinstance(words, str) and not callable(choices) else as_it_is(words)
