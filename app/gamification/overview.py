"""Home: what a member has, what just happened, what comes next; two statements.

What every page knows of its member already (balance, level, sums) is not read again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.gamification.activities import BY_CODE, LESSON, PaysFor
from app.gamification.challenges.entry import EntryState
from app.gamification.challenges.reads import closest
from app.gamification.challenges.shown import Card
from app.gamification.ledger.outcome import compiled, read_outcome, rule_name
from app.gamification.ledger.outlook import Event, date_of
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.law import stays_open
from app.gamification.ledger.words.reasons import miss
from app.gamification.ledger.words.titles import as_it_is, facts_in, title
from app.gamification.members.sign_ins import SignedIn
from app.gamification.messages.reads import Told, said
from app.gamification.messages.topics import wanted
from app.gamification.policy.packs import Verdict
from app.gamification.streaks.rules import read as read_rules
from app.gamification.streaks.shown import Shown, shown
from app.gamification.tiers import reads as tiers
from app.gamification.tiers import words
from app.gamification.tiers.messages import name_of
from app.gamification.tiers.position import Position, has_factor, position
from app.gamification.tiers.projection import Projection, project
from app.lib.clock import from_day, from_micros, to_micros
from app.lib.i18n import Sentence, _l, pick
from app.lib.periods import day_of, period_start, start_of
from app.models.base import read_all
from app.models.ledger import Cause, Code, State, UnitId

LATEST, MESSAGES, RELEASES, ENTRIES = 5, 4, 3, 40
LOOK_AHEAD = 60  # days, for what may be lost
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
    challenges: tuple[Card, ...] | None  # None where there is none to join either
    law: Sentence | None  # what stays open to whom the law allows no points for trades
    steps: tuple[tuple[Step, bool], ...]  # with whether it is done; empty once the first weeks are over
    streak: Shown

    @property
    def lapse(self) -> date | None:
        """The last day of the points that lapse next."""
        return next((event.day for event in self.coming if event.way == "lapsed"), None)


_LATEST = statement(
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
    """,
    "seq earned reason outcome kind data occurred_at line held undone",
)
# Everything small in one statement: what a statement costs beside its rows is more than these rows.
# Lines follow each other in time, so the first one since a moment is found by halving, however long the chain is: the
# first of this week, and the first that may still be held. Only what was recorded long before it could be counted, of
# an account that was linked late, stands out of turn; it is left out of the week's sum.
# Asked twice, not joined: for a join SQLite would read the whole table into a filter, to find a dozen rows.
_MIDDLE = "SELECT recorded_at FROM transfer WHERE wallet_id = :member AND seq = (low + high + 1) / 2"
_NEWS = statement(
    f"""
    WITH RECURSIVE half (since, low, high) AS (
        SELECT moment.since, 0, w.seq FROM wallet w
        CROSS JOIN (SELECT :monday AS since UNION ALL SELECT :held_since) AS moment WHERE w.id = :member
        UNION ALL
        SELECT since, CASE WHEN ({_MIDDLE}) < since THEN (low + high + 1) / 2 ELSE low END,
            CASE WHEN ({_MIDDLE}) < since THEN high ELSE (low + high + 1) / 2 - 1 END
        FROM half WHERE low < high
    )
    SELECT 'week' AS what, cast(coalesce(sum(CASE WHEN debit = {int(State.ISSUED)} THEN amount
            WHEN code = {int(Code.REVERSAL)} THEN -amount ELSE 0 END), 0) AS bigint) AS a, 0 AS b, 0 AS c,
        NULL AS kind, NULL AS facts
    FROM transfer
    WHERE wallet_id = :member AND unit_id = {int(UnitId.POINTS)} AND recorded_at >= :monday
        AND seq > (SELECT max(low) FROM half WHERE since = :monday)
    UNION ALL
    SELECT 'day', day, sum, 0, NULL, NULL FROM qualifying_day
    WHERE member_id = :member AND day >= :first AND day < :until AND sum > 0
    UNION ALL
    SELECT 'release', at, points, number, NULL, NULL FROM (
        SELECT available_at AS at, cast(sum(remaining) AS bigint) AS points, count(*) AS number FROM batch
        WHERE :pending > 0 AND wallet_id = :member AND seq > (SELECT max(low) FROM half WHERE since = :held_since)
            AND held AND remaining > 0 AND available_at IS NOT NULL
        GROUP BY available_at ORDER BY available_at LIMIT {RELEASES}
    ) AS released
    UNION ALL
    SELECT 'told', created_at, CASE WHEN read_at IS NULL THEN 1 ELSE 0 END, 0, kind, cast(facts AS text) FROM (
        SELECT n.kind, n.facts, n.created_at, n.read_at FROM message n
        WHERE n.member_id = :member AND {wanted("n.member_id", "n.kind")} ORDER BY n.id DESC LIMIT {MESSAGES}
    ) AS told
    UNION ALL
    SELECT 'entry', revision_id, state, coalesce(ends_at, 0), zone, progress FROM (
        SELECT revision_id, state, ends_at, zone, progress FROM challenge_entry
        WHERE member_id = :member AND state IN ({int(EntryState.JOINED)}, {int(EntryState.COMPLETED)})
        ORDER BY state DESC, joined_at DESC LIMIT {ENTRIES}
    ) AS entered
    UNION ALL
    SELECT 'habit', (day + 3) / 7, cast(sum(DISTINCT 1 << (day + 3 - (day + 3) / 7 * 7)) AS bigint), 0, NULL, NULL
    FROM habit_day WHERE member_id = :member GROUP BY (day + 3) / 7
    UNION ALL
    SELECT 'rest', day, CASE WHEN kept IS NULL THEN -1 WHEN kept THEN 1 ELSE 0 END, 0, NULL, NULL
    FROM rest_day WHERE member_id = :member AND day >= :last_monday
    UNION ALL
    SELECT 'account', 1, 0, 0, NULL, NULL
    WHERE :is_new > 0 AND EXISTS (SELECT 1 FROM trading_account WHERE member_id = :member)
    UNION ALL
    SELECT 'lesson', 1, 0, 0, NULL, NULL
    WHERE :is_new > 0 AND EXISTS (
        SELECT 1 FROM (
            SELECT activity_id FROM decision WHERE member_id = :member ORDER BY seq LIMIT {FIRST_DECISIONS}
        ) AS early
        JOIN activity a ON a.id = early.activity_id WHERE a.kind = {LESSON}
    )
    """,
    "what a b c kind facts",
)


