"""Who may change tonight: the one question the nightly review asks of every wallet, as a statement of the ladder."""

from app.gamification.accrual.expiry import midnight
from app.gamification.programme import Programme
from app.gamification.tiers.ladder import Ladder, Level
from app.gamification.tiers.messages import WARNING

NEVER = 2**62  # more than any sum

LAST_WARNING = (
    "SELECT m.member_id, max(m.created_at) FROM ids CROSS JOIN message m ON m.member_id = ids.id"
    f" WHERE m.kind = '{WARNING}' GROUP BY m.member_id"
)


def statement(programme: Programme, day: int) -> str:
    """Members behind `?` for whom the review of that day may find something, at most `?`, in order of id.

    Whoever has activities queued from before the day began is left to the next night: their sum is not whole yet.
    """
    ladder = programme.ladder
    begins = midnight(day, programme.zone)
    reasons = ["w.grace_until IS NOT NULL"]
    if ladder.is_calendar:
        reasons += _calendar(programme, day)
    else:
        if ladder.is_rolling:
            reasons.append(f"w.qualifying <> 0 AND w.window_from < {ladder.window_start(day)}")
        if ladder.downgrade != "never":
            reasons.append(f"w.qualifying < {_keep(ladder)} AND w.level_since < {begins}")
    if ladder.promotion == "at_once":
        reasons.append(f"w.qualifying >= {_next(ladder)}")
    if ladder.is_rolling:
        reasons += _leaving(programme, day)
    return (
        f"SELECT w.id FROM wallet w WHERE w.id > ? AND (({') OR ('.join(reasons)}))"
        " AND NOT EXISTS (SELECT 1 FROM activity_queue a"
        f" WHERE a.member_id = w.id AND a.recorded_at < {begins})"
        " ORDER BY w.id LIMIT ?"
    )


def horizon(ladder: Ladder, day: int) -> int:
    """The first day whose points need not be known to say who falls within the days of warning and of grace."""
    return ladder.window_start(day) + max(ladder.warn_days, ladder.grace_days) + 2


def warned_since(programme: Programme, day: int, level_since: int, window_from: int) -> int:
    """Since when a warning counts as said: this level, this period or these days of warning."""
    ladder = programme.ladder
    first = window_from if ladder.is_calendar else day - ladder.warn_days
    return max(level_since, midnight(first, programme.zone))


def _calendar(programme: Programme, day: int) -> list[str]:
    ladder = programme.ladder
    start = ladder.window_start(day)
    lowest = [0, *(id_ for id_, level in ladder.stood_on().items() if not level.position)]
    standing = f"w.qualifying <> 0 OR w.level_id NOT IN ({', '.join(map(str, lowest))})"
    if ladder.promotion == "next_period":
        # Whoever crossed a threshold and had it taken back again has nothing left, but a row that begins today.
        ahead = f"h.member_id = w.id AND h.effective_from = {midnight(start, programme.zone)}"
        standing += f" OR EXISTS (SELECT 1 FROM tier_history h WHERE {ahead})"
    reasons = [f"w.window_from < {start} AND ({standing})"]
    if ladder.downgrade != "never" and ladder.window_end(day) - day <= ladder.warn_days:
        reasons.append(f"w.qualifying < {_keep(ladder)} AND {_unwarned(programme, start)}")
    return reasons


def _leaving(programme: Programme, day: int) -> list[str]:
    """Those whose sum will be too small within the days of warning, less those of grace, if they earn nothing more."""
    ladder, start = programme.ladder, programme.ladder.window_start(day)
    lead = ladder.warn_days - ladder.grace_days
    if lead <= 0 or ladder.downgrade == "never":
        return []
    kept = ", ".join(str(id_) for id_, level in ladder.stood_on().items() if level.keep)
    gone = (
        "SELECT sum(q.sum) FROM qualifying_day q"
        f" WHERE q.member_id = w.id AND q.day >= {start} AND q.day < {start + lead}"
    )
    unwarned = _unwarned(programme, day - ladder.warn_days)
    return [
        f"w.level_id IN ({kept or 'NULL'}) AND w.qualifying - coalesce(({gone}), 0) < {_keep(ladder)} AND {unwarned}"
    ]


def _unwarned(programme: Programme, since: int) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM message m WHERE m.member_id = w.id AND m.kind = '{WARNING}'"
        f" AND m.created_at >= w.level_since AND m.created_at >= {midnight(since, programme.zone)})"
    )


def _keep(ladder: Ladder) -> str:
    whens = " ".join(f"WHEN {id_} THEN {level.keep}" for id_, level in ladder.stood_on().items() if level.keep)
    return f"CASE w.level_id {whens} ELSE 0 END" if whens else "0"


def _next(ladder: Ladder) -> str:
    """What reaches the level above; only a new ladder leaves anybody behind it."""
    whens = " ".join(f"WHEN {id_} THEN {_above(ladder, level)}" for id_, level in ladder.stood_on().items())
    return f"CASE w.level_id {whens} ELSE {_above(ladder, ladder.levels[0])} END"


def _above(ladder: Ladder, level: Level) -> int:
    higher = ladder.above(level)
    return higher.threshold if higher else NEVER
