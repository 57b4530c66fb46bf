"""The compiled configuration: rules as closures, the ladder, the packs; built again when its revision changes."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text, update

from app.gamification.accrual.definition import read_definition
from app.gamification.accrual.rule import CompiledRule
from app.gamification.activities import BY_KEY, OWN_KINDS, PaysFor
from app.gamification.policy.packs import Policy, read_pack
from app.gamification.tiers.ladder import Ladder, read_ladder
from app.lib.clock import from_micros
from app.models.base import kept_by_app, reader
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

    def pays_for(self, kind_key: str) -> PaysFor:
        """What an activity pays for in the eyes of the law; an own one counts as trading until it is classed."""
        if kind_key.startswith(OWN_KINDS):
            return self.classed.get(kind_key.removeprefix(OWN_KINDS), PaysFor.TRADING)
        return BY_KEY[kind_key].pays_for

    @property
    def settings_version(self) -> int:
        """How often the settings were saved: what a form carries, so that it never writes over another's save."""
        return version_of(self.settings)

    @cached_property
    def cap_periods(self) -> frozenset[str]:
        """The periods that caps count over; empty where a round needs no counters."""
        periods = {cap.per for rule in self.rules_by_revision.values() for cap in rule.definition.caps}
        return frozenset(periods - {"activity"})


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


def _plain(definition: Any) -> dict[str, Any]:
    # A text statement knows no JSON type: SQLite's driver hands over text, PostgreSQL's a dict.
    plain: dict[str, Any] = json.loads(definition) if isinstance(definition, str) else definition
    return plain


def _compile(connection: Connection, row: Any) -> Programme:
    zone = ZoneInfo(row.time_zone)
    compiled = [
        CompiledRule(
            rule.rule_id,
            rule.id,
            read_definition(_plain(rule.definition)),
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
    return Programme(
        revision=row.revision,
        zone=zone,
        rules={kind: tuple(rules) for kind, rules in by_kind.items()},
        rules_by_revision={rule.revision_id: rule for rule in compiled},
        ladder=read_ladder(
            ladder.id, _plain(ladder.definition), level_ids, (_plain(former.definition) for former in earlier)
        ),
        policy=Policy({key: read_pack(key, id_, _plain(plain)) for key, id_, plain in connection.execute(_PACKS)}),
        entity_packs={row.id: row.pack_key for row in connection.execute(_ENTITIES)},
        statement_trust=row.statement_trust,
        brand_name=row.brand_name,
        programme_name=row.programme_name,
        currency=row.currency,
        support_email=row.support_email,
        demo=bool(row.demo),
        names={(term.kind, term.key): _plain(term.name) for term in terms},
        classed={term.key: PaysFor(term.pays_for) for term in terms if term.pays_for and term.kind == "custom"},
        point_cost=Decimal(row.point_cost),
        settling_since=None if row.settling_since is None else from_micros(row.settling_since),
        settings=_plain(row.settings),
    )