def overview(me: SignedIn, now: datetime) -> Overview:
    """Everything home says of a member."""
    programme, language = compiled(), me.language
    place = position(me, programme, now)
    is_new = now - me.joined_at < NEW_FOR
    news = _news(me, place, is_new, now)
    place, days = tiers.settle(place, {row.a: row.b for row in news["day"]})
    seen = place.today + LOOK_AHEAD if place.ladder.is_rolling else None
    projection = project(place, place.ladder, place.today, days, seen)
    above, perk = place.above, place.next_perk
    told = (said(row.kind, row.facts, row.a, bool(row.b), place.ladder, language) for row in news["told"])
    return Overview(
        place,
        name_of(place.ladder, place.level_id, language),
        name_of(place.ladder, above.id, language) if above else "",
        place.level.factor if has_factor(programme, place.standing) else None,
        pick(perk.text, language) if perk else "",
        projection,
        words.outlook(place, projection, language, seen),
        news["week"][0].a,
        tuple(_happened(row, language) for row in read_all(_LATEST, {"member": me.id})),
        _coming(me, news["release"]),
        tuple(one for one in told if one is not None),
        closest(news["entry"], me, now),
        stays_open(me),
        _steps(me, place, news.keys()) if is_new else (),
        _streak(me, news, now),
    )


def _news(me: SignedIn, place: Position, is_new: bool, now: datetime) -> dict[str, list[Any]]:
    """The rows of the statement by what they say."""
    ladder, start = place.ladder, place.ladder.window_start(place.today)
    longest_hold = max((rule.definition.hold_days for rule in compiled().rules_by_revision.values()), default=0)
    monday = period_start(day_of(now, me.zone), "week")
    values = {
        "member": me.id,
        "pending": me.pending,
        "is_new": int(is_new),
        "monday": to_micros(start_of(monday, me.zone)),
        "last_monday": monday - 7,
        # Until the midnight after the hold's last day, and a day for the zone.
        "held_since": to_micros(now - timedelta(days=longest_hold + 2)),
        "first": place.window_from,
        # Only the days of a rolling window tell what it will hold.
        "until": start + LOOK_AHEAD + ladder.grace_days if ladder.is_rolling else place.window_from,
    }
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in read_all(_NEWS, values):
        rows[row.what].append(row)
    return rows


def _steps(me: SignedIn, place: Position, found: Collection[str]) -> tuple[tuple[Step, bool], ...]:
    """What a new member may do; nothing once all of it is done."""
    steps = [(Step.LESSON, Step.LESSON in found), (Step.ALIAS, me.alias is not None)]
    if place.standing.judge(PaysFor.TRADING) <= Verdict.SERVICE_ONLY:
        steps.insert(0, (Step.ACCOUNT, Step.ACCOUNT in found))
    return tuple(steps) if not all(done for _, done in steps) else ()


def _streak(me: SignedIn, news: Mapping[str, list[Any]], now: datetime) -> Shown:
    rests = {row.a: None if row.b < 0 else bool(row.b) for row in news["rest"]}
    practice = {row.a: row.b for row in news["habit"]}
    return shown(practice, rests, day_of(now, me.zone), read_rules(compiled().settings))


def _happened(row: Any, language: str) -> Happened:
    facts, outcome = facts_in(row.kind, row.data), read_outcome(row.outcome)
    if row.earned:
        note, path = as_it_is(rule_name(outcome.awarded[0][0], language)), f"/{row.line}"
    else:
        note, path = miss(row.reason, outcome, row.kind, facts, language).headline, f"/missed/{row.seq}"
    sort, at = BY_CODE[row.kind].key, from_micros(row.occurred_at)
    return Happened(sort, title(row.kind, facts), note, at, row.earned, bool(row.held), bool(row.undone), path)


def _coming(me: SignedIn, releases: Iterable[Any]) -> tuple[Event, ...]:
    """The next releases, and the next lapse among them."""
    zone, events = compiled().zone, []
    for row in releases:
        under = Sentence(_l("Activities: %(number)s"), {"number": row.c})
        events.append(Event(date_of(row.a, zone), Sentence(_l("Released")), under, row.b, "earned"))
    if me.next_expiry_micros is not None:
        last = from_day(day_of(from_micros(me.next_expiry_micros), zone) - 1)
        under = Sentence(_l("%(day)s; the oldest are spent first"), {"day": last})
        events.append(Event(last, Sentence(_l("Lapse at midnight")), under, -me.next_expiry_amount, "lapsed"))
    return tuple(sorted(events, key=lambda event: event.day))
