"""Who takes part in the demo season and what each does: values that the season plays in the order of time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.activities import Data, TradeClosed
from app.gamification.ingest import APP, UPLOADS
from app.models.activity import ActivityFlag
from app.models.people import ClientClass

BROKER = "broker"
# What a member does in the app itself; everything else is known from the broker.
IN_THE_APP = {"visit", "lesson.passed", "journal.written", "survey.answered", "rest.kept"}


class Login(NamedTuple):
    """A trading account; `ending` is what its platform hangs on every symbol, `nobodys` are linked to no member."""

    platform: str
    server: str
    number: str
    ending: str = ""


class Deed(NamedTuple):
    """An activity before its member has an id: `{member}` in its own id stands for that."""

    at: datetime
    kind: str
    data: Data | None
    id: str
    source: str
    arrives: datetime
    account: Login | None = None
    deal: str | None = None
    amends: str | None = None
    flags: int = 0


class Act(NamedTuple):
    """Something done to a member's wallet or standing: by staff, or by the member's own choice."""

    at: datetime
    does: Callable[[int, datetime], None]  # (member id, when), opens its own transaction


@dataclass
class Person:
    """One member of the season. `live`: what they do arrives seconds later, not with the next gathered delivery."""

    name: str
    email: str
    country: str
    entity: str
    client_class: ClientClass
    language: str
    zone: ZoneInfo
    joined: datetime
    external_id: str
    alias: str | None = None
    role: str | None = None
    logins: list[Login] = field(default_factory=list)
    linked_later: dict[Login, datetime] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    verified: bool = True
    tickets: set[str] = field(default_factory=set)

    @property
    def live(self) -> bool:
        return self.role is not None

    def does(self, kind: str, at: datetime, data: Data | None = None, name: str = "") -> Deed:
        """Add what happened without a trading account; `name` tells apart what happens more than once at a time."""
        stem = kind.removeprefix("custom.").partition(".")[0]
        if kind == "visit":
            id_ = f"visit:{{member}}:{at.astimezone(self.zone).date().isoformat()}"
        else:
            id_ = f"{stem}:{{member}}:{name or f'{at:%Y%m%d%H%M}'}"
        return self._add(Deed(at, kind, Data() if data is None else data, id_, _source(kind), _soon(at)))

    def on_account(self, kind: str, at: datetime, login: Login, data: Data) -> Deed:
        """Add an entry of a trading account that is no trade."""
        stem = kind.partition(".")[0]
        id_ = f"{login.platform}-{login.number}-{stem}-{at:%Y%m%d%H%M%S}"
        return self._add(Deed(at, kind, data, id_, BROKER, _soon(at), login))

    def closes(self, trade: TradeClosed, login: Login, source: str = BROKER, arrives: datetime | None = None) -> Deed:
        """Add a closed trade."""
        deed = deal(trade, login, source, arrives)
        while deed.id in self.tickets:  # closed in the same second
            deed = deed._replace(id=f"{deed.id}-2", deal=f"{deed.deal}2")
        self.tickets.add(deed.id)
        return self._add(deed)

    def amended(self, original: Deed, at: datetime, trade: TradeClosed | None) -> Deed:
        """Add a correction of a trade, or without one a bust; it may arrive before what it amends."""
        flag, ending = (ActivityFlag.BUSTS, "bust") if trade is None else (ActivityFlag.CORRECTS, "fix")
        id_ = f"{original.id}-{ending}"
        return self._add(
            original._replace(at=at, data=trade, id=id_, arrives=_soon(at), amends=original.id, flags=int(flag))
        )

    def _add(self, deed: Deed) -> Deed:
        self.deeds.append(deed)
        return deed


def deal(trade: TradeClosed, login: Login, source: str = BROKER, arrives: datetime | None = None) -> Deed:
    """A closed trade as it is reported; its ticket follows from the second in which it was closed."""
    at = trade.closed_at
    ticket = str(int(at.timestamp()) % 100_000_000)
    stem = "upload" if source == UPLOADS else login.platform
    return Deed(
        at, "trade.closed", trade, f"{stem}-{login.number}-{ticket}", source, arrives or _soon(at), login, ticket
    )


def _source(kind: str) -> str:
    return APP if kind in IN_THE_APP else BROKER


def _soon(at: datetime) -> datetime:
    return at + timedelta(seconds=2 + at.second % 4)
