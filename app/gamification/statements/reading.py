"""From an account statement to activities: closed trades as trades, everything else as entries that never earn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from app.gamification.activities import BY_KEY, AccountEntry, Data, Incoming, TradeClosed, flaw_of, incoming
from app.gamification.ingest import MAX_DELIVERY
from app.gamification.statements.clock import ServerClock, server_clock
from app.lib.amounts import plain
from app.platforms.statement import MONEY_KINDS, ClosedTrade, OtherRow, Statement

TRADE, ENTRY = BY_KEY["trade.closed"], BY_KEY["account.entry"]
# What a report calls money that moved, in the words of account entries; the rest keeps its own name.
ENTRIES = {
    "charge": "fee",
    "commission": "fee",
    "tax": "fee",
    "agent": "fee",
    "compensation": "correction",
    "other": "balance",
}
UNFINISHED = frozenset({"open", "working"})  # reported when they are closed


@dataclass(frozen=True)
class Account:
    """The trading account a statement is about; `id` is None while the programme does not know it."""

    id: int | None
    platform: str
    server: str
    login: str

    @property
    def names(self) -> tuple[str, str, str]:
        return self.platform, self.server, self.login


@dataclass(frozen=True)
class Row:
    """One row of a statement on its way in."""

    item: Incoming
    is_closed: bool  # counted among the closed trades of the report
    set_aside: str | None  # why a closed row is no trade that could earn


@dataclass(frozen=True)
class Reading:
    """The rows in the order of their time, and what could not be kept, in words."""

    rows: tuple[Row, ...]
    unusable: tuple[str, ...]
    unusable_closed: int

    def deliveries(self) -> Iterator[list[Incoming]]:
        """The activities in deliveries that ingestion takes."""
        items = [row.item for row in self.rows]
        for start in range(0, len(items), MAX_DELIVERY):
            yield items[start : start + MAX_DELIVERY]


class Unusable(ValueError):
    """A row with a value that no activity can hold."""


def read(
    statement: Statement,
    account: Account,
    clock: ServerClock,
    now: datetime,
    sender: int | None = None,
    *,
    deals_needed: bool = False,
) -> Reading:
    """The activities of a statement. Their ids follow from account and ticket: importing again changes nothing.

    `sender`: the member who sent the file in, whose activities they are and whose id is part of theirs. Of a sender, or
    with `deals_needed`, only trades count whose deal is named. What the file itself says of its clock goes before
    `clock`.
    """
    if statement.clock:
        clock = server_clock(statement.clock)
    reader = _Reader(statement, account, clock, now, sender, deals_needed or sender is not None)
    rows: list[Row] = []
    unusable: list[str] = []
    for trade in statement.deals:
        try:
            rows.append(reader.closed(trade))
        except Unusable as problem:
            unusable.append(str(problem))
    closed = len(unusable)
    for other in statement.not_trades:
        if other.kind in UNFINISHED:
            continue
        try:
            rows.append(reader.other(other))
        except Unusable as problem:
            unusable.append(str(problem))
    rows.sort(key=lambda row: row.item.occurred_at)
    return Reading(tuple(rows), tuple(unusable), closed)


class _Reader:
    def __init__(
        self,
        statement: Statement,
        account: Account,
        clock: ServerClock,
        now: datetime,
        sender: int | None,
        deals_needed: bool,
    ) -> None:
        self.currency, self.account, self.clock, self.now = statement.currency, account, clock, now
        self.sender = sender
        # By its deal the broker's own report of a trade takes the place of the member's. A position without one would
        # stand beside it and count twice; staff who import a file know what else was reported.
        self.deals_needed = deals_needed
        # Two senders never meet in one id: what one of them uploads must not stand in the other's way.
        self.prefix = f"{account.platform}.{account.id}" if sender is None else own_prefix(sender, account)

    def closed(self, trade: ClosedTrade) -> Row:
        aside = trade.set_aside or ("without_deal" if self.deals_needed and not trade.names_deal else None)
        if aside is not None:
            # Under an id of its own: a longer report may know the trade itself, which then counts.
            entry = self._entry(aside, trade.deal, trade.profit + trade.commission + trade.swap + trade.taxes)
            return Row(self._item(f"{aside}.{trade.deal}", entry, trade.closed_at, trade.deal), True, aside)
        data = _made(
            TradeClosed,
            trade.deal,
            symbol=trade.symbol,
            side=trade.side,
            lots=plain(trade.lots),
            open_price=plain(trade.open_price),
            close_price=plain(trade.close_price),
            opened_at=self.clock(trade.opened_at),
            closed_at=self.clock(trade.closed_at),
            profit=plain(trade.profit),
            commission=plain(trade.commission),
            swap=plain(trade.swap),
            currency=self.currency,
            stop_loss=_level(trade.stop_loss),
            take_profit=_level(trade.take_profit),
        )
        return Row(self._item(trade.deal, data, trade.closed_at, trade.deal, deal=trade.deal), True, None)

    def other(self, row: OtherRow) -> Row:
        name = ENTRIES.get(row.kind, row.kind) if row.kind in MONEY_KINDS else row.kind
        entry = self._entry(name, row.ref, row.amount)
        return Row(self._item(f"{row.kind}.{row.ref}", entry, row.at, row.ref), False, None)

    def _entry(self, name: str, ref: str, amount: Decimal) -> AccountEntry:
        made: AccountEntry = _made(AccountEntry, ref, entry=name, amount=plain(amount), currency=self.currency)
        return made

    def _item(self, id: str, data: Data, shown: datetime, ref: str, deal: str | None = None) -> Incoming:
        at = self.clock(shown)
        if (flaw := flaw_of(data, at, self.now)) is not None:
            raise Unusable(f"Row {ref}: {flaw.sentence.msgid % flaw.sentence.values}")
        kind = TRADE if isinstance(data, TradeClosed) else ENTRY
        return incoming(
            f"{self.prefix}.{id}", kind, data, at, member_id=self.sender, account=self.account.names, deal=deal
        )


def own_prefix(sender: int, account: Account) -> str:
    """What the ids of a member's own uploads of an account begin with."""
    return f"m{sender}.{account.platform}.{account.id}"


def _level(price: Decimal | None) -> str | None:
    return plain(price) if price is not None and price > 0 else None


def _made(struct: Any, ref: str, **values: Any) -> Any:
    """The data of an activity, every value held against what it takes; raises Unusable."""
    try:
        return msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise Unusable(f"Row {ref}: {error}") from None
