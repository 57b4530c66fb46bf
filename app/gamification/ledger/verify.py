"""Proof of the ledger: every chain recomputed, every balance summed again, and the nightly root over all heads."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from app.gamification import programme
from app.gamification.ledger.book import chain
from app.lib.periods import day_of
from app.models import bulk
from app.models.base import is_sqlite, read_one, reader, transaction
from app.models.ledger import Cause, Code, LedgerRoot, State, UnitId

CHUNK = 500  # wallets

_TRANSFERS = (
    "SELECT t.wallet_id, t.seq, t.unit_id, t.code, t.debit, t.credit, t.amount, t.balance, t.cause, t.cause_id, t.part,"
    " t.occurred_at, t.recorded_at, t.hash, d.outcome FROM ids CROSS JOIN transfer t ON t.wallet_id = ids.id"
    f" LEFT JOIN decision d ON t.cause = {int(Cause.ACTIVITY)} AND d.activity_id = t.cause_id"
    " ORDER BY t.wallet_id, t.seq"
)
_WALLETS = text(
    "SELECT id, available, pending, debt, lifetime, seq, head FROM wallet WHERE id > :after ORDER BY id LIMIT :chunk"
)
_BATCHES = (
    "SELECT b.wallet_id, sum(CASE WHEN b.held THEN 0 ELSE b.remaining END) AS available,"
    " sum(CASE WHEN b.held THEN b.remaining ELSE 0 END) AS pending"
    " FROM ids CROSS JOIN batch b ON b.wallet_id = ids.id GROUP BY b.wallet_id"
)
_HEADS = text("SELECT id, head FROM wallet WHERE id > :after ORDER BY id LIMIT 5000")
_TOTALS = text(
    "SELECT unit_id, debit, credit, sum(amount) AS amount, count(*) AS transfers FROM transfer"
    " GROUP BY unit_id, debit, credit ORDER BY unit_id, debit, credit"
)
_ROOT_OF = text("SELECT root FROM ledger_root WHERE day = :day")
_LAST_ROOT = text("SELECT day, root, wallets, transfers FROM ledger_root ORDER BY day DESC LIMIT 1")


@dataclass(frozen=True)
class BadRow:
    """The first row that is not as it was written."""

    wallet_id: int
    seq: int
    what: str


@dataclass(frozen=True)
class Report:
    wallets: int
    transfers: int
    bad: BadRow | None


def verify() -> Report:
    """Recompute the whole ledger; stops at the first row that was changed, dropped or inserted.

    Reads chunk by chunk beside the running programme: a chunk's wallets, transfers and batches are read in one
    snapshot, so that a round in between is no false alarm.
    """
    wallets = transfers = 0
    heads = hashlib.sha256()
    for chunk in _chunks():
        for wallet, rows, batches in chunk:
            bad = _check(wallet, rows, batches)
            if bad is not None:
                return Report(wallets, transfers, bad)
            wallets += 1
            transfers += len(rows)
            heads.update(bytes(wallet.head))
    return Report(wallets, transfers, _against_root(transfers, wallets, heads.digest()))


def take_root(now: datetime, folder: Path) -> bytes | None:
    """Store the root of the day that has just ended and append it to `roots.log`; None when that day has one already.

    Read in one snapshot beside the running programme, and only then written: on SQLite a transaction that summed a
    large ledger would stop everybody else for seconds.
    """
    day = day_of(now, programme.current().zone) - 1
    if read_one(_ROOT_OF, {"day": day}) is not None:
        return None
    with _snapshot() as conn:
        wallets, root = _heads(conn)
        sums = conn.execute(_TOTALS).all()
    transfers = sum(row.transfers for row in sums)
    totals = {f"{row.unit_id}:{row.debit}>{row.credit}": int(row.amount) for row in sums}
    with transaction() as conn:
        conn.execute(
            insert(LedgerRoot).values(
                day=day, made_at=now, wallets=wallets, transfers=transfers, root=root, totals=totals
            )
        )
        line = {"day": day, "at": now.isoformat(), "wallets": wallets, "transfers": transfers, "root": root.hex()}
        with (folder / "roots.log").open("a", encoding="ascii") as log:
            log.write(json.dumps(line) + "\n")
    return root


def verify_wallet(wallet_id: int) -> BadRow | None:
    """Recompute one member's chain and balances; None when every row is as it was written."""
    with _snapshot() as conn:
        wallets = [row for row in conn.execute(_WALLETS, {"after": wallet_id - 1, "chunk": 1}) if row.id == wallet_id]
        return next((_check(*each) for each in _read(conn, wallets)), None)


