"""The registry of programme templates: what a broker may start with, and change rule by rule afterwards."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Protocol

from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.templates import kinds
from app.gamification.tiers.ladder import Ladder, read_ladder
from app.lib.registry import Registry


class Template(Protocol):
    """A programme to start from."""

    key: ClassVar[str]
    place: ClassVar[int]  # where it stands among the others
    title: ClassVar[str]
    about: ClassVar[str]
    icon: ClassVar[str]
    suits: ClassVar[str]  # whom it is for, in a few words
    pays: ClassVar[bool]  # False: its points cost nothing and buy nothing, so that their cost is 0
    rules: ClassVar[Mapping[str, Mapping[str, Any]]]  # key → definition, in the order they are published
    ladder: ClassVar[Mapping[str, Any]]


templates: Registry[Template] = Registry("programme template")


def every() -> list[type[Template]]:
    """All templates, in their order."""
    _load()
    return sorted(templates.all(), key=lambda template: template.place)


def template_of(key: str) -> type[Template]:
    """The template with this key; raises UnknownKind."""
    _load()
    return templates.get(key)


@cache
def definitions(key: str) -> tuple[Definition, ...]:
    """A template's rules, read as the programme will read them."""
    return tuple(read_definition(dict(plain)) for plain in template_of(key).rules.values())


@cache
def ladder(key: str) -> Ladder:
    """A template's ladder, read as the programme will read it."""
    plain = dict(template_of(key).ladder)
    return read_ladder(0, plain, {level["key"]: place for place, level in enumerate(plain["levels"], start=1)})


@cache
def _load() -> None:
    # Once, whichever of them was imported by its own name before.
    templates.discover(kinds)
