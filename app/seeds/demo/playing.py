"""What the demo's members take on beside trading: challenges, limits, plans, rest, and what the cast wrote down."""

import random
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, text

from app.gamification import ingest, pipeline, programme
from app.gamification.activities import BY_KEY, LESSON, TRADE, Incoming, TradeClosed, facts_of, incoming
from app.gamification.challenges import enrolment
from app.gamification.challenges.entry import EntryState
from app.gamification.errors import Refusal
from app.gamification.habits import limits, plans, rest
from app.gamification.instruments import instrument
from app.lib.clock import from_micros, to_micros
from app.lib.periods import day_at, day_of
from app.models.activity import ActivityFlag
from app.models.base import connection, read_all, transaction
from app.models.habits import JournalEntry
from app.models.lessons import LessonAttempt
from app.models.people import ClientClass
from app.seeds.demo.people import BROKER, Act, Person
from app.seeds.demo.wallets import Does
from app.seeds.demo.writings import WRITINGS

JOURNALLED = 45  # days for which the cast's own words are there

_COMPLETED = text(
    f"SELECT challenge_id FROM challenge_entry WHERE member_id = :member AND state = {int(EntryState.COMPLETED)}"
    " ORDER BY challenge_id, run"
)
# Everything that may have counted for the five instruments of one who has claimed them.
_COUNTED = text(
    "SELECT a.external_id, a.occurred_at, a.data, t.platform, t.server, t.login FROM challenge_entry e"
    " JOIN challenge c ON c.id = e.challenge_id AND c.key = 'five_instruments'"
    " JOIN member m ON m.id = e.member_id AND m.demo_role = 'chinese'"
    " JOIN decision d ON d.member_id = m.id AND d.seq > e.since_seq"
    " JOIN activity a ON a.id = d.activity_id AND a.verified AND a.kind = :trade AND a.amends IS NULL"
    " AND a.occurred_at >= e.joined_at AND a.occurred_at < e.ends_at"
    " JOIN trading_account t ON t.id = a.trading_account_id"
    f" WHERE e.state = {int(EntryState.CLAIMED)} ORDER BY a.id"
)
_OF_CAST = text(
    "SELECT a.id, a.kind, a.data, a.occurred_at, m.id AS member_id, m.language, m.time_zone, m.demo_role FROM member m"
    " JOIN decision d ON d.member_id = m.id JOIN activity a ON a.id = d.activity_id"
    " WHERE m.demo_role IS NOT NULL AND a.kind IN :kinds ORDER BY a.id"
).bindparams(bindparam("kinds", expanding=True))


def joins(key: str) -> Does:
    """Join a challenge, if the law and its days allow it."""

    def do(member_id: int, at: datetime) -> None:
        with suppress(Refusal), transaction():
            enrolment.join(member_id, _challenge(key), now=at)

    return do


def leaves(key: str) -> Does:
    """Leave it again."""

    def do(member_id: int, at: datetime) -> None:
        with suppress(Refusal), transaction():
            enrolment.leave(member_id, _challenge(key), now=at)

    return do


def claims(member_id: int, at: datetime) -> None:
    """Take whatever waits."""
    for row in read_all(_COMPLETED, {"member": member_id}):
        with suppress(Refusal), transaction():
            enrolment.claim(member_id, row.challenge_id, now=at)


def limits_to(amount: str, currency: str = "USD") -> Does:
    """Set what one trade may cost."""

    def do(member_id: int, at: datetime) -> None:
        with transaction():
            limits.put(member_id, Decimal(amount), currency, now=at)

    return do


def plans_to_trade(symbols: str, zone: str) -> Does:
    """Write down by which rules to trade."""

    def do(member_id: int, at: datetime) -> None:
        plan = plans.sound(
            symbols=symbols, opens=time(7), closes=time(21), zone=zone, max_lots=Decimal("3.00"), needs_stop=True,
            hold_minutes=15,
        )  # fmt: skip
        with transaction():
            plans.write(member_id, plan, now=at)

    return do


def rests(days_later: int, person: Person) -> Does:
    """Plan a day of rest so many days later."""

    def do(member_id: int, at: datetime) -> None:
        with suppress(Refusal), transaction():
            rest.plan(member_id, day_of(at, person.zone) + days_later, zone=person.zone, now=at)

    return do


def take_part(person: Person, now: datetime) -> None:
    """Add what somebody of the cast takes on: between them every state that there is."""
    for days_ago, does in _CAST.get(person.role or "", {}).items():
        _act(person, days_ago, does, now)
    if person.role in ("middle", "cyprus", "chinese"):
        traded = _days_of_trading(person)
        for days_ago in (33, 26, 19, 12, 5, 1):
            planned = day_of(now, person.zone) - days_ago
            # Once the market was stronger than the plan.
            wanted = (day for day in range(planned + 2, planned + 9) if (day in traded) == (days_ago == 19))
            _act(person, days_ago, rests(next(wanted, planned + 3) - planned, person), now)
    if person.role == "middle":
        _act(person, 70, limits_to("150"), now)
        _act(person, 20, limits_to("120"), now)
        _act(person, 31, plans_to_trade("XAUUSD, EURUSD, GBPUSD, USDJPY", str(person.zone)), now)


