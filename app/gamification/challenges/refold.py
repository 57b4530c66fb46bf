"""An entry counted again when something it counted is taken back: without it, and with what stands in its place. Pure.

Most measures only add up. Of those an activity is simply taken out again while the step is not done; where it is, or
where order or time matters, the entry is folded anew from its baseline. Both come to the same.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.gamification.challenges.entry import Entry, Past, place_of
from app.gamification.measures.measure import Missed, Progress, Seen, hears


class Refolded(NamedTuple):
    """What an entry comes to: `completed_at` is None while something is left to do, `changed_at` is when a report last
    moved it.
    """

    progress: list[Progress]
    completed_at: int | None
    changed_at: int | None


def refold(entry: Entry, past: Sequence[Past], until: int) -> Refolded:
    """The entry folded again from its baseline, as it stands at `until` (microseconds)."""
    entry.reached = None
    challenge = entry.challenge
    progress, changed_at = entry.start(), None
    if challenge.all_done(progress):  # by what was done before
        return Refolded(progress, entry.joined_at, None)
    if len(challenge.steps) == 1 and not challenge.keeps_time:
        return _fold_on(entry, progress[0], past)
    for one in past:
        if not entry.takes(one.seen.kind, one.seen.occurred_at, one.place, one.placed_at):
            continue
        progress, done_at = _pass_time(entry, progress, changed_at, one.placed_at)
        if done_at is not None:
            return Refolded(progress, done_at, changed_at)
        after = entry.advanced(progress, seen_in(entry, one.seen))
        if after != progress:
            progress, changed_at = after, one.placed_at
        if challenge.all_done(progress):
            return Refolded(progress, one.seen.occurred_at, changed_at)
    progress, done_at = _pass_time(entry, progress, changed_at, until)
    return Refolded(progress, done_at, changed_at)


def refilled(entry: Entry, past: Sequence[Past], undone: Iterable[Past]) -> Refolded | None:
    """What refolding comes to where the entry was folded anew in this round already; None where it must be folded.

    Whoever takes a long history back takes it back one by one: of what only adds up each part is taken out of what
    completed it, and what comes behind fills it up, so that nothing is folded twice.
    """
    reached, (step, *more) = entry.reached, entry.challenge.steps
    if reached is None or more or not step.measure.for_badges:
        return None
    progress = taken_out(entry, (one for one in undone if place_of(one) <= place_of(reached)))
    if progress[0].value >= step.target:
        return Refolded(progress, reached.seen.occurred_at, None)
    entry.reached = None
    return _fold_on(entry, progress[0], past[bisect_right(past, place_of(reached), key=place_of) :])


def _fold_on(entry: Entry, progress: Progress, past: Iterable[Past]) -> Refolded:
    """A challenge of one step, which most are, folded on; each activity is judged once, however often it is folded."""
    (step,), judged = entry.challenge.steps, entry.judged
    fold, target, changed_at = step.measure.fold, step.target, None
    for one in past:
        try:
            found = judged[one.id]
        except KeyError:
            seen, found = one.seen, None
            if entry.takes(seen.kind, seen.occurred_at, one.place, one.placed_at):
                found = step.measure.count(seen_in(entry, seen), step.settings)
            judged[one.id] = found
        if found is None:
            continue
        after = fold(progress, found)
        if after is not progress:
            progress, changed_at = after, one.placed_at
            if progress.value >= target:
                entry.reached = one
                return Refolded([progress], one.seen.occurred_at, changed_at)
    return Refolded([progress], None, changed_at)


def recredited(entry: Entry, past: Iterable[Past], moved: Iterable[Past]) -> list[Progress] | None:
    """The baseline anew where some of what was done before and lasts is `moved`; None where nothing of it changes."""
    challenge, before = entry.challenge, [one.credit for one in entry.progress]
    if not any(before) or not any(
        one.place <= entry.since_seq and hears(challenge.lasting, one.seen.kind) for one in moved
    ):
        return None
    start = challenge.credited(seen_in(entry, one.seen) for one in past if one.place <= entry.since_seq)
    return None if [one.credit for one in start] == before else start


def taken_out(entry: Entry, undone: Iterable[Past]) -> list[Progress]:
    """The progress without activities that only added to steps which are not done, see `adds_up`."""
    challenge, progress = entry.challenge, list(entry.progress)
    for one in undone:
        seen = seen_in(entry, one.seen)
        early = entry.is_early(seen.occurred_at)
        for place, step in enumerate(challenge.steps):
            if not challenge.looks_at(place, seen.kind, early=early):
                continue
            found = step.measure.count(seen, step.settings)
            if isinstance(found, Missed):
                continue
            value, keys, credit = progress[place]
            if found.key is None:
                progress[place] = Progress(max(0, value - found.amount), keys)
                continue
            left = {key: times - (key == found.key) for key, times in keys.items()}
            if left.get(found.key) == 0:
                del left[found.key]
                value = max(0, value - found.amount)
            progress[place] = Progress(value, left, credit)
    return progress


def adds_up(entry: Entry, kinds: Sequence[str]) -> bool:
    """Whether activities of these kinds can be taken out of it, and others put in their place, one by one."""
    challenge, progress = entry.challenge, entry.progress
    return all(
        step.measure.for_badges and not step.after and not challenge.is_done(place, progress)
        for place, step in enumerate(challenge.steps)
        if any(hears(step.listens, kind) for kind in kinds)
    )


def seen_in(entry: Entry, seen: Seen) -> Seen:
    """An activity as the measures of an entry see it: in the zone it was joined in."""
    if seen.zone is entry.zone:
        return seen
    return Seen(seen.id, seen.kind, seen.facts, seen.occurred_at, seen.earned, entry.zone, seen.own)


def _pass_time(
    entry: Entry, progress: list[Progress], changed_at: int | None, now: int
) -> tuple[list[Progress], int | None]:
    """The progress with every step that time alone has done by `now`, and when that completed it."""
    if changed_at is None or changed_at >= now:
        return progress, None
    for at, found in entry.challenge.passing(progress, entry.until(now)):
        progress = found
        if entry.challenge.all_done(progress):
            return progress, at
    return progress, None
