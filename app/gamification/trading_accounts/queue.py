"""Requests for trading accounts as staff find them: what waits the longest first, and what speaks against each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.gamification.errors.trading_accounts import RequestNotFound
from app.gamification.members import search
from app.gamification.trading_accounts.reasons import REASONS
from app.lib.i18n import Sentence, _l, _n
from app.models.activity import Activity
from app.models.base import read_all, read_one
from app.models.history import AccountRequest, StatementImport
from app.models.people import Member, Staff, TradingAccount

PAGE = 50
MOST_EXPORTED = 100_000
MOST_REPORTS = 1000  # of an account's that are counted before it says “more”
EVERY = "all"
STATES = {
    "open": _l("Waits for a decision"),
    "confirmed": _l("Confirmed"),
    "declined": _l("Declined"),
    "withdrawn": _l("Withdrawn"),
}
TONES = {"open": "warn", "confirmed": "brand", "declined": "", "withdrawn": ""}
# How it was answered, where nobody of the staff did it on this page.
VIA = {
    "api": _l("By your systems"),
    "handoff": _l("By the sign-in from your site"),
    "console": _l("At the console"),
    "member": _l("By the member"),
    "staff": _l("By staff"),
}

_Other, _Rival = aliased(TradingAccount), aliased(AccountRequest)
_Owner = aliased(Member)
_RIVALS = (
    select(func.count())
    .select_from(_Rival)
    .where(
        _Rival.trading_account_id == AccountRequest.trading_account_id,
        _Rival.state == "open",
        _Rival.member_id != AccountRequest.member_id,
    )
    .correlate(AccountRequest)
    .scalar_subquery()
)
_ALIKE = (
    select(_Other.id)
    .where(
        _Other.login == TradingAccount.login,
        _Other.platform == TradingAccount.platform,
        _Other.id != TradingAccount.id,
        or_(
            _Other.member_id.is_not(None),
            select(Activity.id).where(Activity.trading_account_id == _Other.id, Activity.verified).exists(),
        ),
    )
    .correlate(TradingAccount)
    .exists()
)
_ROWS = (
    select(
        AccountRequest.id,
        AccountRequest.member_id,
        AccountRequest.trading_account_id,
        AccountRequest.state,
        AccountRequest.made_at,
        AccountRequest.decided_at,
        AccountRequest.via,
        AccountRequest.reason,
        Member.name,
        Member.external_id,
        Member.erased_at,
        Staff.name.label("staff"),
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
        TradingAccount.member_id.label("owner_id"),
        _Owner.name.label("owner"),
        _RIVALS.label("rivals"),
        _ALIKE.label("alike"),
    )
    .join(Member, Member.id == AccountRequest.member_id)
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .join(_Owner, _Owner.id == TradingAccount.member_id, isouter=True)
    .join(Staff, Staff.id == AccountRequest.decided_by, isouter=True)
)
_ONE = _ROWS.where(AccountRequest.id == bindparam("request"))
_REPORTS = select(func.count()).select_from(
    select(Activity.id)
    .where(Activity.trading_account_id == bindparam("account"), Activity.verified)
    .limit(MOST_REPORTS + 1)
    .subquery()
)
_STATEMENTS = (
    select(StatementImport.id)
    .where(
        StatementImport.trading_account_id == bindparam("account"),
        StatementImport.member_id == bindparam("member"),
        StatementImport.state.in_(("storing", "stored")),
    )
    .order_by(StatementImport.id)
    .limit(10)
)


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; `start` is the id that the page before ended with."""

    state: str = "open"  # one of STATES, or EVERY
    words: str = ""  # a login, a request's number, or whatever finds a member
    start: int | None = None


@dataclass(frozen=True)
class Request:
    """One request; `staff` decided it, or `via` says how it was answered."""

    id: int
    member_id: int
    trading_account_id: int
    state: str
    made_at: datetime
    decided_at: datetime | None
    via: str | None
    reason: str | None
    name: str
    external_id: str | None
    erased_at: datetime | None
    staff: str | None
    platform: str
    server: str
    login: str
    owner_id: int | None
    owner: str | None
    rivals: int
    alike: bool

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_elsewhere(self) -> bool:
        """Whether the account is somebody else's, so that it cannot be confirmed."""
        return self.owner_id not in (None, self.member_id)

    @property
    def why(self) -> str:
        """Why it was declined, as staff say it; "" where it was not."""
        return REASONS.get(self.reason or "", "")

    @property
    def warnings(self) -> tuple[Sentence, ...]:
        """What speaks against confirming it; nothing once it is decided."""
        return tuple(_warnings(self)) if self.is_open else ()


@dataclass(frozen=True)
class Page:
    rows: tuple[Request, ...]
    next: int | None


@dataclass(frozen=True)
class Dossier:
    """A request, how much the broker reported of the account, and the member's statements of it that wait."""

    found: Request
    reports: int
    statements: tuple[int, ...]


def page(asked: Asked, most: int = PAGE) -> Page:
    """A page: what is open the oldest first, everything else the newest first. At most three statements."""
    statement = _ROWS
    if asked.state != EVERY:
        statement = statement.where(AccountRequest.state == asked.state)
    if asked.words.strip():
        statement = statement.where(_meant(asked.words.strip()))
    oldest_first = asked.state == "open"
    if asked.start is not None:
        beyond = AccountRequest.id > asked.start if oldest_first else AccountRequest.id < asked.start
        statement = statement.where(beyond)
    order = AccountRequest.id if oldest_first else AccountRequest.id.desc()
    rows = read_all(statement.order_by(order).limit(most + 1))
    shown = tuple(Request(*row) for row in rows[:most])
    return Page(shown, shown[-1].id if len(rows) > most else None)


def dossier(request_id: int) -> Dossier:
    """One request; raises RequestNotFound. Three statements."""
    row = read_one(_ONE, {"request": request_id})
    if row is None:
        raise RequestNotFound()
    found = Request(*row)
    of_account: Mapping[str, Any] = {"account": found.trading_account_id, "member": found.member_id}
    statements = tuple(one.id for one in read_all(_STATEMENTS, of_account))
    return Dossier(found, int(read_one(_REPORTS, {"account": found.trading_account_id})[0]), statements)


def _meant(words: str) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = [
        TradingAccount.login == words,
        AccountRequest.member_id.in_([row.id for row in search.search(words, search.Filters()).rows]),
    ]
    number = words.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 9:
        clauses.append(and_(AccountRequest.id == int(number)))
    return or_(*clauses)


def _warnings(found: Request) -> Iterator[Sentence]:
    if found.is_elsewhere:
        said = _l("The account is linked to member %(member)s. It cannot be confirmed unless it is unlinked there.")
        yield Sentence(said, {"member": str(found.owner_id)})
    if found.rivals:
        yield Sentence(_RIVALS_SAID, {"members": found.rivals})
    if found.alike:
        yield Sentence(_l("An account with the same number is known on another server. Is this the right one?"))


_RIVALS_SAID = _n(
    "%(members)s other member asks for the same account. Confirming it declines them.",
    "%(members)s other members ask for the same account. Confirming it declines them.",
    "members",
)
