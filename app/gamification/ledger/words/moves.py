"""What happened in a line that is no award for an activity: released, taken back, lapsed, spent, changed."""

from collections.abc import Callable, Iterator
from typing import Any

from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.outlook import date_of
from app.gamification.ledger.words import play
from app.gamification.ledger.words.titles import CAUSES
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, _n
from app.models.activity import ActivityFlag
from app.models.ledger import Code, State

Said = Iterator[Sentence]


def said_of(row: Any) -> tuple[Sentence, ...]:
    """The sentences of a line; `row` is the transfer with its origin and what amended that."""
    if row.cause in play.PLAYED:
        return tuple(play.given(row))
    if row.cause in CAUSES:
        return (Sentence(_l("These points were awarded: %(what)s."), {"what": Sentence(CAUSES[row.cause])}),)
    values = {"points": row.amount, "moment": from_micros(row.recorded_at)}
    return tuple(_SAID[row.code](row, values))


def _released(row: Any, values: dict[str, Any]) -> Said:
    values["day"] = date_of(row.origin_at, compiled().zone)
    yield Sentence(
        _l("These points were earned on %(day)s and held in case your broker corrected the report. Nothing changed."),
        values,
    )
    yield Sentence(_l("Since %(moment)s they are yours to spend."), values)


def _taken_back(row: Any, values: dict[str, Any]) -> Said:
    if row.by_hand is not None:
        values["brand"] = compiled().brand_name
        yield Sentence(_l("%(brand)s took this back by hand on %(moment)s, once two people had agreed."), values)
        yield from _whom_to_ask()
    elif row.origin_cause in play.PLAYED:
        yield play.taken_back(row.origin_cause, row.origin_part, values)
    elif row.amended is not None and row.amended & ActivityFlag.BUSTS:
        yield Sentence(_l("Your broker cancelled this on %(moment)s, so what it had earned was taken back."), values)
    elif row.amended is not None:
        yield Sentence(
            _l(
                "Your broker corrected this on %(moment)s, so what the first report had earned was taken back. "
                "The corrected one is counted on a line of its own."
            ),
            values,
        )
    elif row.verified is not None and not row.verified:
        yield Sentence(
            _l("On %(moment)s your broker reported the same itself. That report counts in place of the statement."),
            values,
        )
    else:
        yield Sentence(_l("On %(moment)s a newer report changed this, so what it had earned was taken back."), values)
    if row.debit == State.DEBT:
        yield Sentence(
            _l("You had spent these points already, so they are owed: the next points you earn pay them first."), values
        )


def _repaid(row: Any, values: dict[str, Any]) -> Said:
    yield Sentence(_l("You owed points that had been taken back after they were spent."), values)
    yield Sentence(_l("The next points to come paid %(points)s of them."), values)


def _lapsed(row: Any, values: dict[str, Any]) -> Said:
    if row.idle_days is not None:
        values["days"] = row.idle_days
        yield Sentence(
            _n(
                "These points lapse after %(days)s day without an award.",
                "These points lapse after %(days)s days without an award.",
                "days",
            ),
            values,
        )
    elif row.expires_at is not None:
        values["day"] = date_of(row.expires_at - 1, compiled().zone)
        yield Sentence(_l("These points were good until the end of %(day)s."), values)
    yield Sentence(_l("%(points)s of them had not been spent by then."), values)


def _spent(row: Any, values: dict[str, Any]) -> Said:
    yield Sentence(
        _n(
            "You spent %(points)s point on a reward. Points that lapse first are always spent first.",
            "You spent %(points)s points on a reward. Points that lapse first are always spent first.",
            "points",
        ),
        values,
    )


def _given_back(row: Any, values: dict[str, Any]) -> Said:
    yield Sentence(
        _n(
            "%(points)s point came back from a reward that you had paid for.",
            "%(points)s points came back from a reward that you had paid for.",
            "points",
        ),
        values,
    )
    yield Sentence(
        _l("They lapse when they would have lapsed before, though never sooner than a week from then."), values
    )


def _changed(row: Any, values: dict[str, Any]) -> Said:
    # The reason that staff wrote down is theirs: who wants to know it asks.
    values["brand"] = compiled().brand_name
    yield Sentence(
        _n("%(brand)s added %(points)s point by hand.", "%(brand)s added %(points)s points by hand.", "points")
        if row.credit == State.AVAILABLE
        else _n("%(brand)s took %(points)s point by hand.", "%(brand)s took %(points)s points by hand.", "points"),
        values,
    )
    if row.service_only and row.credit == State.AVAILABLE:
        yield Sentence(_l("By the rules of your client category these points buy recognition and service."))
    yield from _whom_to_ask()


def _whom_to_ask() -> Said:
    if address := compiled().support_email:
        yield Sentence(_l("Write to %(address)s if you want to know why."), {"address": address})


def _settled(row: Any, values: dict[str, Any]) -> Said:
    yield Sentence(
        _n("%(points)s point was settled with a partner.", "%(points)s points were settled with a partner.", "points"),
        values,
    )


def _awarded(row: Any, values: dict[str, Any]) -> Said:
    yield Sentence(
        _n("%(points)s point was awarded to you.", "%(points)s points were awarded to you.", "points"), values
    )


_SAID: dict[int, Callable[[Any, dict[str, Any]], Said]] = {
    Code.ACCRUAL: _awarded,
    Code.RELEASE: _released,
    Code.REDEMPTION: _spent,
    Code.REFUND: _given_back,
    Code.REPAYMENT: _repaid,
    Code.EXPIRY: _lapsed,
    Code.ADJUSTMENT: _changed,
    Code.REVERSAL: _taken_back,
    Code.SETTLEMENT: _settled,
}
