"""Everything that is known of a person, part by part, as plain values; what is read of one part is read in stretches.

Sentences are left to whoever writes the file, in the reader's language. Left out is what would open the account
(passwords, the links in mails) and what is said of others (which of the staff did something).
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, text

from app.gamification.activities import BY_CODE, facts_of
from app.gamification.errors.members import MemberNotFound
from app.gamification.ledger import explain
from app.gamification.ledger.evidence import line_rows
from app.gamification.ledger.outcome import compiled, read_outcome
from app.gamification.ledger.words.lines import moved
from app.gamification.ledger.words.reasons import miss
from app.gamification.ledger.words.titles import facts_in, title
from app.gamification.members.classes import TITLES
from app.gamification.members.sign_ins import SignedIn, read_for_staff
from app.gamification.messages.reads import said
from app.lib.clock import from_day, from_micros
from app.lib.i18n import Sentence, pick
from app.models.base import read_all, read_one
from app.models.desk import AuditEntry
from app.models.ledger import Adjustment, Batch, Code, QualifyingDay, Wallet
from app.models.messages import Message, Outbox
from app.models.people import ClientClass, LegalEntity, Member, SignIn, TradingAccount
from app.models.rules import TierHistory

STRETCH = 500

_PERSON = (
    select(Member.email_verified_at, Member.erased_at, LegalEntity.name.label("entity"))
    .join(LegalEntity, LegalEntity.id == Member.entity_id, isouter=True)
    .where(Member.id == bindparam("of_member"))
)
_ACCOUNTS = (
    select(
        TradingAccount.platform,
        TradingAccount.server,
        TradingAccount.login,
        TradingAccount.currency,
        TradingAccount.linked_at,
    )
    .where(TradingAccount.member_id == bindparam("of_member"))
    .order_by(TradingAccount.id)
)
_SIGN_INS = (
    select(SignIn.created_at, SignIn.last_seen_at, SignIn.ended_at, SignIn.address, SignIn.browser)
    .where(SignIn.member_id == bindparam("of_member"))
    .order_by(SignIn.created_at)
)
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
_MESSAGES = (
    select(Message)
    .where(Message.member_id == bindparam("of_member"), Message.id > bindparam("after"))
    .order_by(Message.id)
    .limit(STRETCH)
)
_MAILS = (
    select(Outbox.id, Outbox.recipient, Outbox.subject, Outbox.created_at, Outbox.done_at)
    .where(Outbox.member_id == bindparam("of_member"), Outbox.id > bindparam("after"))
    .order_by(Outbox.id)
    .limit(STRETCH)
)
_ACTS = (
    select(AuditEntry.seq.label("id"), AuditEntry.made_at, AuditEntry.action, AuditEntry.before, AuditEntry.after)
    .where(
        AuditEntry.subject_kind == "member",
        AuditEntry.subject_id == bindparam("of_member"),
        AuditEntry.seq > bindparam("after"),
    )
    .order_by(AuditEntry.seq)
    .limit(STRETCH)
)
_REPORT = """
    a.kind, a.data, a.deal, a.external_id, a.verified, a.occurred_at, a.recorded_at, s.name AS source, k.login
