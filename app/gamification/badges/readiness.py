"""What must be done before a badge can be offered, and what the second person should know."""

from collections.abc import Iterator

from app.gamification.approvals.checklist import Item, second_person
from app.gamification.badges.compiled import facts_of
from app.gamification.badges.definition import GIVEN, Definition
from app.gamification.catalogue import readiness
from app.gamification.insight.liability import cost
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.programme import Programme
from app.lib.currencies import decimals
from app.lib.i18n import Sentence, _l

_EACH = _l("up to %(points)s points a member, %(amount)s %(currency)s")


def checklist(said: Definition, key: str, current: Programme, reader_id: int) -> tuple[Item, ...]:
    """Everything there is to see to, done or not."""
    return (*needed(said, current), *advised(said, key, current), second_person(reader_id))


def needed(said: Definition, current: Programme) -> Iterator[Item]:
    """What must be done."""
    yield readiness.named([said.name], [])[0]
    if law := readiness.law(current, facts_of(said, current.pays_for)):
        yield readiness.lawful(law)


def advised(said: Definition, key: str, current: Programme) -> Iterator[Item]:
    """What is only advised."""
    yield readiness.named([], [said.about])[1]
    if said.criterion.kind == GIVEN:
        giving = [one.definition.name for one in current.play.live if one.definition.reward.badge == key]
        words = Sentence(_l("A challenge gives it"))
        if giving:
            yield Item("done", words, as_it_is(giving[0]))
        else:
            yield Item("advice", words, Sentence(_l("none does so far")))
    if points := sum(said.points):
        if law := readiness.law(current, facts_of(said, current.pays_for)):
            yield readiness.paid(law)
        amount = cost(points, current.point_cost, decimals(current.currency))
        values = {"points": points, "amount": f"{amount:,f}", "currency": current.currency}
        yield Item("done", Sentence(_l("What it can cost")), Sentence(_EACH, values), is_told=True)
