"""What passing a lesson would bring a member now: by the rules in force, their caps, and what the law says to it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.gamification.accrual.rule import AWARDED, GIVEN, Circumstances, CompiledRule
from app.gamification.activities import BY_CODE, LESSON, Lesson
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.law import standing_of
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Verdict
from app.lib.clock import to_micros
from app.lib.periods import day_of
from app.models.activity import Reason
from app.models.base import read_all

KIND = BY_CODE[LESSON].key
ALL_RIGHT = 100
_MATCHED = (Reason.CAP, Reason.ROUNDS_TO_ZERO)
_USED = statement(
    "SELECT rule_id, day, used FROM cap_use WHERE member_id = :member AND day BETWEEN :first AND :last",
    "rule_id day used",
)

Used = Callable[[int, int, int], int]


@dataclass(frozen=True, slots=True)
class Worth:
    """`points` that it brings now, `later` once the caps of today and this week are free again."""

    points: int
    later: int
    verdict: Verdict

    @property
    def is_allowed(self) -> bool:
        """Whether the law lets this member have points for a lesson."""
        return self.verdict <= Verdict.SERVICE_ONLY

    @property
    def is_service_only(self) -> bool:
        return self.verdict == Verdict.SERVICE_ONLY

    @property
    def waits(self) -> bool:
        """Whether more of it is to be had on another day."""
        return self.points < self.later


NOTHING = Worth(0, 0, Verdict.ALLOW)  # of what is not offered any more


def of_lessons(me: SignedIn, now: datetime, paid: Collection[str] = ()) -> Callable[[str], Worth]:
    """What each lesson would bring, by its key, answered without a mistake; those that were paid for bring no more.

    At most one statement.
    """
    programme, at = compiled(), to_micros(now)
    verdict = standing_of(me).judge(programme.pays_for(KIND))
    rules = [rule for rule in programme.rules.get(KIND, ()) if rule.in_force(at)]
    if verdict > Verdict.SERVICE_ONLY or me.earning_blocked or not rules:
        return lambda _: Worth(0, 0, verdict)
    day, level = day_of(now, programme.zone), programme.ladder.level(me.level_id)

    def circumstances(used: Used) -> Circumstances:
        only = verdict == Verdict.SERVICE_ONLY
        return Circumstances(day, day, level.key, Decimal(level.factor), me.country, me.client_class, only, False, used)

    present, later = circumstances(_used(me.id, rules, day)), circumstances(_nothing)

    def of_one(key: str) -> Worth:
        if key in paid:
            return Worth(0, 0, verdict)
        return Worth(_sum(rules, key, present), _sum(rules, key, later), verdict)

    return of_one


def _sum(rules: list[CompiledRule], key: str, at: Circumstances) -> int:
    """As the accrual step sums: in order of priority, the first that matches of each group."""
    points, taken = 0, set()
    for rule in rules:
        if rule.group and rule.group in taken:
            continue
        entry = rule.judge(Lesson(key, ALL_RIGHT), at)
        if entry[1] == AWARDED:
            points += entry[GIVEN]
        if rule.group and (entry[1] == AWARDED or entry[2] in _MATCHED):
            taken.add(rule.group)
    return points


def _used(member_id: int, rules: list[CompiledRule], day: int) -> Used:
    """What the caps of these rules have let through already."""
    spans = [rule.cap_days(day, cap.per) for rule in rules for cap in rule.definition.caps if cap.per != "activity"]
    if not spans:
        return _nothing
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    rows = read_all(_USED, {"member": member_id, "first": first, "last": last})
    return lambda rule_id, start, end: sum(row[2] for row in rows if row[0] == rule_id and start <= row[1] <= end)


def _nothing(_rule_id: int, _first: int, _last: int) -> int:
    return 0
