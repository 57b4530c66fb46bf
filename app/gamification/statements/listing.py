"""The imports of all members, as staff list them: what waits for a decision first, the oldest of it on top."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from app.gamification.members import search as members
from app.gamification.statements.imports import COLUMNS
from app.gamification.statements.shown import Import, made_of
from app.lib.i18n import _l
from app.models.base import read_all, read_one
from app.models.history import StatementImport as Sent
from app.models.people import Member, TradingAccount

PAGE = 50
WAITING = and_(Sent.state == "stored", Sent.trust == "review")
STATES: Mapping[str, tuple[str, ColumnElement[bool]]] = {
    "waiting": (_l("Waits for a decision"), WAITING),
    "counting": (_l("Being counted"), Sent.state.in_(("storing", "approving", "taking_back"))),
    "approved": (_l("Approved"), Sent.state == "approved"),
    "rejected": (_l("Rejected"), and_(Sent.state == "taken_back", Sent.decided_by.is_not(None))),
    "taken_back": (_l("Undone by the member"), and_(Sent.state == "taken_back", Sent.decided_by.is_(None))),
    "counts": (_l("Counts without a review"), and_(Sent.state == "stored", Sent.trust != "review")),
}

_ROWS: Select[Any] = (
    select(*COLUMNS, Sent.done.label("waiting"), Member.name.label("member"))
    .join(Member, Member.id == Sent.member_id)
    .where(Sent.recorded_at.is_not(None))
)
_HOW_MANY = select(func.count()).select_from(Sent).where(WAITING)


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; `start` is where a page begins: an import's id that the one before ended with."""

    state: str = ""  # one of STATES; empty: all that were confirmed
    words: str = ""  # a login, an import's number, or whatever finds a member
    start: int | None = None


@dataclass(frozen=True)
class Listed:
    """One import of a list; the name is empty once the member was erased."""

    found: Import
    member: str


@dataclass(frozen=True)
class Page:
    rows: tuple[Listed, ...]
    next: int | None


def page(asked: Asked, most: int = PAGE) -> Page:
    """A page of imports: what waits oldest first, everything else newest first. At most three statements."""
    statement = _ROWS
    if asked.state in STATES:
        statement = statement.where(STATES[asked.state][1])
    if asked.words.strip():
        statement = statement.where(_meant(asked.words.strip()))
    oldest_first = asked.state == "waiting"
    if asked.start is not None:
        statement = statement.where(Sent.id > asked.start if oldest_first else Sent.id < asked.start)
    order = Sent.id if oldest_first else Sent.id.desc()
    rows = read_all(statement.order_by(order).limit(most + 1))
    shown = tuple(Listed(made_of(row), row.member) for row in rows[:most])
    return Page(shown, shown[-1].found.id if len(rows) > most else None)


def how_many_wait() -> int:
    """How many imports wait for a decision."""
    return int(read_one(_HOW_MANY)[0])


def _meant(words: str) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = [
        Sent.trading_account_id.in_(select(TradingAccount.id).where(TradingAccount.login == words)),
        Sent.member_id.in_(row.id for row in members.search(words, members.Filters()).rows),
    ]
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) < 10:
        clauses.append(Sent.id == int(number))
    return or_(false(), *clauses)
