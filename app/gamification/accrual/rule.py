"""A rule compiled to closures: one call judges one activity and returns the compact entry of its outcome.

Entries, by rule revision:
  awarded  [revision, 1, base, factors, wanted, given, cap, available_at, expires_at, qualifying, service_only,
            idle_days]
  refused  [revision, 0, reason, …]
      CONDITION       field, value, comparison, needed
      CAP             per, used, limit, qualifying
      ROUNDS_TO_ZERO  the exact figure
      AUDIENCE        which of levels, countries, classes
      EXCLUSIVE       revision of the rule of its group that matched before
      REPEATED        when the lesson was passed that had been paid for
`base` and factors are decimal text, `factors` is [[kind, name of level or place of the factor, factor], …], `cap` is 0
or [per, used before, limit], instants are microseconds.
"""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from app.gamification.accrual.bases import bases
from app.gamification.accrual.definition import Condition, Definition
from app.gamification.accrual.expiry import Life, life_of
from app.gamification.accrual.fields import FIELDS, Field
from app.gamification.instruments import instrument
from app.lib.amounts import MAX_POINTS, plain, round_half_even
from app.lib.periods import Calendar, period_end, period_start
from app.models.activity import Reason

AWARDED, REFUSED = 1, 0
# Places of an awarded entry.
BASE, FACTORS, WANTED, GIVEN, CAP, AVAILABLE_AT, EXPIRES_AT, QUALIFYING, SERVICE_ONLY, IDLE_DAYS = range(2, 12)

Entry = list[Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, needed: value in needed,
    "not in": lambda value, needed: value not in needed,
}


class Circumstances(NamedTuple):
    """What a rule needs to know beside the activity itself."""

    day: int  # the activity's, in the programme's zone
    recorded_day: int
    level_key: str  # as it stood when the activity occurred
    level_factor: Decimal
    country: str
    client_class: int
    service_only: bool
    wait_for_review: bool  # unverified: pending until staff approve
    used: Callable[[int, int, int], int]  # (rule, first day, last day) → points given by it on these days


