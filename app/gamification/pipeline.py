"""Rounds: claim members with work, load what they need, fold their activities through the steps, write, commit.

One member is in one round at a time (the wallet's lock), different members go on in parallel. A round of many gives
the same as many rounds of one, because a fold looks at nothing but its member's state, the activity and the programme.
"""

import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, text

from app.gamification import chains, played, programme, reversal, rounds
from app.gamification.accrual import step as accrual
from app.gamification.badges import step as badges
from app.gamification.challenges import step as challenges
from app.gamification.insight import tally
from app.gamification.programme import Programme
from app.gamification.state import Counted, Happening, MemberState
from app.gamification.streaks import step as streaks
from app.gamification.tiers import load as tier_days
from app.gamification.tiers import step as tiers
from app.gamification.tiers import sums
from app.models import bulk
from app.models.activity import Reason
from app.models.base import connection, db, is_sqlite, is_the_databases, kept_by_app, read_one, transaction

log = structlog.get_logger()

Step = Callable[[MemberState, Happening, Programme], None]
STEPS: tuple[Step, ...] = (
    reversal.step,
    accrual.step,
    challenges.step,
    streaks.step,
    tiers.step,
    badges.step,
)

# A round holds the one write lock of SQLite for at most some 50 ms; PostgreSQL likes larger rounds.
ROUND_SQLITE, ROUND_POSTGRESQL = 500, 2000
PAUSE = 0.002
_QUEUE_KEY = {"member_id": "bigint", "recorded_at": "bigint", "activity_id": "bigint"}
_APPROVE_AGAIN = (
    "UPDATE statement_import SET state = 'approving' WHERE state = 'approved'"
    " AND (member_id, recorded_at) IN (SELECT member_id, recorded_at FROM keys) RETURNING id"
)
_FIRST_QUEUED = text(
    "SELECT activity_id FROM activity_queue WHERE member_id = :member ORDER BY recorded_at, activity_id LIMIT 1"
)


class FoldFailed(Exception):
    """A step raised; names the activity, and how many went well before it, so that the member's others can go on."""

    def __init__(self, member_id: int, activity_id: int, place: int, error: Exception) -> None:
        super().__init__(f"activity {activity_id}: {error!r}")
        self.member_id, self.activity_id, self.place, self.error = member_id, activity_id, place, error


class _Place:
    """Where the last round of this process ended: the next one starts behind it, so that nobody waits for ever."""

    member = 0


def run(limit: int = 0) -> int:
    """One round in its own transaction; how many activities it folded, 0 when there is nothing to claim."""
    limit = limit or (ROUND_SQLITE if is_sqlite(db.engine) else ROUND_POSTGRESQL)
    while True:
        try:
            return _next_round(programme.current(), limit)
        except programme.Changed:
            continue  # somebody published between the reading of the programme and the lock


def _next_round(current: Programme, limit: int) -> int:
    place = kept_by_app("pipeline_place", _Place)
    for start in dict.fromkeys((place.member, 0)):  # behind the last round, then once round
        try:
            folded, place.member = _round(current, limit, start)
        except Exception as failure:
            if is_the_databases(failure) or isinstance(failure, programme.Changed):
                raise
            log.error("round.failed", error=repr(failure))
            folded, place.member = _one_by_one(current, limit, start)
        if folded:
            return folded
    return 0


def drain() -> int:
    """Rounds until nothing that can be claimed is queued; how many activities were folded."""
    done = 0
    while folded := run():
        done += folded
    return done


def catch_up(member_id: int, seconds: float = 60.0) -> bool:
    """Fold what is queued of one member, waiting for a worker who is at it; whether all of it is done."""
    deadline = time.monotonic() + seconds
    limit = ROUND_SQLITE if is_sqlite(db.engine) else ROUND_POSTGRESQL
    while _first_queued(member_id):
        try:
            folded = _alone(programme.current(), limit, member_id)
        except programme.Changed:
            continue
        if not folded:
            if time.monotonic() > deadline:
                return False
            time.sleep(10 * PAUSE)
        time.sleep(PAUSE)  # others write too
    return True


