"""What an explanation is made of: a line with all that it refers to, a miss, what became of a batch, what was taken."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.gamification.errors import NotFound
from app.gamification.ledger.words.play import PER_CHALLENGE, PER_RUN
from app.gamification.members.sign_ins import SignedIn
from app.models.base import read_all, read_one
from app.models.ledger import Cause, UnitId

SHARES = 8  # batches named one by one


def _first_line(activity: str) -> str:
    return (
        f"(SELECT min(z.seq) FROM transfer z WHERE z.cause = {Cause.ACTIVITY} AND z.cause_id = {activity}"
        f" AND z.unit_id = {UnitId.POINTS})"
    )


_REPORT = f"""
    a.kind, a.data, a.deal, a.external_id, a.amends, a.verified, a.occurred_at AS acted_at,
    a.recorded_at AS reported_at, s.name AS source, s.key AS source_key, k.login, d.reason, d.outcome,
    x.flags AS amended, y.seq AS newer, {_first_line("x.id")} AS newer_line,
    w.seq AS older, {_first_line("v.id")} AS older_line, a.id AS activity, d.seq AS decision
"""
# What amends the activity (x), and what it amends itself (v), with their decisions.
_AMENDMENTS = """
    LEFT JOIN activity x ON x.source_id = a.source_id AND x.amends = a.external_id {only}
    LEFT JOIN decision y ON y.activity_id = x.id AND y.member_id = :member
    LEFT JOIN activity v ON v.source_id = a.source_id AND v.external_id = a.amends
    LEFT JOIN decision w ON w.activity_id = v.id AND w.member_id = :member
"""
_LINES = f"""
    SELECT t.wallet_id, t.seq, t.unit_id, t.code, t.debit, t.credit, t.amount, t.balance, t.cause, t.cause_id, t.part,
        t.occurred_at, t.recorded_at, t.hash, p.hash AS previous, o.seq AS origin, o.part AS origin_part,
        o.cause AS origin_cause, o.occurred_at AS origin_at, b.seq AS batch, b.remaining, b.held, b.available_at,
        b.expires_at, b.idle_days, b.service_only, j.id AS by_hand, e.revision_id AS challenge_revision,
        e.completed_at, {_REPORT}
    FROM transfer t
    LEFT JOIN transfer p ON p.wallet_id = t.wallet_id AND p.seq = t.seq - 1
    LEFT JOIN transfer o ON o.wallet_id = t.wallet_id AND o.seq = CASE
        WHEN t.cause IN ({Cause.BATCH_RELEASE}, {Cause.BATCH_EXPIRY}, {Cause.REPAYMENT}, {Cause.REFUND}) THEN t.part
        WHEN t.cause = {Cause.REVERSAL} THEN t.part / 4 END
    LEFT JOIN batch b ON b.wallet_id = t.wallet_id AND b.seq = CASE
        WHEN t.cause IN ({Cause.BATCH_RELEASE}, {Cause.BATCH_EXPIRY}, {Cause.REVERSAL}) THEN o.seq ELSE t.seq END
    LEFT JOIN activity a ON a.id = CASE
        WHEN t.cause = {Cause.ACTIVITY} THEN t.cause_id WHEN o.cause = {Cause.ACTIVITY} THEN o.cause_id END
    LEFT JOIN decision d ON d.activity_id = a.id
    LEFT JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    {_AMENDMENTS.format(only=f"AND t.cause = {Cause.REVERSAL} AND x.recorded_at = t.recorded_at")}
    LEFT JOIN adjustment j ON t.cause = {Cause.REVERSAL} AND j.wallet_id = t.wallet_id AND j.reverses = o.seq
    LEFT JOIN challenge_entry e ON t.cause = {Cause.CHALLENGE} AND e.member_id = t.wallet_id
        AND e.challenge_id = t.part / {PER_CHALLENGE} AND e.run = t.part % {PER_CHALLENGE} / {PER_RUN}
    WHERE t.wallet_id = :member AND t.unit_id = {UnitId.POINTS}
"""
_LINE = text(f"{_LINES} AND t.seq = :seq ORDER BY x.id LIMIT 1")
_STRETCH = text(f"{_LINES} AND t.seq >= :first AND t.seq < :until ORDER BY t.seq, x.id")
_MISSED = text(
    f"""
    SELECT {_REPORT}
    FROM decision d JOIN activity a ON a.id = d.activity_id
    JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    {_AMENDMENTS.format(only="")}
    WHERE d.member_id = :member AND d.seq = :seq AND d.earned = 0
    ORDER BY x.id DESC LIMIT 1
    """
)
_EVENTS = text(
    f"""
    SELECT t.seq, t.code, t.debit, t.recorded_at, t.amount FROM transfer t
    WHERE t.cause = {Cause.BATCH_RELEASE} AND t.cause_id = :member AND t.part = :batch
    UNION ALL
    SELECT t.seq, t.code, t.debit, t.recorded_at, t.amount FROM transfer t
    WHERE t.cause = {Cause.REVERSAL} AND t.cause_id = :member AND t.part = 4 * :batch + 1
    UNION ALL
    SELECT t.seq, t.code, t.debit, t.recorded_at, l.amount
    FROM allocation l JOIN transfer t ON t.wallet_id = l.wallet_id AND t.seq = l.seq
    WHERE l.wallet_id = :member AND l.seq > :batch AND l.batch = :batch
    ORDER BY 1
    """
)
_SHARES = text(
    f"""
    SELECT l.batch, l.amount, o.cause, o.part, o.code, o.occurred_at, a.kind, a.data, count(*) OVER () AS number
    FROM allocation l
    JOIN transfer o ON o.wallet_id = l.wallet_id AND o.seq = l.batch
    LEFT JOIN activity a ON o.cause = {Cause.ACTIVITY} AND a.id = o.cause_id
    WHERE l.wallet_id = :member AND l.seq = :seq ORDER BY l.amount DESC, l.batch LIMIT {SHARES}
    """
)


def line_row(me: SignedIn, seq: int) -> Any:
    """A line of the member's own chain with its origin, batch, activity, decision, and what amends it; or NotFound."""
    return _found(read_one(_LINE, {"member": me.id, "seq": seq}))


def line_rows(me: SignedIn, first: int, until: int) -> list[Any]:
    """The lines of the member's own chain from one seq up to another, each like `line_row`."""
    rows = read_all(_STRETCH, {"member": me.id, "first": first, "until": until})
    # A line that several reports amended at once comes once for each of them.
    return list({row.seq: row for row in reversed(rows)}.values())[::-1]


def miss_row(me: SignedIn, seq: int) -> Any:
    """A decision of the member's without points, with its activity and what amends it; or NotFound."""
    return _found(read_one(_MISSED, {"member": me.id, "seq": seq}))


def events_of(me: SignedIn, batch: int) -> Sequence[Any]:
    """Every transfer that released or drew on a batch, in order."""
    return read_all(_EVENTS, {"member": me.id, "batch": batch})


def shares_of(me: SignedIn, seq: int) -> Sequence[Any]:
    """Which batches gave how much to a transfer: the largest, and with each row how many there are."""
    return read_all(_SHARES, {"member": me.id, "seq": seq})


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound()
    return row
