"""What must be done before a challenge can be offered, and what the second person should know."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from app.gamification.approvals.checklist import Item, second_person
from app.gamification.catalogue import readiness
from app.gamification.challenges.compiled import facts_of
from app.gamification.challenges.definition import Definition, described
from app.gamification.insight.liability import cost
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.programme import Programme
from app.lib.currencies import decimals
from app.lib.i18n import Sentence, _l

_AT_MOST = _l("%(points)s points, %(amount)s %(currency)s")
_A_RUN = _l("%(points)s points, %(amount)s %(currency)s each time")


def checklist(said: Definition, current: Programme, reader_id: int, now: datetime) -> tuple[Item, ...]:
    """Everything there is to see to, done or not."""
    return (
        *needed(said, current, now),
        *advised(said, current, now),
        second_person(reader_id),
    )


def needed(said: Definition, current: Programme, now: datetime) -> Iterator[Item]:
    """What must be done."""
    names = [said.name, *(step.name for step in said.steps if step.name)]
    yield readiness.named(names, [])[0]
    yield readiness.lawful(readiness.law(current, facts_of(said, current.pays_for), said.audience))
    if (levels := readiness.on_ladder(said.audience, current)) is not None:
        yield levels
    yield from _badge(said, current)
    if said.window.kind == "fixed" and said.window.last is not None and said.recurrence != "end":
        over = said.window.last < now.astimezone(current.zone).date()
        words = Sentence(_l("Its last day lies ahead"))
        yield Item("todo", words, as_it_is(said.window.last)) if over else Item("done", words)


def advised(said: Definition, current: Programme, now: datetime) -> Iterator[Item]:
    """What is only advised."""
    yield readiness.named([], [said.about])[1]
    yield readiness.reached(said.audience, current)
    if said.reward.points or said.reward.keep_days:
        yield readiness.paid(readiness.law(current, facts_of(said, current.pays_for), said.audience))
    if said.window.kind == "fixed" and said.window.first is not None:
        begun = said.window.first < now.astimezone(current.zone).date()
        words = Sentence(_l("Its first day lies ahead"))
        yield Item("advice", words, Sentence(_l("the first day is over"))) if begun else Item("done", words)
    if said.automatic and any(described(step).measure.lasts for step in said.steps):
        # Joining asks what was done before; who is in without joining is in with the next thing that it looks at.
        words = Sentence(_l("What can be done only once counts whenever it was done"))
        once = said.recurrence == "none"
        note = _l("once the member does something else of it") if once else _l("only for who joins")
        yield Item("advice", words, Sentence(note))
    if said.reward.points:
        yield _liability(said, current)


def _badge(said: Definition, current: Programme) -> Iterator[Item]:
    """Of a badge that nobody published, or a level that it lacks, nothing would be given."""
    if not said.reward.badge:
        return
    words = Sentence(_l("Its badge is published and has that level"))
    known = {badge.key: badge for badge in current.play.live_badges}.get(said.reward.badge)
    if known is None:
        yield Item("todo", words, as_it_is(said.reward.badge))
    elif said.reward.badge_level > len(known.definition.levels):
        yield Item("todo", words, Sentence(_l("it has fewer levels")))
    else:
        yield Item("done", words)


def _liability(said: Definition, current: Programme) -> Item:
    """What its points can cost at most: every place taken, everybody done."""
    words = Sentence(_l("What it can cost has a limit"))
    if said.places is None:
        return Item("advice", words, Sentence(_l("no limit of places")))
    points = said.places * said.reward.points
    amount: Decimal = cost(points, current.point_cost, decimals(current.currency))
    values = {"points": points, "amount": f"{amount:,f}", "currency": current.currency}
    return Item("done", words, Sentence(_A_RUN if said.has_common_runs else _AT_MOST, values), is_told=True)
