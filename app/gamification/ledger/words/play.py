"""Points by challenges and badges in words: which one it was, what completed it, and why it was taken back."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.gamification.badges.step import badge_of
from app.gamification.badges.step import part_of as badge_part
from app.gamification.challenges.rewards import entry_of
from app.gamification.challenges.rewards import part_of as challenge_part
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.outlook import date_of
from app.gamification.ledger.words.law import SERVICE_ONLY
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.playable import badge_by_id, challenge_of, level_of, newest_challenge
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.models.ledger import Cause

# How a statement finds the challenge, its run and the badge in the part of a reference.
PER_CHALLENGE, PER_RUN = challenge_part(1, 0, 0, 0), challenge_part(0, 1, 0, 0)
PER_BADGE = badge_part(1, 0, 0)
PLAYED = (int(Cause.CHALLENGE), int(Cause.BADGE))


def title_of(cause: int, part: int) -> Sentence:
    """A line of one: “Challenge completed: Three first lessons”."""
    if cause == Cause.CHALLENGE:
        return Sentence(_l("Challenge completed: %(challenge)s"), {"challenge": _challenge(part)})
    badge, level = _badge(part)
    if level is None:
        return Sentence(_l("Badge: %(badge)s"), {"badge": badge})
    return Sentence(_l("Badge: %(badge)s, %(level)s"), {"badge": badge, "level": level})


def name_of(cause: int, part: int) -> Sentence:
    """What another line calls it: “Three first lessons”."""
    if cause == Cause.CHALLENGE:
        return as_it_is(_challenge(part))
    badge, level = _badge(part)
    if level is None:
        return as_it_is(badge)
    return Sentence(_l("%(name)s, %(level)s"), {"name": badge, "level": level})


def given(row: Any) -> Iterator[Sentence]:
    """Why these points came; `row` is one of evidence's lines."""
    yield from _by_challenge(row) if row.cause == Cause.CHALLENGE else _by_badge(row)
    if row.service_only:
        yield SERVICE_ONLY


def taken_back(cause: int, part: int, values: Mapping[str, Any]) -> Sentence:
    """Why they went again; `values` say when."""
    said = {**values, "name": name_of(cause, part)}
    if cause == Cause.CHALLENGE:
        words = _l(
            "Something that had counted for %(name)s was cancelled or corrected on %(moment)s. Without it the "
            "challenge is not completed, so what it had brought was taken back."
        )
    else:
        words = _l(
            "Something that had counted for the badge %(name)s was cancelled or corrected on %(moment)s. Without it "
            "the level is not reached, so what it had brought was taken back."
        )
    return Sentence(words, said)


def address_of(cause: int, part: int) -> tuple[str, dict[str, Any]]:
    """The page of what brought the points: its view and what the address needs."""
    if cause == Cause.CHALLENGE:
        challenge_id, run = entry_of(part)
        return "challenges.one", {"challenge_id": challenge_id, "run": run}
    return "badges.one", {"key": badge_by_id(badge_of(part)[0]).key}


def _by_challenge(row: Any) -> Iterator[Sentence]:
    values: dict[str, Any] = {"challenge": _challenge(row.part)}
    _, run = entry_of(row.part)
    if row.challenge_revision is None:
        yield Sentence(_l("You completed the challenge “%(challenge)s”."), values)
    else:
        revision = challenge_of(row.challenge_revision)
        values = {"challenge": revision.definition.name, "number": revision.number}
        if row.completed_at is not None:
            values["day"] = date_of(row.completed_at, compiled().zone)
            yield Sentence(_l("You completed the challenge “%(challenge)s”, revision %(number)s, on %(day)s."), values)
        else:
            yield Sentence(_l("You completed the challenge “%(challenge)s”, revision %(number)s."), values)
        if revision.definition.claim:
            yield Sentence(_l("You claimed its reward on %(moment)s."), {"moment": from_micros(row.recorded_at)})
    if run:
        yield Sentence(_l("It was your run number %(run)s."), {"run": run + 1})


def _by_badge(row: Any) -> Iterator[Sentence]:
    badge, level = _badge(row.part)
    values: dict[str, Any] = {"badge": badge, "level": level, "day": date_of(row.occurred_at, compiled().zone)}
    if level is None:
        yield Sentence(_l("You earned the badge “%(badge)s” on %(day)s."), values)
    else:
        yield Sentence(_l("You reached %(level)s of the badge “%(badge)s” on %(day)s."), values)
    yield Sentence(_l("Points by badges are for spending and move no level."))


def _challenge(part: int) -> Mapping[str, str]:
    """Its name by language, as it is today; nothing is ever deleted."""
    return newest_challenge(entry_of(part)[0]).definition.name


def _badge(part: int) -> tuple[Mapping[str, str], Sentence | None]:
    badge_id, level = badge_of(part)
    found = badge_by_id(badge_id)
    return found.definition.name, level_of(found, level)
