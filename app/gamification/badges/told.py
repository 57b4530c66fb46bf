"""A badge in words, line by line, as staff read it and a second person approves it."""

from collections.abc import Iterator

from app.gamification.accrual.telling.sentence import lapse
from app.gamification.badges.definition import GIVEN, METALS, Definition, described
from app.gamification.catalogue import told
from app.gamification.catalogue.told import NO, YES, Line
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import Sentence, _l

GROUPS = {
    "discipline": _l("Discipline"),
    "learning": _l("Learning"),
    "trading": _l("Trading"),
    "people": _l("People"),
}
BY_CHALLENGE = _l("Given by a challenge")
_BRINGS = _l("%(metal)s: points")


def lines(said: Definition) -> tuple[Line, ...]:
    """Everything that it says."""
    return tuple(_lines(said))


def goal(said: Definition, level: int) -> Sentence:
    """What a level asks for."""
    if said.criterion.kind == GIVEN:
        return Sentence(BY_CHALLENGE)
    found = described(said.criterion, said.levels[level - 1])
    return found.measure.goal(found.settings)


def _lines(said: Definition) -> Iterator[Line]:
    yield from told.named(said.name, said.about)
    yield told.icon(said.icon)
    yield Line("group", _l("Group"), Sentence(GROUPS[said.group]))
    if said.criterion.kind == GIVEN:
        yield Line("criterion", _l("For what"), Sentence(BY_CHALLENGE))
        yield Line("levels", _l("Levels"), as_it_is(len(said.levels)))
    else:
        found = described(said.criterion, said.levels[0])
        yield Line("criterion", _l("For what"), Sentence(found.measure.title))
        yield from told.settings(found.settings)
        for place in range(len(said.levels)):
            yield Line(f"levels.{place}", METALS[place + 1], goal(said, place + 1))
    for place, points in enumerate(said.points):
        if points:
            words = Sentence(_BRINGS, {"metal": Sentence(METALS[place + 1])})
            yield Line(f"points.{place}", words, as_it_is(points))
    if any(said.points):
        yield Line("expiry", _l("They lapse"), lapse(said.expiry))
    yield Line("hidden", _l("Hidden until somebody has it"), YES if said.hidden else NO)
    yield Line("temporary", _l("Falls away when it is no longer true"), YES if said.temporary else NO)
    yield Line("from_start", _l("Counts what members did before"), YES if said.from_start else NO)
