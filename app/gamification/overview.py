"""Home: what a member has, what just happened, what comes next; at most five statements.

What every page knows of its member already (balance, level, sums) is not read again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from app.gamification.activities import BY_CODE, LESSON, PaysFor
from app.gamification.ledger.outcome import compiled, read_outcome, rule_name
from app.gamification.ledger.outlook import Event, date_of
from app.gamification.ledger.words.law import stays_open
from app.gamification.ledger.words.reasons import miss
from app.gamification.ledger.words.titles import as_it_is, facts_in, title
from app.gamification.members.sign_ins import SignedIn
from app.gamification.messages.reads import Told
from app.gamification.messages.reads import latest as latest_messages
from app.gamification.policy.packs import Verdict
from app.gamification.tiers import reads as tiers
from app.gamification.tiers import words
from app.gamification.tiers.messages import name_of
from app.gamification.tiers.position import Position, has_factor, position
from app.gamification.tiers.projection import Projection, project
from app.lib.clock import from_day, from_micros, to_micros
from app.lib.i18n import Sentence, _l, pick
from app.lib.periods import day_of, period_start, start_of
from app.models.base import read_all, read_one
from app.models.ledger import Cause, Code, State, UnitId

LATEST, MESSAGES, RELEASES = 5, 3, 3
NEW_FOR = timedelta(days=30)
FIRST_DECISIONS = 200  # searched for a new member's first lesson


class Step(StrEnum):
    """What a new member may do first."""

    ACCOUNT = "account"  # have the broker link a trading account
    LESSON = "lesson"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Happened:
    """The newest of what the member did: what it earned and by which rule, or in one line why nothing."""

    sort: str
    title: Sentence
    note: Sentence
    at: datetime
    earned: int
    pending: bool
    undone: bool
    path: str  # below the points page


@dataclass(frozen=True, slots=True)
class Overview:
    place: Position
    level: str
    above: str
    factor: Decimal | None  # None where it multiplies nothing of the member's
    next_perk: str
    projection: Projection | None
    outlook: Sentence | None  # what keeps the level
    week: int
    latest: tuple[Happened, ...]
    coming: tuple[Event, ...]
    messages: tuple[Told, ...]
    law: Sentence | None  # what stays open to whom the law allows no points for trades
    steps: tuple[tuple[Step, bool], ...]  # with whether it is done; empty once the first weeks are over

    @property
    def lapse(self) -> date | None:
        """The last day of the points that lapse next."""
        return next((event.day for event in self.coming if event.way == "lapsed"), None)


_LATEST = text(
    f"""
    SELECT d.seq, d.earned, d.reason, d.outcome, a.kind, a.data, a.occurred_at, d.line,
        b.held AND b.remaining > 0 AS held,
        EXISTS (SELECT 1 FROM transfer r WHERE d.line IS NOT NULL AND r.cause = {int(Cause.REVERSAL)}
            AND r.cause_id = :member AND r.part IN (4 * d.line, 4 * d.line + 1)) AS undone
    FROM (
        SELECT d.seq, d.activity_id, d.earned, d.reason, d.outcome, (SELECT min(t.seq) FROM transfer t
            WHERE d.earned > 0 AND t.cause = {int(Cause.ACTIVITY)} AND t.cause_id = d.activity_id
            AND t.unit_id = {int(UnitId.POINTS)}) AS line
        FROM decision d WHERE d.member_id = :member ORDER BY d.seq DESC LIMIT {LATEST}
    ) AS d
    JOIN activity a ON a.id = d.activity_id
    LEFT JOIN batch b ON b.wallet_id = :member AND b.seq = d.line
    ORDER BY d.seq DESC
    """
)
_RELEASES = text(
    f"""
    SELECT available_at, cast(sum(remaining) AS bigint) AS points, count(*) AS number FROM batch
    WHERE wallet_id = :member AND held AND remaining > 0 AND available_at IS NOT NULL
    GROUP BY available_at ORDER BY available_at LIMIT {RELEASES}
    """
)
# Lines follow each other in time, so the week's first one is found by halving, however long the chain is.
_WEEK = f"""
    WITH RECURSIVE half (low, high) AS (
        SELECT 0, seq FROM wallet WHERE id = :member
        UNION ALL
        SELECT CASE WHEN t.recorded_at < :since THEN t.seq ELSE half.low END,
            CASE WHEN t.recorded_at < :since THEN half.high ELSE t.seq - 1 END
        FROM half JOIN transfer t ON t.wallet_id = :member AND t.seq = (half.low + half.high + 1) / 2
        WHERE half.low < half.high
    )
    SELECT cast(coalesce(sum(CASE WHEN debit = {int(State.ISSUED)} THEN amount
        WHEN code = {int(Code.REVERSAL)} THEN -amount ELSE 0 END), 0) AS bigint) AS points
        {{more}}
    FROM transfer
    WHERE wallet_id = :member AND unit_id = {int(UnitId.POINTS)} AND seq > (SELECT max(low) FROM half)
