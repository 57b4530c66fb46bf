"""The review of a member's level: kept, fallen, or risen where the period says so. Pure.

Rolling windows and sums that last for ever are looked at each night; calendar windows when their period has ended, and
once more when a grace time that follows is over. A fall takes place at the midnight that begins its day, whenever the
review is made.
"""

from app.gamification.accrual.expiry import midnight
from app.gamification.programme import Programme
from app.gamification.tiers import window
from app.gamification.tiers.climber import Climber
from app.gamification.tiers.ladder import Ladder, Level
from app.gamification.tiers.messages import LOST


def review(climber: Climber, day: int, programme: Programme, now: int, oldest: int | None = None) -> None:
    """Bring a member's window and level to where they stand as `day` begins; doing it twice changes nothing.

    `oldest`: the first day that stays in a rolling window, None where there is none or nobody looked.
    """
    ladder = programme.ladder
    if ladder.is_calendar:
        close_periods(climber, day, programme, now)
        if climber.grace_until is None:
            _rise(climber, climber.qualifying, day, programme)
        else:
            _stand(climber, max(climber.qualifying, window.earlier(climber)), day, programme, now)
        return
    if ladder.is_rolling:
        window.roll(climber, day, ladder, oldest)
    _stand(climber, climber.qualifying, day, programme, now)


def close_periods(climber: Climber, day: int, programme: Programme, now: int) -> None:
    """Review every calendar period that has ended before `day`, and open the window of that day."""
    ladder = programme.ladder
    start = ladder.window_start(day)
    if not climber.qualifying and not climber.history:
        climber.window_from = max(climber.window_from, start)
    while climber.window_from < start:
        end = ladder.window_end(climber.window_from)
        _close(climber, end, programme, now)
        window.turn(climber, end)


def enter(climber: Climber, level: Level, at: int, activity_id: int | None = None) -> int:
    """Write that a level is entered, not before the last one was; returns from when."""
    from_when = max(at, climber.history[-1][0]) if climber.history else at
    climber.history.append((from_when, level.id))
    climber.new_history.append((climber.id, len(climber.history), from_when, level.id, activity_id))
    return from_when


def is_short(climber: Climber, qualifying: int, ladder: Ladder) -> bool:
    """Whether the sum no longer keeps the level, where levels can be lost."""
    return ladder.downgrade != "never" and qualifying < ladder.level(climber.level_id).keep


def _close(climber: Climber, end: int, programme: Programme, now: int) -> None:
    ladder, at = programme.ladder, midnight(end, programme.zone)
    level = ladder.level(climber.level_id)
    after = ladder.after_review(level, climber.qualifying)
    if after.position > level.position:
        # The row was written when the threshold was crossed; it is missing only where the ladder itself has changed.
        since = climber.history[-1][0] if _stands_on(climber, ladder) is after else enter(climber, after, at)
        climber.level_id, climber.level_since, climber.grace_until = after.id, since, None
        return
    if not is_short(climber, climber.qualifying, ladder):
        climber.grace_until = None
    elif (until := _grace(climber, end, ladder)) == end:
        _fall(climber, after, at, now)
    elif climber.grace_until is None:
        climber.grace_until = until
    if _stands_on(climber, ladder).id != ladder.level(climber.level_id).id:
        enter(climber, ladder.level(climber.level_id), at)  # what had been crossed was taken back before its day


def _stand(climber: Climber, qualifying: int, day: int, programme: Programme, now: int) -> None:
    if _rise(climber, qualifying, day, programme):
        return
    ladder, at = programme.ladder, midnight(day, programme.zone)
    after = ladder.after_review(ladder.level(climber.level_id), qualifying)
    if not is_short(climber, qualifying, ladder):
        climber.grace_until = None
    elif climber.level_since >= at:
        return  # entered today: tomorrow at the earliest it can be lost again
    elif climber.grace_until is None and (until := _grace(climber, day, ladder)) > day:
        climber.grace_until = until
    elif climber.grace_until is None or climber.grace_until <= day:
        _fall(climber, after, at, now)


def _grace(climber: Climber, day: int, ladder: Ladder) -> int:
    """The day on which a fall that is due on `day` takes place: later by the grace time, or by what a reward keeps."""
    return max(day + ladder.grace_days, climber.kept_until or 0)


def _rise(climber: Climber, qualifying: int, day: int, programme: Programme) -> bool:
    """Whether the member rises to what the sum reaches: activities lift by themselves, a new ladder does not."""
    ladder = programme.ladder
    after = ladder.reached(qualifying)
    if ladder.promotion != "at_once" or after.position <= ladder.level(climber.level_id).position:
        return False
    since = enter(climber, after, midnight(day, programme.zone))
    climber.level_id, climber.level_since, climber.grace_until = after.id, since, None
    return True


def _fall(climber: Climber, level: Level, at: int, now: int) -> None:
    was, climber.level_id, climber.grace_until = climber.level_id, level.id, None
    climber.level_since = enter(climber, level, at)
    climber.messages.append((LOST, {"level": level.id, "was": was, "from": climber.level_since}, now))


def _stands_on(climber: Climber, ladder: Ladder) -> Level:
    return ladder.level(climber.history[-1][1]) if climber.history else ladder.levels[0]