def reprocess(member_id: int | None = None) -> int:
    """Queue the activities whose fold failed again, inside the open transaction; how many."""
    conn = connection()
    where, values = ("", ()) if member_id is None else (" AND d.member_id = ?", (member_id,))
    rows = bulk.execute(
        conn,
        "SELECT d.member_id, a.recorded_at, d.activity_id, d.seq, a.kind, a.flags, a.occurred_at"
        " FROM decision d JOIN activity a"
        f" ON a.id = d.activity_id WHERE d.reason = {int(Reason.FAILED)}{where} ORDER BY d.member_id, d.seq",
        values,
    ).all()
    keys = {"member_id": "bigint", "seq": "bigint"}
    bulk.delete(conn, "decision", keys, [(row.member_id, row.seq) for row in rows])
    queue = sorted((row.member_id, row.recorded_at, row.activity_id) for row in rows)
    bulk.insert(conn, "activity_queue", tuple(_QUEUE_KEY), queue)
    # An import that was approved goes through it once more: earned late, points would wait for a review that is over.
    imports = sorted({(row.member_id, row.recorded_at) for row in rows})
    bulk.tuples_by_keys(conn, _APPROVE_AGAIN, {"member_id": "bigint", "recorded_at": "bigint"}, imports)
    _take_back(conn, rows)
    return len(queue)


def _take_back(conn: Connection, rows: Sequence[Any]) -> None:
    """Count failed decisions no longer: each will be counted again as what it comes to."""
    counting = tally.Counting()
    for row in rows:
        failed = tally.Judged(row.kind, row.flags, row.occurred_at, row.recorded_at)
        counting.decision(row.member_id, failed, int(Reason.FAILED), -1)
    tally.insert(conn, counting, programme.current().zone)


def _round(
    current: Programme,
    limit: int,
    after_member: int,
    only_member: int | None = None,
    poisoned: dict[int, Exception] | None = None,
) -> tuple[int, int]:
    """How many activities were folded, and the member with whom the round ended."""
    with transaction() as conn:
        claimed = _claim(conn, limit, after_member, only_member)
        if not claimed:
            return 0, 0
        if current.settling_since is not None:
            sums.settle(conn, current, claimed)
        states = rounds.load(conn, current, claimed)
        queued = _queued(conn, states, limit)
        chains.load(conn, current, states, queued)
        rounds.load_caps(conn, current, states)
        played.load(conn, current, states)
        tier_days.load(conn, current, states, max((row[1] for row in queued), default=0))
        for state in states.values():
            fold(state, current, poisoned or {})
        rounds.write(conn, current, [state for state in states.values() if state.happenings])
        bulk.delete(conn, "activity_queue", _QUEUE_KEY, queued)
    return len(queued), queued[-1][0] if queued else claimed[-1]


def fold(state: MemberState, current: Programme, poisoned: dict[int, Exception]) -> None:
    """Put a member's activities through the steps, in order, and keep one decision for each; raises FoldFailed."""
    for place, activity in enumerate(state.happenings):
        try:
            _decide(state, activity, current, poisoned.get(activity.id))
        except Exception as failure:
            raise FoldFailed(state.id, activity.id, place, failure) from failure


def try_out(state: MemberState, current: Programme) -> None:
    """The same of what is never written: one on which the programme fails is noted as failed, and the others go on."""
    for activity in state.happenings:
        try:
            _decide(state, activity, current, None)
        except Exception as failure:
            _decide(state, activity, current, failure)


def _decide(state: MemberState, activity: Happening, current: Programme, error: Exception | None) -> None:
    if error is not None:
        activity.earned, activity.reason, activity.outcome = 0, Reason.FAILED, _told(error)
    else:
        for step in STEPS:
            step(state, activity, current)
    if (effects := state.effects.get(activity.id)) is not None:
        effects.decided = True
        if error is None and activity.counts:
            effects.counted = Counted(
                activity.kind, activity.data, activity.occurred_at, activity.earned, activity.is_forbidden
            )
            effects.place, effects.placed_at = activity.place, activity.placed_at
    state.decisions += 1
    state.new_decisions.append(
        (state.id, state.decisions, activity.id, activity.earned, int(activity.reason), activity.outcome)
    )


