"""What only staff see of a line or a decision: the numbers that name it in tables, logs and the broker's systems."""

from typing import Any

from sqlalchemy import text

from app.gamification.ledger.evidence import line_row, miss_row
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import _l
from app.models.base import read_one
from app.models.ledger import Cause, Code, State

Particulars = tuple[tuple[str, str], ...]

_NOTE = text("SELECT note FROM adjustment WHERE wallet_id = :member AND (id = :by_hand OR reverses = :undone)")


def of_line(me: SignedIn, seq: int) -> Particulars:
    """Of one line of the member's chain: names marked for translation, with plain values; raises NotFound."""
    row = line_row(me, seq)
    return (
        (_l("Transfer"), f"{row.wallet_id}/{row.seq} {Code(row.code).name.lower()}"),
        (_l("From and to"), f"{State(row.debit).name.lower()} → {State(row.credit).name.lower()}"),
        (_l("Reference"), f"{Cause(row.cause).name.lower()} {row.cause_id} {row.part}"),
        *_report(row),
        *_reason(me, row),
        (_l("Occurred"), from_micros(row.occurred_at).isoformat(timespec="milliseconds")),
        (_l("Recorded"), from_micros(row.recorded_at).isoformat(timespec="milliseconds")),
        (_l("Fingerprint"), bytes(row.hash).hex()),
        (_l("Follows"), bytes(row.previous or b"").hex() or "–"),
    )


def of_miss(me: SignedIn, seq: int) -> Particulars:
    """Of one decision without points; raises NotFound."""
    row = miss_row(me, seq)
    return (
        *_report(row),
        (_l("Occurred"), from_micros(row.acted_at).isoformat(timespec="milliseconds")),
        (_l("Recorded"), from_micros(row.reported_at).isoformat(timespec="milliseconds")),
        (_l("Outcome"), row.outcome),
    )


def _reason(me: SignedIn, row: Any) -> Particulars:
    """What staff wrote down when they changed points by hand, or took a line back."""
    if row.cause not in (Cause.ADJUSTMENT, Cause.REVERSAL):
        return ()
    undone = row.part // 4 if row.cause == Cause.REVERSAL else 0
    by_hand = row.cause_id if row.cause == Cause.ADJUSTMENT else 0
    found = read_one(_NOTE, {"member": me.id, "by_hand": by_hand, "undone": undone})
    return () if found is None or not found.note else ((_l("Reason given"), found.note),)


def _report(row: Any) -> Particulars:
    if row.activity is None:
        return ()
    told = ((_l("Activity"), str(row.activity)), (_l("Reported as"), f"{row.source_key}: {row.external_id}"))
    return told if row.decision is None else (*told, (_l("Decision"), str(row.decision)))
