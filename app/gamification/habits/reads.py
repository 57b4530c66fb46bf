"""What a member has set themselves, as the page of habits shows it; four statements."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select, text

from app.gamification.habits.own import Limit, Plan
from app.gamification.habits.plans import in_words, read
from app.gamification.habits.rest import DAYS_AHEAD, MOST_A_WEEK
from app.gamification.ledger.outcome import compiled
from app.gamification.members.sign_ins import SignedIn
from app.gamification.streaks.rules import Rule
from app.gamification.streaks.rules import read as read_rules
from app.gamification.streaks.shown import Shown, shown
from app.gamification.streaks.weeks import by_week, week_of
from app.lib.clock import from_day
from app.lib.currencies import decimals
from app.lib.i18n import Sentence
from app.lib.periods import day_of, period_start
from app.models.base import read_all
from app.models.habits import RestDay, RiskLimit, TradingPlan

VERSIONS = 6  # of limits and plans, the latest
PAST_RESTS = 28  # days

_DAYS = text("SELECT DISTINCT day FROM habit_day WHERE member_id = :of_member")
_RESTS = (
    select(RestDay.day, RestDay.starts_at, RestDay.kept)
    .where(RestDay.member_id == bindparam("of_member"), RestDay.day >= bindparam("since"))
    .order_by(RestDay.day)
)
_RESTS_BETWEEN = select(RestDay.day, RestDay.kept).where(
    RestDay.member_id == bindparam("of_member"), RestDay.day.between(bindparam("first"), bindparam("last"))
)
_LIMITS = (
    select(RiskLimit.since, RiskLimit.amount, RiskLimit.currency)
    .where(RiskLimit.member_id == bindparam("of_member"))
    .order_by(RiskLimit.since.desc())
    .limit(VERSIONS)
)
_PLANS = (
    select(TradingPlan.since, TradingPlan.rules)
    .where(TradingPlan.member_id == bindparam("of_member"))
    .order_by(TradingPlan.since.desc())
    .limit(VERSIONS)
)


class Rest(NamedTuple):
    """A rest day; `kept` is None until it is decided."""

    day: int
    kept: bool | None
    has_begun: bool


class Choice(NamedTuple):
    """A day to come, as rest can be planned on it."""

    day: int
    is_planned: bool
    is_open: bool  # another rest day fits into its week

    @property
    def number(self) -> int:
        """The day of its month."""
        return from_day(self.day).day


class SetLimit(NamedTuple):
    since: datetime
    limit: Limit | None  # None: it ended

    @property
    def amount(self) -> str:
        """The amount as money of its currency is written."""
        return f"{self.limit.amount:,.{decimals(self.limit.currency)}f}" if self.limit else ""


class SetPlan(NamedTuple):
    since: datetime
    plan: Plan | None
    words: tuple[Sentence, ...]


class Habits(NamedTuple):
    """Everything of the page."""

    streak: Shown
    rule: Rule
    choices: tuple[Choice, ...]
    rests: tuple[Rest, ...]  # begun or over, the latest first
    limits: tuple[SetLimit, ...]  # the latest first
    plans: tuple[SetPlan, ...]

    @property
    def limit(self) -> Limit | None:
        """The limit that stands."""
        return self.limits[0].limit if self.limits else None

    @property
    def plan(self) -> Plan | None:
        """The plan that stands."""
        return self.plans[0].plan if self.plans else None


def habits(me: SignedIn, now: datetime) -> Habits:
    """What the member has set themselves, and how their streak stands."""
    today, rules = day_of(now, me.zone), read_rules(compiled().settings)
    of_member = {"of_member": me.id}
    practice = by_week(row.day for row in read_all(_DAYS, of_member))
    since = min(today - PAST_RESTS, period_start(today, "week"))
    rests = [Rest(row.day, row.kept, row.starts_at <= now) for row in read_all(_RESTS, of_member | {"since": since})]
    limits = (
        SetLimit(row.since, Limit(Decimal(row.amount), row.currency) if row.amount else None)
        for row in read_all(_LIMITS, of_member)
    )
    plans = (_plan(row.since, read(row.rules)) for row in read_all(_PLANS, of_member))
    return Habits(
        shown(practice, {rest.day: rest.kept for rest in rests}, today, rules),
        rules.at(period_start(today, "week")),
        tuple(_choices(rests, today)),
        tuple(rest for rest in reversed(rests) if rest.has_begun),
        tuple(limits),
        tuple(plans),
    )


def rests_between(member_id: int, first: int, last: int) -> dict[int, bool | None]:
    """The rest days of a member among the days, each with whether it was kept; None: not decided. One statement."""
    rows = read_all(_RESTS_BETWEEN, {"of_member": member_id, "first": first, "last": last})
    return {row.day: row.kept for row in rows}


def _plan(since: datetime, plan: Plan | None) -> SetPlan:
    return SetPlan(since, plan, tuple(in_words(plan)) if plan else ())


def _choices(rests: list[Rest], today: int) -> list[Choice]:
    days = {rest.day for rest in rests}
    used: dict[int, int] = {}
    for day in days:
        used[week_of(day)] = used.get(week_of(day), 0) + 1
    ahead = range(today + 1, today + DAYS_AHEAD + 1)
    return [Choice(day, day in days, used.get(week_of(day), 0) < MOST_A_WEEK) for day in ahead]
