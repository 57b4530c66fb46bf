"""What did not earn, and why: every activity without points has a reason, and reasons are the chips of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.gamification.activities import BY_CODE
from app.gamification.ledger.outcome import entries_of, read_outcome
from app.gamification.ledger.reads import COUNTED, PAGE, Count
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.reasons import CHIPS, Miss, key_of, miss
from app.gamification.ledger.words.titles import facts_in, title
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_micros
from app.lib.i18n import Sentence
from app.models.activity import Reason
from app.models.base import read_all


@dataclass(frozen=True, slots=True)
class Missed:
    """One activity without points."""

    seq: int  # of its decision
    sort: str
    title: Sentence
    at: datetime
    ticket: str
    reason: Miss


@dataclass(frozen=True, slots=True)
class Chip:
    key: str  # empty: all reasons
    words: Sentence
    count: Count


@dataclass(frozen=True, slots=True)
class MissedPage:
    """Misses, newest first; the chips count the newest 1,000."""

    chips: tuple[Chip, ...]
    rows: tuple[Missed, ...]
    older: int | None


# Only where a condition failed does the outcome say which; the rest is in the row. What takes a statement back row by
# row is no activity that could have earned.
_REASONS = statement(
    f"""
    SELECT seq, reason, CASE WHEN reason = {Reason.CONDITION} THEN outcome END AS outcome
    FROM decision WHERE member_id = :member AND earned = 0 AND reason <> {Reason.WITHDRAWN}
    ORDER BY seq DESC LIMIT {COUNTED}
    """,
    "seq reason outcome",
)
_ROWS = statement(
    f"""
    SELECT d.seq, d.reason, d.outcome, a.kind, a.data, a.deal, a.occurred_at
    FROM decision d JOIN activity a ON a.id = d.activity_id
    WHERE d.member_id = :member AND d.earned = 0 AND d.seq IN ({", ".join(f":seq{n}" for n in range(PAGE))})
    ORDER BY d.seq DESC
    """,
    "seq reason outcome kind data deal occurred_at",
)


def missed(me: SignedIn, reason: str = "", before: int | None = None) -> MissedPage:
    """A page of what did not earn, of one reason or of all, below a decision. Two statements."""
    found = [
        (seq, key_of(reason, entries_of(outcome) if outcome else []))
        for seq, reason, outcome in read_all(_REASONS, {"member": me.id})
    ]
    chosen = [seq for seq, key in found if (not reason or key == reason) and (before is None or seq < before)]
    shown = chosen[:PAGE]
    older = shown[-1] if len(chosen) > PAGE else None
    return MissedPage(_chips([key for _, key in found]), rows(me, shown), older)


def _chips(keys: Sequence[str]) -> tuple[Chip, ...]:
    more = len(keys) == COUNTED
    by_key = {key: keys.count(key) for key in dict.fromkeys(keys)}
    chips = [Chip(key, Sentence(CHIPS[key]), Count(number, more)) for key, number in by_key.items()]
    return tuple(sorted(chips, key=lambda chip: -chip.count.number))


def rows(me: SignedIn, seqs: Sequence[int]) -> tuple[Missed, ...]:
    """These decisions without points, newest first; at most a page. One statement."""
    if not seqs:
        return ()
    places = {f"seq{n}": seqs[n] if n < len(seqs) else 0 for n in range(PAGE)}
    found = []
    for row in read_all(_ROWS, {"member": me.id, **places}):
        facts = facts_in(row.kind, row.data)
        why = miss(row.reason, read_outcome(row.outcome), row.kind, facts, me.language)
        sort, at = BY_CODE[row.kind].key, from_micros(row.occurred_at)
        found.append(Missed(row.seq, sort, title(row.kind, facts), at, row.deal or "", why))
    return tuple(found)
