"""What a rule checked of an activity, row by row, with what it found."""

from itertools import takewhile
from typing import Any

from app.gamification.accrual.rule import CompiledRule
from app.gamification.ledger.equation import level_name
from app.gamification.ledger.explanation import Check
from app.gamification.ledger.outcome import Outcome, compiled
from app.gamification.ledger.words.terms import condition, found, listed
from app.gamification.members.classes import TITLES
from app.gamification.policy.packs import Verdict
from app.lib.i18n import Sentence, _l
from app.models.people import ClientClass

YES, NO = Sentence(_l("Yes")), Sentence(_l("No"))


def checks(rule: CompiledRule, facts: Any, outcome: Outcome, language: str) -> tuple[Check, ...]:
    """The conditions that decided, whom the rule is for, and what the law allows."""
    return (*conditions(rule, facts), *_audience(rule, outcome, language), _law(outcome))


def _law(outcome: Outcome) -> Check:
    allowed = outcome.verdict < Verdict.RECOGNITION
    return Check(Sentence(_l("Allowed for your client category")), YES if allowed else NO, allowed)


def conditions(rule: CompiledRule, facts: Any) -> list[Check]:
    """Of conditions joined by “or” the ones that held, else those that came furthest."""
    rows = iter(rule.checks(facts))
    groups = [[next(rows) for _ in group] for group in rule.definition.conditions]
    best = max(groups, key=lambda group: (all(row[4] for row in group), _held(group)), default=[])
    return [
        Check(condition(field.key, op, needed), found(field.key, value), met) for field, op, value, needed, met in best
    ]


def _held(group: list[Any]) -> int:
    return len(list(takewhile(lambda row: row[4], group)))


def _audience(rule: CompiledRule, outcome: Outcome, language: str) -> list[Check]:
    audience, asked = rule.definition.audience, []
    if audience.levels:
        level = compiled().ladder.named(outcome.level_id)
        names = listed([level_name(key, language) for key in audience.levels])
        stood = Sentence("%(level)s", {"level": level_name(level.key, language)})
        words = Sentence(_l("Open to the levels %(levels)s"), {"levels": names})
        asked.append(Check(words, stood, level.key in audience.levels))
    if audience.countries:
        open_ = outcome.country in audience.countries
        asked.append(Check(Sentence(_l("Open in your country")), YES if open_ else NO, open_))
    if audience.classes:
        category = Sentence(TITLES[ClientClass(outcome.client_class)])
        asked.append(
            Check(Sentence(_l("Open to your client category")), category, outcome.client_class in audience.classes)
        )
    return asked
