"""Looking a member's file through: what is in it, what storing it would give, and what its owner should be asked.

Nothing is written: the rows are folded in memory, as the pipeline would fold them. What was found is kept as plain JSON
in `StatementImport.figures`; `imports.py` says what stands where.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select, text

from app.gamification import ingest, preview
from app.gamification.accrual.rule import AWARDED, GIVEN
from app.gamification.ledger.words.reasons import key_of
from app.gamification.statements import again
from app.gamification.statements.clock import server_clock
from app.gamification.statements.reading import Account, Reading, Row
from app.gamification.statements.reading import read as rows_of
from app.gamification.statements.told import Told, named
from app.gamification.statements.whose import account_of
from app.models.activity import Reason
from app.models.base import read_one, reader
from app.models.people import TradingAccount
from app.platforms.detect import read_statement
from app.platforms.statement import Statement, totals

MOST_UNUSABLE = 5  # named in the figures
SOURCE = text("SELECT id FROM source WHERE key = :key")
_OWNER = select(TradingAccount.member_id).where(TradingAccount.id == bindparam("account"))
_decode = msgspec.json.Decoder(list).decode
_SUMS = frozenset({"lots", "commission", "swap", "profit"})


class Found(NamedTuple):
    """What was found in a file: figures to keep, and how many rows storing it would send."""

    figures: dict[str, Any]
    rows: int


class Decided(NamedTuple):
    """What the programme says of one activity; `key` is empty when it earns."""

    points: int
    key: str


_CONFLICT = Decided(0, "conflict")


def opened(content: bytes, told: Told) -> Statement:
    """The statement in a file; raises UnreadableStatement."""
    return read_statement(content, told.hints)


def clock_of(statement: Statement, told: Told) -> str:
    """The clock the file is written by: as it says itself, else as its owner told."""
    return statement.clock or told.clock


def look(member_id: int, content: bytes, told: Told, now: datetime) -> Found:
    """Read and fold a file as if it were confirmed now. Raises UnreadableStatement."""
    statement = opened(content, told)
    account = account_of(statement, told, member_id)
    named_account = account or Account(None, statement.platform, statement.server or statement.platform, "")
    reading = rows_of(statement, named_account, server_clock(clock_of(statement, told)), now, member_id)
    figures = _described(statement, account, reading)
    figures |= _tried(member_id, reading, named_account, now)
    return Found(figures, len(reading.rows))


def decided(reason: int, outcome: str) -> Decided:
    """Points and, without any, the key of the reason (`ledger/words/reasons.py: CHIPS`)."""
    # What failed says how it did, and not what rules said.
    entries = entries_of(outcome) if reason != Reason.FAILED else []
    if reason == Reason.EARNED:
        return Decided(sum(entry[GIVEN] for entry in entries if entry[1] == AWARDED), "")
    return Decided(0, key_of(reason, entries))


def entries_of(outcome: str | None) -> list[Any]:
    """What each rule said in an outcome; nothing where there is none."""
    return _decode(outcome)[1:] if outcome else []


def _described(statement: Statement, account: Account | None, reading: Reading) -> dict[str, Any]:
    days = sorted(trade.closed_at for trade in statement.deals if not trade.archived)
    return {
        "platform": statement.platform,
        "server": "" if account is None else account.server,
        "login": "" if account is None else account.login,
        "format": statement.format,
        "currency": statement.currency,
        "account_type": statement.account_type or "",
        **{name: str(value) if name in _SUMS else value for name, value in asdict(totals(statement)).items()},
        "first": days[0].date().isoformat() if days else "",
        "last": days[-1].date().isoformat() if days else "",
        "adds_up": statement.adds_up,
        "doubts": [[doubt.key, doubt.taken, list(doubt.alternatives)] for doubt in statement.doubts],
        "remarks": list(_remarks(statement, account)),
        "unusable": len(reading.unusable),
        "unusable_rows": [named(row, 200) for row in reading.unusable[:MOST_UNUSABLE]],
    }


def _remarks(statement: Statement, account: Account | None) -> Iterator[str]:
    """What owner and staff should know, by key; the words are in `words.py`."""
    if account is None:
        yield "login_needed"
    if statement.adds_up is False:
        yield "does_not_add_up"
    if statement.account_type in ("demo", "contest"):
        yield "demo_account"
    if any(trade.set_aside == "opening_unknown" for trade in statement.deals):
        yield "opening_unknown"
    if statement.open_trades:
        yield "open_trades"


def _tried(member_id: int, reading: Reading, account: Account, now: datetime) -> dict[str, Any]:
    items = [row.item for row in reading.rows]
    with reader().connect() as conn:
        source_id = conn.execute(SOURCE, {"key": ingest.UPLOADS}).scalar_one()
        is_linked = account.id is not None and _owner(account.id) == member_id
        known = again.known_of(conn, source_id, items, account.id, is_linked=is_linked)
    fresh = [item for item in items if item.id not in known]
    found = preview.decide(member_id, fresh, account.id, now, verified=False)
    by_id = {item.id: decided(*one) for item, one in zip(fresh, found, strict=True)}
    by_id |= {name: _CONFLICT for name, is_same in known.items() if not is_same}
    return {"linked": is_linked, **counted(reading.rows, by_id, reading.unusable_closed)}


def _owner(account_id: int) -> int | None:
    row = read_one(_OWNER, {"account": account_id})
    return None if row is None else row.member_id


def counted(rows: tuple[Row, ...], by_id: dict[str, Decided], unusable: int) -> dict[str, Any]:
    """Of the closed rows: how many earn, why others do not, how many were known. The three add up to all of them."""
    earning = points = duplicates = 0
    without: Counter[str] = Counter({"unusable": unusable} if unusable else {})
    for row in rows:
        verdict = by_id.get(row.item.id)
        if not row.is_closed:
            continue
        if verdict is None:
            duplicates += 1
        elif verdict.key:
            without[row.set_aside or verdict.key] += 1
        else:
            earning, points = earning + 1, points + verdict.points
    return {"earning": earning, "points": points, "duplicates": duplicates, "not_earning": dict(without.most_common())}
