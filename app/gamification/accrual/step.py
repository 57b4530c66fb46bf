"""The accrual step: every rule that listens judges the activity, the law first, and what is awarded is posted."""

import msgspec

from app.gamification.accrual.fields import FIELDS
from app.gamification.accrual.rule import (
    AVAILABLE_AT,
    AWARDED,
    EXPIRES_AT,
    GIVEN,
    IDLE_DAYS,
    QUALIFYING,
    REFUSED,
    SERVICE_ONLY,
    Circumstances,
    CompiledRule,
    Entry,
)
from app.gamification.activities import BY_CODE, CUSTOM, LESSON, OWN_KINDS, PaysFor
from app.gamification.ledger.book import POINTS, Posted, Reference
from app.gamification.ledger.book import QUALIFYING as QUALIFYING_UNIT
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.lib.periods import day_at
from app.models.activity import Reason
from app.models.ledger import Cause, State

_encode = msgspec.json.Encoder().encode

# The reason a member is told when several rules refused: the first of these that any of them gave.
_TELLING = (
    Reason.REPEATED, Reason.CAP, Reason.CONDITION, Reason.ROUNDS_TO_ZERO, Reason.AUDIENCE, Reason.EXCLUSIVE,
)  # fmt: skip
_MATCHED = (Reason.CAP, Reason.ROUNDS_TO_ZERO)
# A lesson was paid for when a rule gave points for it, or had given as many as its cap allows.
PAID = (Reason.EARNED, Reason.CAP)


def step(state: MemberState, activity: Happening, programme: Programme) -> None:
    """Judge, explain, post. The outcome is `[context, entry, …]`, see rule.py; the context is
    [verdict, level as it stood, entity, country, client class, entity's pack revision, country's pack revision]
    and, of an own activity that an approver has classed, what it pays for.
    """
    pays_for, classed = _pays_for(activity, programme)
    verdict = state.standing.judge(pays_for)
    level_id = state.level_at(activity.occurred_at, programme.ladder.levels[0].id)
    rules: list[CompiledRule] = []
    reason = activity.barred
    if reason is None:
        rules, reason = _listening(state, activity, programme, verdict)
    if reason is None:
        activity.entries = _judge(state, activity, programme, rules, verdict, level_id)
        reason = _telling(activity.entries)
        if activity.kind == LESSON and reason in PAID and activity.counts:
            state.lessons[activity.id] = activity.decode().lesson, activity.occurred_at
    activity.reason = reason
    context = (
        int(verdict),
        level_id,
        state.entity_id,
        state.country,
        state.client_class,
        *state.standing.revision_ids,
        *classed,
    )
    outcome = _encode([context, *activity.entries])
    activity.outcome = outcome.decode()
    if activity.entries:
        _post(state, activity, rules, outcome)


def _pays_for(activity: Happening, programme: Programme) -> tuple[PaysFor, tuple[int, ...]]:
    """What the activity pays for, and what the outcome has to keep of it: a class may change, the decision not."""
    if activity.kind != CUSTOM or activity.barred is not None:
        return BY_CODE[activity.kind].pays_for, ()
    classed = programme.classed.get(activity.decode().name)
    return (BY_CODE[CUSTOM].pays_for, ()) if classed is None else (classed, (int(classed),))


def _listening(
    state: MemberState, activity: Happening, programme: Programme, verdict: Verdict
) -> tuple[list[CompiledRule], Reason | None]:
    kind = BY_CODE[activity.kind]
    if not kind.earns:
        return [], Reason.NEVER_EARNS
    key = kind.key if activity.kind != CUSTOM else OWN_KINDS + activity.decode().name
    listening = programme.rules.get(key, ())
    if not listening:
        return [], Reason.NO_RULE
    rules = [rule for rule in listening if rule.in_force(activity.occurred_at)]
    if not rules:
        return [], Reason.BEFORE_PROGRAMME
    if verdict == Verdict.FORBID:
        return [], Reason.LAW
    if verdict == Verdict.RECOGNITION:
        return [], Reason.RECOGNITION
    if not activity.verified and programme.statement_trust == "recognition":
        return [], Reason.RECOGNITION
    if state.blocked:
        return [], Reason.BLOCKED
    return rules, None