"""
_DECIDED = text(
    f"""
    SELECT d.seq AS id, d.earned, d.reason, d.outcome, {_REPORT}
    FROM decision d JOIN activity a ON a.id = d.activity_id JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    WHERE d.member_id = :of_member AND d.seq > :after ORDER BY d.seq LIMIT {STRETCH}
    """
)
_QUEUED = text(
    f"""
    SELECT q.activity_id AS id, {_REPORT}
    FROM activity_queue q JOIN activity a ON a.id = q.activity_id JOIN source s ON s.id = a.source_id
    LEFT JOIN trading_account k ON k.id = a.trading_account_id
    WHERE q.member_id = :of_member AND q.activity_id > :after ORDER BY q.activity_id LIMIT {STRETCH}
    """
)


class Part(NamedTuple):
    """One file: its name, and its entries."""

    name: str
    entries: Iterable[dict[str, Any]]


def parts(member_id: int, now: datetime) -> Iterator[Part]:
    """Everything known of a member; raises MemberNotFound."""
    me = read_for_staff(member_id, now)
    if me is None:
        raise MemberNotFound(member=member_id)
    yield Part("person", _person(me))
    yield Part("trading_accounts", _as_they_stand(_ACCOUNTS, me))
    yield Part("activities", _activities(me))
    yield Part("points", _points(me))
    yield Part("points_changed_by_hand", _as_they_stand(_BY_HAND, me))
    yield Part("points_that_are_left", _as_they_stand(_BATCHES, me))
    yield Part("levels", _levels(me))
    yield Part("qualifying_points_by_day", _days(me))
    yield Part("messages", _messages(me))
    yield Part("mails", _mails(me))
    yield Part("sign_ins", _as_they_stand(_SIGN_INS, me))
    yield Part("what_staff_did", _acts(me))


def _person(me: SignedIn) -> Iterator[dict[str, Any]]:
    row = read_one(_PERSON, {"of_member": me.id})
    yield {
        "number": me.id,
        "clients_id": me.external_id,
        "name": me.name,
        "alias": me.alias,
        "email": me.email,
        "email_confirmed_at": row.email_verified_at,
        "country": me.country,
        "client_category": Sentence(TITLES[ClientClass(me.client_class)]),
        "client_of": row.entity,
        "language": me.language,
        "look": me.theme,
        "colour_of_a_profit": me.up_down,
        "time_zone": me.time_zone,
        "joined_at": me.joined_at,
        "last_visit": None if me.last_visit_day is None else from_day(me.last_visit_day),
        "earning_paused": me.earning_blocked,
        "erased_at": row.erased_at,
        "points": {
            "available": me.available,
            "pending": me.pending,
            "owed": me.debt,
            "earned_ever": me.lifetime,
            "qualifying": me.qualifying,
        },
        "level": _level(me, me.level_id),
        "level_since": me.level_since,
    }


def _activities(me: SignedIn) -> Iterator[dict[str, Any]]:
    """What was decided, in order, then what waits."""
    for row in _in_stretches(_DECIDED, me):
        facts = facts_in(row.kind, row.data)
        reason = None if row.earned else miss(row.reason, read_outcome(row.outcome), row.kind, facts, me.language)
        said_why = None if reason is None else [one for one in (reason.headline, reason.note) if one is not None]
        yield {"number": row.id, **_report(row), "points": row.earned, "why_no_points": said_why}
    for row in _in_stretches(_QUEUED, me):
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
        "figures": None if facts_in(row.kind, row.data) is None else facts_of(row.kind, row.data)._asdict(),
    }


def _points(me: SignedIn) -> Iterator[dict[str, Any]]:
    newest = read_one(select(Wallet.seq).where(Wallet.id == bindparam("of_member")), {"of_member": me.id}).seq
    for first in range(1, newest + 1, STRETCH):
        for row in line_rows(me, first, first + STRETCH):
            points, _ = moved(row.code, row.debit, row.credit, row.amount)
            yield {
                "line": row.seq,
                "what": Code(row.code).name.lower(),
                "points": points,
                "available_after": row.balance,
                "occurred_at": from_micros(row.occurred_at),
                "recorded_at": from_micros(row.recorded_at),
                "good_until": None if row.expires_at is None else from_micros(row.expires_at),
                "in_words": list(explain.in_words(row, me.language)),
                "fingerprint": bytes(row.hash).hex(),
            }


def _levels(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_TIERS, {"of_member": me.id}):
        yield {"level": _level(me, row.level_id), "from": row.effective_from}


def _days(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_DAYS, {"of_member": me.id}):
        yield {"day": from_day(row.day), "qualifying_points": row.sum}


def _messages(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in _in_stretches(_MESSAGES, me):
        told = said(row.kind, row.facts, 0, row.read_at is None, compiled().ladder, me.language)
        sentence = None if told is None else told.wording.sentence
        yield {"kind": row.kind, "in_words": sentence, "written_at": row.created_at, "read_at": row.read_at}


def _mails(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in _in_stretches(_MAILS, me):
        yield {"to": row.recipient, "subject": row.subject, "written_at": row.created_at, "sent_at": row.done_at}


def _acts(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in _in_stretches(_ACTS, me):
        before, after = (json.loads(facts) if facts else None for facts in (row.before, row.after))
        yield {"entry": row.id, "at": row.made_at, "what": row.action, "before": before, "after": after}


def _as_they_stand(statement: Any, me: SignedIn) -> Iterator[dict[str, Any]]:
    """Rows under the names of their columns."""
    return (dict(row._mapping) for row in read_all(statement, {"of_member": me.id}))


def _level(me: SignedIn, level_id: int) -> str:
    return pick(dict(compiled().ladder.named(level_id).name), me.language)


def _in_stretches(statement: Any, me: SignedIn) -> Iterator[Any]:
    """All rows of a statement that reads a stretch of `id` behind `after`."""
    rows = read_all(statement, {"of_member": me.id, "after": 0})
    while rows:
        yield from rows
        rows = read_all(statement, {"of_member": me.id, "after": rows[-1].id}) if len(rows) == STRETCH else ()