"""
_WEEK_OF_OLD = text(_WEEK.format(more=""))
_WEEK_OF_NEW = text(
    _WEEK.format(
        more=f"""
        , EXISTS (SELECT 1 FROM trading_account WHERE member_id = :member) AS account
        , EXISTS (
            SELECT 1 FROM (SELECT activity_id FROM decision WHERE member_id = :member ORDER BY seq
                LIMIT {FIRST_DECISIONS}) AS first
            JOIN activity a ON a.id = first.activity_id WHERE a.kind = {LESSON}
        ) AS lesson
        """
    )
)


def overview(me: SignedIn, now: datetime) -> Overview:
    """Everything home says of a member."""
    programme, language = compiled(), me.language
    place, days = tiers.in_window(me, position(me, programme, now))
    projection = project(place, place.ladder, place.today, days)
    week, steps = _week(me, place, now)
    above, perk = place.above, place.next_perk
    return Overview(
        place,
        name_of(place.ladder, place.level_id, language),
        name_of(place.ladder, above.id, language) if above else "",
        place.level.factor if has_factor(programme, place.standing) else None,
        pick(perk.text, language) if perk else "",
        projection,
        words.outlook(place, projection, language),
        week,
        tuple(_happened(row, language) for row in read_all(_LATEST, {"member": me.id})),
        _coming(me),
        latest_messages(me.id, MESSAGES, place.ladder, language),
        stays_open(me),
        steps,
    )


def _week(me: SignedIn, place: Position, now: datetime) -> tuple[int, tuple[tuple[Step, bool], ...]]:
    """What was earned since Monday in the member's zone, and the first steps of who is new."""
    monday = start_of(period_start(day_of(now, me.zone), "week"), me.zone)
    is_new = now - me.joined_at < NEW_FOR
    values = {"member": me.id, "since": to_micros(monday)}
    row = read_one(_WEEK_OF_NEW if is_new else _WEEK_OF_OLD, values)
    if not is_new:
        return row.points, ()
    steps = [(Step.LESSON, bool(row.lesson)), (Step.ALIAS, me.alias is not None)]
    if place.standing.judge(PaysFor.TRADING) <= Verdict.SERVICE_ONLY:
        steps.insert(0, (Step.ACCOUNT, bool(row.account)))
    return row.points, tuple(steps) if not all(done for _, done in steps) else ()


def _happened(row: Any, language: str) -> Happened:
    facts, outcome = facts_in(row.kind, row.data), read_outcome(row.outcome)
    if row.earned:
        note, path = as_it_is(rule_name(outcome.awarded[0][0], language)), f"/{row.line}"
    else:
        note, path = miss(row.reason, outcome, row.kind, facts, language).headline, f"/missed/{row.seq}"
    sort, at = BY_CODE[row.kind].key, from_micros(row.occurred_at)
    return Happened(sort, title(row.kind, facts), note, at, row.earned, bool(row.held), bool(row.undone), path)


def _coming(me: SignedIn) -> tuple[Event, ...]:
    """The next releases, and the next lapse among them."""
    zone, events = compiled().zone, []
    for row in read_all(_RELEASES, {"member": me.id}) if me.pending else ():
        under = Sentence(_l("Activities: %(number)s"), {"number": row.number})
        events.append(Event(date_of(row.available_at, zone), Sentence(_l("Released")), under, row.points, "earned"))
    if me.next_expiry_micros is not None:
        last = from_day(day_of(from_micros(me.next_expiry_micros), zone) - 1)
        under = Sentence(_l("%(day)s; the oldest are spent first"), {"day": last})
        events.append(Event(last, Sentence(_l("Lapse at midnight")), under, -me.next_expiry_amount, "lapsed"))
    return tuple(sorted(events, key=lambda event: event.day))