def _one_by_one(current: Programme, limit: int, after_member: int) -> tuple[int, int]:
    """The members of a failed round, each on its own, so that one cannot hold up the others."""
    with transaction() as conn:
        members = _claim(conn, limit, after_member, None)
    done, stuck = 0, None
    for member_id in members:
        try:
            done += _alone(current, limit, member_id)
        except Exception as failure:
            if is_the_databases(failure) or isinstance(failure, programme.Changed):
                raise
            log.critical("member.stuck", member=member_id, error=repr(failure))
            stuck = failure
    if stuck is not None and not done:
        raise stuck
    return done, max(members, default=0)


def _alone(current: Programme, limit: int, member_id: int) -> int:
    """A member's activities; one that still raises is decided as failed and told to staff, the later ones go on.

    After each that raises the rounds begin small again, so that a thousand of them are not begun anew for each.
    """
    at_once, done = limit, 0
    poisoned: dict[int, Exception] = {}
    while done < limit:
        try:
            folded, _ = _round(current, at_once, 0, member_id, poisoned)
        except FoldFailed as failure:
            culprit, error, at_once = failure.activity_id, failure.error, failure.place + 1
        except Exception as failure:
            if is_the_databases(failure) or isinstance(failure, programme.Changed):
                raise
            if at_once > 1:  # the database refused what was found: look for the activity one by one
                at_once = 1
                continue
            culprit, error = _first_queued(member_id), failure
        else:
            done += folded
            if folded < at_once:
                break
            at_once = max(1, min(2 * at_once, limit - done))
            continue
        if culprit in poisoned:
            raise error
        log.error("fold.failed", member=member_id, activity=culprit, error=repr(error))
        poisoned[culprit] = error
    return done


def _first_queued(member_id: int) -> int:
    row = read_one(_FIRST_QUEUED, {"member": member_id})
    return 0 if row is None else int(row.activity_id)


def _claim(conn: Connection, limit: int, after_member: int, only_member: int | None) -> list[int]:
    """Lock the wallets of members that have work, in order of id, leaving out those in another worker's hands."""
    values: tuple[int, ...]
    if only_member is not None:
        chosen, values = "SELECT CAST(? AS bigint) AS member_id", (only_member,)
    else:
        chosen = "SELECT DISTINCT member_id FROM activity_queue WHERE member_id > ? ORDER BY member_id LIMIT ?"
        # Wider than the round on PostgreSQL: other workers may hold the first of them.
        values = (after_member, limit if is_sqlite(conn) else 8 * limit)
    if is_sqlite(conn):
        return list(bulk.execute(conn, chosen, values).scalars())
    locked = bulk.execute(
        conn,
        f"SELECT w.id FROM ({chosen}) AS work JOIN wallet w ON w.id = work.member_id"
        " ORDER BY w.id LIMIT ? FOR NO KEY UPDATE OF w SKIP LOCKED",
        (*values, limit),
    )
    return list(locked.scalars())


def _queued(conn: Connection, states: dict[int, MemberState], limit: int) -> Sequence[tuple[Any, ...]]:
    """The round's activities into their members' states; returns the rows of the queue that they are.

    Read after the lock, so that nothing another worker has just folded comes again.
    """
    rows = bulk.tuples_by_ids(
        conn,
        "SELECT q.member_id, q.recorded_at, q.activity_id, a.source_id, a.external_id, a.kind, a.trading_account_id,"
        " a.deal, a.verified, a.flags, a.amends, a.occurred_at, a.data"
        " FROM ids CROSS JOIN activity_queue q ON q.member_id = ids.id CROSS JOIN activity a ON a.id = q.activity_id"
        " ORDER BY q.member_id, q.recorded_at, q.activity_id LIMIT ?",
        sorted(states),
        limit,
    )
    for member_id, recorded_at, id_, source_id, name, kind, account, deal, verified, flags, amends, at, data in rows:
        states[member_id].happenings.append(
            Happening(id_, source_id, name, kind, account, deal, verified, flags, amends, at, recorded_at, data)
        )
    return [row[:3] for row in rows]


def _told(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
    place = f"{where[0].filename.rsplit('/', 1)[-1]}:{where[0].lineno}" if where else ""
    return msgspec.json.encode([[], [type(error).__name__, str(error)[:200], place]]).decode()
