"""Taking an import back: a bust for each of its activities, chunk by chunk, through ingestion like everything else.

So points, caps, qualifying points and levels undo themselves by the pipeline's rules, and a history that is folded
again comes to the same.
"""

from typing import Any

from sqlalchemy import bindparam, select, update

from app.gamification import ingest
from app.gamification.statements import again, looking
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import connection, db, is_sqlite, reader
from app.models.history import StatementImport as Sent
from app.models.people import TradingAccount

# Busts look up what they take back: a delivery of them takes twice as long as one of trades.
DELIVERY_SQLITE, DELIVERY_POSTGRESQL = 250, 1000

_STORED = (
    "SELECT a.id, a.external_id, a.amends, a.kind, a.occurred_at FROM activity a"
    " WHERE a.trading_account_id = ? AND a.id > ? AND a.member_id = ? AND a.source_id = ? AND a.recorded_at = ?"
    " ORDER BY a.id LIMIT ?"
)
_ACCOUNT = select(TradingAccount.platform, TradingAccount.server, TradingAccount.login).where(
    TradingAccount.id == bindparam("account")
)


def stored_after(row: Any) -> list[tuple[Any, ...]]:
    """The next activities of an import, read outside any lock: they never change."""
    size = DELIVERY_SQLITE if is_sqlite(db.engine) else DELIVERY_POSTGRESQL
    with reader().connect() as conn:
        source_id = conn.execute(looking.SOURCE, {"key": ingest.UPLOADS}).scalar_one()
        recorded_at = to_micros(row.recorded_at)
        values = (row.trading_account_id, row.reached, row.member_id, source_id, recorded_at, size)
        return bulk.tuples(conn, _STORED, values)


def bust(row: Any, stored: list[tuple[Any, ...]]) -> None:
    """Take the next ones back, of an import whose row is locked. Inside an open transaction."""
    take_back(row, [one[1:] for one in stored])
    _change(row.id, reached=stored[-1][0], done=row.done + len(stored))


def take_back(row: Any, stored: list[tuple[Any, ...]]) -> None:
    """Bust each of these, (external id, what it corrects, kind, occurred at). Inside an open transaction."""
    platform, server, login = connection().execute(_ACCOUNT, {"account": row.trading_account_id}).one()
    items = again.busts(row.id, row.member_id, (platform, server, login), stored)
    ingest.accept(ingest.source(ingest.UPLOADS), items, row.decided_at)


def finish(row: Any, now: Any) -> None:
    """Everything is taken back and decided. Inside an open transaction."""
    _change(row.id, state="taken_back", ended_at=now, leased_until=None)


def _change(import_id: int, **values: Any) -> None:
    connection().execute(update(Sent).where(Sent.id == import_id).values(**values))
