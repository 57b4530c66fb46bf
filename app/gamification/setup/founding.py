"""Founding the programme: everything an installation starts with, checked first, then written in one transaction.

The wizard, the demo season and the tests all begin here, so that there is one way to make a programme.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, text

from app.gamification import catalogue
from app.gamification.activities import BY_KEY, PaysFor
from app.gamification.audit import log
from app.gamification.badges import starting as badges
from app.gamification.challenges import starting as challenges
from app.gamification.entities import LOSS
from app.gamification.errors.desk import BadLossPercentage, UnknownPack
from app.gamification.errors.members import UnknownCountry, UnknownTimeZone
from app.gamification.errors.programme import (
    AlreadySetUp,
    BadPointCost,
    NoEntity,
    NoLanguage,
    UnknownCurrency,
    UnknownTemplate,
)
from app.gamification.lessons.starting import starting_lessons
from app.gamification.members.names import clean_email, clean_name
from app.gamification.policy.starting import PACKS
from app.gamification.staff import people
from app.gamification.templates.registry import Template, template_of
from app.lib.amounts import plain
from app.lib.countries import country_codes, is_time_zone
from app.lib.currencies import currency_codes
from app.lib.i18n import LANGUAGES
from app.lib.registry import UnknownKind
from app.models.activity import Source
from app.models.base import connection, is_sqlite
from app.models.ledger import Unit, UnitId
from app.models.people import LegalEntity, Programme
from app.models.rules import LadderRevision, Pack, PackRevision, Rule, RuleRevision, TierLevel

# Rules score what occurred before the installation too, so that a member's imported history earns.
SINCE = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ENTITIES = 24
COST = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")

SOURCES = (
    ("app", "The app itself", True),
    ("broker", "The broker's systems", True),
    ("statements", "Statements imported by staff", True),
    ("uploads", "Statements uploaded by members", False),
)
_OF_TRADING = (PaysFor.TRADING, PaysFor.DEPOSIT)
_FOUNDED = select(Programme.id)


@dataclass(frozen=True)
class NewEntity:
    """A legal entity to start with; `loss_percentage` is None as long as the broker has no figure."""

    key: str
    name: str
    country: str
    pack_key: str
    loss_percentage: str | None = None


@dataclass(frozen=True)
class Owner:
    """Who will own the programme."""

    email: str
    name: str
    password: str


@dataclass(frozen=True)
class Plan:
    """A programme to be."""

    template: str
    brand_name: str
    programme_name: str
    support_email: str
    time_zone: str
    currency: str
    point_cost: str
    languages: tuple[str, ...]
    entities: tuple[NewEntity, ...]
    demo: bool = False
    play: bool = True  # starts with challenges, badges and lessons


def is_founded() -> bool:
    """Whether there is a programme, asked inside the open transaction."""
    return connection().execute(_FOUNDED).first() is not None


def found(plan: Plan, now: datetime, owner: Owner | None = None) -> int | None:
    """Make the programme; the owner's id where one was named. Inside an open transaction.

    Raises AlreadySetUp when somebody else was first, and a Refusal that names the field for what cannot be.
    """
    plan = checked(plan)
    conn = connection()
    if not is_sqlite(conn):
        conn.execute(text("LOCK TABLE programme IN SHARE ROW EXCLUSIVE MODE"))
    if is_founded():
        raise AlreadySetUp()
    template = chosen_template(plan.template)
    conn.execute(insert(Programme).values(id=1, revision=1, **_columns(plan)))
    conn.execute(insert(Unit), [{"id": int(unit), "key": unit.name.lower(), "scale": 0} for unit in UnitId])
    conn.execute(insert(Source), [dict(zip(("key", "name", "verified"), source, strict=True)) for source in SOURCES])
    conn.execute(insert(LegalEntity), [asdict(entity) for entity in plan.entities])
    for key, definition in PACKS.items():
        pack_id = conn.execute(insert(Pack).values(key=key).returning(Pack.id)).scalar_one()
        _publish(PackRevision, now, pack_id=pack_id, definition=definition)
    levels = [{"id": place, "key": level["key"]} for place, level in enumerate(template.ladder["levels"], start=1)]
    conn.execute(insert(TierLevel), levels)
    _publish(LadderRevision, now, definition=dict(template.ladder))
    for key, rule in template.rules.items():
        rule_id = conn.execute(insert(Rule).values(key=key).returning(Rule.id)).scalar_one()
        _publish(RuleRevision, now, rule_id=rule_id, definition=dict(rule))
    if plan.play:
        publish_play(plan, now)
    return None if owner is None else _hire(owner, plan, now)


def checked(plan: Plan) -> Plan:
    """The plan as it will be stored; raises a Refusal that names what is wrong."""
    pays = chosen_template(plan.template).pays
    if not is_time_zone(plan.time_zone):
        raise UnknownTimeZone(time_zone=plan.time_zone)
    if plan.currency not in currency_codes():
        raise UnknownCurrency(currency=plan.currency)
    if not plan.languages or not set(plan.languages) <= set(LANGUAGES):
        raise NoLanguage()
    if not 1 <= len(plan.entities) <= MOST_ENTITIES:
        raise NoEntity(most=MOST_ENTITIES)
    return Plan(
        template=plan.template,
        brand_name=clean_name(plan.brand_name),
        programme_name=clean_name(plan.programme_name),
        support_email=clean_email(plan.support_email) if plan.support_email.strip() else "",
        time_zone=plan.time_zone,
        currency=plan.currency,
        point_cost=clean_point_cost(plan.point_cost) if pays else "0",
        languages=tuple(code for code in LANGUAGES if code in plan.languages),
        entities=tuple(_checked_entity(entity) for entity in plan.entities),
        demo=plan.demo,
        play=plan.play,
    )


def chosen_template(key: str) -> type[Template]:
    """The template of this key; raises UnknownTemplate."""
    try:
        return template_of(key)
    except UnknownKind:
        raise UnknownTemplate() from None


def clean_point_cost(written: str) -> str:
    """What a point costs, as it is stored: a plain decimal with at most six places; raises BadPointCost."""
    cost = written.strip()
    if not COST.fullmatch(cost):
        raise BadPointCost()
    return plain(Decimal(cost))


def _checked_entity(entity: NewEntity) -> NewEntity:
    if entity.country not in country_codes():
        raise UnknownCountry(country=entity.country)
    if entity.pack_key not in PACKS:
        raise UnknownPack(pack=entity.pack_key)
    if entity.loss_percentage and not LOSS.fullmatch(entity.loss_percentage):
        raise BadLossPercentage()
    loss = entity.loss_percentage or None
    return NewEntity(entity.key, clean_name(entity.name), entity.country, entity.pack_key, loss)


def _columns(plan: Plan) -> Mapping[str, Any]:
    stored = asdict(plan)
    settings = {name: stored.pop(name) for name in ("template", "languages")}
    del stored["entities"], stored["play"]
    return {**stored, "settings": {**settings, "languages": list(plan.languages)}}


def _publish(model: Any, now: datetime, **values: Any) -> None:
    connection().execute(insert(model).values(number=1, effective_from=SINCE, published_at=now, **values))


def publish_play(plan: Plan, now: datetime) -> None:
    """What there is to do from the first day; of trades and deposits only where the programme rewards these.

    Inside an open transaction, of an installation that has nothing of it yet.
    """
    template = chosen_template(plan.template)
    for_trading = any(BY_KEY[rule["kind"]].pays_for in _OF_TRADING for rule in template.rules.values())
    offered = challenges.starting(pays=template.pays, for_trading=for_trading, currency=plan.currency)
    things_of = (
        (catalogue.LESSONS, starting_lessons()),
        (catalogue.BADGES, badges.starting(pays=template.pays, for_trading=for_trading)),
        (catalogue.CHALLENGES, offered),
    )
    for noun, things in things_of:
        for key, definition in things.items():
            catalogue.publish(noun, key, definition, now=now)


def _hire(owner: Owner, plan: Plan, now: datetime) -> int:
    owner_id = people.create(owner.email, owner.name, "owner", owner.password, now=now)
    facts = asdict(plan) | {"entities": [asdict(entity) for entity in plan.entities]}
    del facts["support_email"], facts["demo"], facts["play"]
    log.record(owner_id, "programme.create", "programme", 1, now=now, after=facts)
    return owner_id
