"""Browsers that are signed in: rows, so that they can be listed and ended, read with all that a page's frame shows."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, column, insert, text, update

from app.gamification.members import marks
from app.gamification.members.names import initials, visible
from app.gamification.messages import topics
from app.lib.clock import from_micros, instant_of, to_micros
from app.lib.periods import day_of
from app.models.base import connection, read_one
from app.models.people import SignIn

ID_BYTES = 16
LONGEST_IDLE = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=5)
LONGEST_BROWSER = 160
MOST_UNREAD = 100  # counted no further: a mark on the bell says no more than “9+”
NOBODY = b""  # the sign-in of a member whom staff look at


class SignedIn(NamedTuple):
    """The member behind a request, with wallet and standing: what every page needs, in the order it is selected."""

    sign_in_id: bytes
    last_seen_micros: int
    id: int
    name: str
    alias: str | None
    email: str | None
    external_id: str | None
    language: str
    theme: str
    up_down: str
    time_zone: str
    country: str
    client_class: int
    entity_id: int | None
    joined_micros: int
    last_visit_day: int | None
    earning_blocked: bool
    demo_role: str | None
    leaving_micros: int | None
    quiet_micros: int | None  # until when the member is in quiet mode; None for who is not
    available: int
    pending: int
    debt: int
    lifetime: int
    qualifying: int
    window_from: int
    level_id: int
    level_key: str | None
    level_since_micros: int
    grace_until: int | None
    next_expiry_micros: int | None
    next_expiry_amount: int
    seq: int
    decisions: int
    unread: int
    newest: int  # id of the last message, 0 for none

    @property
    def zone(self) -> ZoneInfo:
        """The member's own time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        return initials(self.alias or self.name)

    @property
    def joined_at(self) -> datetime:
        return from_micros(self.joined_micros)

    @property
    def leaving_at(self) -> datetime | None:
        """When the account will be deleted, unless the member thinks better of it; None for those who stay."""
        return instant_of(self.leaving_micros)

    @property
    def is_quiet(self) -> bool:
        """Whether points, challenges and all that invites to more are out of sight, as the member wished."""
        return self.quiet_micros is not None

    @property
    def quiet_until(self) -> datetime | None:
        """When quiet mode ends by itself; None for who is not in it."""
        return instant_of(self.quiet_micros)

    @property
    def level_since(self) -> datetime:
        return from_micros(self.level_since_micros)

    @property
    def next_expiry_at(self) -> datetime | None:
        """When the next points lapse; None when none will."""
        return instant_of(self.next_expiry_micros)

    def is_due(self, now: datetime) -> bool:
        """Whether `last_seen_at` should be written at the next opportunity."""
        return to_micros(now) - self.last_seen_micros >= SEEN_EVERY // timedelta(microseconds=1)

    def visited_today(self, now: datetime) -> bool:
        """Whether today's visit, in the member's zone, is counted already."""
        return self.last_visit_day is not None and self.last_visit_day >= day_of(now, self.zone)


