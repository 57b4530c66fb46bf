"""The compiled configuration: rules as closures, the ladder, the packs; built again when its revision changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text, update

from app.gamification.accrual.definition import read_definition
from app.gamification.accrual.rule import CompiledRule
from app.gamification.activities import BY_KEY, OWN_KINDS, PaysFor
from app.gamification.play import Play, compile_play
from app.gamification.policy.packs import Policy, Standing, read_pack
from app.gamification.tiers.ladder import Ladder, read_ladder
from app.lib.clock import instant_of
from app.models.base import kept_by_app, plain_json, reader
from app.models.people import Programme as ProgrammeRow

NO_END = 2**63 - 1


class NotSetUp(RuntimeError):
    """The database has no programme yet: its setup is not finished."""


class Changed(RuntimeError):
    """The configuration was changed between its reading and the locking of wallets: read it again and repeat."""


@dataclass(frozen=True)
class Programme:
    """Everything that scores an activity, as of one revision."""

    revision: int
    zone: ZoneInfo
    rules: dict[str, tuple[CompiledRule, ...]]  # by kind's key, by priority
    rules_by_revision: dict[int, CompiledRule]
    ladder: Ladder
    policy: Policy
    entity_packs: dict[int, str]  # legal entity → key of its pack
    statement_trust: str
    brand_name: str
    programme_name: str
    currency: str
    support_email: str
    demo: bool
    point_cost: Decimal
    settling_since: datetime | None  # publication of a ladder whose windows are not everybody's yet
    settings: Mapping[str, Any]  # languages, links, colours, logo, limits; what is not there has its default
    names: dict[tuple[str, str], Mapping[str, str]]  # what the broker's keys are called: (kind of term, key) → texts
    classed: dict[str, PaysFor]  # own activities that an approver has classed, by the name after `custom.`
    play: Play = field(default_factory=Play)  # challenges, badges, lessons

    def pays_for(self, kind_key: str) -> PaysFor:
        """What an activity pays for in the eyes of the law; an own one counts as trading until it is classed."""
        return _pays_for(kind_key, self.classed)

    def standing(self, entity_id: int | None, country: str, client_class: int) -> Standing:
        """What the law says to a member of this entity, country ("" where unknown) and client class."""
        entity_pack = self.entity_packs.get(entity_id, "") if entity_id is not None else ""
        return self.policy.standing(entity_pack, country, client_class)

    @property
    def settings_version(self) -> int:
        """How often the settings were saved: what a form carries, so that it never writes over another's save."""
        return version_of(self.settings)

    @cached_property
    def cap_periods(self) -> frozenset[str]:
        """The periods that caps count over; empty where a round needs no counters."""
        periods = {cap.per for rule in self.rules_by_revision.values() for cap in rule.definition.caps}
        return frozenset(periods - {"activity"})


def _pays_for(kind_key: str, classed: Mapping[str, PaysFor]) -> PaysFor:
    if kind_key.startswith(OWN_KINDS):
        return classed.get(kind_key.removeprefix(OWN_KINDS), PaysFor.TRADING)
    return BY_KEY[kind_key].pays_for


def version_of(settings: Mapping[str, Any]) -> int:
    """The version that stored settings carry."""
    return int(settings.get("version", 0))


_ROW = text(
    "SELECT revision, time_zone, statement_trust, brand_name, programme_name, currency, support_email, demo,"
    " point_cost, settings, settling_since"
    " FROM programme WHERE id = 1"
)
_RULES = text(
    "SELECT v.id, v.rule_id, v.definition, v.effective_from, v.effective_to FROM rule_revision v"
    " JOIN rule r ON r.id = v.rule_id ORDER BY v.rule_id, v.number"
)
_LADDERS = text("SELECT id, definition FROM ladder_revision ORDER BY number DESC")
_LEVELS = text("SELECT key, id FROM tier_level")
_PACKS = text(
    "SELECT p.key, v.id, v.definition FROM pack p JOIN pack_revision v ON v.pack_id = p.id"
    " WHERE v.number = (SELECT max(number) FROM pack_revision WHERE pack_id = p.id)"
)
_ENTITIES = text("SELECT id, pack_key FROM legal_entity")
_TERMS = text("SELECT kind, key, name, pays_for FROM broker_term")


def current() -> Programme:
    """The programme as it is configured now; compiled once a revision and process. Raises NotSetUp."""
    return kept_by_app("programme", _Keeper).current()


class _Keeper:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._programme: Programme | None = None

    def current(self) -> Programme:
        with reader().connect() as connection:
            row = connection.execute(_ROW).first()
            if row is None:
                raise NotSetUp("no programme")
            kept = self._programme
            if kept is not None and kept.revision == row.revision:
                return kept
            with self._lock:
                self._programme = _compile(connection, row)
                return self._programme


def touch(connection: Connection) -> None:
    """Raise the revision inside the transaction that changed the configuration: everyone compiles again."""
    connection.execute(update(ProgrammeRow).values(revision=ProgrammeRow.revision + 1))


def _compile(connection: Connection, row: Any) -> Programme:
    zone = ZoneInfo(row.time_zone)
    compiled = [
        CompiledRule(
            rule.rule_id,
            rule.id,
            read_definition(plain_json(rule.definition)),
            rule.effective_from,
            NO_END if rule.effective_to is None else rule.effective_to,
            zone,
        )
        for rule in connection.execute(_RULES)
    ]
    by_kind: dict[str, list[CompiledRule]] = {}
    for rule in sorted(compiled, key=lambda rule: (rule.priority, rule.rule_id, rule.revision_id)):
        by_kind.setdefault(rule.definition.kind, []).append(rule)
    ladder, *earlier = connection.execute(_LADDERS).all()
    level_ids = {row.key: row.id for row in connection.execute(_LEVELS)}
    terms = connection.execute(_TERMS).all()
    classed = {term.key: PaysFor(term.pays_for) for term in terms if term.pays_for and term.kind == "custom"}
    play = compile_play(connection, lambda kind: _pays_for(kind, classed))
    names: dict[tuple[str, str], Mapping[str, str]] = {(term.kind, term.key): plain_json(term.name) for term in terms}
    # Our own lessons name themselves.
    names |= {("lesson", key): lesson.definition.title for key, lesson in play.lessons_by_key.items()}
    return Programme(
        revision=row.revision,
        zone=zone,
        rules={kind: tuple(rules) for kind, rules in by_kind.items()},
        rules_by_revision={rule.revision_id: rule for rule in compiled},
        ladder=read_ladder(
            ladder.id, plain_json(ladder.definition), level_ids, (plain_json(former.definition) for former in earlier)
        ),
        policy=Policy({key: read_pack(key, id_, plain_json(plain)) for key, id_, plain in connection.execute(_PACKS)}),
        entity_packs={row.id: row.pack_key for row in connection.execute(_ENTITIES)},
        statement_trust=row.statement_trust,
        brand_name=row.brand_name,
        programme_name=row.programme_name,
        currency=row.currency,
        support_email=row.support_email,
        demo=bool(row.demo),
        names=names,
        classed=classed,
        play=play,
        point_cost=Decimal(row.point_cost),
        settling_since=instant_of(row.settling_since),
        settings=plain_json(row.settings),
    )
