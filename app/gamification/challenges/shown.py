"""A challenge as a member sees it: where they stand with it, how far they are, what it brings, how long it runs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.challenges.compiled import CompiledChallenge, CompiledStep
from app.gamification.challenges.enrolment import is_joined_by_hand, next_run
from app.gamification.challenges.entry import Entries, Entry, EntryState
from app.gamification.challenges.window import Run
from app.gamification.errors.challenges import ChallengeNotOpen, JoinedAlready
from app.gamification.ledger.words.law import NOT_FOR_YOUR_CATEGORY
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.measures.measure import Progress
from app.gamification.playable import badge_by_key, level_of
from app.gamification.policy.packs import Standing, Verdict
from app.lib.clock import from_day, instant_of
from app.lib.i18n import Sentence, _l, _n
from app.lib.periods import day_at


class Stage(StrEnum):
    """Where a member stands with a challenge."""

    CLAIM = "claim"  # done, the reward waits
    RUNNING = "running"
    CLOSING = "closing"  # over, but what occurred in time may still be reported
    OPEN = "open"
    ALONE = "alone"  # counts without joining, and nothing has counted yet
    SOON = "soon"
    FULL = "full"
    CLAIMED = "claimed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    OVER = "over"  # nobody can join any more
    BARRED = "barred"  # by the law


MINE = (Stage.CLAIM, Stage.RUNNING, Stage.CLOSING)
PAST = (Stage.CLAIMED, Stage.EXPIRED, Stage.WITHDRAWN)
_OF_STATE = {
    EntryState.CLAIMED: Stage.CLAIMED,
    EntryState.EXPIRED: Stage.EXPIRED,
    EntryState.WITHDRAWN: Stage.WITHDRAWN,
}


class Meter(NamedTuple):
    """How far: in the measure's own unit, or in steps of a quest, of which `step` is the one that is on."""

    label: str
    value: Decimal
    target: Decimal
    step: int | None = None

    @property
    def share(self) -> int:
        """In whole percent; 100 only when it is reached."""
        return int(100 * min(self.value, self.target) // self.target) if self.target else 100


@dataclass(frozen=True, slots=True)
class Prize:
    """One part of the reward; `given` is False where the law keeps it from the member, and the note says so."""

    kind: Literal["points", "badge", "level"]
    title: Sentence
    note: Sentence | None
    given: bool = True
    icon: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """One challenge in a list; `run` is that of the member's entry, None where they have none."""

    id: int
    run: int | None
    name: Sentence
    icon: str
    is_quest: bool
    stage: Stage
    goal: Sentence
    meter: Meter | None
    prizes: tuple[Prize, ...]
    window: Sentence | None
    places: int | None  # that are left, where they are few
    ends_at: int | None  # microseconds
    ended_at: datetime | None  # of one that is over

    @property
    def share(self) -> int:
        return self.meter.share if self.meter else 0

    @property
    def points(self) -> int:
        """What a claim brings in points."""
        return next(
            (prize.title.values["points"] for prize in self.prizes if prize.kind == "points" and prize.given), 0
        )


class Seat(NamedTuple):
    """What a challenge is to one member at a moment."""

    stage: Stage
    entry: Entry | None
    progress: list[Progress]
    run: Run | None  # that somebody who joins comes into


def seat(
    challenge: CompiledChallenge, entry: Entry | None, mine: Entries, standing: Standing, taken: int, now: int
) -> Seat:
    """Where a member stands: with the entry, or without one before the door. Pure."""
    barred = challenge.verdict(standing) == Verdict.FORBID
    if entry is not None:
        progress = settled(entry, now)
        return Seat(_stage_of(entry, progress, barred, now), entry, progress, None)
    nothing = challenge.start()
    if barred:
        return Seat(Stage.BARRED, None, nothing, None)
    try:
        run = next_run(challenge, mine, now)
    except (ChallengeNotOpen, JoinedAlready):
        ahead = challenge.run_at(now, ZoneInfo(mine.zone))
        soon = ahead is not None and ahead.starts_at is not None and now < ahead.starts_at
        return Seat(Stage.SOON if soon else Stage.OVER, None, nothing, ahead if soon else None)
    if not is_joined_by_hand(challenge, mine):
        return Seat(Stage.ALONE, None, nothing, run)
    full = challenge.definition.places is not None and taken >= challenge.definition.places
    return Seat(Stage.FULL if full else Stage.OPEN, None, nothing, run)


def name_of(challenge: CompiledChallenge) -> Sentence:
    """What it is called."""
    return as_it_is(challenge.definition.name)


def can_join(challenge: CompiledChallenge, mine: Entries, now: int) -> bool:
    """Whether a run is open to the member, places aside."""
    try:
        next_run(challenge, mine, now)
    except (ChallengeNotOpen, JoinedAlready):
        return False
    return True


def settled(entry: Entry, now: int) -> list[Progress]:
    """The progress with what time alone has done by now, whether or not it was written yet."""
    if entry.state != EntryState.JOINED:
        return entry.progress
    return entry.challenge.settle(entry.progress, entry.until(now))


def card(challenge: CompiledChallenge, place: Seat, standing: Standing, taken: int, now: int, zone: ZoneInfo) -> Card:
    """The seat as a card. Pure."""
    said, entry = challenge.definition, place.entry
    left = None if said.places is None or place.stage not in (Stage.OPEN, Stage.FULL) else max(0, said.places - taken)
    far = meter(challenge, place.progress, now) if entry else None
    if far is not None and place.stage not in MINE:
        far = far._replace(step=None)  # of what is over, only how far it came
    return Card(
        challenge.challenge_id,
        entry.run if entry else None,
        name_of(challenge),
        said.icon,
        said.is_quest,
        place.stage,
        goal(challenge, place.progress if entry else None),
        far,
        prizes(challenge, standing),
        window(challenge, place, now, zone),
        left,
        entry.ends_at if entry else None,
        _ended(entry) if entry and place.stage in PAST else None,
    )


def goal(challenge: CompiledChallenge, progress: list[Progress] | None) -> Sentence:
    """What to do; of a quest the step that is on, once it was begun."""
    if not challenge.definition.is_quest:
        return step_goal(challenge.steps[0])
    on = step_on(challenge, progress) if progress is not None else None
    if on is not None:
        return step_title(challenge.steps[on])
    steps = len(challenge.steps)
    return Sentence(_n("%(steps)s step", "%(steps)s steps", "steps"), {"steps": steps})


def step_on(challenge: CompiledChallenge, progress: list[Progress]) -> int | None:
    """The place of the first step that is open and not done; None once all are."""
    return next((place for place in range(len(challenge.steps)) if challenge.is_open(place, progress)), None)


def step_title(step: CompiledStep) -> Sentence:
    """What a step is called: its own name, else what it counts."""
    return as_it_is(step.said.name) if step.said.name else Sentence(step.measure.title)


def step_goal(step: CompiledStep) -> Sentence:
    """What a step asks for."""
    return step.measure.goal(step.settings)


def meter(challenge: CompiledChallenge, progress: list[Progress], now: int) -> Meter:
    """How far a challenge is; a quest by its steps."""
    if challenge.definition.is_quest:
        done = sum(challenge.is_done(place, progress) for place in range(len(challenge.steps)))
        on = step_on(challenge, progress)
        return Meter(_l("steps"), Decimal(done), Decimal(len(challenge.steps)), None if on is None else on + 1)
    return step_meter(challenge.steps[0], progress[0], now)


def step_meter(step: CompiledStep, progress: Progress, now: int) -> Meter:
    """How far one step is, in its measure's unit."""
    value = min(step.measure.value_at(progress, step.settings, now), step.target)
    scale = -step.measure.scale
    return Meter(step.measure.unit, Decimal(max(0, value)).scaleb(scale), Decimal(step.target).scaleb(scale))


def prizes(challenge: CompiledChallenge, standing: Standing) -> tuple[Prize, ...]:
    """What completing it brings this member: recognition first, then what the law may withhold."""
    reward, verdict = challenge.definition.reward, challenge.verdict(standing)
    given, found = verdict < Verdict.RECOGNITION, []
    badge = badge_by_key(reward.badge) if reward.badge else None
    if badge is not None:
        name = Sentence(_l("%(name)s badge"), {"name": badge.definition.name})
        level, open_ = level_of(badge, reward.badge_level), verdict < Verdict.FORBID
        note = level if open_ else Sentence(NOT_FOR_YOUR_CATEGORY)
        found.append(Prize("badge", name, note, open_, badge.definition.icon, reward.badge_level))
    if reward.points:
        words = _n("%(points)s point", "%(points)s points", "points")
        note = _note_of_points(verdict, qualifying=reward.qualifying)
        found.append(Prize("points", Sentence(words, {"points": reward.points}), note, given))
    if reward.keep_days:
        words = _n("Your level kept %(days)s day longer", "Your level kept %(days)s days longer", "days")
        note = None if given else Sentence(NOT_FOR_YOUR_CATEGORY)
        found.append(Prize("level", Sentence(words, {"days": reward.keep_days}), note, given))
    return tuple(found)


def window(challenge: CompiledChallenge, place: Seat, now: int, zone: ZoneInfo) -> Sentence | None:
    """How long there is, in the zone that the days go by."""
    said, entry, run = challenge.definition.window, place.entry, place.run
    if entry is not None and entry.shuts_at is not None and entry.reopens(now) and place.stage in PAST:
        # The last day on which a report comes in time.
        return Sentence(_l("Late reports count until %(day)s"), {"day": from_day(day_at(entry.shuts_at - 1, zone))})
    if place.stage in (*PAST, Stage.CLAIM, Stage.OVER):
        return None
    if place.stage == Stage.CLOSING:
        return Sentence(_l("Ended; late reports still count"))
    if place.stage == Stage.SOON and run is not None and run.starts_at is not None:
        return Sentence(_l("Opens on %(day)s"), {"day": from_day(day_at(run.starts_at, zone))})
    if entry is None and said.kind == "personal":
        return Sentence(_n("%(days)s day from joining", "%(days)s days from joining", "days"), {"days": said.days})
    ends_at, days_of = (entry.ends_at, entry.zone) if entry is not None else (run.ends_at if run else None, zone)
    if ends_at is None:
        return Sentence(_l("No time limit")) if said.kind == "open" else None
    left = day_at(ends_at - 1, days_of) - day_at(now, days_of)
    if left <= 0:
        return Sentence(_l("Ends today"))
    return Sentence(_n("%(days)s day left", "%(days)s days left", "days"), {"days": left})


def _note_of_points(verdict: Verdict, *, qualifying: bool) -> Sentence:
    if verdict >= Verdict.RECOGNITION:
        return Sentence(NOT_FOR_YOUR_CATEGORY)
    if verdict == Verdict.SERVICE_ONLY:
        return Sentence(_l("They buy recognition and service"))
    return Sentence(_l("To spend, and towards your level")) if qualifying else Sentence(_l("To spend as you like"))


def _stage_of(entry: Entry, progress: list[Progress], barred: bool, now: int) -> Stage:
    if entry.state == EntryState.COMPLETED:
        return Stage.BARRED if barred else Stage.CLAIM
    if entry.state != EntryState.JOINED:
        return _OF_STATE.get(entry.state, Stage.OVER)
    if barred:
        return Stage.BARRED
    if entry.challenge.all_done(progress) and entry.challenge.definition.claim and progress != entry.progress:
        # Time alone has completed it, and claiming writes that down first.
        return Stage.CLAIM
    if entry.ends_at is not None and entry.ends_at <= now:
        return Stage.CLOSING if entry.closes_at is not None and now < entry.closes_at else Stage.EXPIRED
    return Stage.RUNNING


def _ended(entry: Entry) -> datetime | None:
    return instant_of(entry.claimed_at or entry.ended_at or entry.ends_at)
