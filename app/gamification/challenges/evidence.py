"""What an entry has looked at: a bounded stretch of its member's decisions, folded again for the page."""

from typing import Any

from sqlalchemy import bindparam, text

from app.gamification.activities import BY_CODE, code_of, full_key
from app.gamification.challenges.entry import Entry
from app.gamification.challenges.judged import Reported, Story, tell, tell_apart
from app.gamification.counted import FORBIDDEN, HOLDS, placed, stands
from app.gamification.habits.load import own_rules
from app.gamification.habits.own import NOTHING_SET, OwnRules
from app.gamification.ledger.words.titles import facts_in
from app.gamification.measures.measure import hears
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import DAY
from app.models.activity import ActivityFlag
from app.models.base import read_all, reader

LOOKED_AT = 1_000  # activities that one page folds again
STRETCH = 20_000  # decisions among which they are looked for
WEEK = 7 * DAY  # for which what comes too late is still listed
_NEVER = 1 << 62

# The newest of the kinds that count. What takes others back brings nothing itself and is left out.
_REPORTS = text(
    f"""
    SELECT d.seq, d.earned, {FORBIDDEN} AS forbidden, {HOLDS} AS holds, a.id, a.kind, a.data,
        a.verified, a.occurred_at, a.recorded_at, {placed()}
    FROM decision d JOIN activity a ON a.id = d.activity_id
    WHERE d.member_id = :member AND d.seq > :above AND d.seq <= :up_to AND a.recorded_at < :until
        AND a.kind IN :kinds AND a.flags & {int(ActivityFlag.BUSTS)} = 0
    ORDER BY d.seq DESC LIMIT {LOOKED_AT + 1}
    """
).bindparams(bindparam("kinds", expanding=True))


def looked_at(me: SignedIn, entry: Entry, now: int) -> tuple[Story, bool]:
    """Each activity with what became of it, and whether there were more than are folded again.

    One statement, and one more where the member's own limit or plan is asked for.
    """
    listens = entry.challenge.listens
    values, cut = _bounds(me, entry)
    kinds = sorted({code_of(key) for key in listens})
    rows = read_all(_REPORTS, {"member": me.id, "kinds": kinds, **values})
    reports = [one for row in rows[:LOOKED_AT] if hears(listens, (one := _reported(row)).key)]
    reports.sort(key=lambda one: (one.place, one.id))
    own = _own_rules(me.id) if entry.challenge.needs_own else NOTHING_SET
    if cut or len(rows) > LOOKED_AT:
        return tell_apart(entry, reports, own), True
    return tell(entry, reports, own, now), False


def _own_rules(member_id: int) -> OwnRules:
    with reader().connect() as conn:
        return own_rules(conn, [member_id]).get(member_id, NOTHING_SET)


def _bounds(me: SignedIn, entry: Entry) -> tuple[dict[str, int], bool]:
    """Where to look: from the joining on for what has ended, the newest stretch for what goes on; whether that cuts."""
    ended_at = None if entry.may_reopen else entry.ended_at  # else it goes on counting what is reported late
    ends = [at for at in (entry.shuts_at, entry.claimed_at, ended_at) if at is not None]
    until = min(ends) + WEEK if ends else _NEVER
    if entry.claimed_at is not None or entry.ended_at is not None:
        return {"above": entry.since_seq, "up_to": entry.since_seq + STRETCH, "until": until}, False
    above = max(entry.since_seq, me.decisions - STRETCH)
    return {"above": above, "up_to": _NEVER, "until": until}, above > entry.since_seq


def _reported(row: Any) -> Reported:
    facts = facts_in(row.kind, row.data)
    key = full_key(row.kind, facts) if facts is not None else BY_CODE[row.kind].key
    place = stands(row.seq, row.recorded_at, row.place, row.placed_at)
    judged = (bool(row.verified), bool(row.holds) and facts is not None, bool(row.forbidden))
    return Reported(row.seq, row.id, row.kind, key, facts, row.earned, row.occurred_at, *place, *judged)
