"""Erasing a person: the rows that say who somebody is are blanked, what the ledger proves stays, by number alone.

Blanked or dropped are member, words to find them by, trading accounts and requests for them, statements that were sent
in, questions and answers, sign-ins, messages, mails, what they played and wrote down, notes of staff, those of
proposals too, and quarantine.
Activities, decisions, transfers and the audit log hold ids and figures only, are append-only, and stay as they are.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, text, update

from app.gamification.audit import log
from app.gamification.challenges.enrolment import give_places_back
from app.gamification.errors.members import MemberNotFound, NotLeaving
from app.gamification.ledger import wallets
from app.gamification.members import brought, sign_ins, words
from app.gamification.staff.rights import Right, hold
from app.models.base import connection
from app.models.desk import Proposal
from app.models.habits import HabitDay, JournalEntry, RestDay, RiskLimit, TradingPlan
from app.models.history import StatementImport
from app.models.ledger import Adjustment
from app.models.lessons import LessonAttempt
from app.models.messages import Message, MessageChoice, Outbox
from app.models.people import ClientClass, Member, SignIn, Staff, TradingAccount
from app.models.play import BadgeAward, BadgeCount, BadgeKey, ChallengeEntry

_LOCK = (
    select(Member.email, Member.erased_at, Member.leaving_at)
    .where(Member.id == bindparam("of_member"))
    .with_for_update()
)
# The law that is not known is the strictest, and the block keeps what is still queued from earning for nobody.
_BLANK = (
    update(Member)
    .where(Member.id == bindparam("of_member"))
    .values(
        external_id=None,
        email=None,
        name="",
        alias=None,
        password_hash=None,
        email_verified_at=None,
        country="",
        client_class=ClientClass.UNKNOWN,
        language="en",
        theme="auto",
        up_down="auto",
        time_zone="UTC",
        last_visit_day=None,
        earning_blocked=True,
        demo_role=None,
        leaving_at=None,
        quiet_until=None,
        digest="never",
        digest_at=None,
        digest_to=None,
        erased_at=bindparam("now"),
    )
)
_ACCOUNTS = (
    select(TradingAccount.id)
    .where(TradingAccount.member_id == bindparam("of_member"))
    .order_by(TradingAccount.id)
    .with_for_update()
)
_RENAME = update(TradingAccount).where(TradingAccount.id == bindparam("account")).values(login=bindparam("number"))
_SIGN_INS = (
    update(SignIn).where(SignIn.member_id == bindparam("of_member")).values(address=None, browser=None, device=None)
)
# Whole, because without its figures a message can no longer be said.
_MESSAGES = delete(Message).where(Message.member_id == bindparam("of_member"))
# What they played, planned and wrote down: nobody else needs it, and much of it is in their own words.
_PLAYED: tuple[Any, ...] = tuple(
    delete(table).where(table.member_id == bindparam("of_member"))
    for table in (
        JournalEntry, LessonAttempt, RestDay, RiskLimit, TradingPlan, HabitDay,
        MessageChoice, ChallengeEntry, BadgeCount, BadgeKey, BadgeAward,
    )
)  # fmt: skip
_NOTES = update(Adjustment).where(Adjustment.wallet_id == bindparam("of_member")).values(note="")
_PROPOSALS = (
    update(Proposal)
    .where(
        or_(
            and_(Proposal.kind.in_(("points.adjust", "points.reverse")), Proposal.subject_id == bindparam("of_member")),
            and_(
                Proposal.kind == "statement.approve",
                Proposal.subject_id.in_(
                    select(StatementImport.id).where(StatementImport.member_id == bindparam("of_member"))
                ),
            ),
        ),
        or_(Proposal.note != "", Proposal.decision_note != ""),
    )
    .values(note="", decision_note="")
)
_EMPTY = {
    "recipient": "",
    "subject": "",
    "body": "",
    "html": None,
    "headers": None,
    "error": None,
    "leased_until": None,
    # What still waits is not sent.
    "done_at": func.coalesce(Outbox.done_at, bindparam("now", type_=Outbox.done_at.type)),
}
_MAILS = update(Outbox).where(Outbox.member_id == bindparam("of_member"), Outbox.recipient != "").values(**_EMPTY)
# Such as the answer to a password that was asked for before anybody had joined with the address.
_MAILS_TO = (
    update(Outbox)
    .where(
        Outbox.member_id.is_(None),
        Outbox.recipient == bindparam("address"),
        Outbox.recipient.not_in(select(Staff.email)),
    )
    .values(**_EMPTY)
)
_QUARANTINE = text(
    """
    UPDATE quarantine SET body = '' WHERE EXISTS (
        SELECT 1 FROM activity a LEFT JOIN trading_account k ON k.id = a.trading_account_id
        WHERE a.source_id = quarantine.source_id AND a.external_id = quarantine.external_id
            AND (a.member_id = :of_member OR k.member_id = :of_member)
    )
    """
)


def erase(by: int | None, member_id: int, *, now: datetime, if_leaving: bool = False) -> bool:
    """Blank everything that says who a member is; whether there was anything to blank. Inside an open transaction.

    `by` is None at the console and for who asked to leave. Afterwards nobody can sign in, the address is free to join
    anew, and what is reported of the accounts belongs to nobody. Raises NotEntitled, MemberNotFound, and NotLeaving if
    `if_leaving` and the member's week is not over: then nothing of the transaction may be kept.
    """
    if by is not None:
        hold({by: Right.PRIVACY})
    of_member: dict[str, Any] = {"of_member": member_id}
    conn = connection()
    conn.execute(_PROPOSALS, of_member)
    # Wallet, imports, accounts, member: a delivery holds its accounts, and then, by what it queues, their members.
    wallets.lock_in_order([member_id])
    brought.lock_imports(member_id)
    account_ids = [*conn.execute(_ACCOUNTS, of_member).scalars(), *brought.lock_claimed_accounts(member_id)]
    row = conn.execute(_LOCK, of_member).first()
    if row is None:
        raise MemberNotFound(member=member_id)
    if row.erased_at is not None:
        return False
    if if_leaving and (row.leaving_at is None or row.leaving_at > now):
        raise NotLeaving()
    # What was proposed while the wallet was waited for; from now on nobody proposes anything about this member.
    conn.execute(_PROPOSALS, of_member)
    conn.execute(_BLANK, of_member | {"now": now})
    words.forget(member_id)
    brought.forget(member_id, now=now)
    for account_id in account_ids:
        # No sender can guess it, so that nothing more is ever reported of this row.
        conn.execute(_RENAME, {"account": account_id, "number": secrets.token_hex(16)})
    sign_ins.end_all(member_id, now=now)
    give_places_back(member_id)
    for statement in (_SIGN_INS, _MESSAGES, _NOTES, _QUARANTINE, *_PLAYED):
        conn.execute(statement, of_member)
    conn.execute(_MAILS, of_member | {"now": now})
    if row.email is not None:
        conn.execute(_MAILS_TO, {"address": row.email, "now": now})
    log.record(by, "member.erase", "member", member_id, now=now, after={"own_wish": True} if if_leaving else None)
    return True
