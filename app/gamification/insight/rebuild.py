"""Counting everything again from the ledger and the decisions: for figures that began late, or went wrong.

One transaction that sees one moment: what was tallied before it is dropped with the old figures, what is tallied
meanwhile stays and is folded afterwards. So nothing is counted twice or missed while members go on earning, and an
interrupted rebuild has changed nothing. PostgreSQL lets everybody write meanwhile; on SQLite writers wait.
"""

from collections import defaultdict
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import Connection

from app.gamification import programme
from app.gamification.insight import rollup, tally
from app.gamification.insight.active import KEPT_DAYS, count_days
from app.gamification.ledger.outcome import entries_of
from app.gamification.ledger.store import TRANSFER
from app.lib.periods import day_of
from app.models import bulk
from app.models.activity import Reason
from app.models.base import is_sqlite, is_the_databases, transaction

WALLETS, ROWS = 500, 50_000  # are read at a time, of whichever there are fewer
TRIES = 5

_WALLETS = "SELECT id, seq + decisions FROM wallet WHERE id > ? ORDER BY id LIMIT ?"
_TRANSFERS = f"SELECT {', '.join(TRANSFER[:-1])} FROM transfer WHERE wallet_id BETWEEN ? AND ?"
_DECISIONS = (
    "SELECT d.member_id, d.reason, d.outcome, a.kind, a.flags, a.occurred_at, a.recorded_at"
    " FROM decision d JOIN activity a ON a.id = d.activity_id WHERE d.member_id BETWEEN ? AND ?"
)


class Counted(NamedTuple):
    """What a rebuild went through."""

    transfers: int
    decisions: int


def rebuild(now: datetime) -> Counted:
    """Replace all figures by what the ledger and the decisions say."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction() as conn:
                return _rebuild(conn, now)
        except Exception as failure:
            # A worker folded between the beginning and our turn: on PostgreSQL the moment has to be chosen anew.
            if attempt == TRIES or not is_the_databases(failure):
                raise
    raise AssertionError("unreachable")


def _rebuild(conn: Connection, now: datetime) -> Counted:
    if not is_sqlite(conn):
        bulk.execute(conn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    rollup.take_turn(conn)
    for table in ("tally", "day_figure", "active_day"):
        bulk.execute(conn, f"DELETE FROM {table}")
    zone, total = programme.current().zone, tally.nothing()
    oldest = day_of(now, zone) - KEPT_DAYS
    transfers = decisions = last = 0
    while wallets := bulk.tuples(conn, _WALLETS, (last, WALLETS)):
        first, last = wallets[0][0], _last(wallets)
        counting, active = tally.Counting(), tally.Tally(total.sums, set())
        transfers += _count_transfers(counting, bulk.tuples(conn, _TRANSFERS, (first, last)))
        decisions += _count_decisions(counting, bulk.tuples(conn, _DECISIONS, (first, last)))
        counting.add_to(active, zone)
        _store_days(conn, active, oldest)
    rollup.add(conn, total.sums)
    rollup.note(conn, rollup.count_members(), now)
    return Counted(transfers, decisions)


def _last(wallets: list[bulk.Row]) -> int:
    """The last wallet of those whose rows are read together."""
    rows = accumulate(rows for _, rows in wallets)
    chosen = sum(total <= ROWS for total in rows)
    return int(wallets[max(chosen, 1) - 1][0])


def _count_transfers(counting: tally.Counting, rows: list[bulk.Row]) -> int:
    counting.transfers(rows)
    return len(rows)


def _count_decisions(counting: tally.Counting, rows: list[bulk.Row]) -> int:
    for member_id, reason, outcome, kind, flags, occurred_at, recorded_at in rows:
        # A failure keeps the error where others keep what the rules said.
        entries = [] if reason == Reason.FAILED else entries_of(outcome)
        counting.decision(member_id, tally.Judged(kind, flags, occurred_at, recorded_at, entries), reason)
    return len(rows)


def _store_days(conn: Connection, found: tally.Tally, oldest: int) -> None:
    by_member: defaultdict[int, list[int]] = defaultdict(list)
    for day, member_id in sorted(found.active):
        by_member[member_id].append(day)
    for days in by_member.values():
        count_days(found.sums, days)
    bulk.insert(conn, "active_day", ("member_id", "day"), _kept(by_member, oldest))


def _kept(by_member: dict[int, list[int]], oldest: int) -> list[bulk.Row]:
    return [(member_id, day) for member_id, days in sorted(by_member.items()) for day in days if day >= oldest]
