"""Telling members on their Monday how last week came out: each once, and only whose streak it touched."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from time import sleep
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from app.gamification import programme
from app.gamification.ledger.wallets import lock_in_order
from app.gamification.streaks.messages import ENDED, FROZEN, KEPT, KINDS
from app.gamification.streaks.rules import Rules, read
from app.gamification.streaks.weeks import DAYS, State, by_week, monday_of, streak, week_of
from app.lib.clock import to_day, to_micros
from app.lib.countries import every_time_zone
from app.models import bulk
from app.models.base import Pause, give_way, reader, to_json, transaction

# By then the rest days of Sunday are decided.
FROM = time(9)
CHUNK = 500
MONDAY = 0
NEAR_MONDAY = (6, 0, 1)  # where it is Monday somewhere: no zone is more than 14 hours from UTC

_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
# Whoever had a streak kept a week of the last ones: no more than all freezes lie between.
_TOUCHED = text(
    f"""
    SELECT h.member_id FROM habit_day h JOIN member m ON m.id = h.member_id
    WHERE h.day >= :since AND h.day < :monday AND m.time_zone IN :zones AND m.erased_at IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM message n WHERE n.member_id = h.member_id AND n.created_at >= :told_since
                AND n.kind IN ({_KINDS})
        )
    GROUP BY h.member_id, (h.day - :since) / {DAYS} HAVING count(DISTINCT h.day) >= :needed
    """
).bindparams(bindparam("zones", expanding=True))
_TOLD = (
    "SELECT DISTINCT n.member_id FROM ids CROSS JOIN message n ON n.member_id = ids.id"
    f" WHERE n.created_at >= ? AND n.kind IN ({_KINDS})"
)
_PRACTISED = "SELECT DISTINCT h.member_id, h.day FROM ids CROSS JOIN habit_day h ON h.member_id = ids.id"
# Still to be decided: whoever is told now would be told too soon.
_UNDECIDED = (
    "SELECT DISTINCT r.member_id FROM ids CROSS JOIN rest_day r ON r.member_id = ids.id"
    " WHERE r.kept IS NULL AND r.day < ?"
)


class Monday(NamedTuple):
    """A Monday on which members are told: the zones where it is late enough, and since when nobody was."""

    day: int
    zones: tuple[str, ...]
    since: int  # microseconds: before it begins anywhere


def tell(now: datetime, pause: Pause = sleep) -> int:
    """Tell everybody for whom it is Monday morning, and who was not told; how many were."""
    today = monday(now)
    if today is None:
        return 0
    current = programme.current()
    rules, told = read(current.settings), 0
    ids = _touched(today, rules)
    for start in range(0, len(ids), CHUNK):
        with transaction() as conn:
            told += _tell(conn, ids[start : start + CHUNK], today, rules, to_micros(now))
        give_way(pause)
    return told


def monday(now: datetime) -> Monday | None:
    """Where it is Monday after nine; at any moment that is one date only."""
    zones, day = [], 0
    if now.weekday() not in NEAR_MONDAY:
        return None
    for zone in every_time_zone():
        local = now.astimezone(zone)
        if local.weekday() == MONDAY and local.time() >= FROM:
            zones.append(zone.key)
            day = to_day(local.date())
    return Monday(day, tuple(zones), to_micros(now - timedelta(days=2))) if zones else None


def news(weeks: dict[int, int], day: int, rules: Rules) -> tuple[str, dict[str, int]] | None:
    """What there is to tell of the week before this Monday: (kind, facts); None of a week that touched no streak."""
    found = streak(weeks, day, rules)
    if len(found.weeks) < 2:
        return None
    last = found.weeks[-2]
    before = found.weeks[-3].streak if len(found.weeks) > 2 else 0
    facts = {"week": last.number, "weeks": last.streak}
    if last.state == State.KEPT:
        return KEPT, facts | {"freezes": last.freezes, "earned": int(last.earned)}
    if last.state == State.FROZEN:
        return FROZEN, facts | {"freezes": last.freezes}
    return (ENDED, facts | {"weeks": before}) if before else None


def _touched(today: Monday, rules: Rules) -> list[int]:
    last = week_of(today.day) - 1
    # Freezes that were earned while more could be held are still there.
    most = max(rule.freeze_cap for rule in rules.rules)
    asked: dict[str, Any] = {
        "since": monday_of(last - 1 - most),
        "monday": today.day,
        "zones": today.zones,
        "told_since": today.since,
        "needed": min(rule.days_needed for rule in rules.rules),
    }
    with reader().connect() as looking:
        return sorted(set(looking.execute(_TOUCHED, asked).scalars()))


def _tell(conn: Connection, ids: list[int], today: Monday, rules: Rules, now: int) -> int:
    lock_in_order(ids)
    # Under the lock: another worker may have told some of them meanwhile.
    told = {id_ for (id_,) in bulk.tuples_by_ids(conn, _TOLD, ids, today.since)}
    waiting = {id_ for (id_,) in bulk.tuples_by_ids(conn, _UNDECIDED, ids, today.day)}
    rows = []
    for member_id, weeks in _weeks(conn, [id_ for id_ in ids if id_ not in told | waiting]).items():
        if (said := news(weeks, today.day, rules)) is not None:
            rows.append((member_id, said[0], to_json(said[1]), now))
    bulk.insert(conn, "message", ("member_id", "kind", "facts", "created_at"), sorted(rows))
    return len(rows)


def _weeks(conn: Connection, ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Every member's days of practice, by week."""
    days: dict[int, list[int]] = defaultdict(list)
    for member_id, day in bulk.tuples_by_ids(conn, _PRACTISED, ids):
        days[member_id].append(day)
    return {member_id: by_week(practised) for member_id, practised in days.items()}
