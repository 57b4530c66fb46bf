"""The second factor: six digits that a phone makes from a shared secret and the time, each taken only once."""

import hmac
import unicodedata
from datetime import datetime
from typing import Any, NamedTuple

import pyotp
from sqlalchemy import bindparam, select, update

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.errors.staff import CodeUsedBefore, SignInTookTooLong, WrongCode
from app.gamification.staff import letters, recovery, sessions
from app.lib.sealing import Sealer
from app.models.base import connection
from app.models.people import Staff

DIGITS, SECONDS = 6, 30
DRIFT = 1  # steps that a phone's clock may be off, either way

_LOCK = (
    select(Staff.id, Staff.name, Staff.email, Staff.language, Staff.totp_secret, Staff.totp_since, Staff.totp_step)
    .where(Staff.id == bindparam("staff"), Staff.left_at.is_(None))
    .with_for_update(key_share=True)
)
_TAKE = update(Staff).where(Staff.id == bindparam("staff")).values(totp_step=bindparam("step"))
_SET_UP = (
    update(Staff)
    .where(Staff.id == bindparam("staff"))
    .values(totp_secret=bindparam("sealed"), totp_since=bindparam("now"), totp_step=bindparam("step"))
)
_FORGET = update(Staff).where(Staff.id == bindparam("staff")).values(totp_secret=None, totp_since=None, totp_step=None)


class Taken(NamedTuple):
    """A code that was right: made by the phone, or kept for the day without it."""

    by: str  # code | recovery_code
    codes_left: int | None  # recovery codes, where one was used


def new_secret() -> str:
    """A secret for a phone, 160 bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, email: str, issuer: str) -> str:
    """What a QR code says to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def code_at(secret: str, instant: datetime) -> str:
    """The code that a phone shows at an instant."""
    return pyotp.TOTP(secret).generate_otp(_step_at(instant))


def step_of(secret: str, code: str, *, now: datetime, after: int | None = None) -> int:
    """The step of time whose code this is, later than `after`; raises WrongCode or CodeUsedBefore.

    Every step that may be meant is compared, and each in the same time, so that the answer's delay tells nothing.
    """
    given, present, found = digits_of(code).encode(), _step_at(now), None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), given):
            found = step
    if found is None:
        raise WrongCode()
    if after is not None and found <= after:
        raise CodeUsedBefore()
    return found


def digits_of(text: str) -> str:
    """A typed code without what stands between, its digits those of ASCII whatever the keyboard's."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text if not char.isspace())


class SecondFactor:
    """Takes codes; the secrets behind them are sealed with this installation's own."""

    def __init__(self, installation_secret: str) -> None:
        self._sealer = Sealer(installation_secret)
        self._codes = recovery.Codes(installation_secret)

    def take(self, staff_id: int, code: str, *, now: datetime) -> Taken:
        """Accept a phone's code, or a recovery code in its place. Inside an open transaction.

        Raises WrongCode, CodeUsedBefore, WrongRecoveryCode, or SignInTookTooLong where there is nothing to compare.
        """
        row = _locked(staff_id)
        if row.totp_secret is None:
            raise SignInTookTooLong()
        if len(digits_of(code)) <= DIGITS:
            step = step_of(self._sealer.open(bytes(row.totp_secret)), code, now=now, after=row.totp_step)
            connection().execute(_TAKE, {"staff": staff_id, "step": step})
            return Taken("code", None)
        left = self._codes.use(staff_id, code, now=now)
        postbox.send(letters.code_used(row.name, left), row.email, language=row.language, now=now)
        return Taken("recovery_code", left)

    def set_up(self, staff_id: int, secret: str, code: str, *, now: datetime) -> None:
        """Let a first phone make somebody's codes, once it has shown that it can. Inside an open transaction.

        Raises WrongCode, and SignInTookTooLong where they have a phone by now: whoever knows only the password must
        not put another in its place.
        """
        if _locked(staff_id).totp_since is not None:
            raise SignInTookTooLong()
        self._keep_secret(staff_id, secret, code, now)
        log.record(staff_id, "staff.second_factor", "staff", staff_id, now=now)

    def replace(self, staff_id: int, secret: str, code: str, *, sign_in_id: bytes, now: datetime) -> None:
        """Let another phone make somebody's codes from now on, end their other sign-ins, and tell them.

        Inside an open transaction; raises WrongCode.
        """
        row = _locked(staff_id)
        self._keep_secret(staff_id, secret, code, now)
        sessions.end_all(staff_id, but=sign_in_id, now=now)
        postbox.send(letters.phone_changed(row.name), row.email, language=row.language, now=now)
        log.record(staff_id, "staff.second_factor", "staff", staff_id, now=now)

    def keep_codes(self, staff_id: int, codes: tuple[str, ...]) -> None:
        """Make these somebody's recovery codes. Inside an open transaction."""
        self._codes.keep(staff_id, codes)

    def renew_codes(self, staff_id: int, codes: tuple[str, ...], *, now: datetime) -> None:
        """Make these somebody's recovery codes instead of those before, and tell them. Inside an open transaction."""
        row = _locked(staff_id)
        self._codes.keep(staff_id, codes)
        postbox.send(letters.codes_changed(row.name), row.email, language=row.language, now=now)
        log.record(staff_id, "staff.recovery_codes", "staff", staff_id, now=now)

    def confirm(self, staff_id: int, code: str, *, sign_in_id: bytes, now: datetime) -> None:
        """Write that somebody gave a right code again. Inside an open transaction; raises as `take` does."""
        self.take(staff_id, code, now=now)
        sessions.confirm(sign_in_id, now=now)

    def _keep_secret(self, staff_id: int, secret: str, code: str, now: datetime) -> None:
        step = step_of(secret, code, now=now)
        values = {"staff": staff_id, "sealed": self._sealer.seal(secret), "now": now, "step": step}
        connection().execute(_SET_UP, values)


def forget(staff_id: int) -> None:
    """Take the phone and the recovery codes off somebody. Inside an open transaction."""
    connection().execute(_FORGET, {"staff": staff_id})
    recovery.forget(staff_id)


def reset(by: int | None, staff_id: int, *, now: datetime) -> None:
    """Let somebody set up a phone anew at their next sign-in, end their browsers, and tell them.

    Inside an open transaction; `by` is None at the console.
    """
    row = _locked(staff_id)
    forget(staff_id)
    sessions.end_all(staff_id, now=now)
    postbox.send(letters.phone_forgotten(row.name), row.email, language=row.language, now=now)
    log.record(by, "staff.reset_second_factor", "staff", staff_id, now=now)


def _locked(staff_id: int) -> Any:
    row = connection().execute(_LOCK, {"staff": staff_id}).first()
    if row is None:
        raise SignInTookTooLong()
    return row


def _step_at(instant: datetime) -> int:
    return int(instant.timestamp()) // SECONDS