class CompiledRule:
    """One revision of a rule, ready to judge."""

    def __init__(
        self,
        rule_id: int,
        revision_id: int,
        definition: Definition,
        effective_from: int,
        effective_to: int,
        zone: ZoneInfo,
    ) -> None:
        self.rule_id, self.revision_id, self.definition = rule_id, revision_id, definition
        self.effective_from, self.effective_to, self.zone = effective_from, effective_to, zone
        self.group, self.priority = definition.group, definition.priority
        self.has_caps = any(cap.per != "activity" for cap in definition.caps)
        self._lives: dict[int, Life] = {}
        self._conditions = [[_compile(row) for row in group] for group in definition.conditions]
        self._quantity = bases.get(definition.base.kind).quantity
        self._rate = _rate_of(definition)
        self._caps = [(cap.per, cap.points) for cap in definition.caps]
        self._fixed = [(place, Decimal(f.factor)) for place, f in enumerate(definition.factors) if f.kind == "fixed"]
        self._tiered = any(factor.kind == "tier" for factor in definition.factors)

    def in_force(self, occurred_at: int) -> bool:
        """Whether this revision scores what occurred then (microseconds)."""
        return self.effective_from <= occurred_at < self.effective_to

    def judge(self, facts: Any, at: Circumstances) -> Entry:
        """Award or refuse: base → factors → one rounding → caps. Raises OverflowError beyond what a balance holds."""
        if (excluded := self._outside(at)) is not None:
            return [self.revision_id, REFUSED, int(Reason.AUDIENCE), excluded]
        if self._conditions and (missed := self._missed(facts)) is not None:
            return [self.revision_id, REFUSED, int(Reason.CONDITION), *missed]
        base = self._quantity(facts) * self._rate(facts)
        exact, factors = self._multiply(base, at)
        wanted = round_half_even(exact)
        if wanted < 1:
            return [self.revision_id, REFUSED, int(Reason.ROUNDS_TO_ZERO), plain(exact)]
        qualifying = round_half_even(base) if self.definition.qualifying else 0
        if max(wanted, qualifying) > MAX_POINTS:
            raise OverflowError(f"revision {self.revision_id} pays {plain(exact)} points")
        given, cap = self._cut(wanted, at)
        if given < 1:
            return [self.revision_id, REFUSED, int(Reason.CAP), *(cap or ()), qualifying]
        life = self._lives.get(at.recorded_day)
        if life is None:
            life = life_of(self.definition.expiry, self.definition.hold_days, at.recorded_day, self.zone)
            self._lives[at.recorded_day] = life
        return [
            self.revision_id,
            AWARDED,
            plain(base),
            factors,
            wanted,
            given,
            cap or 0,
            0 if at.wait_for_review else life.available_at,
            life.expires_at,
            qualifying,
            int(at.service_only),
            life.idle_days,
        ]

    def checks(self, facts: Any) -> list[tuple[Field, str, Any, Any, bool]]:
        """Every condition with what it found: (field, comparison, value, needed, met); for the explanation."""
        return [
            (row.field, row.op, value, row.needed, row.holds(value, row.needed))
            for group in self._conditions
            for row in group
            for value in (row.field.read(facts),)
        ]

    def rate(self, facts: Any) -> Decimal:
        """What one of the base pays for this activity."""
        return self._rate(facts)

    def quantity(self, facts: Any) -> Decimal:
        """How much of the base this activity has."""
        return self._quantity(facts)

    def cap_days(self, day: int, per: str) -> tuple[int, int]:
        """First and last day that count against a cap on that day."""
        if per == "day":
            return day, day
        calendar = cast(Calendar, per)
        return period_start(day, calendar), period_end(day, calendar) - 1

    def _outside(self, at: Circumstances) -> str | None:
        audience = self.definition.audience
        if audience.levels and at.level_key not in audience.levels:
            return "levels"
        if audience.countries and at.country not in audience.countries:
            return "countries"
        if audience.classes and at.client_class not in audience.classes:
            return "classes"
        return None

    def _missed(self, facts: Any) -> tuple[str, str | bool, str, Any] | None:
        """The condition to name when no group holds: of the group that came furthest, the first that failed."""
        furthest, worst = -1, None
        for group in self._conditions:
            for met, row in enumerate(group):
                value = row.field.read(facts)
                if not row.holds(value, row.needed):
                    if met > furthest:
                        furthest, worst = met, (row.field.key, _told(value), row.op, row.told)
                    break
            else:
                return None
        return worst

    def _multiply(self, base: Decimal, at: Circumstances) -> tuple[Decimal, list[list[Any]]]:
        factors: list[list[Any]] = []
        values: list[Decimal] = []
        # A factor of 1 goes without saying only where factors are multiplied: in a sum it counts.
        if self._tiered and (at.level_factor != 1 or self.definition.strategy != "compound"):
            factors.append(["tier", at.level_key, plain(at.level_factor)])
            values.append(at.level_factor)
        for place, factor in self._fixed:
            factors.append(["fixed", place, plain(factor)])
            values.append(factor)
        if not values:
            return base, factors
        if self.definition.strategy == "highest":
            return base * max(values), factors
        if self.definition.strategy == "additive":
            return base * sum(values), factors
        for factor in values:
            base *= factor
        return base, factors

    def _cut(self, wanted: int, at: Circumstances) -> tuple[int, list[Any] | None]:
        given, tightest = wanted, None
        for per, limit in self._caps:
            used = 0 if per == "activity" else at.used(self.rule_id, *self.cap_days(at.day, per))
            if limit - used < given:
                given, tightest = max(0, limit - used), [per, used, limit]
        if tightest is None and self._caps:  # not cut, but the member is shown how far the first cap is used
            per, limit = self._caps[0]
            used = 0 if per == "activity" else at.used(self.rule_id, *self.cap_days(at.day, per))
            tightest = [per, used, limit]
        return given, tightest


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return sorted(value) if isinstance(value, frozenset) else value


class _Row(NamedTuple):
    """One condition, compiled."""

    field: Field
    op: str
    needed: Any
    holds: Callable[[Any, Any], bool]
    told: Any  # what was needed, as an outcome keeps it


def _compile(condition: Condition) -> _Row:
    field = FIELDS[condition.field]
    value = condition.value
    if isinstance(value, list):
        needed: Any = frozenset(Decimal(v) if field.type == "number" else v for v in value)
    else:
        needed = Decimal(value) if field.type == "number" else value
    return _Row(field, condition.op, needed, _COMPARE[condition.op], _told(needed))


def _rate_of(definition: Definition) -> Callable[[Any], Decimal]:
    rate = Decimal(definition.base.rate)
    symbols = {symbol: Decimal(value) for symbol, value in definition.base.symbols.items()}
    groups = {group: Decimal(value) for group, value in definition.base.groups.items()}
    if not symbols and not groups:
        return lambda facts: rate

    def by_instrument(facts: Any) -> Decimal:
        traded = instrument(facts.symbol)
        found = symbols.get(traded.symbol)
        return found if found is not None else groups.get(traded.group, rate)

    return by_instrument
