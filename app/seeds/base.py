"""The programme of the demo and of the tests: an invented broker with a company under each of four laws."""

from dataclasses import replace
from datetime import datetime

from app.gamification.setup.founding import NewEntity, Plan, found

MERIDIAN = Plan(
    template="classic",
    brand_name="Meridian Markets",
    programme_name="Meridian Rewards",
    support_email="rewards@meridian.example",
    time_zone="Europe/Nicosia",
    currency="USD",
    point_cost="0.01",
    languages=("en", "ar", "zh"),
    play=False,
    entities=(
        NewEntity("eu", "Meridian Markets Europe Ltd", "CY", "eu_retail", "74.2"),
        NewEntity("uk", "Meridian Markets UK Ltd", "GB", "uk_retail", "71.8"),
        NewEntity("au", "Meridian Markets Pty Ltd", "AU", "au_retail", "73.5"),
        NewEntity("global", "Meridian Markets Global Ltd", "SC", "offshore", "72.0"),
    ),
)


def seed_base(now: datetime, *, demo: bool = False) -> None:
    """Found the invented broker's programme, without staff and with nothing to play yet.

    Inside an open transaction; raises AlreadySetUp.
    """
    found(replace(MERIDIAN, demo=demo), now)
