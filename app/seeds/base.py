"""The configuration an installation starts with: units, sources, law packs, a ladder and a set of rules."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert

from app.models.activity import Source
from app.models.base import connection
from app.models.ledger import Unit, UnitId
from app.models.people import LegalEntity, Programme
from app.models.rules import LadderRevision, Pack, PackRevision, Rule, RuleRevision, TierLevel
from app.seeds.packs import PACKS
from app.seeds.rules import LADDER, RULES

# Rules score what occurred before the installation too, so that a member's imported history earns.
SINCE = datetime(2000, 1, 1, tzinfo=UTC)

ENTITIES = (
    ("eu", "Meridian Markets Europe Ltd", "CY", "eu_retail", "74.2"),
    ("uk", "Meridian Markets UK Ltd", "GB", "uk_retail", "71.8"),
    ("au", "Meridian Markets Pty Ltd", "AU", "au_retail", "73.5"),
    ("global", "Meridian Markets Global Ltd", "SC", "offshore", "72.0"),
)


def seed_base(now: datetime, *, demo: bool = False, brand: Mapping[str, str] | None = None) -> None:
    """Write the starting configuration inside the open transaction; the database must hold no programme yet."""
    conn = connection()
    conn.execute(
        insert(Programme).values(
            id=1,
            time_zone="Europe/Nicosia",
            currency="USD",
            point_cost="0.01",
            demo=demo,
            revision=1,
            settings={},
            **{
                "brand_name": "Meridian Markets",
                "programme_name": "Meridian Rewards",
                "support_email": "rewards@meridian.example",
                **(brand or {}),
            },
        )
    )
    conn.execute(
        insert(Unit),
        [{"id": int(unit), "key": unit.name.lower(), "scale": 0} for unit in UnitId],
    )
    conn.execute(
        insert(Source),
        [
            {"key": "app", "name": "The app itself", "verified": True},
            {"key": "broker", "name": "The broker's systems", "verified": True},
            {"key": "statements", "name": "Statements imported by staff", "verified": True},
            {"key": "uploads", "name": "Statements uploaded by members", "verified": False},
        ],
    )
    conn.execute(
        insert(LegalEntity),
        [
            dict(zip(("key", "name", "country", "pack_key", "loss_percentage"), entity, strict=True))
            for entity in ENTITIES
        ],
    )
    _seed_packs(now)
    _seed_ladder(now)
    _seed_rules(now)


def _seed_packs(now: datetime) -> None:
    for key, definition in PACKS.items():
        pack_id = connection().execute(insert(Pack).values(key=key).returning(Pack.id)).scalar_one()
        _revise(PackRevision, now, pack_id=pack_id, definition=definition)


def _seed_ladder(now: datetime) -> None:
    levels = [{"id": place, "key": level["key"]} for place, level in enumerate(LADDER["levels"], start=1)]
    connection().execute(insert(TierLevel), levels)
    _revise(LadderRevision, now, definition=LADDER)


def _seed_rules(now: datetime) -> None:
    for key, definition in RULES.items():
        rule_id = connection().execute(insert(Rule).values(key=key).returning(Rule.id)).scalar_one()
        _revise(RuleRevision, now, rule_id=rule_id, definition=definition)


def _revise(model: Any, now: datetime, **values: Any) -> None:
    connection().execute(insert(model).values(number=1, effective_from=SINCE, published_at=now, **values))
