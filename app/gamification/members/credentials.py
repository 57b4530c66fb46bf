"""Who someone is by email and password, and by the links that were mailed to them."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import bindparam, select, update

from app.gamification.errors.members import BadEmail, LinkExpired, WrongPassword, WrongSignIn
from app.gamification.members import sign_ins
from app.gamification.members.names import clean_email
from app.gamification.members.passwords import check_strength, hash_password, is_outdated, is_password
from app.models.base import connection, read_one
from app.models.people import Member

Purpose = Literal["verify", "reset"]
VALID: dict[Purpose, timedelta] = {"verify": timedelta(days=3), "reset": timedelta(hours=1)}


class Credentials(NamedTuple):
    """What is known of somebody who is not signed in yet."""

    id: int
    email: str
    name: str
    password_hash: str | None
    verified_at: datetime | None
    language: str
    time_zone: str
    quiet_until: datetime | None

    def is_quiet(self, now: datetime) -> bool:
        """Whether the member is in quiet mode: no mail says anything of points then."""
        return self.quiet_until is not None and now < self.quiet_until

    @property
    def zone(self) -> ZoneInfo:
        """The member's own time zone."""
        return ZoneInfo(self.time_zone)


_COLUMNS = (
    Member.id,
    Member.email,
    Member.name,
    Member.password_hash,
    Member.email_verified_at,
    Member.language,
    Member.time_zone,
    Member.quiet_until,
)
_THERE = select(*_COLUMNS).where(Member.erased_at.is_(None), Member.email.is_not(None))
_BY_EMAIL = _THERE.where(Member.email == bindparam("address"))
_BY_ID = _THERE.where(Member.id == bindparam("member_id"))
_BY_DEMO_ROLE = _THERE.where(Member.demo_role == bindparam("role"))
_LOCK = _BY_ID.with_for_update(key_share=True)
_LOCK_BY_EMAIL = _BY_EMAIL.with_for_update(key_share=True)
_SET_PASSWORD = update(Member).where(Member.id == bindparam("member_id")).values(password_hash=bindparam("hash"))
_VERIFY = update(Member).where(Member.id == bindparam("member_id")).values(email_verified_at=bindparam("now"))


def find(email: str) -> Credentials | None:
    """Whoever has this address; None for nobody, and for what is no address."""
    try:
        return _credentials(read_one(_BY_EMAIL, {"address": clean_email(email)}))
    except BadEmail:
        return None


def lock(email: str) -> Credentials | None:
    """Whoever has this address, as of the open transaction, which sees what it has written itself."""
    return _credentials(connection().execute(_LOCK_BY_EMAIL, {"address": email}).first())


def of_member(member_id: int) -> Credentials | None:
    """A member with an address, locked, as of the open transaction; None for one without."""
    return _lock(member_id)


def at_confirmed_address(member_id: int) -> Credentials | None:
    """The same, but None while the address is unconfirmed: what one member did is not told to whoever has it."""
    someone = _lock(member_id)
    return someone if someone is not None and someone.verified_at is not None else None


def find_cast(role: str) -> Credentials | None:
    """One of the demo cast by the role played."""
    return _credentials(read_one(_BY_DEMO_ROLE, {"role": role}))


def authenticate(email: str, password: str) -> Credentials:
    """Whoever signs in so; raises WrongSignIn, after as long for an unknown address as for a wrong password."""
    someone = find(email)
    if not is_password(password, someone.password_hash if someone else None) or someone is None:
        raise WrongSignIn()
    return someone


def admit(someone: Credentials, password: str) -> None:
    """Let somebody in whose password was found right a moment ago, and hash it with the parameters of today.

    Comparing takes long enough for the password to be changed, or its owner erased, meanwhile: whoever comes with the
    former one must not outlast that. Inside an open transaction that starts the sign-in; raises WrongSignIn.
    """
    present = _lock(someone.id)
    if present is None or (
        present.password_hash != someone.password_hash and not is_password(password, present.password_hash)
    ):
        raise WrongSignIn()
    if present.password_hash and is_outdated(present.password_hash):
        _set_password(present.id, password)


def change_password(member_id: int, present: str, new: str, *, sign_in_id: bytes, now: datetime) -> None:
    """Set a new password and end the member's other sign-ins. Inside an open transaction.

    Raises WrongPassword, or what `check_strength` raises.
    """
    someone = _lock(member_id)
    if someone is None or not is_password(present, someone.password_hash):
        raise WrongPassword()
    check_strength(new, someone.email, someone.name)
    _set_password(member_id, new)
    sign_ins.end_all(member_id, but=sign_in_id, now=now)


class Links:
    """The addresses in mails: signed, timed, and good for one use, because each names the state that it changes."""

    def __init__(self, installation_secret: str) -> None:
        self._secret = installation_secret

    def token(self, purpose: Purpose, someone: Credentials) -> str:
        """What a mail's link carries."""
        return str(self._serializer(purpose).dumps([someone.id, _state(someone)]))

    def holder(self, purpose: Purpose, token: str) -> Credentials:
        """Whose token it is, as long as it can be used; raises LinkExpired."""
        member_id, state = self._open(purpose, token)
        return _usable(purpose, _credentials(read_one(_BY_ID, {"member_id": member_id})), state)

    def confirm_email(self, token: str, *, now: datetime) -> Credentials:
        """Use a link that confirms an address. Inside an open transaction; raises LinkExpired."""
        member_id, state = self._open("verify", token)
        someone = _usable("verify", _lock(member_id), state)
        connection().execute(_VERIFY, {"member_id": someone.id, "now": now})
        return someone

    def reset_password(self, token: str, password: str, *, now: datetime) -> Credentials:
        """Use a link that sets a password; ends every sign-in and confirms the address that the mail reached.

        Inside an open transaction; raises LinkExpired, or what `check_strength` raises.
        """
        member_id, state = self._open("reset", token)
        someone = _usable("reset", _lock(member_id), state)
        check_strength(password, someone.email, someone.name)
        _set_password(someone.id, password)
        if someone.verified_at is None:
            connection().execute(_VERIFY, {"member_id": someone.id, "now": now})
        sign_ins.end_all(someone.id, now=now)
        return someone

    def _open(self, purpose: Purpose, token: str) -> tuple[int, str]:
        try:
            longest = int(VALID[purpose].total_seconds())
            member_id, state = self._serializer(purpose).loads(token, max_age=longest)
        except (BadData, ValueError, TypeError) as error:
            raise LinkExpired() from error
        return member_id, state

    def _serializer(self, purpose: Purpose) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"laurel-link-{purpose}")


def _usable(purpose: Purpose, someone: Credentials | None, state: str) -> Credentials:
    if someone is None or _state(someone) != state or (purpose == "verify" and someone.verified_at):
        raise LinkExpired()
    return someone


def _state(someone: Credentials) -> str:
    # Changes with the password, the address and its confirmation: a link dies with what it was made for.
    said = f"{someone.email}|{someone.password_hash}|{someone.verified_at is not None}"
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def _lock(member_id: int) -> Credentials | None:
    return _credentials(connection().execute(_LOCK, {"member_id": member_id}).first())


def _set_password(member_id: int, password: str) -> None:
    connection().execute(_SET_PASSWORD, {"member_id": member_id, "hash": hash_password(password)})


def _credentials(row: Any) -> Credentials | None:
    return None if row is None else Credentials._make(row)
