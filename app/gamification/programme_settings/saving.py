"""The programme's own row: changed by its owner under lock, with before and after, and never over another's save."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.gamification import programme
from app.gamification.approvals import proposals
from app.gamification.audit import log
from app.gamification.brand import forget
from app.gamification.errors.members import UnknownTimeZone
from app.gamification.errors.programme import NoLanguage, SettingsChanged, UnknownCurrency
from app.gamification.setup.founding import clean_point_cost
from app.gamification.staff.rights import Right, hold
from app.lib.countries import is_time_zone
from app.lib.currencies import currency_codes
from app.lib.i18n import LANGUAGES
from app.models.base import after_commit, connection
from app.models.people import Programme

COLUMNS = frozenset(
    {"brand_name", "programme_name", "support_email", "time_zone", "currency", "point_cost", "statement_trust"}
)
# An address is told apart from none, and from another, without being written down for ever.
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

_LOCK = select(Programme).where(Programme.id == 1).with_for_update()


def change(by: int, action: str, values: Mapping[str, Any], *, version: int, now: datetime) -> Mapping[str, Any]:
    """Store what an owner changed, over that version; what really changed. Inside an open transaction.

    Raises NotEntitled, and SettingsChanged when somebody else saved in between.
    """
    hold_version(by, version)
    return store(by, action, values, now=now)


def hold_version(by: int, version: int) -> None:
    """Lock an owner and the row, as it was when the owner's form was drawn; else raises SettingsChanged."""
    hold({by: Right.OWN})
    if programme.version_of(locked().settings or {}) != version:
        raise SettingsChanged()


def store(by: int, action: str, values: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
    """Store values, columns and settings alike; what really changed. Inside an open transaction that holds `by`.

    A setting of None goes back to its default.
    """
    row = locked()
    settings = dict(row.settings or {})
    before = {name: getattr(row, name) if name in COLUMNS else settings.get(name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value}
    if not changed:
        return changed
    kept = {name: value for name, value in {**settings, **changed}.items() if name not in COLUMNS and value is not None}
    columns = {name: value for name, value in changed.items() if name in COLUMNS}
    kept["version"] = programme.version_of(settings) + 1
    connection().execute(update(Programme).values(**columns, settings=kept))
    programme.touch(connection())
    after_commit(forget)
    was = {name: before[name] for name in changed}
    log.record(by, action, "programme", 1, now=now, before=_told(was), after=_told(changed))
    return changed


def locked() -> Any:
    """The programme's row, which nobody else can change until the commit."""
    return connection().execute(_LOCK).one()


def save_money(
    by: int, *, currency: str, point_cost: str, languages: Sequence[str], version: int, now: datetime
) -> None:
    """Store what points cost, and which languages members may choose. Inside an open transaction."""
    if currency not in currency_codes():
        raise UnknownCurrency(currency=currency)
    offered = [code for code in LANGUAGES if code in languages]
    if not offered:
        raise NoLanguage()
    values = {"currency": currency, "point_cost": clean_point_cost(point_cost), "languages": offered}
    change(by, "programme.update", values, version=version, now=now)


def propose_zone(by: int, time_zone: str, *, version: int, now: datetime) -> int | None:
    """Ask a second person to move the programme to another zone; None where it is there. Inside an open transaction."""
    if not is_time_zone(time_zone):
        raise UnknownTimeZone(time_zone=time_zone)
    hold_version(by, version)
    present = locked().time_zone
    if present == time_zone:
        return None
    return proposals.propose(by, "programme.zone", None, {"from": present, "to": time_zone}, now=now)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit log keeps: everything but addresses."""
    return {
        name: ADDRESS.sub("***", value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }
