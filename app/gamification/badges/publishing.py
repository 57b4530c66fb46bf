"""Badges as staff change them: what a proposal is checked for, what approving it does, and how it is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification import programme
from app.gamification.approvals import checklist
from app.gamification.approvals.registry import Change
from app.gamification.badges.compiled import facts_of
from app.gamification.badges.definition import GIVEN, gauge_keys, read_definition
from app.gamification.badges.gauge import gauges, load_gauges
from app.gamification.badges.readiness import advised, needed
from app.gamification.badges.told import lines
from app.gamification.catalogue import BADGES, readiness, told
from app.gamification.catalogue.publication import Publication
from app.gamification.challenges.definition import plain_settings
from app.gamification.errors.catalogue import UnknownThingKind
from app.gamification.measures.measure import Measure, load, measures
from app.gamification.policy.reach import Said
from app.lib.i18n import Sentence

Plain = Mapping[str, Any]


def criteria() -> dict[str, type[Measure]]:
    """What a badge can count: measures in which neither order nor time matters, and gauges."""
    load()
    load_gauges()
    return {one.key: one for one in (*(one for one in measures.all() if one.for_badges), *gauges.all())}


def starting(name: str, kind: str) -> dict[str, Any]:
    """The definition that a new badge of a kind starts from. Raises UnknownThingKind."""
    plain: dict[str, Any] = {"name": {"en": name}, "criterion": {"kind": kind}, "levels": ["1"]}
    if kind == GIVEN:
        return plain
    measure = criteria().get(kind)
    if measure is None:
        raise UnknownThingKind()
    settings = plain_settings(measure.Settings())
    target = settings.pop("target")
    group = "discipline" if kind in gauge_keys() else _group(measure)
    criterion = {"kind": kind, "settings": settings}
    return plain | {"icon": measure.icon, "group": group, "criterion": criterion, "levels": [str(target)]}


def require(plain: Plain, now: datetime) -> None:
    """Raise NotReady for the first thing that must be done before it can be offered."""
    checklist.require(needed(read_definition(plain), programme.current()))


PUBLICATION = Publication(BADGES, require)


def changes(before: Plain | None, after: Plain) -> tuple[Change, ...]:
    """What one revision says differently from another, in words."""
    return told.changes(lines(read_definition(before)) if before is not None else (), lines(read_definition(after)))


def law(plain: Plain) -> tuple[Said, ...]:
    """What every law pack says to it; nothing of one that is judged with the challenge that gives it."""
    current = programme.current()
    return readiness.law(current, facts_of(read_definition(plain), current.pays_for))


def warnings(plain: Plain, key: str) -> tuple[Sentence, ...]:
    """What the second person should know beside the change."""
    return readiness.warnings(advised(read_definition(plain), key, programme.current()))


def _group(measure: type[Measure]) -> str:
    """The group that one expects: lessons are learning, trades are trading, everything else is discipline."""
    nouns = {kind.partition(".")[0] for kind in measure.listens_to}
    return "learning" if nouns == {"lesson"} else "trading" if nouns == {"trade"} else "discipline"
