"""What happens to points by itself, as the timeline macro draws it."""

from collections.abc import Iterable
from typing import Any

from app.gamification.ledger.outlook import Event
from app.routes.formats import calendar_of, say
from app.routes.language import language


def timeline(coming: Iterable[Event]) -> list[dict[str, Any]]:
    """Releases and lapses, in the reader's language."""
    months = calendar_of(language()).short_months
    return [
        {
            "date": event.day.isoformat(),
            "day": event.day.day,
            "month": months[event.day.month - 1],
            "title": say(event.title),
            "under": say(event.under),
            "points": event.points,
            "way": event.way,
        }
        for event in coming
    ]
