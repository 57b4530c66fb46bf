"""Recovery codes: ten for the day the phone is lost, each good once; only keyed hashes of them are kept."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from app.gamification.errors.staff import WrongRecoveryCode
from app.models.base import connection, read_one
from app.models.desk import RecoveryCode

NUMBER = 10
GROUPS, GROUP = 3, 4  # twelve signs of 31: 59 bits, which nobody guesses
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike

_UNUSED = (RecoveryCode.staff_id == bindparam("staff"), RecoveryCode.used_at.is_(None))
_LEFT = select(func.count()).select_from(RecoveryCode).where(*_UNUSED)
_EVER = select(RecoveryCode.id).where(RecoveryCode.staff_id == bindparam("staff")).limit(1)
_USE = (
    update(RecoveryCode).where(*_UNUSED, RecoveryCode.code_hash == bindparam("hashed")).values(used_at=bindparam("now"))
)
_FORGET = delete(RecoveryCode).where(RecoveryCode.staff_id == bindparam("staff"))


def new_codes() -> tuple[str, ...]:
    """Ten codes as people copy them: `h7kd-2m9p-xq4t`."""
    return tuple(
        "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS)) for _ in range(NUMBER)
    )


def left_of(staff_id: int) -> int:
    """How many codes somebody can still use."""
    return int(read_one(_LEFT, {"staff": staff_id})[0])


def has_any(staff_id: int) -> bool:
    """Whether somebody ever kept recovery codes, used up or not."""
    return read_one(_EVER, {"staff": staff_id}) is not None


def forget(staff_id: int) -> None:
    """Drop somebody's codes. Inside an open transaction."""
    connection().execute(_FORGET, {"staff": staff_id})


class Codes:
    """Keeps and takes codes, hashed with a key of this installation: a copy of the database alone tells none."""

    def __init__(self, installation_secret: str) -> None:
        self._key = hashlib.blake2b(installation_secret.encode(), digest_size=32, person=b"laurel-recovery").digest()

    def keep(self, staff_id: int, codes: tuple[str, ...]) -> None:
        """Make these somebody's codes instead of those before. Inside an open transaction."""
        forget(staff_id)
        connection().execute(
            insert(RecoveryCode), [{"staff_id": staff_id, "code_hash": self._hash(code)} for code in codes]
        )

    def use(self, staff_id: int, code: str, *, now: datetime) -> int:
        """Use a code up; returns how many are left. Inside an open transaction; raises WrongRecoveryCode."""
        values = {"staff": staff_id, "hashed": self._hash(code), "now": now}
        if not connection().execute(_USE, values).rowcount:
            raise WrongRecoveryCode()
        return int(connection().execute(_LEFT, {"staff": staff_id}).scalar_one())

    def _hash(self, code: str) -> bytes:
        signs = "".join(sign for sign in code.casefold() if sign.isalnum())
        return hashlib.blake2b(signs.encode(), digest_size=32, key=self._key).digest()
