"""Sign-ins of staff: half ones wait for a code, whole ones idle out after half an hour and end after twelve."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, column, insert, text, update

from app.gamification.audit import log
from app.gamification.errors.staff import SignInTookTooLong
from app.gamification.members.names import initials, visible
from app.gamification.members.sign_ins import ID_BYTES, LONGEST_BROWSER, from_cookie, to_cookie
from app.gamification.staff.rights import Right, may
from app.lib.clock import to_micros
from app.models.base import connection, read_one
from app.models.people import SignIn

LONGEST_IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
CONFIRMED_FOR = timedelta(minutes=10)  # a sensitive act asks for password and code again after that
LONGEST_HALF = timedelta(minutes=15)  # between the password and the code, with time to set up a phone


class SignedInStaff(NamedTuple):
    """Somebody of the staff behind a request, in the order of the columns."""

    sign_in_id: bytes
    started_micros: int
    last_seen_micros: int
    confirmed_micros: int
    id: int
    name: str
    email: str
    role: str
    language: str
    theme: str
    time_zone: str
    demo_role: str | None
    open_proposals: int
    open_questions: int
    open_account_requests: int
    waiting_statements: int

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        return initials(self.name)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone this person reads times in."""
        return ZoneInfo(self.time_zone)

    def may(self, right: Right | str) -> bool:
        """Whether this person has a right; templates ask so before they draw a button."""
        return may(self.role, Right(right))

    def is_fresh(self, now: datetime) -> bool:
        """Whether password and code were given recently enough for a sensitive act."""
        return to_micros(now - CONFIRMED_FOR) <= self.confirmed_micros


_READ = text(
    """
    SELECT s.id, s.created_at, s.last_seen_at, s.confirmed_at,
           p.id, p.name, p.email, p.role, p.language, p.theme, p.time_zone, p.demo_role,
           (SELECT count(*) FROM proposal WHERE state = 'open'),
           (SELECT count(*) FROM question WHERE state = 'open'),
           (SELECT count(*) FROM account_request WHERE state = 'open'),
           (SELECT count(*) FROM statement_import WHERE state = 'stored' AND trust = 'review')
    FROM sign_in s JOIN staff p ON p.id = s.staff_id
    WHERE s.id = :id AND s.ended_at IS NULL AND s.created_at > :oldest AND s.confirmed_at IS NOT NULL
      AND p.left_at IS NULL
    """
).columns(*(column(name) for name in SignedInStaff._fields))


class HalfSignedIn(NamedTuple):
    """Somebody who gave the right password and still owes the code, in the order of the columns."""

    sign_in_id: bytes
    id: int
    name: str
    email: str
    language: str
    has_factor: bool  # whether a phone makes their codes already


