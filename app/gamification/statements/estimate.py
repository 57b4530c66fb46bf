"""What a visitor's statement would earn, were they a client here: folded for a member who does not exist.

Nothing is read of anybody and nothing is written: an empty wallet under the law of the visitor's country goes through
the same steps as a round does, as if everything were recorded now. So it comes to what a new member's own statement
comes to (preview.py); the estimate takes for granted that the broker confirms the account.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.gamification import pipeline, programme
from app.gamification.activities import PaysFor
from app.gamification.ledger.book import Book
from app.gamification.policy.bench import Bench, Imagined, bench
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.gamification.state import Happening, MemberState
from app.gamification.statements.clock import ServerClock
from app.gamification.statements.findings import Findings, Sums
from app.gamification.statements.reading import Account, Reading, Row, read
from app.lib.clock import to_micros
from app.platforms.statement import Statement
from app.platforms.unreadable import UnreadableStatement

# A fifth of what a member may send in: it is folded while the visitor waits.
MOST_ROWS = 20_000
_AS_REPORTED = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the statement comes to, and the law it comes to that by."""

    sums: Sums
    law: Bench
    level_id: int  # where the qualifying points of the open window lead

    @property
    def trades_pay(self) -> bool:
        """Whether the law allows points for trades at all."""
        return self.law.facts[PaysFor.TRADING - 1].verdict <= Verdict.SERVICE_ONLY


def estimate(statement: Statement, who: Imagined, clock: ServerClock, language: str, now: datetime) -> Estimate:
    """What the statement would earn; raises UnreadableStatement for more rows than a visitor may try."""
    if statement.rows_read > MOST_ROWS:
        raise UnreadableStatement("too_many_rows", rows=MOST_ROWS)
    account = Account(None, statement.platform, statement.server or "", statement.login or "")
    reading = read(statement, account, clock, now, deals_needed=True)
    law = bench(who, language, now)
    current = programme.current()
    rows = list(_once(reading.rows))
    state = _fold(_nobody(law, current, now), rows, current, now)
    found = Findings(current, language)
    for row, decision in zip(rows, state.new_decisions, strict=True):
        if row.is_closed:
            found.add(row, *decision[3:])
    found.aside["unusable"] += reading.unusable_closed
    found.aside["duplicates"] += _repeated(reading)
    return Estimate(found.sums(), law, state.level_id)


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    """Each deal once, as ingestion keeps them."""
    seen: set[str] = set()
    for row in rows:
        if row.item.id not in seen:
            seen.add(row.item.id)
            yield row


def _repeated(reading: Reading) -> int:
    closed = [row.item.id for row in reading.rows if row.is_closed]
    return len(closed) - len(set(closed))


def _nobody(law: Bench, current: Programme, now: datetime) -> MemberState:
    """A member of that standing who has just joined, with everything loaded that there could be: nothing."""
    client, at = law.client, to_micros(now)
    state = MemberState(
        0, Book(0), law.standing, client.entity_id, client.country, client.client_class, client.language, False,
        0, 0, current.ladder.levels[0].id, at, None, None, 0,
    )  # fmt: skip
    state.old_days = {}
    return state


def _fold(state: MemberState, rows: Sequence[Row], current: Programme, now: datetime) -> MemberState:
    recorded_at = to_micros(now)
    state.happenings = [
        Happening(
            place, 0, row.item.id, row.item.kind, None, row.item.deal, _AS_REPORTED, row.item.flags, row.item.amends,
            row.item.occurred_at, recorded_at, row.item.data,
        )
        for place, row in enumerate(rows)
    ]  # fmt: skip
    pipeline.try_out(state, current)
    return state
