"""Countries and their time zones."""

from zoneinfo import ZoneInfo

import pytest

from app.lib.countries import country_codes, is_time_zone, time_zone_of, time_zones


def test_every_country_that_people_live_in_has_a_zone_on_the_list():
    without = {code for code in country_codes() if time_zone_of(code) is None}
    assert without == {"BV", "HM"}, "two islands without people"
    assert {time_zone_of(code) for code in country_codes() - without} <= set(time_zones())


@pytest.mark.parametrize(
    ("country", "zone"), [("AE", "Asia/Dubai"), ("US", "America/New_York"), ("AU", "Australia/Sydney"), ("XX", None)]
)
def test_the_zone_is_that_of_most_people(country: str, zone: str | None):
    assert time_zone_of(country) == zone


def test_old_names_are_understood_and_nonsense_is_not():
    assert is_time_zone("Asia/Calcutta") and is_time_zone("Europe/Nicosia") and is_time_zone("UTC")
    for nonsense in ("", "Mars/Olympus", "../etc/passwd", "/etc/localtime"):
        assert not is_time_zone(nonsense)
    assert all(ZoneInfo(zone) for zone in time_zones())