_READ_HALF = text(
    """
    SELECT s.id, p.id, p.name, p.email, p.language, p.totp_since IS NOT NULL
    FROM sign_in s JOIN staff p ON p.id = s.staff_id
    WHERE s.id = :id AND s.ended_at IS NULL AND s.created_at > :oldest AND s.confirmed_at IS NULL
      AND p.left_at IS NULL
    """
).columns(*(column(name) for name in HalfSignedIn._fields))
_START = insert(SignIn)
# Under a new id, because the old one was good for less and may have been planted in the browser.
_COMPLETE = (
    update(SignIn)
    .where(SignIn.id == bindparam("half"), SignIn.ended_at.is_(None), SignIn.confirmed_at.is_(None))
    .values(id=bindparam("whole"), confirmed_at=bindparam("now"), last_seen_at=bindparam("now"))
)
_CONFIRM = (
    update(SignIn)
    .where(SignIn.id == bindparam("sign_in_id"), SignIn.ended_at.is_(None), SignIn.confirmed_at.is_not(None))
    .values(confirmed_at=bindparam("now"))
)
_SEE = update(SignIn).where(SignIn.id == bindparam("sign_in_id")).values(last_seen_at=bindparam("now"))
_END = (
    update(SignIn)
    .where(SignIn.id == bindparam("sign_in_id"), SignIn.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_END_ALL = (
    update(SignIn)
    .where(SignIn.staff_id == bindparam("of_staff"), SignIn.id != bindparam("but"), SignIn.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


def read(cookie: str, now: datetime) -> SignedInStaff | None:
    """Whoever of the staff signed in under this id; None when it ended, is too old, or a code is still missing.

    Idling out is judged by the caller, who knows when the browser read its last page: reads never write.
    """
    sign_in_id = from_cookie(cookie)
    if sign_in_id is None:
        return None
    row = read_one(_READ, {"id": sign_in_id, "oldest": to_micros(now - LONGEST)})
    return None if row is None else SignedInStaff._make((bytes(row[0]), *row[1:]))


def start(staff_id: int, *, address: str | None, browser: str | None, now: datetime, confirmed: bool) -> str:
    """Open a sign-in; returns what the cookie carries. Inside an open transaction.

    Until `confirmed` (password and code were right) it opens no page.
    """
    sign_in_id = secrets.token_bytes(ID_BYTES)
    values = {"id": sign_in_id, "staff_id": staff_id, "created_at": now, "last_seen_at": now, "address": address}
    values |= {"browser": visible(browser or "")[:LONGEST_BROWSER] or None, "confirmed_at": now if confirmed else None}
    connection().execute(_START, values)
    return to_cookie(sign_in_id)


def read_half(cookie: str, now: datetime) -> HalfSignedIn | None:
    """Whoever gave the right password in this browser a few minutes ago and owes the code; None for anybody else."""
    sign_in_id = from_cookie(cookie)
    if sign_in_id is None:
        return None
    row = read_one(_READ_HALF, {"id": sign_in_id, "oldest": to_micros(now - LONGEST_HALF)})
    return None if row is None else HalfSignedIn._make((bytes(row[0]), *row[1:5], bool(row[5])))


def complete(half: HalfSignedIn, by: str, *, now: datetime) -> str:
    """Make a half sign-in whole, under a new id; returns what the cookie carries from now on.

    `by` is what came after the password: code or recovery_code. Inside an open transaction, as its last act; raises
    SignInTookTooLong when it was ended, or is whole already.
    """
    whole = secrets.token_bytes(ID_BYTES)
    if not connection().execute(_COMPLETE, {"half": half.sign_in_id, "whole": whole, "now": now}).rowcount:
        raise SignInTookTooLong()
    log.record(half.id, "staff.sign_in", "staff", half.id, now=now, after={"by": by})
    return to_cookie(whole)


def start_demo(staff_id: int, *, address: str | None, browser: str | None, now: datetime) -> str:
    """Sign one of the demo staff in without password or code; returns what the cookie carries.

    Inside an open transaction, as its last act.
    """
    carried = start(staff_id, address=address, browser=browser, now=now, confirmed=True)
    log.record(staff_id, "staff.sign_in", "staff", staff_id, now=now, after={"by": "demo"})
    return carried


def confirm(sign_in_id: bytes, *, now: datetime) -> None:
    """Write that password and code were given again. Inside an open transaction; raises SignInTookTooLong."""
    if not connection().execute(_CONFIRM, {"sign_in_id": sign_in_id, "now": now}).rowcount:
        raise SignInTookTooLong()


def see(sign_in_id: bytes, *, now: datetime) -> None:
    """Write that the browser was here. Inside an open transaction."""
    connection().execute(_SEE, {"sign_in_id": sign_in_id, "now": now})


def end(sign_in_id: bytes, *, now: datetime) -> None:
    """Sign one browser out, for good. Inside an open transaction."""
    connection().execute(_END, {"sign_in_id": sign_in_id, "now": now})


def sign_out(staff_id: int, sign_in_id: bytes, *, now: datetime) -> None:
    """Sign somebody's own browser out. Inside an open transaction, as its last act."""
    end(sign_in_id, now=now)
    log.record(staff_id, "staff.sign_out", "staff", staff_id, now=now)


def end_all(staff_id: int, *, now: datetime, but: bytes = b"") -> int:
    """Sign somebody's browsers out, but the one named; returns how many. Inside an open transaction."""
    return connection().execute(_END_ALL, {"of_staff": staff_id, "but": but, "now": now}).rowcount