def _heads(conn: Connection) -> tuple[int, bytes]:
    """How many wallets there are, and the SHA-256 over all their heads in order of id."""
    heads, wallets, after = hashlib.sha256(), 0, 0
    while rows := conn.execute(_HEADS, {"after": after}).all():
        for _, head in rows:
            heads.update(bytes(head))
        wallets, after = wallets + len(rows), rows[-1][0]
    return wallets, heads.digest()


def _chunks() -> Iterator[list[tuple[Any, list[Any], Any]]]:
    after = 0
    while True:
        with _snapshot() as conn:
            wallets = conn.execute(_WALLETS, {"after": after, "chunk": CHUNK}).all()
            chunk = _read(conn, wallets)
        if not chunk:
            return
        yield chunk
        after = chunk[-1][0].id


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection whose statements all see the same moment."""
    with reader().connect() as conn:
        conn.exec_driver_sql("BEGIN" if is_sqlite(conn) else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield conn
        finally:
            conn.exec_driver_sql("ROLLBACK")


def _read(conn: Connection, wallets: Sequence[Any]) -> list[tuple[Any, list[Any], Any]]:
    ids = [wallet.id for wallet in wallets]
    rows: dict[int, list[Any]] = {id_: [] for id_ in ids}
    for row in bulk.select_by_ids(conn, _TRANSFERS, ids):
        rows[row.wallet_id].append(row)
    batches = {row.wallet_id: row for row in bulk.select_by_ids(conn, _BATCHES, ids)}
    return [(wallet, rows[wallet.id], batches.get(wallet.id)) for wallet in wallets]


def _check(wallet: Any, rows: list[Any], batches: Any) -> BadRow | None:
    head, lifetime, balances = b"", 0, dict.fromkeys((State.AVAILABLE, State.PENDING, State.DEBT), 0)
    for place, row in enumerate(rows, start=1):
        if row.seq != place:
            return BadRow(wallet.id, place, "dropped" if row.seq > place else "inserted")
        head = chain(head, tuple(row[:13]), (row.outcome or "").encode())
        if head != bytes(row.hash):
            return BadRow(wallet.id, row.seq, "changed")
        if row.unit_id == UnitId.POINTS:
            for state, amount in ((row.debit, -row.amount), (row.credit, row.amount)):
                if state in balances:
                    balances[State(state)] += amount
            lifetime += _earned(row, rows)
        if row.balance != balances[State.AVAILABLE]:
            return BadRow(wallet.id, row.seq, "running balance")
    if (wallet.seq, bytes(wallet.head)) != (len(rows), head):
        return BadRow(wallet.id, min(wallet.seq, len(rows)) + 1, "dropped" if wallet.seq > len(rows) else "inserted")
    kept = (wallet.available, wallet.pending, -wallet.debt, wallet.lifetime)
    if kept != (*balances.values(), lifetime):
        return BadRow(wallet.id, len(rows), "wallet balance")
    if (
        wallet.available - (batches.available if batches else 0),
        wallet.pending - (batches.pending if batches else 0),
    ) != (0, 0):
        return BadRow(wallet.id, len(rows), "batches")
    return None


def _earned(row: Any, rows: list[Any]) -> int:
    """What a line adds to everything ever earned, less what was taken back of it."""
    if row.code == Code.ACCRUAL:
        return int(row.amount)
    if row.code == Code.REVERSAL:
        undone = row.part // 4
        return -row.amount if 0 < undone < row.seq and rows[undone - 1].code == Code.ACCRUAL else 0
    return 0


def _against_root(transfers: int, wallets: int, root: bytes) -> BadRow | None:
    """Against the last nightly root: fewer transfers than it counted, or as many with other heads, is tampering."""
    with reader().connect() as conn:
        last = conn.execute(_LAST_ROOT).first()
    if last is None or (transfers > last.transfers):
        return None
    if transfers < last.transfers or (wallets == last.wallets and root != bytes(last.root)):
        return BadRow(0, 0, f"nightly root of day {last.day}")
    return None
