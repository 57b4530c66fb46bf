"""Of what is known of a person, who they are, what they were told, where they signed in and what staff did for them."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification.ledger.outcome import compiled
from app.gamification.members.classes import TITLES
from app.gamification.members.demo import is_played
from app.gamification.members.known.history import level
from app.gamification.members.known.part import Part, columns_of, in_stretches, rows_of, table
from app.gamification.members.sign_ins import SignedIn
from app.gamification.messages.reads import said
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l
from app.models.base import read_one
from app.models.desk import AuditEntry
from app.models.messages import Message, MessageChoice, Outbox
from app.models.people import ClientClass, LegalEntity, Member, SignIn, TradingAccount

_PERSON = (
    select(
        Member.email_verified_at,
        Member.leaving_at,
        Member.erased_at,
        Member.digest,
        Member.quiet_until,
        LegalEntity.name.label("entity"),
    )
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
    select(
        SignIn.created_at,
        SignIn.last_seen_at,
        SignIn.ended_at,
        SignIn.address,
        SignIn.browser,
        SignIn.device.label("mark"),
    )
    .where(SignIn.member_id == bindparam("of_member"))
    .order_by(SignIn.created_at)
)
_MESSAGES = (
    select(Message)
    .where(Message.member_id == bindparam("of_member"), Message.id > bindparam("after"))
    .order_by(Message.id)
    .limit(bindparam("most"))
)
_TURNED_OFF = (
    select(MessageChoice.topic, MessageChoice.channel)
    .where(MessageChoice.member_id == bindparam("of_member"))
    .order_by(MessageChoice.topic, MessageChoice.channel)
)
_MAILS = (
    select(Outbox.id, Outbox.recipient, Outbox.subject, Outbox.created_at, Outbox.done_at)
    .where(Outbox.member_id == bindparam("of_member"), Outbox.id > bindparam("after"))
    .order_by(Outbox.id)
    .limit(bindparam("most"))
)
_ACTS = (
    select(AuditEntry.seq.label("id"), AuditEntry.made_at, AuditEntry.action, AuditEntry.before, AuditEntry.after)
    .where(
        AuditEntry.subject_kind == "member",
        AuditEntry.subject_id == bindparam("of_member"),
        AuditEntry.seq > bindparam("after"),
    )
    .order_by(AuditEntry.seq)
    .limit(bindparam("most"))
)
# fmt: off
_PERSON_COLUMNS = (
    "number", "clients_id", "name", "alias", "email", "email_confirmed_at", "country", "client_category", "client_of",
    "language", "look", "colour_of_a_profit", "summary_by_mail", "quiet_until", "time_zone", "joined_at",
    "last_visit", "earning_paused",
    "will_be_deleted_at", "erased_at", "points.available", "points.pending", "points.owed", "points.earned_ever",
    "points.qualifying", "level", "level_since",
)
# fmt: on


def parts(me: SignedIn) -> Iterator[Part]:
    """The person and their trading accounts."""
    yield Part("person", _l("Who you are to us, your settings and your balance."), _PERSON_COLUMNS, _person(me))
    yield table("trading_accounts", _l("The trading accounts that are linked to you."), _ACCOUNTS, me.id)


def parts_in_passing(me: SignedIn) -> Iterator[Part]:
    """What was left behind by the way: messages, mails, sign-ins, and what staff did."""
    about = _l("What you were told in your pages.")
    yield Part("messages", about, ("kind", "in_words", "written_at", "read_at"), _messages(me))
    yield table("turned_off", _l("What you do not want to be told, and by which way."), _TURNED_OFF, me.id)
    about = _l("The mails we wrote to you, without their text: their links open your account.")
    yield Part("mails", about, ("to", "subject", "written_at", "sent_at"), _mails(me))
    about = _l("The browsers you signed in with. The mark tells one of them from another.")
    yield Part("sign_ins", about, columns_of(_SIGN_INS), _browsers(me))
    about = _l("What staff did for you, by number alone.")
    yield Part("what_staff_did", about, ("entry", "at", "what", "before", "after"), _acts(me))


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
        "summary_by_mail": row.digest,
        "quiet_until": row.quiet_until,
        "time_zone": me.time_zone,
        "joined_at": me.joined_at,
        "last_visit": None if me.last_visit_day is None else from_day(me.last_visit_day),
        "earning_paused": me.earning_blocked,
        "will_be_deleted_at": row.leaving_at,
        "erased_at": row.erased_at,
        "points": {
            "available": me.available,
            "pending": me.pending,
            "owed": me.debt,
            "earned_ever": me.lifetime,
            "qualifying": me.qualifying,
        },
        "level": level(me, me.level_id),
        "level_since": me.level_since,
    }


def _messages(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in in_stretches(_MESSAGES, me.id):
        told = said(row.kind, row.facts, 0, row.read_at is None, compiled().ladder, me.language)
        sentence = None if told is None else told.wording.sentence
        yield {"kind": row.kind, "in_words": sentence, "written_at": row.created_at, "read_at": row.read_at}


def _mails(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in in_stretches(_MAILS, me.id):
        yield {"to": row.recipient, "subject": row.subject, "written_at": row.created_at, "sent_at": row.done_at}


def _browsers(me: SignedIn) -> Iterator[dict[str, Any]]:
    for entry in rows_of(_SIGN_INS, me.id):
        # Everybody plays the few people of the demo, and is nobody's business to the others.
        told = entry if not is_played(me) else entry | {"address": None, "browser": None, "mark": None}
        yield told | {"mark": told["mark"] and told["mark"][:16]}


def _acts(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in in_stretches(_ACTS, me.id):
        before, after = (json.loads(facts) if facts else None for facts in (row.before, row.after))
        yield {"entry": row.id, "at": row.made_at, "what": row.action, "before": before, "after": after}
