"""One challenge in full, as a member reads it: its steps, what counted and why other things did not, who takes part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.gamification.activities import BY_CODE
from app.gamification.challenges import shown
from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.challenges.enrolment import is_joined_by_hand
from app.gamification.challenges.entry import Entries, Entry, EntryState
from app.gamification.challenges.evidence import looked_at
from app.gamification.challenges.judged import Judged, Story
from app.gamification.challenges.law import Law, law_of
from app.gamification.challenges.reads import entries_of, is_offered, present
from app.gamification.challenges.shown import PAST, Card, Meter, Seat, Stage
from app.gamification.challenges.strip import Window, window_of
from app.gamification.challenges.together import Together, taken, together
from app.gamification.errors.challenges import ChallengeNotFound
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.law import standing_of
from app.gamification.ledger.words.titles import as_it_is, title
from app.gamification.measures.kinds.lessons_passed import LessonsPassed
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_day, from_micros, instant_of, to_micros
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_at

PAGE = 20  # activities that are shown at once
MOST_BEADS = 10


class StepShown(NamedTuple):
    """One step: `locked` until those it waits for are done, `ahead` before the member takes part."""

    number: int
    state: Literal["done", "open", "locked", "ahead"]
    icon: str
    title: Sentence
    text: Sentence
    meter: Meter
    beads: bool  # few enough to be drawn one by one
    done_on: date | None
    opens: Sentence | None
    is_next: bool


class Row(NamedTuple):
    """One activity, and whether it counted."""

    seq: int
    sort: str
    title: Sentence
    at: datetime
    counted: bool
    why: Sentence


class Activities(NamedTuple):
    """Whatever was done last comes first; `older` is the seq behind which the next page begins.

    `apart`: there were more than are looked through. `credited`: how many things count besides that had been done
    before joining, and can be done only once.
    """

    rows: tuple[Row, ...]
    older: int | None
    apart: bool
    credited: int
    is_later: bool  # a page of its own below the newest


class Former(NamedTuple):
    """Another run of the member's that is over."""

    run: int
    stage: Stage
    at: datetime | None
    points: int


@dataclass(frozen=True, slots=True)
class ChallengePage:
    """Everything the page of one challenge says."""

    card: Card
    about: Sentence | None
    law: Law | None
    steps: tuple[StepShown, ...]
    activities: Activities | None
    window: Window | None
    together: Together
    former: tuple[Former, ...]
    completed_at: datetime | None
    kinds: frozenset[str]  # activities that the next step looks at
    needs_own: bool  # it asks for the member's own limit or plan
    lesson: str | None  # the next lesson that it names, by key
    can_leave: bool
    joins_again: bool

    @property
    def next_step(self) -> StepShown | None:
        """What the member can do now."""
        return next((step for step in self.steps if step.is_next), None)

    @property
    def done(self) -> int:
        return sum(step.state == "done" for step in self.steps)


def challenge_page(
    me: SignedIn, challenge_id: int, now: datetime, *, run: int | None = None, before: int | None = None
) -> ChallengePage:
    """The page; `run` names one of the member's, `before` says where older activities begin. Raises ChallengeNotFound.

    Two statements, and what is kept for a moment; one more where the member's own limit or plan is asked for, and one
    for their rest days where days are drawn.
    """
    at, mine, standing = to_micros(now), entries_of(me, challenge_id), standing_of(me)
    challenge, entry = _which(me, challenge_id, mine, run, at)
    zone = ZoneInfo(mine.zone)
    occupied = taken(challenge, zone, at)
    place = shown.seat(challenge, entry, mine, standing, occupied, at)
    story, apart = looked_at(me, entry, at) if entry is not None else (None, False)
    number = entry.run if entry is not None else place.run.number if place.run is not None else 0
    steps = _steps(challenge, place, story, at)
    return ChallengePage(
        card=shown.card(challenge, place, standing, occupied, at, me.zone),
        about=as_it_is(challenge.definition.about) if challenge.definition.about else None,
        law=law_of(challenge, standing),
        steps=steps,
        activities=None if story is None or entry is None else _activities(story, entry, before, apart=apart),
        window=window_of(me, challenge, place, story, zone, at),
        together=together(challenge, number, zone, at),
        former=tuple(_former(other, at) for other in mine.every if other is not entry and _is_former(other, at)),
        completed_at=instant_of(entry.completed_at if entry is not None else None),
        kinds=frozenset().union(*(challenge.steps[step.number - 1].listens for step in steps if step.is_next)),
        needs_own=any(challenge.steps[step.number - 1].measure.needs_own for step in steps if step.is_next),
        lesson=_lesson(challenge, place, steps),
        can_leave=entry is not None and entry.state == EntryState.JOINED and place.stage != Stage.EXPIRED,
        joins_again=place.stage in PAST and _is_joinable(me, challenge_id, mine, at),
    )


