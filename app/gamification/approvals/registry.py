"""The registry of what needs a second person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, NamedTuple, Protocol

from app.gamification.approvals import kinds
from app.gamification.policy.reach import Said
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence
from app.lib.registry import Registry


class Change(NamedTuple):
    """One line of what a proposal changes, as the second person reads it. Empty `before`: there was nothing."""

    label: str | Sentence  # marked for translation; a template says it with `say`
    before: Any  # Sentence, text, int, Decimal, datetime or None
    after: Any


@dataclass(frozen=True)
class Summary:
    """A proposal in words: what it is called, where its page is, and what it changes."""

    title: Sentence
    changes: tuple[Change, ...] = ()
    page: str = ""  # path of the page that shows it in full, such as /admin/rules/3
    icon: str = "file-text"
    warnings: tuple[Sentence, ...] = field(default=())
    law: Callable[[], Sequence[Said]] = tuple  # what every pack says to it, asked where it is shown


class ProposalKind(Protocol):
    """Something that one person proposes and another makes happen; each is one file in `kinds/`."""

    key: ClassVar[str]  # "rule.publish"
    title: ClassVar[str]  # "Publish a rule"
    proposes: ClassVar[Right]
    approves: ClassVar[Right]

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        """Raise a Refusal when it cannot be done as things stand. Asked when proposed and again when approved,
        inside the transaction, before `apply`."""

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        """Make it happen, with its own audit entry; `by` approved it. Inside the open transaction."""

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        """What the second person is shown. Reads only."""


def is_about_staff(kind: type[ProposalKind]) -> bool:
    """Whether the subject is somebody of the staff, as the few kinds say with `about_staff = True`."""
    return bool(getattr(kind, "about_staff", False))


proposal_kinds: Registry[ProposalKind] = Registry("proposal")


def kind_of(key: str) -> type[ProposalKind]:
    """The kind with this key; raises UnknownKind."""
    _discover()
    return proposal_kinds.get(key)


def every_kind() -> list[type[ProposalKind]]:
    """Every kind there is, in order of key."""
    _discover()
    return proposal_kinds.all()


@cache
def _discover() -> None:
    # Not by whether any is registered: whoever imports one kind for itself would hide all the others.
    proposal_kinds.discover(kinds)
