"""A line of the ledger in words: what it is about, what it did, where its points stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.gamification.activities import BY_CODE
from app.gamification.ledger.outcome import compiled, entry_of, rule_name
from app.gamification.ledger.outlook import date_of
from app.gamification.ledger.words import play
from app.gamification.ledger.words.play import PLAYED
from app.gamification.ledger.words.titles import CAUSES, MOVES, as_it_is, facts_in, short_name, title
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_of
from app.models.activity import ActivityFlag
from app.models.ledger import Cause, Code, State

Way = Literal["earned", "spent", "lapsed", "moved"]


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer as its owner reads it."""

    seq: int
    sort: str  # key of the activity's kind, or what the transfer does
    title: Sentence
    under: Sentence | None
    at: datetime
    day: int  # on which it happened; the line stands on the day it was recorded
    points: int  # what it did to the member's points: a release or a repayment moves them, and says how many
    way: Way
    balance: int
    undone: bool = False
    state: Sentence | None = None


class Writer:
    """Words for the rows of one page; what all of them share is looked up once."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self._language, self._zone = language, zone
        self._names: dict[int, Sentence] = {}

    def line(self, row: Any) -> Line:
        cause, code = row.cause, row.code
        if cause == _ACTIVITY:
            words = title(row.kind, facts_in(row.kind, row.data))
            rule = self._rule(entry_of(row.outcome, row.part)[0])
            at, sort, state = from_micros(row.occurred_at), BY_CODE[row.kind].key, state_of(row)
            day = day_of(at, self._zone)
            return Line(row.seq, sort, words, rule, at, day, row.amount, "earned", row.balance, row.undone, state)
        points, way = moved(code, row.debit, row.credit, row.amount)
        if cause in PLAYED:
            words = play.title_of(cause, row.part)
        else:
            words = Sentence(CAUSES.get(cause) or (_taken_back(row) if code == Code.REVERSAL else MOVES[code]))
        sort = Cause(cause).name.lower() if cause in CAUSES else Code(code).name.lower()
        at, state = from_micros(row.recorded_at), state_of(row)
        day = day_of(at, self._zone)
        return Line(row.seq, sort, words, self._about(row), at, day, points, way, row.balance, row.undone, state)

    def _rule(self, revision_id: int) -> Sentence:
        found = self._names.get(revision_id)
        if found is None:
            found = self._names[revision_id] = as_it_is(rule_name(revision_id, self._language))
        return found

    def _about(self, row: Any) -> Sentence | None:
        if row.origin_cause in PLAYED:
            day = date_of(row.origin_at, self._zone)
            return Sentence(
                _l("%(what)s, %(day)s"), {"what": play.name_of(row.origin_cause, row.origin_part), "day": day}
            )
        if row.kind is None:
            return None
        name = short_name(row.kind, facts_in(row.kind, row.data))
        if row.code == Code.REVERSAL and row.deal:
            return Sentence(_l("%(what)s, ticket %(ticket)s"), {"what": name, "ticket": row.deal})
        return Sentence(_l("%(what)s, %(day)s"), {"what": name, "day": date_of(row.origin_at, self._zone)})


def moved(code: int, debit: int, credit: int, amount: int) -> tuple[int, Way]:
    """What a transfer did to what its member has, pending included and debt deducted."""
    if code in (Code.RELEASE, Code.REPAYMENT):
        return amount, "moved"
    if debit < State.AVAILABLE <= credit:
        return amount, "earned"
    return -amount, "lapsed" if code == Code.EXPIRY else "spent"


def state_of(row: Any) -> Sentence | None:
    """Where the points of a line stand; None when there is nothing to add to the figure."""
    if row.undone:
        return _UNDONE
    if row.held and row.remaining:
        if row.available_at is None:
            return _IN_REVIEW
        return Sentence(_l("Pending until %(day)s"), {"day": date_of(row.available_at, compiled().zone)})
    return _OWED if row.debit == _DEBT else None


def _taken_back(row: Any) -> str:
    if row.by_hand:
        return _l("Taken back by our staff")
    if row.origin_cause in PLAYED:
        return _l("Taken back: what counted was cancelled or corrected")
    if row.amended is None:
        unverified = row.verified is not None and not row.verified
        return _l("Taken back: your broker's own report counts") if unverified else _l("Taken back")
    if row.amended & ActivityFlag.BUSTS:
        return _l("Taken back: cancelled by the broker")
    return _l("Taken back: corrected by the broker")


_UNDONE, _IN_REVIEW, _OWED = Sentence(_l("Taken back")), Sentence(_l("Waiting for review")), Sentence(_l("Owed"))
# An enum's member costs a look-up; these stand in the innermost loop.
_ACTIVITY, _DEBT = int(Cause.ACTIVITY), int(State.DEBT)
