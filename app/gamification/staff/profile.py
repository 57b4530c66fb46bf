"""What people of the staff set for themselves: name, language, look and time zone."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

from app.gamification.audit import log
from app.gamification.errors.members import UnknownTimeZone
from app.gamification.members.names import clean_name
from app.lib.countries import is_time_zone
from app.lib.i18n import best_language
from app.models.base import connection
from app.models.people import Staff

Theme = Literal["auto", "light", "dark"]

_LOCK = (
    select(Staff.name, Staff.language, Staff.theme, Staff.time_zone)
    .where(Staff.id == bindparam("staff"))
    .with_for_update(key_share=True)
)
_SAVE = update(Staff).where(Staff.id == bindparam("staff"))


def save(staff_id: int, *, name: str, language: str, theme: Theme, time_zone: str, now: datetime) -> None:
    """Store somebody's own settings. Inside an open transaction; raises BadName, UnknownTimeZone."""
    if not is_time_zone(time_zone):
        raise UnknownTimeZone(time_zone=time_zone)
    chosen = {"name": clean_name(name), "language": best_language(language), "theme": theme, "time_zone": time_zone}
    _store(staff_id, chosen, now)


def set_language(staff_id: int, language: str, *, now: datetime) -> None:
    """Store the language somebody switched to. Inside an open transaction."""
    _store(staff_id, {"language": best_language(language)}, now)


def set_theme(staff_id: int, theme: Theme, *, now: datetime) -> None:
    """Store whether somebody wants it light or dark. Inside an open transaction."""
    _store(staff_id, {"theme": theme}, now)


def _store(staff_id: int, chosen: dict[str, Any], now: datetime) -> None:
    stored = connection().execute(_LOCK, {"staff": staff_id}).one()._mapping
    changed = {name: value for name, value in chosen.items() if value != stored[name]}
    if not changed:
        return
    connection().execute(_SAVE.values(**changed), {"staff": staff_id})
    # The log outlives everybody's name: that it changed is all it says.
    before = {name: stored[name] for name in changed if name != "name"}
    after = {name: value if name != "name" else True for name, value in changed.items()}
    log.record(staff_id, "staff.update", "staff", staff_id, now=now, before=before, after=after)