_MEMBER = f"""
           m.id, m.name, m.alias, m.email, m.external_id, m.language, m.theme, m.up_down, m.time_zone, m.country,
           m.client_class, m.entity_id, m.joined_at, m.last_visit_day, m.earning_blocked, m.demo_role,
           m.leaving_at, CASE WHEN m.quiet_until > :now THEN m.quiet_until END,
           w.available, w.pending, w.debt, w.lifetime, w.qualifying, w.window_from, w.level_id, t.key, w.level_since,
           w.grace_until, w.next_expiry_at, w.next_expiry_amount, w.seq, w.decisions,
           (SELECT count(*) FROM (
               SELECT 1 FROM message n WHERE n.member_id = m.id AND n.read_at IS NULL
                   AND {topics.wanted("m.id", "n.kind")}
                   AND (m.quiet_until IS NULL OR m.quiet_until <= :now OR {topics.calm("n.kind")})
               LIMIT {MOST_UNREAD}
           ) AS u),
           (SELECT coalesce(max(n.id), 0) FROM message n WHERE n.member_id = m.id)
"""
_WALLET = "JOIN wallet w ON w.id = m.id LEFT JOIN tier_level t ON t.id = w.level_id"
# Named columns let SQLAlchemy keep the shape of the answer, which it otherwise works out at every page (60 µs).
_NAMED: list[Any] = [column(name) for name in SignedIn._fields]
_READ = text(
    f"""
    SELECT s.id, s.last_seen_at, {_MEMBER}
    FROM sign_in s JOIN member m ON m.id = s.member_id {_WALLET}
    WHERE s.id = :id AND s.ended_at IS NULL AND s.last_seen_at > :oldest AND m.erased_at IS NULL
    """
).columns(*_NAMED)
_READ_FOR_STAFF = text(f"SELECT 0, 0, {_MEMBER} FROM member m {_WALLET} WHERE m.id = :id").columns(*_NAMED)
_READ_FOR_VIEW = text(
    f"SELECT 0, 0, {_MEMBER} FROM member m {_WALLET} WHERE m.id = :id AND m.erased_at IS NULL"
).columns(*_NAMED)
_START = insert(SignIn)
_SEE = update(SignIn).where(SignIn.id == bindparam("sign_in_id")).values(last_seen_at=bindparam("now"))
_END = (
    update(SignIn)
    .where(SignIn.id == bindparam("sign_in_id"), SignIn.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_END_ALL = (
    update(SignIn)
    .where(SignIn.member_id == bindparam("of_member"), SignIn.id != bindparam("but"), SignIn.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


def read(cookie: str, now: datetime) -> SignedIn | None:
    """Whoever signed in under this id, in one statement; None when it ended, idled out or never was."""
    sign_in_id = from_cookie(cookie)
    if sign_in_id is None:
        return None
    row = read_one(_READ, {"id": sign_in_id, "oldest": to_micros(now - LONGEST_IDLE), "now": to_micros(now)})
    return None if row is None else SignedIn._make((bytes(row[0]), *row[1:]))


def read_for_staff(member_id: int, now: datetime) -> SignedIn | None:
    """A member whom nobody signed in as, for staff who look after them: erased ones too; None for nobody."""
    return _unsigned(read_one(_READ_FOR_STAFF, {"id": member_id, "now": to_micros(now)}), now)


def read_for_view(member_id: int, now: datetime) -> SignedIn | None:
    """The same, for staff who look at the programme as that member; None for nobody and for erased ones."""
    return _unsigned(read_one(_READ_FOR_VIEW, {"id": member_id, "now": to_micros(now)}), now)


def _unsigned(row: Any, now: datetime) -> SignedIn | None:
    return None if row is None else SignedIn._make((NOBODY, to_micros(now), *row[2:]))


def start(member_id: int, *, address: str | None, browser: str | None, mark: str | None = None, now: datetime) -> str:
    """Sign a member in; returns what the cookie carries. Inside an open transaction.

    `mark` is what the browser is known by from one sign-in to the next; a mail tells the member when it is a new one.
    """
    sign_in_id = secrets.token_bytes(ID_BYTES)
    browser = visible(browser or "")[:LONGEST_BROWSER] or None
    device = marks.digest(member_id, mark) if mark else None
    if device is not None:
        marks.tell_if_new(member_id, device, address=address, browser=browser, now=now)
    values = {"id": sign_in_id, "member_id": member_id, "created_at": now, "last_seen_at": now, "address": address}
    connection().execute(_START, values | {"browser": browser, "device": device})
    return to_cookie(sign_in_id)


def see(sign_in_id: bytes, *, now: datetime) -> None:
    """Write that the browser was here. Inside an open transaction."""
    connection().execute(_SEE, {"sign_in_id": sign_in_id, "now": now})


def end(sign_in_id: bytes, *, now: datetime) -> None:
    """Sign one browser out, for good. Inside an open transaction."""
    connection().execute(_END, {"sign_in_id": sign_in_id, "now": now})


def end_all(member_id: int, *, now: datetime, but: bytes = b"") -> int:
    """Sign a member's browsers out, but the one named; returns how many. Inside an open transaction."""
    return connection().execute(_END_ALL, {"of_member": member_id, "but": but, "now": now}).rowcount


def to_cookie(sign_in_id: bytes) -> str:
    """The id as text, without padding."""
    return urlsafe_b64encode(sign_in_id).rstrip(b"=").decode()


def from_cookie(text_: str) -> bytes | None:
    """The id out of its text; None for anything that is none."""
    try:
        sign_in_id = urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))
    except (NotBase64, ValueError):
        return None
    return sign_in_id if len(sign_in_id) == ID_BYTES else None
