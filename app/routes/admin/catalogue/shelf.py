"""What a noun of the catalogue brings to its pages: its form, its words, its figures; everything else is the same."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol

from flask import url_for

from app.gamification.approvals.checklist import Item
from app.gamification.approvals.registry import Change
from app.gamification.catalogue import Noun
from app.gamification.catalogue.icons import ICONS
from app.gamification.catalogue.reads import View
from app.gamification.catalogue.told import Line
from app.gamification.measures.measure import Measure
from app.gamification.policy.reach import Said
from app.lib.i18n import Sentence
from app.routes.admin.catalogue.seen import Client
from app.routes.admin.catalogue.typed import Posted

Plain = Mapping[str, Any]


class Reading(NamedTuple):
    """What a form says; None with what is wrong, by the name of the place it is shown at."""

    plain: dict[str, Any] | None
    errors: Mapping[str, Sentence]


def icons(kinds: Iterable[type[Measure]]) -> Mapping[str, str]:
    """The drawings to choose from, those of the kinds among them, with what each shows."""
    return {kind.icon: kind.title for kind in kinds} | ICONS


class Kind(NamedTuple):
    """What something new can be about; `says` is what it would ask of members if nothing were changed."""

    title: str
    icon: str
    says: Sentence | None = None

    @classmethod
    def of(cls, measure: type[Measure]) -> "Kind":
        """A measure, with what is usual of it."""
        return cls(measure.title, measure.icon, measure.goal(measure.Settings()))


class Publishing(Protocol):
    """The domain's module that writes definitions of the noun."""

    def starting(self, name: str, kind: str) -> dict[str, Any]:
        """The definition that something new starts from. Raises UnknownThingKind."""

    def changes(self, before: Plain | None, after: Plain) -> Sequence[Change]:
        """What one revision says differently from another."""

    def law(self, plain: Plain) -> Sequence[Said]:
        """What every pack says to it; empty where there is nothing to judge."""


class FormModule(Protocol):
    """The module of its form: what stands in it, as its own type."""

    def of_definition(self, plain: Plain) -> Any:
        """The form that says what is stored."""

    def of_posted(self, posted: Posted) -> Any:
        """The form as it was sent."""

    def press(self, filled: Any, button: str) -> None:
        """Do what a button inside the form says."""


class Shelf(ABC):
    """One noun at the desk. Templates of its own stand in `admin/<folder>/`: _list, _form, _card and _figures."""

    noun: ClassVar[Noun]
    publishing: ClassVar[Publishing]
    form: ClassVar[FormModule]
    folder: ClassVar[str]  # of its templates, and of its addresses below /admin
    icon: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    new: ClassVar[str]
    cards: ClassVar[int]  # of its form
    asks: ClassVar[str]  # what choosing a kind is called
    none_yet: ClassVar[tuple[str, str]]
    retiring: ClassVar[str]  # what becomes of who takes part
    columns: ClassVar[tuple[str, ...]]  # of the file, behind key, name, state and revision

    @property
    def blueprint(self) -> str:
        return f"admin_{self.folder}"

    def address(self, endpoint: str, **values: Any) -> str:
        """The address of one of its pages."""
        return url_for(f"{self.blueprint}.{endpoint}", **values)

    def template(self, name: str) -> str:
        """A template of its own."""
        return f"admin/{self.folder}/{name}.html"

    @abstractmethod
    def kinds(self) -> Mapping[str, Kind]:
        """What something new can be about."""

    @abstractmethod
    def kind_of(self, plain: Plain) -> str:
        """Which of those it is."""

    @abstractmethod
    def read(self, filled: Any) -> tuple[Reading, Mapping[str, Any]]:
        """What the form says, and what drawing it takes beside `filled`."""

    @abstractmethod
    def lines(self, plain: Plain) -> Sequence[Line]:
        """The definition in words."""

    @abstractmethod
    def checklist(self, plain: Plain, key: str, reader_id: int, now: datetime) -> Iterable[Item]:
        """What must be done before it can be offered."""

    @abstractmethod
    def card(self, plain: Plain, key: str, client: Client, now: datetime) -> Mapping[str, Any]:
        """The member's card, as such a client would see it."""

    @abstractmethod
    def row(self, view: View) -> Mapping[str, Any]:
        """What the list says of it beside name, state and revision."""

    @abstractmethod
    def cells(self, view: View) -> Sequence[Any]:
        """The same for a file, in the order of `columns`."""

    @abstractmethod
    def figures(self, view: View) -> Mapping[str, Any]:
        """Who takes part, or has it."""
