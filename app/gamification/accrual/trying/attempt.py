"""Judging real activities by a draft and by what is live: every step of the first, the sums of the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text

from app.gamification.accrual.definition import Definition
from app.gamification.accrual.rule import AWARDED, GIVEN, Circumstances, CompiledRule, Entry
from app.gamification.accrual.trying.acts import Act
from app.gamification.ledger.checks import NO, YES, conditions
from app.gamification.ledger.equation import cap_used, equation
from app.gamification.ledger.explanation import CapUsed, Check, Tile
from app.gamification.ledger.outcome import Outcome, read_outcome
from app.gamification.ledger.words.reasons import AUDIENCES, CAPS_REACHED
from app.gamification.ledger.words.terms import condition_missed
from app.gamification.members.classes import TITLES
from app.gamification.policy.packs import Verdict
from app.gamification.programme import NO_END, Programme
from app.lib.clock import to_micros
from app.lib.countries import Country
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at
from app.models.activity import Reason
from app.models.base import read_all
from app.models.people import ClientClass

_DRAFT = 0  # stands for the revision that a draft would become
_NEWEST = 2**62  # stands for the id of a rule that is new: of two with one priority the older one is asked first
_MATCHED = (Reason.CAP, Reason.ROUNDS_TO_ZERO)
_LAW = {
    Verdict.RECOGNITION: _l("By law recognition only"),
    Verdict.FORBID: _l("By law nothing"),
}
Used = Mapping[tuple[int, int], int]  # (member, day) → points that the rule gave


@dataclass(frozen=True)
class Result:
    """What one rule makes of one activity; `why` says why there are no points."""

    points: int
    why: Sentence | None = None


@dataclass(frozen=True)
class Tried:
    """One activity, step by step through the draft, and what is live beside it."""

    act: Act
    level: Any  # name of the level as it stood, by language
    checks: tuple[Check, ...]
    tiles: tuple[Tile, ...]
    cap: CapUsed | None
    draft: Result
    live: Result | None  # None: nothing is live


_USED = text(
    "SELECT member_id, day, used FROM cap_use WHERE member_id IN :members AND rule_id = :rule"
    " AND day BETWEEN :first AND :last"
).bindparams(bindparam("members", expanding=True))


def attempt(
    current: Programme,
    acts: Sequence[Act],
    definition: Definition,
    rule_id: int | None,
    live: CompiledRule | None,
    language: str,
    now: datetime,
) -> list[Tried]:
    """Judge each as if it came now, under the circumstances it was decided in and with what the caps have left.

    At most one statement, however many.
    """
    if not acts:
        return []
    trial = _Trial(current, rule_id, definition, live, language, to_micros(now))
    used = _used(acts, rule_id, trial)
    return [trial.run(act, used) for act in acts]


class _Trial:
    """A draft, what is live, and the rules around them."""

    def __init__(
        self,
        current: Programme,
        rule_id: int | None,
        definition: Definition,
        live: CompiledRule | None,
        language: str,
        now: int,
    ) -> None:
        self.current, self.language, self.now = current, language, now
        self.rule_id = rule_id or _NEWEST
        self.draft = CompiledRule(self.rule_id, _DRAFT, definition, 0, NO_END, current.zone)
        self.live = live

    def run(self, act: Act, used: Used) -> Tried:
        outcome, facts = read_outcome(act.outcome), act.facts
        at = self._circumstances(act, outcome, used)
        entry = _judged(self.draft, facts, at)
        draft = self._result(self.draft, entry, outcome, facts, at)
        live = self._of_live(outcome, facts, at)
        name = self.current.ladder.level(outcome.level_id).name
        paid = entry if entry is not None and entry[1] == AWARDED else None
        return Tried(
            act,
            name,
            self._checks(facts, outcome, at),
            equation(self.draft, facts, paid, self.language) if paid else (),
            cap_used(paid) if paid else None,
            draft,
            live,
        )

    def _checks(self, facts: Any, outcome: Outcome, at: Circumstances) -> tuple[Check, ...]:
        whom, found = self.draft.definition.audience, conditions(self.draft, facts)
        if whom.levels:
            level = Sentence("%(level)s", {"level": self.current.ladder.level(outcome.level_id).name})
            found.append(Check(Sentence(_l("On a level that it is for")), level, at.level_key in whom.levels))
        if whom.countries:
            country = Sentence("%(country)s", {"country": Country(at.country)}) if at.country else NO
            found.append(Check(Sentence(_l("In a country that it is for")), country, at.country in whom.countries))
        if whom.classes:
            category = Sentence(TITLES[ClientClass(at.client_class)])
            found.append(
                Check(Sentence(_l("In a client category that it is for")), category, at.client_class in whom.classes)
            )
        lawful = outcome.verdict < Verdict.RECOGNITION
        found.append(Check(Sentence(_l("The member's law pack allows points for it")), YES if lawful else NO, lawful))
        if self.draft.group:
            before = self._goes_before(self.draft, facts, at)
            name = Sentence("%(rule)s", {"rule": before.definition.name}) if before else YES
            found.append(Check(Sentence(_l("First of its group to match")), name, before is None))
        return tuple(found)

    def _of_live(self, outcome: Outcome, facts: Any, at: Circumstances) -> Result | None:
        if self.live is None:
            return None
        if self.live.definition.kind != self.draft.definition.kind:
            return Result(0, Sentence(_l("What is live is about something else")))
        return self._result(self.live, _judged(self.live, facts, at), outcome, facts, at)

    def _circumstances(self, act: Act, outcome: Outcome, used: Used) -> Circumstances:
        level = self.current.ladder.level(outcome.level_id)
        day = day_at(act.occurred_at, self.current.zone)
        # What this very activity drew from a cap is free again: it is judged once, not a second time.
        own = self._own_draw(outcome)

        def drawn(_rule_id: int, first: int, last: int) -> int:
            all_ = sum(points for (who, on), points in used.items() if who == act.member_id and first <= on <= last)
            return max(0, all_ - own) if first <= day <= last else all_

        return Circumstances(
            day=day,
            recorded_day=day_at(act.recorded_at, self.current.zone),
            level_key=level.key,
            level_factor=level.factor,
            country=outcome.country,
            client_class=outcome.client_class,
            service_only=outcome.verdict == Verdict.SERVICE_ONLY,
            wait_for_review=not act.verified and self.current.statement_trust == "review",
            used=drawn,
        )

    def _own_draw(self, outcome: Outcome) -> int:
        ours = {id_ for id_, rule in self.current.rules_by_revision.items() if rule.rule_id == self.rule_id}
        return sum(entry[GIVEN] for entry in outcome.awarded if entry[0] in ours)

    def _result(
        self, rule: CompiledRule, entry: Entry | None, outcome: Outcome, facts: Any, at: Circumstances
    ) -> Result:
        if outcome.verdict >= Verdict.RECOGNITION:
            return Result(0, Sentence(_LAW[outcome.verdict]))
        if entry is None:
            return Result(0, Sentence(_l("More than a balance can hold")))
        if entry[1] != AWARDED:
            return Result(0, _refused(entry))
        if (before := self._goes_before(rule, facts, at)) is not None:
            return Result(0, Sentence(_l("%(rule)s goes before it"), {"rule": before.definition.name}))
        return Result(entry[GIVEN])

    def _goes_before(self, rule: CompiledRule, facts: Any, at: Circumstances) -> CompiledRule | None:
        """The rule of its group that matches first, as the rules stand now."""
        for other in self.current.rules.get(rule.definition.kind, ()) if rule.group else ():
            is_sooner = (other.priority, other.rule_id) < (rule.priority, rule.rule_id)
            if other.group == rule.group and other.rule_id != rule.rule_id and is_sooner and other.in_force(self.now):
                entry = _judged(other, facts, at)
                if entry is not None and (entry[1] == AWARDED or entry[2] in _MATCHED):
                    return other
        return None


def _judged(rule: CompiledRule, facts: Any, at: Circumstances) -> Entry | None:
    """What a rule says; None where it would pay more than a balance holds."""
    try:
        return rule.judge(facts, at)
    except OverflowError:
        return None


def _refused(entry: Entry) -> Sentence:
    _, _, reason, *told = entry
    if reason == Reason.CONDITION:
        field, value, op, needed = told
        return condition_missed(field, op, value, needed)
    if reason == Reason.CAP:
        per, used, limit = told[:3]
        return Sentence(CAPS_REACHED[per], {"used": used, "limit": limit})
    if reason == Reason.AUDIENCE:
        return Sentence(AUDIENCES[told[0]])
    return Sentence(_l("Rounds to 0"))


def _used(acts: Sequence[Act], rule_id: int | None, trial: _Trial) -> Used:
    """What the rule has given these members, by day, over every period that its caps look at."""
    rules: Iterable[CompiledRule] = (rule for rule in (trial.draft, trial.live) if rule is not None)
    periods = {cap.per for rule in rules for cap in rule.definition.caps} - {"activity"}
    if rule_id is None or not periods:
        return {}
    days = {day_at(act.occurred_at, trial.current.zone) for act in acts}
    spans = [trial.draft.cap_days(day, per) for day in days for per in periods]
    values: dict[str, Any] = {"members": sorted({act.member_id for act in acts}), "rule": rule_id}
    values |= {"first": min(first for first, _ in spans), "last": max(last for _, last in spans)}
    return {(row.member_id, row.day): row.used for row in read_all(_USED, values)}
