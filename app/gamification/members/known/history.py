"""Of what is known of a person, their history: what was reported, what it earned, and where that left them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select, text

from app.gamification.activities import BY_CODE, KINDS, Trade, facts_of
from app.gamification.ledger import explain
from app.gamification.ledger.evidence import line_rows
from app.gamification.ledger.outcome import compiled, read_outcome
from app.gamification.ledger.words.lines import moved
from app.gamification.ledger.words.reasons import miss
from app.gamification.ledger.words.titles import facts_in, title
from app.gamification.members.known import part
from app.gamification.members.known.part import Part, in_stretches, table
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_day, from_micros, instant_of
from app.lib.i18n import _l, pick
from app.models.base import read_all, read_one
from app.models.ledger import Adjustment, Batch, Code, QualifyingDay, Wallet
from app.models.rules import TierHistory

_TIERS = select(TierHistory).where(TierHistory.member_id == bindparam("of_member")).order_by(TierHistory.number)
_DAYS = select(QualifyingDay).where(QualifyingDay.member_id == bindparam("of_member")).order_by(QualifyingDay.day)
_BATCHES = (
    select(
        Batch.seq.label("line"),
        Batch.remaining.label("points"),
        Batch.held.label("pending"),
        Batch.available_at.label("free_at"),
        Batch.expires_at.label("good_until"),
        Batch.service_only.label("buys_service_only"),
    )
    .where(Batch.wallet_id == bindparam("of_member"), Batch.remaining > 0)
    .order_by(Batch.seq)
)
_BY_HAND = (
    select(Adjustment.amount, Adjustment.note, Adjustment.reverses.label("took_back_line"), Adjustment.made_at)
    .where(Adjustment.wallet_id == bindparam("of_member"))
    .order_by(Adjustment.id)
)
_REPORT = """
    a.kind, a.data, a.deal, a.external_id, a.verified, a.occurred_at, a.recorded_at, s.name AS source, k.login
"""
_DECIDED = text(
    f"""
    SELECT d.seq AS id, d.earned, d.reason, d.outcome, {_REPORT}
    FROM decision d JOIN activity a ON a.id = d.activity_id JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    WHERE d.member_id = :of_member AND d.seq > :after ORDER BY d.seq LIMIT :most
    """
)
_QUEUED = text(
    f"""
    SELECT q.activity_id AS id, {_REPORT}
    FROM activity_queue q JOIN activity a ON a.id = q.activity_id JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    WHERE q.member_id = :of_member AND q.activity_id > :after ORDER BY q.activity_id LIMIT :most
    """
)
# fmt: off
_ACTIVITY_COLUMNS = (
    "number", "kind", "title", "occurred_at", "recorded_at", "reported_by", "report", "confirmed_by_the_broker",
    "account", "deal", *dict.fromkeys(f"figures.{name}" for kind in KINDS for name in kind.facts._fields),  # type: ignore[attr-defined]
    "points", "why_no_points",
)
_POINT_COLUMNS = (
    "line", "what", "points", "available_after", "occurred_at", "recorded_at", "good_until", "in_words", "fingerprint",
)
# fmt: on


def parts(me: SignedIn) -> Iterator[Part]:
    """Activities, points and levels of a member."""
    about = _l("What was reported of you, with what each earned, or why it earned nothing.")
    yield Part("activities", about, _ACTIVITY_COLUMNS, _activities(me))
    yield Part("points", _l("Every line of your ledger, in words."), _POINT_COLUMNS, _points(me))
    yield table("points_changed_by_hand", _l("Points that staff gave or took, and why."), _BY_HAND, me.id)
    yield table("points_that_are_left", _l("Your points that are left, by when they lapse."), _BATCHES, me.id)
    yield Part("levels", _l("The levels you had."), ("level", "from"), _levels(me))
    about = _l("Your qualifying points, day by day.")
    yield Part("qualifying_points_by_day", about, ("day", "qualifying_points"), _days(me))


def _activities(me: SignedIn) -> Iterator[dict[str, Any]]:
    """What was decided, in order, then what waits."""
    for row in in_stretches(_DECIDED, me.id):
        facts = facts_in(row.kind, row.data)
        reason = None if row.earned else miss(row.reason, read_outcome(row.outcome), row.kind, facts, me.language)
        said_why = None if reason is None else [one for one in (reason.headline, reason.note) if one is not None]
        yield {"number": row.id, **_report(row), "points": row.earned, "why_no_points": said_why}
    for row in in_stretches(_QUEUED, me.id):
        yield {"number": None, **_report(row), "points": None, "why_no_points": None}


def _report(row: Any) -> dict[str, Any]:
    kind = BY_CODE[row.kind]
    return {
        "kind": kind.key,
        "title": title(row.kind, facts_in(row.kind, row.data)),
        "occurred_at": from_micros(row.occurred_at),
        "recorded_at": from_micros(row.recorded_at),
        "reported_by": row.source,
        "report": row.external_id,
        "confirmed_by_the_broker": bool(row.verified),
        "account": row.login,
        "deal": row.deal,
        # A cancellation names what it takes back, and has no figures of its own.
        "figures": None if facts_in(row.kind, row.data) is None else _figures(facts_of(row.kind, row.data)),
    }


def _figures(facts: Any) -> dict[str, Any]:
    """What is kept of an activity, with times and sides as people write them."""
    figures: dict[str, Any] = facts._asdict()
    if isinstance(facts, Trade):
        figures["side"] = "buy" if facts.side > 0 else "sell"
        figures["bonus_funds"] = bool(facts.bonus_funds)
        figures |= {name: from_micros(figures[name] * 1000) for name in ("opened_at", "closed_at")}
    return figures


def _points(me: SignedIn) -> Iterator[dict[str, Any]]:
    newest = read_one(select(Wallet.seq).where(Wallet.id == bindparam("of_member")), {"of_member": me.id}).seq
    for first in range(1, newest + 1, part.STRETCH):
        for row in line_rows(me, first, first + part.STRETCH):
            points, _ = moved(row.code, row.debit, row.credit, row.amount)
            yield {
                "line": row.seq,
                "what": Code(row.code).name.lower(),
                "points": points,
                "available_after": row.balance,
                "occurred_at": from_micros(row.occurred_at),
                "recorded_at": from_micros(row.recorded_at),
                "good_until": instant_of(row.expires_at),
                "in_words": list(explain.in_words(row, me.language)),
                "fingerprint": bytes(row.hash).hex(),
            }


def _levels(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_TIERS, {"of_member": me.id}):
        yield {"level": level(me, row.level_id), "from": row.effective_from}


def _days(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_DAYS, {"of_member": me.id}):
        yield {"day": from_day(row.day), "qualifying_points": row.sum}


def level(me: SignedIn, level_id: int) -> str:
    """A level by its name, in the member's language."""
    return pick(dict(compiled().ladder.named(level_id).name), me.language)
