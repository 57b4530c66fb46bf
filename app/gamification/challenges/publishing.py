"""Challenges as staff change them: what a proposal is checked for, what approving it does, and how it is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification import programme
from app.gamification.approvals import checklist
from app.gamification.approvals.registry import Change
from app.gamification.catalogue import CHALLENGES, readiness, told
from app.gamification.catalogue.publication import Publication
from app.gamification.challenges.compiled import facts_of
from app.gamification.challenges.definition import plain_settings, read_definition
from app.gamification.challenges.readiness import advised, needed
from app.gamification.challenges.told import lines
from app.gamification.errors.catalogue import UnknownThingKind
from app.gamification.measures.measure import load, measures
from app.gamification.policy.reach import Said
from app.lib.i18n import Sentence
from app.lib.registry import UnknownKind

Plain = Mapping[str, Any]
QUEST = "quest"  # what staff choose for several steps; no kind of its own
FIRST_STEPS = ("lessons_passed", "journal_entries")  # of a new quest: open under every law, and easy to replace


def starting(name: str, kind: str) -> dict[str, Any]:
    """The definition that a new challenge of a kind starts from; of a quest with two steps. Raises UnknownThingKind."""
    load()
    kinds = FIRST_STEPS if kind == QUEST else (kind,)
    try:
        steps: list[dict[str, Any]] = [
            {"kind": one, "settings": plain_settings(measures.get(one).Settings())} for one in kinds
        ]
    except UnknownKind:
        raise UnknownThingKind() from None
    for before, step in enumerate(steps[1:]):
        step["after"] = [before]
    icon = "route" if kind == QUEST else measures.get(kind).icon
    return {"name": {"en": name}, "icon": icon, "steps": steps}


def require(plain: Plain, now: datetime) -> None:
    """Raise NotReady for the first thing that must be done before it can be offered."""
    checklist.require(needed(read_definition(plain), programme.current(), now))


PUBLICATION = Publication(CHALLENGES, require)


def changes(before: Plain | None, after: Plain) -> tuple[Change, ...]:
    """What one revision says differently from another, in words."""
    current = programme.current()
    return told.changes(
        lines(read_definition(before), current) if before is not None else (), lines(read_definition(after), current)
    )


def law(plain: Plain) -> tuple[Said, ...]:
    """What every law pack says to it."""
    said, current = read_definition(plain), programme.current()
    return readiness.law(current, facts_of(said, current.pays_for), said.audience)


def warnings(plain: Plain, now: datetime) -> tuple[Sentence, ...]:
    """What the second person should know beside the change."""
    return readiness.warnings(advised(read_definition(plain), programme.current(), now))
