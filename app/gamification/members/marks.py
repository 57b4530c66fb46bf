"""What a browser is known by from one sign-in to the next, so that a member hears of one that was not there before."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.members import letters
from app.gamification.members.demo import is_played
from app.lib import browsers
from app.lib.i18n import Sentence, _l
from app.models.base import connection
from app.models.people import Member, SignIn

MARK_BYTES = 32
_MARK = re.compile(r"[A-Za-z0-9_-]{43}")

_BEFORE = select(SignIn.id).where(SignIn.member_id == Member.id)
# A browser is new to somebody who signed in with marks before, and never with this one. At the first sign-in there is
# nothing to compare with.
_TO_TELL = select(
    Member.name, Member.email, Member.language, Member.time_zone, Member.demo_role, Member.external_id
).where(
    Member.id == bindparam("of_member"),
    Member.email.is_not(None),
    exists(_BEFORE.where(SignIn.device.is_not(None))),
    ~exists(_BEFORE.where(SignIn.device == bindparam("with_device"))),
)


def new() -> str:
    """A mark for a browser that has none."""
    return secrets.token_urlsafe(MARK_BYTES)


def is_mark(text: str) -> bool:
    """Whether a browser's cookie is one of our marks."""
    return _MARK.fullmatch(text) is not None


def digest(member_id: int, mark: str) -> bytes:
    """What is kept of a mark: another value for each member, so that it ties no two who share a browser together."""
    return hashlib.sha256(f"laurel-browser:{member_id}:{mark}".encode()).digest()


def tell_if_new(member_id: int, device: bytes, *, address: str | None, browser: str | None, now: datetime) -> None:
    """Write to the member if the browser was never there before. Inside an open transaction, before the sign-in."""
    row: Any = connection().execute(_TO_TELL, {"of_member": member_id, "with_device": device}).first()
    if row is None or is_played(row):
        return
    at = letters.local(now, row.time_zone)
    letter = letters.new_browser(row.name, brand().name, named(browser), address or "–", at)
    postbox.send(letter, row.email, language=row.language, now=now, member_id=member_id)


def named(agent: str | None) -> Sentence:
    """A browser in words: “Firefox on Windows”."""
    name, system = browsers.named(agent)
    if name and system:
        return Sentence(_l("%(browser)s on %(system)s"), {"browser": name, "system": system})
    return (
        Sentence("%(value)s", {"value": name or system}) if name or system else Sentence(_l("A browser without a name"))
    )
