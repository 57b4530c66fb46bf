"""For whom a rule is, and on which days it runs, in words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.gamification.accrual.definition import Audience
from app.gamification.accrual.telling.parts import Part, either, together
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.terms import listed
from app.gamification.members.classes import TITLES
from app.lib.countries import Country
from app.lib.i18n import Sentence, _l
from app.models.people import ClientClass


@dataclass(frozen=True)
class Run:
    """The days that a revision is in force, the last one included; None: at once, for good."""

    first: date | None = None
    last: date | None = None


ALWAYS = Run()


def audience(whom: Audience) -> Sentence | None:
    """Whom the rule is for; None where it is for everyone."""
    clauses: list[Sentence] = []
    if whom.levels:
        clauses.append(Sentence(_l("stand on %(levels)s"), {"levels": levels(whom)}))
    if whom.countries:
        clauses.append(Sentence(_l("live in %(countries)s"), {"countries": countries(whom)}))
    if whom.classes:
        clauses.append(Sentence(_l("have the client category “%(classes)s”"), {"classes": classes(whom)}))
    return Sentence(_l("It is only for members who %(do)s."), {"do": together(clauses)}) if clauses else None


def whom_briefly(whom: Audience) -> Sentence | None:
    """The same as a few words: “Gold or Platinum; Cyprus”."""
    parts = [
        part(whom)
        for part, given in ((levels, whom.levels), (countries, whom.countries), (classes, whom.classes))
        if given
    ]
    return listed(parts) if parts else None


def levels(whom: Audience) -> Part:
    """“Gold or Platinum”."""
    return _as_part(either([_level(key) for key in whom.levels]), "audience.levels")


def countries(whom: Audience) -> Part:
    """“Cyprus or Greece”."""
    return _as_part(either([Country(code) for code in whom.countries]), "audience.countries")


def classes(whom: Audience) -> Part:
    """“Professional client”."""
    return _as_part(either([Sentence(TITLES[ClientClass(one)]) for one in whom.classes]), "audience.classes")


def runs(run: Run) -> Sentence | None:
    """From when to when; None where it begins at once and for good."""
    first, last = (
        day and Part("%(day)s", {"day": day}, key) for day, key in ((run.first, "starts"), (run.last, "ends"))
    )
    if first and last:
        return Sentence(_l("It runs from %(first)s through %(last)s."), {"first": first, "last": last})
    if first:
        return Sentence(_l("It runs from %(first)s."), {"first": first})
    return Sentence(_l("It runs through %(last)s."), {"last": last}) if last else None


def _level(key: str) -> Any:
    ladder = compiled().ladder
    return next((level.name for level in (*ladder.levels, *ladder.former.values()) if level.key == key), key)


def _as_part(said: Sentence, key: str) -> Part:
    return Part(said.msgid, said.values, key)
