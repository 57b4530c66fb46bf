"""The clock of the queue: rings every periodic job once a turn, however many workers there are."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.lib.clock import to_day, to_micros
from app.tasks.queue import Bell, Job, jobs

MICROS_A_MINUTE = 60_000_000


def turn(job: Job, now: datetime, zone: ZoneInfo) -> int | None:
    """The number of the turn that began last, one more each time: minutes or days; None for a job without turns."""
    if job.minutes is not None:
        return to_micros(now) // (job.minutes * MICROS_A_MINUTE)
    if job.at is not None:
        local = now.astimezone(zone)
        return to_day(local.date()) - (local.time() < job.at)
    return None


class Schedule:
    """Remembers which turns have been rung here, so that the queue is asked once a turn only."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._seen: dict[str, int] = {}

    def ring_due(self, now: datetime, zone: ZoneInfo) -> list[str]:
        """Ring the jobs whose turn has begun and was nobody's yet; returns their names."""
        rung = []
        for name, job in sorted(jobs.items()):
            number = turn(job, now, zone)
            if number is None or self._seen.get(name) == number:
                continue
            if self._bell.is_first(name, number):
                self._bell.ring(name, {})
                rung.append(name)
            self._seen[name] = number
        return rung
