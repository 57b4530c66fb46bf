"""A challenge in words, line by line, as staff read it and a second person approves it."""

from collections.abc import Iterator

from app.gamification.accrual.telling.parts import both
from app.gamification.accrual.telling.sentence import lapse, towards_tiers
from app.gamification.badges.definition import METALS
from app.gamification.catalogue import told
from app.gamification.catalogue.told import NO, YES, Line
from app.gamification.challenges.definition import Definition, Reward, Step, Window, described
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.programme import Programme
from app.lib.i18n import Sentence, _l, _n

RECURRENCES = {
    "none": _l("Once"),
    "end": _l("Again each time it ends"),
    "completion": _l("Again each time it is completed"),
}
_DAYS = _n("%(days)s day from joining on", "%(days)s days from joining on", "days")
_KEPT = _n(
    "The level they stand on is kept for %(days)s day more",
    "The level they stand on is kept for %(days)s days more",
    "days",
)
_STEP = _l("Step %(number)s")
_OF_STEP = _l("%(step)s: %(setting)s")


def lines(said: Definition, current: Programme) -> tuple[Line, ...]:
    """Everything that it says."""
    return tuple(_lines(said, current))


def goal(step: Step) -> Sentence:
    """What a step asks for: its own words, else the measure's."""
    if step.name:
        return as_it_is(step.name)
    found = described(step)
    return found.measure.goal(found.settings)


def runs(window: Window) -> Sentence:
    """When it runs, briefly."""
    if window.kind == "fixed":
        return Sentence(_l("%(first)s to %(last)s"), {"first": window.first, "last": window.last})
    return Sentence(_DAYS, {"days": window.days}) if window.kind == "personal" else Sentence(_l("Open, without an end"))


def rewarded(reward: Reward, current: Programme) -> Sentence:
    """What completing it brings, briefly."""
    parts: list[Sentence] = []
    if reward.points:
        parts.append(Sentence(_n("%(points)s point", "%(points)s points", "points"), {"points": reward.points}))
    if reward.badge:
        parts.append(Sentence(_l("the badge %(badge)s"), {"badge": badge(reward, current)}))
    if reward.keep_days:
        parts.append(Sentence(_n("%(days)s day of the level", "%(days)s days of the level", "days"), _days(reward)))
    return both(parts) if parts else Sentence(_l("Nothing but having done it"))


def badge(reward: Reward, current: Programme) -> Sentence:
    """“Process, bronze”."""
    known = current.play.badges_by_key.get(reward.badge)
    metal = Sentence(METALS[reward.badge_level])
    return Sentence(
        _l("“%(badge)s”, %(metal)s"), {"badge": known.definition.name if known else reward.badge, "metal": metal}
    )


def _lines(said: Definition, current: Programme) -> Iterator[Line]:
    yield from told.named(said.name, said.about)
    yield told.icon(said.icon)
    for place, step in enumerate(said.steps):
        yield from _step(place, step, alone=not said.is_quest)
    yield Line("window", _l("Window"), runs(said.window))
    yield Line("recurrence", _l("How often"), Sentence(RECURRENCES[said.recurrence]))
    yield Line("places", _l("Places"), as_it_is(said.places) if said.places else Sentence(_l("No limit")))
    yield from told.audience(said.audience)
    yield Line("automatic", _l("Everybody takes part without joining"), YES if said.automatic else NO)
    yield from _reward(said.reward, current)
    yield Line("claim", _l("The reward waits until it is claimed"), YES if said.claim else NO)


def _step(place: int, step: Step, *, alone: bool) -> Iterator[Line]:
    found, key = described(step), f"steps.{place}"
    label: str | Sentence = _l("What to do") if alone else Sentence(_STEP, {"number": place + 1})
    yield Line(key, label, found.measure.goal(found.settings))
    if step.name:
        words = Sentence(_OF_STEP, {"step": _said(label), "setting": Sentence(_l("in words of your own"))})
        yield Line(f"{key}.name", words, as_it_is(step.name))
    for line in told.settings(found.settings):
        words = Sentence(_OF_STEP, {"step": _said(label), "setting": _said(line.label)})
        yield Line(f"{key}.{line.key}", words, line.value)
    if step.after:
        words = Sentence(_OF_STEP, {"step": _said(label), "setting": Sentence(_l("opens after"))})
        befores = [Sentence(_STEP, {"number": before + 1}) for before in step.after]
        yield Line(f"{key}.after", words, both(befores))


def _reward(reward: Reward, current: Programme) -> Iterator[Line]:
    if reward.points:
        yield Line("reward.points", _l("Points"), as_it_is(reward.points))
        yield Line("reward.qualifying", _l("Those points"), towards_tiers(reward.qualifying))
        yield Line("reward.expiry", _l("They lapse"), lapse(reward.expiry))
    if reward.badge:
        yield Line("reward.badge", _l("Badge"), badge(reward, current))
    if reward.keep_days:
        yield Line("reward.keep_days", _l("Level"), Sentence(_KEPT, _days(reward)))


def _days(reward: Reward) -> dict[str, int]:
    return {"days": reward.keep_days}


def _said(label: str | Sentence) -> Sentence:
    return label if isinstance(label, Sentence) else Sentence(label)
