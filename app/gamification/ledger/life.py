"""The life of points: earned, held, available, and how they went."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.gamification.ledger.explanation import Step
from app.gamification.ledger.outlook import date_of
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, _n
from app.models.ledger import Code, State

SHOWN = 4  # of the ways points went; what lies between is one step
EARNED = _l("Earned")
CAME = {Code.REFUND: _l("Given back"), Code.ADJUSTMENT: _l("Added by our staff")}
GONE = {
    Code.REDEMPTION: _l("Spent: %(points)s"),
    Code.REPAYMENT: _l("Paid what was owed: %(points)s"),
    Code.EXPIRY: _l("Lapsed: %(points)s"),
    Code.ADJUSTMENT: _l("Taken by our staff: %(points)s"),
    Code.REVERSAL: _l("Taken back: %(points)s"),
    Code.SETTLEMENT: _l("Settled: %(points)s"),
}


def life(batch: Any, events: Sequence[Any], earned: Sentence, zone: ZoneInfo) -> tuple[Step, ...]:
    """The steps of one batch; `batch` and `events` are rows, `earned` says when and as what it was earned."""
    return tuple(_life(batch, events, earned, zone))


def _life(batch: Any, events: Sequence[Any], earned: Sentence, zone: ZoneInfo) -> Iterator[Step]:
    yield Step(Sentence(CAME.get(batch.code, EARNED)), earned, "done")
    release = next((event for event in events if event.code == Code.RELEASE), None)
    gone = [event for event in events if event.code != Code.RELEASE]
    held = bool(batch.held) and batch.remaining > 0
    if held:
        yield _waiting(batch, zone)
    elif release is not None:
        yield Step(Sentence(_l("Released")), _when(release.recorded_at), "done", release.seq)
    if held or release is not None or not batch.held:
        yield from _free(batch, held, gone, zone)
    yield from _how_they_went(gone)
    if batch.remaining > 0:
        yield Step(Sentence(_l("Lapse")), _good_until(batch.expires_at, batch.idle_days, zone), "ahead")


def _waiting(batch: Any, zone: ZoneInfo) -> Step:
    if batch.available_at is None:
        return Step(Sentence(_l("Waiting for review")), Sentence(_l("Our staff look at the statement first")), "now")
    day = {"day": date_of(batch.available_at, zone)}
    return Step(Sentence(_l("Held until %(day)s"), day), Sentence(_l("For corrections, then yours")), "now")


def _free(batch: Any, held: bool, gone: Sequence[Any], zone: ZoneInfo) -> Iterator[Step]:
    title = Sentence(_l("Available"))
    if held:
        if batch.available_at is not None:
            yield Step(title, Sentence(_l("From %(day)s"), {"day": date_of(batch.available_at, zone)}), "ahead")
        return
    if not batch.remaining:
        yield Step(title, None, "done")
    elif gone:
        yield Step(title, Sentence(_l("%(points)s still there"), {"points": batch.remaining}), "now")
    else:
        yield Step(title, Sentence(_l("Yours to spend")), "now")


def _how_they_went(gone: Sequence[Any]) -> Iterator[Step]:
    for event in gone[:SHOWN]:
        title = Sentence(
            _l("Owed: %(points)s") if event.debit == State.DEBT else GONE[event.code], {"points": event.amount}
        )
        yield Step(title, _when(event.recorded_at), "undone", event.seq)
    if len(gone) > SHOWN:
        points = sum(event.amount for event in gone[SHOWN:])
        yield Step(Sentence(_l("And later: %(points)s"), {"points": points}), _when(gone[-1].recorded_at), "undone")


def _when(micros: int) -> Sentence:
    return Sentence(_l("%(moment)s"), {"moment": from_micros(micros)})


def _good_until(expires_at: int | None, idle_days: int | None, zone: ZoneInfo) -> Sentence:
    """Until when points can be spent; the zone is the programme's, whose midnights end them."""
    if idle_days is not None:
        return Sentence(
            _n("After %(days)s day without an award", "After %(days)s days without an award", "days"),
            {"days": idle_days},
        )
    if expires_at is None:
        return Sentence(_l("Never"))
    return Sentence(_l("After %(day)s"), {"day": date_of(expires_at - 1, zone)})
