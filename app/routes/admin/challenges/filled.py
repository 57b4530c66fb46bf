"""The form of a challenge: what stands in it, whoever filled it in, and what its buttons do to it, unsaved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.gamification.accrual.definition import LONGEST_NAME
from app.gamification.challenges.definition import LONGEST_ABOUT, MOST_STEPS, Step, read_definition
from app.gamification.measures.measure import Measure, load, measures
from app.lib.i18n import LANGUAGES
from app.routes.admin.catalogue import typed
from app.routes.admin.catalogue.typed import Counting, Lapsing, Posted, Whom
from app.routes.admin.fields import typed as meant


@dataclass
class StepFilled:
    """One step: a kind with its settings, words of its own, and the places of the steps it waits for."""

    counting: Counting
    name: dict[str, str] = field(default_factory=lambda: dict.fromkeys(LANGUAGES, ""))
    after: set[int] = field(default_factory=set)


@dataclass
class Filled:
    """Everything as it was typed."""

    name: dict[str, str]
    about: dict[str, str]
    icon: str
    steps: list[StepFilled]
    window: str = "open"
    first: str = ""
    last: str = ""
    days: str = ""
    recurrence: str = "none"
    places: str = ""
    whom: Whom = field(default_factory=Whom)
    points: str = ""
    qualifying: bool = False
    expiry: Lapsing = field(default_factory=Lapsing)
    badge: str = ""
    badge_level: str = "1"
    keep_days: str = ""
    claim: bool = True
    automatic: bool = False

    @property
    def is_quest(self) -> bool:
        return len(self.steps) > 1


def kinds() -> dict[str, type[Measure]]:
    """What a step can be."""
    load()
    return {one.key: one for one in measures.all()}


def of_definition(plain: Mapping[str, Any]) -> Filled:
    """The form that says what is stored."""
    said = read_definition(plain)
    window, reward = said.window, said.reward
    return Filled(
        name={code: said.name.get(code, "") for code in LANGUAGES},
        about={code: said.about.get(code, "") for code in LANGUAGES},
        icon=said.icon,
        steps=[_step(step) for step in said.steps],
        window=window.kind,
        first=window.first.isoformat() if window.first else "",
        last=window.last.isoformat() if window.last else "",
        days=_figure(window.days),
        recurrence=said.recurrence,
        places=_figure(said.places),
        whom=typed.whom_of(said.audience),
        points=_figure(reward.points),
        qualifying=reward.qualifying,
        expiry=typed.lapsing_of(reward.expiry),
        badge=reward.badge,
        badge_level=str(reward.badge_level),
        keep_days=_figure(reward.keep_days),
        claim=said.claim,
        automatic=said.automatic,
    )


def of_posted(posted: Posted) -> Filled:
    """The form as it was sent."""
    offered = kinds()
    count = next((place for place in range(MOST_STEPS + 1) if f"steps.{place}.kind" not in posted), MOST_STEPS)
    figures = ("window.first", "window.last", "window.days", "places", "reward.points", "reward.keep_days")
    written = {name: meant(posted.get(name, "")) for name in figures}
    return Filled(
        name=typed.texts(posted, "name", LONGEST_NAME),
        about=typed.texts(posted, "about", LONGEST_ABOUT),
        icon=posted.get("icon", ""),
        steps=[_posted_step(posted, place, offered) for place in range(count)],
        window=posted.get("window.kind", ""),
        first=written["window.first"],
        last=written["window.last"],
        days=written["window.days"],
        recurrence=posted.get("recurrence", ""),
        places=written["places"],
        whom=typed.whom(posted),
        points=written["reward.points"],
        qualifying="reward.qualifying" in posted,
        expiry=typed.lapsing(posted, "reward.expiry"),
        badge=posted.get("reward.badge", ""),
        badge_level=posted.get("reward.badge_level", ""),
        keep_days=written["reward.keep_days"],
        claim="claim" in posted,
        automatic="automatic" in posted,
    )


def press(filled: Filled, button: str) -> None:
    """Do what a button says: "add.step", "up.step.2", "remove.country.CY" … What makes no sense does nothing."""
    verb, _, rest = button.partition(".")
    what, _, which = rest.partition(".")
    if verb == "remove" and what == "country":
        filled.whom.countries = [code for code in filled.whom.countries if code != which]
    elif verb == "add" and what == "step" and len(filled.steps) < MOST_STEPS:
        filled.steps.append(_new_step(filled))
    elif what == "step" and which.isdecimal() and len(which) < 3 and int(which) < len(filled.steps):
        place = int(which)
        if verb == "remove" and filled.is_quest:
            _reorder(filled, [one for one in range(len(filled.steps)) if one != place])
        elif verb == "up" and place:
            _swap(filled, place - 1)
        elif verb == "down" and place + 1 < len(filled.steps):
            _swap(filled, place)
    for step in filled.steps:
        # Seen by whoever pressed a button: the form is drawn anew with it.
        step.counting.is_unseen = False


def _swap(filled: Filled, place: int) -> None:
    order = list(range(len(filled.steps)))
    order[place], order[place + 1] = order[place + 1], order[place]
    _reorder(filled, order)


def _reorder(filled: Filled, order: list[int]) -> None:
    """Put the steps in another order; each goes on waiting for the same steps, as far as they still stand before it."""
    now = {before: after for after, before in enumerate(order)}
    filled.steps = [filled.steps[place] for place in order]
    for place, step in enumerate(filled.steps):
        step.after = {now[one] for one in step.after if one in now and now[one] < place}


def _new_step(filled: Filled) -> StepFilled:
    """A step of a kind that is not there yet, which opens after the last one."""
    offered, used = kinds(), {step.counting.kind for step in filled.steps}
    kind = next((key for key in offered if key not in used), next(iter(offered)))
    after = {len(filled.steps) - 1} if filled.steps else set()
    return StepFilled(Counting(kind, typed.beginning(offered[kind])), after=after)


def _step(step: Step) -> StepFilled:
    counting = Counting(step.kind, typed.beginning(measures.get(step.kind), step.settings))
    return StepFilled(counting, {code: step.name.get(code, "") for code in LANGUAGES}, set(step.after))


def _posted_step(posted: Posted, place: int, offered: Mapping[str, type[Measure]]) -> StepFilled:
    at = f"steps.{place}"
    after = {int(one) for one in posted.getlist(f"{at}.after") if one.isdecimal() and len(one) < 3}
    return StepFilled(typed.counting(posted, at, offered), typed.texts(posted, f"{at}.name", LONGEST_NAME), after)


def _figure(number: int | None) -> str:
    return str(number) if number else ""
