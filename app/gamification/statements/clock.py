"""The clock of a broker's server, by which a statement is written without naming a zone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.gamification.errors.members import UnknownTimeZone

# Nearly every MetaTrader broker: midnight when New York closes at 17:00, so that the week has five candles. It is two
# hours ahead of UTC in winter and three in summer, by the daylight saving of the United States; EET is not the same,
# it changes by the European dates.
NEW_YORK_CLOSE = "new-york+7"
_NEW_YORK, _SEVEN_HOURS = ZoneInfo("America/New_York"), timedelta(hours=7)

ServerClock = Callable[[datetime], datetime]


def server_clock(name: str) -> ServerClock:
    """Turns the naive times of a server into instants; `name` is new-york+7 or an IANA zone. Raises UnknownTimeZone."""
    if name == NEW_YORK_CLOSE:
        return _by_new_york
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, not a name, a folder of names
        raise UnknownTimeZone(time_zone=name) from None
    return lambda shown: shown.replace(tzinfo=zone).astimezone(UTC)


def _by_new_york(shown: datetime) -> datetime:
    return (shown - _SEVEN_HOURS).replace(tzinfo=_NEW_YORK).astimezone(UTC)