def _which(
    me: SignedIn, challenge_id: int, mine: Entries, run: int | None, at: int
) -> tuple[CompiledChallenge, Entry | None]:
    """What the page is about: an entry, on the revision it was joined on, else what is offered now."""
    offered = compiled().play.by_challenge.get(challenge_id)
    entry = present(mine.every, offered, mine, at)
    if run is not None:
        entry = mine.of(challenge_id, run)
        if entry is None or entry.state == EntryState.LEFT:
            raise ChallengeNotFound()
    if entry is not None:
        return entry.challenge, entry
    if offered is None or not is_offered(offered, me):
        raise ChallengeNotFound()
    return offered, None


def _is_joinable(me: SignedIn, challenge_id: int, mine: Entries, at: int) -> bool:
    offered = compiled().play.by_challenge.get(challenge_id)
    return (
        offered is not None
        and is_offered(offered, me)
        and is_joined_by_hand(offered, mine)
        and shown.can_join(offered, mine, at)
    )


def _steps(challenge: CompiledChallenge, place: Seat, story: Story | None, now: int) -> tuple[StepShown, ...]:
    found, is_on, next_named = [], place.stage in (Stage.RUNNING, Stage.CLOSING), False
    for number, step in enumerate(challenge.steps, start=1):
        state = _state_of(challenge, place, number - 1)
        is_next = is_on and state == "open" and not next_named
        next_named = next_named or is_next
        progress, done_at = place.progress[number - 1], story.done_at[number - 1] if story is not None else None
        measured = shown.step_meter(step, progress, now)
        whole = step.measure.scale == 0 and 1 < measured.target <= MOST_BEADS
        found.append(
            StepShown(
                number,
                state,
                step.measure.icon,
                shown.step_title(step),
                shown.step_goal(step),
                measured,
                is_next and whole,
                _date(done_at, place) if state == "done" else None,
                _opens(step.after) if state == "locked" else None,
                is_next,
            )
        )
    return tuple(found)


def _lesson(challenge: CompiledChallenge, place: Seat, steps: Iterable[StepShown]) -> str | None:
    """The first lesson of ours that the next step names and the member has not passed."""
    for number in (step.number - 1 for step in steps if step.is_next):
        settings, progress = challenge.steps[number].settings, place.progress[number]
        named = settings.only if isinstance(settings, LessonsPassed.Settings) else ()
        ours = {lesson.key for lesson in compiled().play.live_lessons} - progress.keys.keys() - set(progress.credit)
        return next((key for key in named if key in ours), None)
    return None


def _state_of(challenge: CompiledChallenge, place: Seat, number: int) -> Literal["done", "open", "locked", "ahead"]:
    if place.entry is not None and challenge.is_done(number, place.progress):
        return "done"
    if not challenge.is_open(number, place.progress):
        return "locked"
    return "open" if place.entry is not None else "ahead"


def _opens(after: tuple[int, ...]) -> Sentence:
    """“Opens after step 3”."""
    numbers = [number + 1 for number in sorted(after)]
    if len(numbers) == 1:
        return Sentence(_l("Opens after step %(step)s"), {"step": numbers[0]})
    values = {"first": numbers[0], "last": numbers[-1]}
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 2:
        return Sentence(_l("Opens after steps %(first)s to %(last)s"), values)
    if len(numbers) == 2:
        return Sentence(_l("Opens after steps %(first)s and %(last)s"), values)
    return Sentence(_l("Opens after steps %(steps)s"), {"steps": ", ".join(map(str, numbers))})


def _activities(story: Story, entry: Entry, before: int | None, *, apart: bool) -> Activities:
    # By when it was done, not by when we heard of it: a history that is brought in later stands where it belongs.
    newest = sorted(story.judged, key=lambda one: (one.report.occurred_at, one.report.seq), reverse=True)
    newest = newest[next((place for place, one in enumerate(newest, 1) if one.report.seq == before), 0) :]
    rows = tuple(_row(one) for one in newest[:PAGE])
    credited = sum(len(one.credit) for one in entry.progress)
    return Activities(rows, rows[-1].seq if len(newest) > PAGE else None, apart, credited, before is not None)


def _row(one: Judged) -> Row:
    said = one.report
    at = from_micros(said.occurred_at)
    return Row(said.seq, BY_CODE[said.kind].key, title(said.kind, said.facts), at, one.counted, one.why)


def _is_former(entry: Entry, at: int) -> bool:
    if entry.state == EntryState.JOINED:
        return entry.closes_at is not None and entry.closes_at <= at
    return entry.state in (EntryState.CLAIMED, EntryState.EXPIRED, EntryState.WITHDRAWN)


def _former(entry: Entry, at: int) -> Former:
    stage = {EntryState.CLAIMED: Stage.CLAIMED, EntryState.WITHDRAWN: Stage.WITHDRAWN}.get(entry.state, Stage.EXPIRED)
    return Former(entry.run, stage, instant_of(entry.claimed_at or entry.ended_at or entry.ends_at), entry.points)


def _date(at: int | None, place: Seat) -> date | None:
    return None if at is None or place.entry is None else from_day(day_at(at, place.entry.zone))
