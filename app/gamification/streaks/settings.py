"""Setting how weeks are counted: by an owner, from the next week on."""

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from app.gamification.errors.habits import BadStreakRule
from app.gamification.programme_settings import saving
from app.gamification.streaks.rules import KEY, MOST_DAYS, MOST_EVERY, MOST_FREEZES, Rule, read
from app.lib.periods import day_of, period_end

# Where it is Monday first; no week of anybody's that has begun is counted anew.
_EASTMOST = ZoneInfo("Pacific/Kiritimati")


def next_week(now: datetime) -> int:
    """The Monday from which a change holds: the first that has begun nowhere."""
    return period_end(day_of(now, _EASTMOST), "week")


def change(by: int, wanted: Rule, *, version: int, now: datetime) -> int | None:
    """Let a rule hold from the next week on; that Monday, None where nothing changes. Inside an open transaction.

    A change that has not begun yet is replaced. Raises NotEntitled, SettingsChanged, BadStreakRule.
    """
    within = (
        (1, wanted.days_needed, MOST_DAYS),
        (0, wanted.freeze_every, MOST_EVERY),
        (0, wanted.freeze_cap, MOST_FREEZES),
    )
    if not all(low <= value <= high for low, value, high in within):
        raise BadStreakRule()
    saving.hold_version(by, version)
    since = next_week(now)
    before = read(saving.locked().settings or {})
    kept = [(monday, rule) for monday, rule in zip(*before, strict=True) if monday < since]
    if kept[-1][1] != wanted:
        kept.append((since, wanted))
    if kept == list(zip(*before, strict=True)):
        return None
    stored = [{"since": monday, **asdict(rule)} for monday, rule in kept]
    saving.store(by, "programme.streak", {KEY: stored}, now=now)
    return since
