"""The form of a rule: what stands in it, whoever filled it in, and the definition that follows from it.

A definition, shown and sent back unchanged, is the same definition; a test walks all kinds of them.
"""

from dataclasses import dataclass, field

from app.gamification.accrual.definition import (
    LONGEST_GROUP,
    LONGEST_NAME,
    MOST_FACTORS,
    MOST_GROUPS,
    MOST_RATES,
    MOST_ROWS,
    Definition,
)
from app.gamification.accrual.publishing.written import Written
from app.gamification.errors.rules import TooManyRows
from app.gamification.members.names import visible
from app.lib.i18n import LANGUAGES
from app.routes.admin.fields import typed
from app.routes.admin.rules.rows import FactorRow, Posted, RateRow, Row, factors_in, groups_in, rates_in, row_of

PERIODS = ("activity", "day", "week", "month", "quarter", "year")
MODES = ("never", "days", "months", "end_of_month", "end_of_year", "inactivity")
STRATEGIES = ("compound", "additive", "highest")


@dataclass
class Filled:
    """Everything as it was typed."""

    name: dict[str, str]
    kind: str
    base: str
    rate: str
    groups: list[list[Row]] = field(default_factory=list)
    group_rates: list[RateRow] = field(default_factory=list)
    symbol_rates: list[RateRow] = field(default_factory=list)
    qualifying: bool = True
    tier: bool = False
    factors: list[FactorRow] = field(default_factory=list)
    strategy: str = "compound"
    caps: dict[str, str] = field(default_factory=dict)
    hold: str = ""
    mode: str = "never"
    n: str = ""
    levels: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    starts: str = ""
    ends: str = ""
    group: str = ""
    priority: str = ""
    fresh: set[str] = field(default_factory=set)  # rows that were added a moment ago: not yet wrong for being empty

    @property
    def has_rare_limits(self) -> bool:
        """Whether a limit is set that most rules do without."""
        return any(self.caps.get(per) for per in ("activity", "week", "quarter", "year"))

    def slots(self) -> list[str]:
        """Every place that can show what is wrong."""
        rows = [f"c-{group}-{row}" for group, rows in enumerate(self.groups) for row in range(len(rows))]
        rows += [f"g-{number}" for number in range(len(self.group_rates))]
        rows += [f"s-{number}" for number in range(len(self.symbol_rates))]
        rows += [f"f-{number}" for number in range(len(self.factors))]
        fixed = ("kind", "base", "rate", "hold", "n", "countries", "starts", "ends", "group", "priority", "form")
        return [*(f"name_{code}" for code in LANGUAGES), *rows, *(f"cap_{per}" for per in PERIODS), *fixed]


def of_written(written: Written) -> Filled:
    """The form that says what is stored."""
    rule, run = written
    return Filled(
        name={code: rule.name.get(code, "") for code in LANGUAGES},
        kind=rule.kind,
        base=rule.base.kind,
        rate=rule.base.rate,
        # A group without rows always holds, and so do all groups together.
        groups=[[row_of(one) for one in group] for group in rule.conditions] if all(rule.conditions) else [],
        group_rates=[RateRow(of, rate) for of, rate in rule.base.groups.items()],
        symbol_rates=[RateRow(of, rate) for of, rate in rule.base.symbols.items()],
        qualifying=rule.qualifying,
        tier=any(factor.kind == "tier" for factor in rule.factors),
        factors=[
            FactorRow(factor.factor, {code: factor.name.get(code, "") for code in LANGUAGES})
            for factor in rule.factors
            if factor.kind == "fixed"
        ],
        strategy=rule.strategy,
        caps=_caps(rule),
        hold=str(rule.hold_days) if rule.hold_days else "",
        mode=rule.expiry.mode,
        n=str(rule.expiry.n) if rule.expiry.n else "",
        levels=list(rule.audience.levels),
        countries=list(rule.audience.countries),
        classes=[str(one) for one in rule.audience.classes],
        starts=run.first.isoformat() if run.first else "",
        ends=run.last.isoformat() if run.last else "",
        group=rule.group,
        priority=str(rule.priority),
    )


def of_posted(posted: Posted) -> Filled:
    """The form as it was sent. Raises TooManyRows for more rows than the form would ever draw."""
    filled = Filled(
        name={code: visible(posted.get(f"name_{code}", ""))[: LONGEST_NAME + 1] for code in LANGUAGES},
        kind=visible(posted.get("kind", "")),
        base=visible(posted.get("base", "")),
        rate=typed(posted.get("rate", "")),
        groups=groups_in(posted),
        group_rates=rates_in(posted, "g"),
        symbol_rates=rates_in(posted, "s"),
        qualifying=posted.get("counts", "") == "tiers",
        tier=posted.get("tier", "") == "yes",
        factors=factors_in(posted),
        strategy=posted.get("strategy", "compound"),
        caps={per: typed(posted.get(f"cap_{per}", "")) for per in PERIODS},
        hold=typed(posted.get("hold", "")),
        mode=posted.get("mode", "never"),
        n=typed(posted.get("n", "")),
        levels=posted.getlist("levels"),
        countries=[*dict.fromkeys(one for one in (*posted.getlist("countries"), posted.get("country", "")) if one)],
        classes=posted.getlist("classes"),
        starts=typed(posted.get("starts", "")),
        ends=typed(posted.get("ends", "")),
        group=visible(posted.get("group", ""))[: LONGEST_GROUP + 1],
        priority=typed(posted.get("priority", "")),
    )
    rates = len(filled.group_rates) + len(filled.symbol_rates)
    rows = max((len(group) for group in filled.groups), default=0)
    lists = max(len(filled.levels), len(filled.countries), len(filled.classes))
    if (
        len(filled.groups) > MOST_GROUPS
        or rows > MOST_ROWS
        or rates > MOST_RATES
        or len(filled.factors) > MOST_FACTORS
        or lists > 300
    ):
        raise TooManyRows(groups=MOST_GROUPS, rows=MOST_ROWS, rates=MOST_RATES, factors=MOST_FACTORS)
    return filled


def _caps(rule: Definition) -> dict[str, str]:
    """One limit a period; of two the lower one counts anyway."""
    caps: dict[str, str] = {}
    for cap in sorted(rule.caps, key=lambda cap: (PERIODS.index(cap.per), cap.points)):
        caps.setdefault(cap.per, str(cap.points))
    return {per: caps.get(per, "") for per in PERIODS}
