"""The clock of a broker's server: instants out of times that name no zone."""

from datetime import UTC, datetime

import pytest

from app.gamification.errors.members import UnknownTimeZone
from app.gamification.statements.clock import NEW_YORK_CLOSE, server_clock


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        (NEW_YORK_CLOSE, "2025-01-15 12:00", "2025-01-15 10:00"),  # winter: UTC + 2
        (NEW_YORK_CLOSE, "2025-07-15 12:00", "2025-07-15 09:00"),  # summer: UTC + 3
        # The United States change to summer time on 9 March 2025, Europe three weeks later.
        (NEW_YORK_CLOSE, "2025-03-17 12:00", "2025-03-17 09:00"),
        ("EET", "2025-03-17 12:00", "2025-03-17 10:00"),
        ("Europe/Athens", "2025-04-01 12:00", "2025-04-01 09:00"),
        ("UTC", "2025-03-17 12:00", "2025-03-17 12:00"),
        # The week closes at midnight of the server and 17:00 in New York, whatever the season.
        (NEW_YORK_CLOSE, "2025-01-18 00:00", "2025-01-17 22:00"),
        (NEW_YORK_CLOSE, "2025-07-19 00:00", "2025-07-18 21:00"),
    ],
)
def test_a_servers_time_is_an_instant(zone: str, shown: str, instant: str):
    assert server_clock(zone)(datetime.fromisoformat(shown)) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars", "", "../../etc/passwd", "Europe", "new-york", "\0", "UTC+3"])
def test_a_zone_that_does_not_exist(zone: str):
    with pytest.raises(UnknownTimeZone):
        server_clock(zone)