# Days ago, and what is done then.
_CAST: dict[str, dict[float, Does]] = {
    "middle": {
        80: joins("first_lessons"), 62: claims, 58: joins("own_limit"), 40: joins("deposit_kept"),
        36: joins("five_instruments"), 21: claims, 29: joins("plan_kept"), 11: joins("week_of_practice"),
        10: joins("come_by"), 18: joins("every_lesson"), 8: joins("journal_week"), 7: leaves("journal_week"),
        16: joins("stop_row"),
    },
    "top": {
        75: joins("first_lessons"), 60: joins("stop_row"), 52: claims, 51: joins("five_instruments"), 44: claims,
        20: joins("come_by"), 12: joins("deposit_kept"),
    },
    "cyprus": {
        88: joins("first_lessons"), 60: claims, 55: joins("come_by"), 50: joins("journal_week"), 38: claims,
        36: joins("every_lesson"), 30: joins("week_of_practice"), 9: joins("journal_week"), 12: joins("come_by"),
    },
    "arabic": {
        70: joins("first_lessons"), 40: claims, 22: joins("stop_row"), 14: joins("come_by"), 12: joins("every_lesson"),
    },
    "chinese": {
        90: joins("first_lessons"), 64: claims, 41: joins("five_instruments"), 20: claims, 25: joins("week_of_practice"),
        9: joins("journal_week"), 6: joins("own_limit"),
    },
}  # fmt: skip


def take_part_in_passing(chance: random.Random, person: Person, season: int, now: datetime) -> None:
    """What the crowd takes on: some of it, some of them, and most come back for what they earned."""
    first = max(person.joined, now - timedelta(days=day_of(now, person.zone) - season))
    if chance.random() > 0.45:
        return
    offered = ["first_lessons", "journal_week", "come_by", "every_lesson", "week_of_practice"]
    if person.client_class == ClientClass.PROFESSIONAL or person.entity == "global":
        offered += ["stop_row", "five_instruments", "deposit_kept", "own_limit"]
    for key in chance.sample(offered, chance.choice((1, 1, 2, 2, 3))):
        at = first + chance.random() * (now - first)
        person.acts.append(Act(at, joins(key)))
        if chance.random() < 0.12:
            person.acts.append(Act(min(now, at + timedelta(days=chance.uniform(1, 9))), leaves(key)))
    for days_ago in sorted(chance.sample(range(1, 80), 3), reverse=True):
        if (at := now - timedelta(days=days_ago)) > first:
            person.acts.append(Act(at, claims))


def take_back(now: datetime) -> None:
    """Cancel the few trades without which somebody would not have completed what they have claimed already."""
    by_symbol: dict[str, list[Incoming]] = defaultdict(list)
    for row in read_all(_COUNTED, {"trade": TRADE}):
        at, account = from_micros(row.occurred_at), (row.platform, row.server, row.login)
        flags = int(ActivityFlag.BUSTS)
        bust = incoming(
            f"{row.external_id}-gone", BY_KEY["trade.closed"], None, at, account=account, amends=row.external_id,
            flags=flags,
        )  # fmt: skip
        by_symbol[instrument(facts_of(TRADE, row.data).symbol).symbol].append(bust)
    rarest = sorted(by_symbol.values(), key=len)
    with transaction():
        busts = [bust for busts in rarest[: max(0, len(rarest) - 4)] for bust in busts]
        ingest.accept(ingest.source(BROKER), busts, now)
    pipeline.drain()


def write_down(now: datetime) -> None:
    """The words behind what was reported: the cast's journal, and how they answered. Inside an open transaction."""
    journal = BY_KEY["journal.written"].code
    since = to_micros(now - timedelta(days=JOURNALLED))
    lessons = {lesson.key: lesson for lesson in programme.current().play.live_lessons}
    entries, attempts, number = [], [], 0
    for row in read_all(_OF_CAST, {"kinds": [journal, LESSON]}):
        at = from_micros(row.occurred_at)
        if row.kind == journal and row.occurred_at >= since:
            bodies = WRITINGS[row.language]
            body, mood, keep = bodies[number % len(bodies)]
            number += 1
            entries.append(
                {
                    "member_id": row.member_id, "day": day_at(row.occurred_at, ZoneInfo(row.time_zone)),
                    "activity_id": None, "body": body, "mood": mood, "lesson": keep,
                    "token": f"{row.member_id}.demo-{row.id}", "written_at": at, "changed_at": None,
                }
            )  # fmt: skip
        elif row.kind == LESSON and (lesson := lessons.get(facts_of(row.kind, row.data).lesson)) is not None:
            right = [question.right for question in lesson.definition.questions]
            passed = (facts_of(row.kind, row.data).score or 0) >= 60
            answers = right if passed else [(place + 1) % 3 for place in right[:1]] + right[1:]
            attempts.append(
                {
                    "member_id": row.member_id, "lesson_id": lesson.lesson_id, "revision_id": lesson.revision_id,
                    "answers": answers, "correct": len(right) - (not passed), "passed": passed, "made_at": at,
                }
            )  # fmt: skip
    if entries:
        connection().execute(insert(JournalEntry), entries)
    if attempts:
        connection().execute(insert(LessonAttempt), attempts)


def _days_of_trading(person: Person) -> set[int]:
    """The days on which somebody opened or closed a trade."""
    trades = [deed.data for deed in person.deeds if isinstance(deed.data, TradeClosed)]
    return {day_of(at, person.zone) for trade in trades for at in (trade.opened_at, trade.closed_at)}


def _act(person: Person, days_ago: float, does: Does, now: datetime) -> None:
    at = now - timedelta(days=days_ago, minutes=7)
    if at > person.joined:
        person.acts.append(Act(at, does))


def _challenge(key: str) -> int:
    return next(one.challenge_id for one in programme.current().play.live if one.key == key)
