"""The shape of an explanation: a sentence, the sum, what was told, what was checked, what becomes of the points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from app.lib.i18n import Sentence


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of the sum: 1.5 lots × 100 points a lot."""

    value: Decimal | int
    name: Sentence
    sign: Literal["", "×", "−", "="] = ""
    makes: Sentence | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was reported."""

    name: str
    value: Sentence


@dataclass(frozen=True, slots=True)
class Check:
    """Something the rule asks for, what was found, and whether that is enough."""

    words: Sentence
    found: Sentence | None
    passed: bool


@dataclass(frozen=True, slots=True)
class CapUsed:
    label: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the life of points."""

    title: Sentence
    under: Sentence | None
    state: Literal["done", "now", "ahead", "undone"]
    line: int | None = None  # the transfer that made it


@dataclass(frozen=True, slots=True)
class Share:
    """What one batch gave."""

    line: int
    about: Sentence
    points: int


@dataclass(frozen=True, slots=True)
class OtherRule:
    name: str
    said: Sentence


@dataclass(frozen=True, slots=True)
class Related:
    """A line that this one follows from or leads to; `missed` names a decision without points.

    A `view` is a page of the member's own beside the ledger, `values` what its address needs.
    """

    words: Sentence
    line: int = 0
    missed: int = 0
    view: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """The line in its member's chain; `holds` says that its hash was computed again just now and is the same."""

    line: int
    hash: str
    previous: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one line, or about one activity without points."""

    sentences: tuple[Sentence, ...]
    tiles: tuple[Tile, ...] = ()
    told: tuple[Fact, ...] = ()
    checks: tuple[Check, ...] = ()
    cap: CapUsed | None = None
    life: tuple[Step, ...] = ()
    shares: tuple[Share, ...] = ()
    shares_left_out: int = 0
    others: tuple[OtherRule, ...] = ()
    law: tuple[Sentence, ...] = ()
    related: tuple[Related, ...] = ()
    proof: Proof | None = None
