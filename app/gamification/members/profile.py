"""What members set for themselves: alias, language, look and time zone; and the day they last came by."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text, update
from sqlalchemy.exc import IntegrityError

from app.gamification import ingest
from app.gamification.errors.members import AliasTaken, UnknownTimeZone
from app.gamification.members import words
from app.gamification.members.names import clean_alias
from app.gamification.streaks.days import LEAST
from app.lib.clock import from_day, to_micros
from app.lib.countries import is_time_zone
from app.lib.i18n import best_language
from app.lib.periods import day_of
from app.models.base import connection
from app.models.people import Member

Theme = Literal["auto", "light", "dark"]
UpDown = Literal["auto", "green", "red"]

# What somebody sent who is erased at this moment waits for that, and then says nothing of them any more.
_OF_MEMBER = update(Member).where(Member.id == bindparam("member_id"), Member.erased_at.is_(None))
_SAVE = _OF_MEMBER.values(
    alias=bindparam("new_alias"),
    language=bindparam("new_language"),
    theme=bindparam("new_theme"),
    up_down=bindparam("new_up_down"),
    time_zone=bindparam("new_time_zone"),
)
_SET_LANGUAGE = _OF_MEMBER.values(language=bindparam("new_language"))
_SET_THEME = _OF_MEMBER.values(theme=bindparam("new_theme"))
_VISIT = text(
    "UPDATE member SET last_visit_day = :day"
    " WHERE id = :id AND erased_at IS NULL AND (last_visit_day IS NULL OR last_visit_day < :day)"
)
_VISITED = text("SELECT 1 FROM activity WHERE source_id = :source AND external_id = :name AND occurred_at > :since")


def save(member_id: int, *, alias: str | None, language: str, theme: Theme, up_down: UpDown, time_zone: str) -> None:
    """Store a member's settings, unless they were erased. Inside an open transaction.

    Raises BadAlias, MixedScripts, AliasTaken, UnknownTimeZone.
    """
    if not is_time_zone(time_zone):
        raise UnknownTimeZone(time_zone=time_zone)
    values = {
        "member_id": member_id,
        "new_alias": clean_alias(alias) if alias else None,
        "new_language": best_language(language),
        "new_theme": theme,
        "new_up_down": up_down,
        "new_time_zone": time_zone,
    }
    try:
        saved = connection().execute(_SAVE, values).rowcount
    except IntegrityError as error:
        raise AliasTaken() from error
    if saved:
        words.note(member_id)


def set_language(member_id: int, language: str) -> None:
    """Store the language a member switched to. Inside an open transaction."""
    connection().execute(_SET_LANGUAGE, {"member_id": member_id, "new_language": best_language(language)})


def set_theme(member_id: int, theme: Theme) -> None:
    """Store whether a member wants it light or dark. Inside an open transaction."""
    connection().execute(_SET_THEME, {"member_id": member_id, "new_theme": theme})


def visit(member_id: int, zone: ZoneInfo, *, now: datetime) -> bool:
    """Count a visit, once a day in the member's own zone; returns whether it was the day's first.

    Who moved east reaches no day sooner than the clock: between the visits of one day and of the next but one lies a
    day. Inside an open transaction.
    """
    day = day_of(now, zone)
    before = {"source": ingest.source(ingest.APP).id, "name": _named(member_id, day - 2)}
    if connection().execute(_VISITED, before | {"since": to_micros(now) - LEAST}).first() is not None:
        return False
    if not connection().execute(_VISIT, {"id": member_id, "day": day}).rowcount:
        return False
    ingest.record(member_id, "visit", external_id=_named(member_id, day), occurred_at=now, now=now)
    return True


def _named(member_id: int, day: int) -> str:
    return f"visit:{member_id}:{from_day(day).isoformat()}"
