"""What must be done before a rule can run, and what is only advised."""

from collections.abc import Iterator
from datetime import datetime

from app.gamification import programme
from app.gamification.accrual.definition import Definition
from app.gamification.accrual.publishing.written import Written, begins, ends
from app.gamification.accrual.telling.parts import both
from app.gamification.approvals import checklist as common
from app.gamification.approvals.checklist import Item, second_person
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy.packs import Verdict
from app.gamification.policy.reach import verdicts
from app.gamification.programme import Programme
from app.lib.clock import to_micros
from app.lib.i18n import LANGUAGES, Sentence, _l


def checklist(
    current: Programme, written: Written, rule_id: int | None, reader_id: int, now: datetime
) -> tuple[Item, ...]:
    """Everything there is to see to, done or not."""
    return (
        *_needed(written.definition, rule_id, current, now),
        _days(written, current, now),
        _limits(written.definition),
        second_person(reader_id),
    )


def require(definition: Definition, rule_id: int | None, now: datetime) -> None:
    """Raise NotReady for the first thing that must be done before it can run; its days are judged by who publishes."""
    common.require(_needed(definition, rule_id, programme.current(), now))


def warnings(definition: Definition) -> tuple[Sentence, ...]:
    """What the second person should know beside the change."""
    item = _limits(definition)
    return (Sentence(_l("The rule has no limit.")),) if item.state == "advice" else ()


def _needed(definition: Definition, rule_id: int | None, current: Programme, now: datetime) -> Iterator[Item]:
    yield _names(definition)
    yield _alone(definition, rule_id, current, now)
    yield _lawful(definition, current)
    levels = {level.key for level in current.ladder.levels}
    if strange := [key for key in definition.audience.levels if key not in levels]:
        yield Item("todo", Sentence(_l("Is for levels of the ladder")), as_it_is(strange[0]))


def _names(definition: Definition) -> Item:
    named = [definition.name, *(factor.name for factor in definition.factors if factor.kind == "fixed")]
    missing = [title for code, title in LANGUAGES.items() if not all(name.get(code) for name in named)]
    words = Sentence(_l("Rule and factors named in every language"))
    if missing:
        return Item("todo", words, Sentence(_l("missing: %(languages)s"), {"languages": both(missing)}))
    return Item("done", words, as_it_is(" ".join(LANGUAGES)))


def _alone(definition: Definition, rule_id: int | None, current: Programme, now: datetime) -> Item:
    """Of two rules with one priority in a group only their age would say which one pays."""
    words = Sentence(_l("The only rule of its group with this priority"))
    if not definition.group:
        return Item("done", Sentence(_l("Pays beside every other rule")), Sentence(_l("no group")))
    instant = to_micros(now)
    others = [
        rule
        for rule in current.rules.get(definition.kind, ())
        if rule.rule_id != rule_id and rule.group == definition.group and instant < rule.effective_to
    ]
    same = next((rule for rule in others if rule.priority == definition.priority), None)
    if same is not None:
        return Item("todo", words, Sentence(_l("as %(rule)s"), {"rule": same.definition.name}))
    number = len({rule.rule_id for rule in others})
    return Item("done", words, Sentence(_l("%(number)s checked"), {"number": number}))


def _lawful(definition: Definition, current: Programme) -> Item:
    words = Sentence(_l("A law pack lets somebody have points for it"))
    pays_for = current.pays_for(definition.kind)
    said = verdicts(current, pays_for, definition.audience.countries, definition.audience.classes)
    open_ = [one for one in said if one.reached and one.verdict <= Verdict.SERVICE_ONLY]
    reached = sum(one.reached for one in said)
    note = Sentence(_l("%(number)s of %(all)s"), {"number": len(open_), "all": reached})
    return Item("done" if open_ else "todo", words, note)


def _limits(definition: Definition) -> Item:
    words = Sentence(_l("Has a limit"))
    if definition.caps:
        return Item("done", words)
    return Item("advice", words, Sentence(_l("advised")))


def _days(written: Written, current: Programme, now: datetime) -> Item:
    words = Sentence(_l("Runs on days that lie ahead"))
    first, last = begins(written.run, current.zone), ends(written.run, current.zone)
    if first is not None and first < now:
        return Item("todo", words, Sentence(_l("the first day is over")))
    if last is not None and last <= (first or now):
        return Item("todo", words, Sentence(_l("the last day is over")))
    if first is None:
        return Item("done", words, Sentence(_l("once approved")))
    return Item("done", words, as_it_is(written.run.first))