def _judge(
    state: MemberState,
    activity: Happening,
    programme: Programme,
    rules: list[CompiledRule],
    verdict: Verdict,
    level_id: int,
) -> list[Entry]:
    level = programme.ladder.level(level_id)
    circumstances = Circumstances(
        day=day_at(activity.occurred_at, programme.zone),
        recorded_day=day_at(activity.recorded_at, programme.zone),
        level_key=level.key,
        level_factor=level.factor,
        country=state.country,
        client_class=state.client_class,
        service_only=verdict == Verdict.SERVICE_ONLY,
        wait_for_review=activity.waits_for_review(programme.statement_trust),
        used=state.used,
    )
    facts = activity.decode()
    passed_at = _paid_before(state, facts.lesson) if activity.kind == LESSON else None
    entries: list[Entry] = []
    taken: dict[str, int] = {}  # exclusive group → the revision that matched first
    for rule in rules:
        if rule.group and rule.group in taken:
            entries.append([rule.revision_id, REFUSED, int(Reason.EXCLUSIVE), taken[rule.group]])
            continue
        entry = rule.judge(facts, circumstances)
        if passed_at is not None and (entry[1] == AWARDED or entry[2] in _MATCHED):
            entry = [rule.revision_id, REFUSED, int(Reason.REPEATED), passed_at]
        entries.append(entry)
        # What matched is judged by no other rule of its group, though a cap or the rounding left nothing of it.
        if rule.group and (entry[1] == AWARDED or entry[2] in _MATCHED):
            taken[rule.group] = rule.revision_id
        if entry[1] == AWARDED and rule.has_caps:
            state.count_cap(rule.rule_id, circumstances.day, entry[GIVEN])
    return entries


def _paid_before(state: MemberState, lesson: str) -> int | None:
    """When a lesson was passed that a report which still stands was paid for; None where there is none."""
    return min((passed_at for key, passed_at in state.lessons.values() if key == lesson), default=None)


def _telling(entries: list[Entry]) -> Reason:
    if any(entry[1] == AWARDED for entry in entries):
        return Reason.EARNED
    # A rule about other instruments has nothing to say while another one looked closer.
    refused = {entry[2] for entry in entries if entry[2] != Reason.CONDITION or not FIELDS[entry[3]].selects}
    return next((reason for reason in _TELLING if reason in refused), Reason.CONDITION)


def _post(state: MemberState, activity: Happening, rules: list[CompiledRule], outcome: bytes) -> None:
    book = state.book
    effects = state.effects.get(activity.id)
    day = day_at(activity.occurred_at, rules[0].zone)
    for place, (rule, entry) in enumerate(zip(rules, activity.entries, strict=True)):
        points = Reference(Cause.ACTIVITY, activity.id, 2 * place)
        held = False
        if entry[1] == AWARDED:
            given, qualifying = entry[GIVEN], entry[QUALIFYING]
            held = entry[AVAILABLE_AT] is not None
            seq = book.accrue(
                given,
                points,
                activity.occurred_at,
                activity.recorded_at,
                held=held,
                available_at=entry[AVAILABLE_AT] or None,
                expires_at=entry[EXPIRES_AT],
                idle_days=entry[IDLE_DAYS],
                service_only=bool(entry[SERVICE_ONLY]),
                qualifying=qualifying if held else 0,
                outcome=outcome,
            )
            activity.earned += given
            if effects is not None:
                credit = State.PENDING if held else State.AVAILABLE
                effects.posted.append(Posted(seq, POINTS, credit, given, points.part, activity.occurred_at))
                if rule.has_caps:
                    effects.caps.append((rule.rule_id, day, given))
        elif entry[2] == Reason.CAP:
            qualifying = entry[-1]
        else:
            continue
        if qualifying and not held:
            reference = Reference(Cause.ACTIVITY, activity.id, 2 * place + 1)
            seq = book.qualify(qualifying, reference, activity.occurred_at, activity.recorded_at, outcome)
            activity.qualified.append((qualifying, day, activity.occurred_at))
            if effects is not None:
                posted = Posted(seq, QUALIFYING_UNIT, State.AVAILABLE, qualifying, reference.part, activity.occurred_at)
                effects.posted.append(posted)
