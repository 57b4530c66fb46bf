"""What members set themselves, version by version: each holds from its moment on, until the next."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from app.gamification.errors.habits import ChangedTooOften
from app.gamification.ledger.wallets import lock_present
from app.models.base import connection

CHANGES_A_DAY = 20
_MOMENT = timedelta(microseconds=1)


class Versions:
    """The versions of one thing; its table has a row by `member_id` and `since`."""

    def __init__(self, model: Any) -> None:
        table = model.__table__
        mine = table.c.member_id == bindparam("of_member")
        self._latest = select(table).where(mine).order_by(table.c.since.desc()).limit(1)
        self._changes = select(func.count()).select_from(table).where(mine, table.c.since > bindparam("after"))
        self._write = insert(table)

    def put(self, member_id: int, said: Mapping[str, Any], *, now: datetime, ends: bool = False) -> bool:
        """Let it hold from now on; whether it is another than before. `ends`: it says that nothing holds any more.

        Inside an open transaction. Raises MemberNotFound, ChangedTooOften.
        """
        lock_present([member_id])
        conn, of_member = connection(), {"of_member": member_id}
        latest = conn.execute(self._latest, of_member).mappings().first()
        if ends if latest is None else said == {name: latest[name] for name in said}:
            return False
        after = now - timedelta(days=1)
        if not ends and conn.execute(self._changes, of_member | {"after": after}).scalar_one() >= CHANGES_A_DAY:
            raise ChangedTooOften(most=CHANGES_A_DAY)
        since = now if latest is None or latest["since"] < now else latest["since"] + _MOMENT
        conn.execute(self._write, {"member_id": member_id, "since": since, **said})
        return True
