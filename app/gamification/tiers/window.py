"""The window's sum: points enter it when they are booked, days leave it as time passes. Pure.

What holds at any time: `qualifying` is the sum of the days from `window_from` on, where `window_from` is
- in a calendar window the first day of its period,
- in a rolling window no later than the oldest day that counts, so that the nightly review writes only those members
  of whom a day really leaves,
- without meaning where everything counts for ever.
"""

from app.gamification.tiers.climber import Climber
from app.gamification.tiers.ladder import Ladder


def add(climber: Climber, points: int, day: int, today: int, ladder: Ladder) -> None:
    """Count the points of a day, negative when they are undone, into a window that stands at `today`."""
    old_days = known(climber)
    if ladder.is_calendar:
        if day >= climber.window_from:
            climber.qualifying += points
        elif day >= ladder.window_start(climber.window_from - 1):
            old_days[day] = old_days.get(day, 0) + points
    elif ladder.is_rolling:
        # What is undone was counted only if its day still is: a release at midnight may have let it go already, though
        # the bust was recorded on the day before.
        if day >= (climber.window_from if points < 0 else min(ladder.window_start(today), climber.window_from)):
            climber.window_from = min(day, climber.window_from) if climber.qualifying else day
            climber.qualifying += points
            old_days[day] = old_days.get(day, 0) + points  # it may leave before the round is over
    else:
        climber.qualifying += points


def roll(climber: Climber, today: int, ladder: Ladder, oldest: int | None = None) -> None:
    """Let the days go that have left a rolling window; `oldest` is the first that stays, where that is known."""
    start, old_days = ladder.window_start(today), known(climber)
    if climber.window_from >= start:
        return
    for day in [day for day in old_days if day < start]:
        climber.qualifying -= old_days.pop(day)
    climber.window_from = start if oldest is None else oldest


def turn(climber: Climber, start: int) -> None:
    """Open the next calendar period; the sum of the one that ends is kept at hand for what comes late."""
    climber.old_days = {climber.window_from: climber.qualifying}
    climber.qualifying, climber.window_from = 0, start


def earlier(climber: Climber) -> int:
    """The sum of the calendar period before the open one."""
    return sum(known(climber).values())


def known(climber: Climber) -> dict[int, int]:
    """The old days; raises when nobody loaded them (tiers/load.py)."""
    if climber.old_days is None:
        raise RuntimeError("the member's old days are not loaded")
    return climber.old_days
