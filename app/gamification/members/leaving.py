"""Leaving: a member asks to be deleted, may think better of it for a week, and is erased when the week is over.

The member's own acts lock the member's row alone. Who erases takes the wallet first and looks again under all its locks
whether the member still wants to leave, so that one who stays at the last moment stays.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, exists, select, type_coerce, update

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.errors.members import MemberNotFound, NotLeaving, NotTheClientNumber, WrongPassword
from app.gamification.members import erasure, letters
from app.gamification.members.messages import TOMORROW
from app.gamification.members.passwords import is_password
from app.gamification.messages.telling import tell
from app.lib.clock import to_micros
from app.models.base import connection, read_all, read_one, transaction
from app.models.messages import Message
from app.models.people import Member

COOL_OFF = timedelta(days=7)
LAST_CALL = timedelta(days=1)
CHUNK = 200
_WEEK = COOL_OFF // timedelta(microseconds=1)

_COLUMNS = (
    Member.id,
    Member.name,
    Member.email,
    Member.external_id,
    Member.password_hash,
    Member.language,
    Member.time_zone,
    Member.leaving_at,
    Member.erased_at,
)
_LOCK = select(*_COLUMNS).where(Member.id == bindparam("of_member")).with_for_update(key_share=True)
_ASKED_BY = select(Member.password_hash.is_not(None), Member.external_id).where(Member.id == bindparam("of_member"))
_SET = update(Member).where(Member.id == bindparam("of_member")).values(leaving_at=bindparam("at"))
_DUE = (
    select(Member.id)
    .where(Member.leaving_at <= bindparam("now"), Member.erased_at.is_(None))
    .order_by(Member.leaving_at, Member.id)
    .limit(CHUNK)
)
# The message in the member's own pages is also the note that the mail was written.
_WAS_TOLD = exists().where(
    Message.member_id == Member.id,
    Message.kind == TOMORROW,
    # Since they asked: who stayed, and asked again, is told again.
    type_coerce(Message.created_at, BigInteger) >= type_coerce(Member.leaving_at, BigInteger) - _WEEK,
)
_TO_TELL = (
    select(Member.id)
    .where(
        Member.leaving_at > bindparam("now"),
        Member.leaving_at <= bindparam("until"),
        Member.erased_at.is_(None),
        ~_WAS_TOLD,
    )
    .order_by(Member.leaving_at, Member.id)
    .limit(CHUNK)
)
_STILL_TO_TELL = select(~_WAS_TOLD).where(Member.id == bindparam("of_member"))


def has_password(member_id: int) -> bool:
    """Whether a member shows by their password that it is them; the others write their client number."""
    row = read_one(_ASKED_BY, {"of_member": member_id})
    return bool(row and row[0])


def number_of(member_id: int, external_id: str | None) -> str:
    """The number by which the broker knows a member: its own, or ours where it gave none."""
    return external_id or str(member_id)


def ask(member_id: int, proof: str, *, now: datetime) -> datetime:
    """Begin the week after which the member is erased; when that will be. Inside an open transaction.

    `proof` is the password, or, of who has none, the client number. Asked again while the week runs, it runs on.
    Raises MemberNotFound, WrongPassword, NotTheClientNumber.
    """
    member = _present(member_id)
    _check(member, proof)
    if member.leaving_at is not None:
        asked_before: datetime = member.leaving_at
        return asked_before
    at = now + COOL_OFF
    connection().execute(_SET, {"of_member": member_id, "at": at})
    if member.email:
        _send(letters.leaving(member.name, brand().name, letters.local(at, member.time_zone)), member, now)
    return at


def stay(member_id: int, *, now: datetime) -> bool:
    """Keep the account after all; whether it was about to go. Inside an open transaction; raises MemberNotFound."""
    member = _present(member_id)
    if member.leaving_at is None:
        return False
    connection().execute(_SET, {"of_member": member_id, "at": None})
    if member.email:
        _send(letters.staying(member.name, brand().name), member, now)
    return True


def remind_due(now: datetime) -> int:
    """Tell everyone whose last day has begun, once; how many. Opens a transaction for each."""
    return _each(read_all(_TO_TELL, {"now": now, "until": now + LAST_CALL}), lambda member_id: _remind(member_id, now))


def erase_due(now: datetime) -> int:
    """Erase everyone whose week is over; how many. Opens a transaction for each."""
    return _each(
        read_all(_DUE, {"now": now}), lambda member_id: erasure.erase(None, member_id, now=now, if_leaving=True)
    )


def _each(rows: Sequence[Any], act: Callable[[int], bool]) -> int:
    """Do something for each in a transaction of its own; for how many there was something to do."""
    done, failure = 0, None
    for row in rows:
        try:
            with transaction():
                done += act(row.id)
        except NotLeaving:
            continue  # stays after all; nothing of the transaction is kept
        except Exception as error:
            failure = error  # whoever comes next need not wait for it to be mended
    if failure is not None:
        raise failure
    return done


def _remind(member_id: int, now: datetime) -> bool:
    member = _locked(member_id)
    if member is None or member.leaving_at is None or member.leaving_at > now + LAST_CALL:
        return False
    if not connection().execute(_STILL_TO_TELL, {"of_member": member_id}).scalar():
        return False
    tell(member_id, TOMORROW, {"at": to_micros(member.leaving_at)}, now=now)
    if member.email:
        at = letters.local(member.leaving_at, member.time_zone)
        _send(letters.leaving_tomorrow(member.name, brand().name, at), member, now)
    return True


def _check(member: Any, proof: str) -> None:
    if member.password_hash is not None:
        if not is_password(proof, member.password_hash):
            raise WrongPassword()
        return
    number = number_of(member.id, member.external_id)
    if not hmac.compare_digest(proof.strip().removeprefix("#").encode(), number.encode()):
        raise NotTheClientNumber()


def _send(letter: letters.Letter, member: Any, now: datetime) -> None:
    postbox.send(letter, member.email, language=member.language, now=now, member_id=member.id)


def _present(member_id: int) -> Any:
    member = _locked(member_id)
    if member is None or member.erased_at is not None:
        raise MemberNotFound(member=member_id)
    return member


def _locked(member_id: int) -> Any:
    return connection().execute(_LOCK, {"of_member": member_id}).first()
