"""However work is cut, delivered and corrected: challenges, badges and practice come out the same, and so do the points."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import backlog, catalogue, ingest, pipeline
from app.gamification.activities import (
    AccountEntry,
    Data,
    DepositMade,
    Incoming,
    LessonPassed,
    TradeClosed,
    incoming,
    kind_of,
)
from app.gamification.challenges import enrolment, sweep
from app.gamification.errors import Refusal
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import enrol
from app.lib.clock import to_micros
from app.models import bulk
from app.models.activity import ActivityFlag
from app.models.base import read_all, reader, transaction
from tests.properties.test_rounds import MEMBERS, TABLES, unshrunk
from tests.support.examples import examples
from tests.support.programmes import end_all_rules, publish

START = datetime(2026, 3, 27, 8, tzinfo=UTC)  # two days before Europe's clocks change
END = START + timedelta(days=60)
HOUR = timedelta(hours=1)
PLAYED = {
    "challenge_entry": "member_id, challenge_id, run",
    "badge_count": "member_id",
    "badge_key": "member_id, badge_id, key",
    "badge_award": "member_id, badge_id, level",
    "habit_day": "member_id, activity_id",
    "taken_back": "activity_id",
}
AT_ONCE: dict[str, Any] = {"claim": False, "reward": {"points": 50}}


def step(kind: str, target: Any, **more: Any) -> dict[str, Any]:
    after = {"after": more.pop("after")} if "after" in more else {}
    return {"kind": kind, "settings": {"target": target, **more}, **after}


# Those that only add up, in windows without an end.
PLAIN: dict[str, dict[str, Any]] = {
    "lots": {"steps": [step("lots_traded", "3")], **AT_ONCE},
    "kinds": {"steps": [step("instruments", 2), step("visits", 2)], "reward": {"points": 9, "badge": "medal"}},
    "risk": {"steps": [step("risk_within_limit", 2)], "claim": False, "reward": {"badge": "medal", "keep_days": 30}},
    "plan": {"steps": [step("plan_kept", 3)], "reward": {"points": 20}},
    "learned": {"steps": [step("lessons_passed", 2), step("journal_entries", 2)], **AT_ONCE},
    "earned": {"steps": [step("points_earned", 30)], "claim": False, "reward": {"points": 5, "qualifying": True}},
}
# Those in which order and time matter, and those that begin by themselves and again.
OTHERS: dict[str, dict[str, Any]] = {
    "row": {"steps": [step("stop_loss_row", 3)], "claim": False, "reward": {"points": 500, "qualifying": True}},
    "kept": {"steps": [step("deposit_kept", 1, amount="100", currency="USD")], **AT_ONCE},
    "quest": {
        "steps": [step("first_trade", 1), step("journal_entries", 1, after=[0]), step("lots_traded", "2", after=[0])],
        **AT_ONCE,
    },
    "week": {"steps": [step("trading_days", 2)], "window": {"kind": "personal", "days": 7}, **AT_ONCE},
    "again": {"steps": [step("visits", 2)], "automatic": True, "recurrence": "completion", **AT_ONCE},
    # Lessons of before its first day are what it begins with.
    "course": {
        "steps": [step("lessons_passed", 2), step("visits", 1)],
        "automatic": True,
        "window": {"kind": "fixed", "first": "2026-03-29", "last": "2026-04-02"},
        **AT_ONCE,
    },
    "weekly": {
        "steps": [step("points_earned", 20)],
        "automatic": True,
        "recurrence": "end",
        "window": {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"},
        "claim": False,
        "reward": {"badge": "medal", "badge_level": 2},
    },
}
# Those that are over when the first report comes: what they are told is late.
OVER: dict[str, dict[str, Any]] = {
    "days": {"steps": [step("points_earned", 20)], "window": {"kind": "personal", "days": 4}, **AT_ONCE},
    "pairs": {
        "steps": [step("instruments", 2)],
        "window": {"kind": "personal", "days": 6},
        "recurrence": "completion",
        "reward": {"points": 3, "qualifying": True},
    },
}
BADGES: dict[str, dict[str, Any]] = {
    "volume": {"criterion": {"kind": "lots_traded"}, "levels": ["1", "3", "10"], "points": [1, 2, 3]},
    "days": {"criterion": {"kind": "trading_days"}, "levels": ["1", "2"], "points": [4, 4]},
    "scholar": {"criterion": {"kind": "lessons_passed"}, "levels": ["1", "2"]},
    "medal": {"criterion": {"kind": "given"}, "levels": ["1", "2"]},
    "player": {"criterion": {"kind": "challenges_completed"}, "levels": ["1", "3"], "points": [7, 7]},
}


@dataclass(frozen=True)
class Said:
    """One activity as hypothesis draws it."""

    member: int
    kind: str
    size: int
    hours: int  # since the beginning; what was done before it is the baseline
    what: str
    stop: bool
    amends: int | None = None
    bust: bool = False


said = st.builds(
    Said,
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from(
        ["trade.closed"] * 5
        + ["journal.written", "lesson.passed", "visit", "visit", "deposit.made", "deposit.made", "account.entry"]
    ),
    st.integers(1, 200),
    st.integers(-12, 24 * 6),
    st.sampled_from(["EURUSD", "XAUUSD.m", "US30"]),
    st.booleans(),
)
amending = st.builds(replace, said, amends=st.integers(0, 14), bust=st.booleans())
deliveries = st.lists(st.lists(said | said | amending, min_size=1, max_size=6), min_size=2, max_size=6)


def encode(said: Said, place: int) -> Incoming:
    kind = kind_of(said.kind)
    assert kind is not None
    at = START + said.hours * HOUR
    flags = 0 if said.amends is None else int(ActivityFlag.BUSTS if said.bust else ActivityFlag.CORRECTS)
    data = None if flags == ActivityFlag.BUSTS else data_of(said, at)
    amends = None if said.amends is None else f"a{said.amends}"
    return incoming(f"a{place}", kind, data, at, member=f"M{said.member}", amends=amends, flags=flags)


def data_of(said: Said, at: datetime) -> Data:
    match said.kind:
        case "lesson.passed":
            return LessonPassed(said.what.split(".")[0].lower())
        case "deposit.made":
            return DepositMade(str(said.size), "USD")
        case "account.entry":
            return AccountEntry("transfer", str(100 - said.size), "USD")
        case "trade.closed":
            stop = "99.90" if said.stop else None
            figures = (f"{said.size / 100:.2f}", "100.00", "100.50", at - HOUR, at, "50.00", "0", "0", "USD", stop)
            return TradeClosed(said.what, "buy", *figures)
    return Data()


def begin(
    start_over: Callable[[], None], challenges: dict[str, dict[str, Any]], joined: Iterable[str] = ()
) -> list[int]:
    """A new installation with these challenges, three members who have joined them all, and rules without caps."""
    start_over()
    end_all_rules()
    for kind, rate in (("trade.closed", "3"), ("journal.written", "5"), ("visit", "2")):
        base = {"kind": "lots" if kind == "trade.closed" else "fixed", "rate": rate}
        publish(kind, {"kind": kind, "base": base})
    with transaction():
        for key, badge in BADGES.items():
            catalogue.publish(catalogue.BADGES, key, {"name": {"en": key}, **badge}, now=START)
        for key, one in challenges.items():
            catalogue.publish(catalogue.CHALLENGES, key, {"name": {"en": key}, **one}, now=START)
    members = []
    with transaction() as conn:
        for place, (country, client_class, entity) in enumerate(MEMBERS):
            who = {"country": country, "client_class": client_class, "entity_key": entity}
            members.append(
                enrol(f"m{place}@example.com", "Tara", now=START - 50 * 24 * HOUR, external_id=f"M{place}", **who)
            )
        since = to_micros(START - HOUR * 24)
        bulk.insert(
            conn, "risk_limit", ("member_id", "since", "amount", "currency"), [(m, since, "12", "USD") for m in members]
        )
        rules = '{"symbols": ["EURUSD"], "opens": "06:00:00", "closes": "20:00:00", "zone": "Asia/Tokyo"}'
        bulk.insert(conn, "trading_plan", ("member_id", "since", "rules"), [(m, since, rules) for m in members])
    pipeline.drain()
    for challenge_id, one in enumerate(challenges.values(), 1):
        for member in members if not one.get("automatic") else ():
            with suppress(Refusal), transaction():
                enrolment.join(member, challenge_id, now=START)
    return members


def deliver(
    plan: list[list[Said]],
    *,
    fold_each: bool,
    limit: int = 0,
    first: int = 0,
    between: Callable[[datetime], None] | None = None,
) -> None:
    """The deliveries of a plan, seven hours apart, the first a week after the beginning; between them what is told."""
    place = first
    for number, delivery in enumerate(plan):
        items = [encode(one, place + offset) for offset, one in enumerate(delivery)]
        place += len(delivery)
        with transaction():
            ingest.accept(ingest.source("broker"), items, when(number))
        while fold_each and pipeline.run(limit):
            pass
        if between is not None:
            between(when(number) + HOUR)
    while pipeline.run(limit):
        pass


def when(number: int) -> datetime:
    return START + (7 * 24 + 7 * number) * HOUR


def finish(members: list[int], challenges: dict[str, dict[str, Any]], now: datetime = END) -> None:
    """Time passes, and everybody claims what there is."""
    sweep.settle_due(now)
    for challenge_id, one in enumerate(challenges.values(), 1):
        for member in members if one.get("claim", True) else ():
            with suppress(Refusal), transaction():
                enrolment.claim(member, challenge_id, now=now)


def everything() -> dict[str, list[Any]]:
    with reader().connect() as conn:
        found = {
            table: [tuple(row) for row in conn.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))]
            for table, order in (TABLES | PLAYED).items()
        }
        told = conn.execute(text("SELECT member_id, kind, facts, created_at FROM message"))
        return found | {"message": sorted(str(tuple(row)) for row in told)}


def sums() -> dict[str, list[Any]]:
    """What there is in the end, whatever the way there."""
    wallets = read_all(text("SELECT id, available + pending - debt AS net, lifetime FROM wallet ORDER BY id"))
    # What ended without being completed may have been completed on the way: 6 is as good as 4.
    entries = read_all(
        text(
            "SELECT member_id, challenge_id, run, CASE state WHEN 6 THEN 4 ELSE state END AS state, points"
            " FROM challenge_entry ORDER BY 1, 2, 3"
        )
    )
    keys = read_all(text("SELECT member_id, badge_id, key, times FROM badge_key WHERE times > 0 ORDER BY 1, 2, 3"))
    held = read_all(
        text("SELECT member_id, badge_id, level, points FROM badge_award WHERE fell_at IS NULL ORDER BY 1, 2, 3")
    )
    days = read_all(text("SELECT member_id, day FROM habit_day ORDER BY 1, 2"))
    found = {"wallet": wallets, "entry": entries, "key": keys, "held": held, "day": days}
    return {name: [tuple(row) for row in rows] for name, rows in found.items()}


def check() -> None:
    assert verify().bad is None
    assert (backlog.read().failed, backlog.read().queued) == (0, 0)


@settings(unshrunk, max_examples=examples(12))
@given(deliveries)
def test_a_round_of_many_plays_the_same_as_rounds_of_one_and_a_delivery_counts_once(app, start_over, plan):
    every = PLAIN | OTHERS | OVER
    results = []
    for fold_each, limit in ((False, 0), (True, 0), (False, 1)):
        members = begin(start_over, every)
        deliver(plan, fold_each=fold_each, limit=limit)
        if limit:
            folded = everything()
            deliver(plan, fold_each=True)  # all of it once more
            assert everything() == folded
        finish(members, every)
        check()
        results.append(everything())
    assert results[0] == results[1] == results[2]


@settings(unshrunk, max_examples=examples(6))
@given(deliveries)
def test_the_clock_and_who_claims_leaves_and_comes_back_between_rounds_change_nothing_of_that(app, start_over, plan):
    every = PLAIN | OTHERS | OVER | {"kinds": PLAIN["kinds"] | {"recurrence": "completion"}}
    results = []
    for limit in (0, 1):
        members = begin(start_over, every)

        def between(now: datetime, members: list[int] = members) -> None:
            finish(members, every, now)
            for challenge_id in range(1, len(every) + 1):
                for act in (enrolment.leave, enrolment.join) if now.hour % 2 else (enrolment.join,):
                    with suppress(Refusal), transaction():
                        act(members[0], challenge_id, now=now)

        deliver(plan, fold_each=True, limit=limit, between=between)
        finish(members, every)
        check()
        results.append(everything())
    assert results[0] == results[1]


@settings(unshrunk, max_examples=examples(10))
@given(st.lists(st.lists(said, min_size=1, max_size=6), min_size=2, max_size=4), st.sets(st.integers(0, 23)))
def test_a_bust_is_as_if_it_had_never_happened(app, start_over, plan, wrong):
    every = PLAIN | OVER | {key: OTHERS[key] for key in ("row", "quest", "week")}
    places = iter(range(100))
    numbered = [[(next(places), one) for one in delivery] for delivery in plan]
    members = begin(start_over, every)
    deliver(plan, fold_each=True)
    busts = [
        replace(one, amends=place, bust=True) for delivery in numbered for place, one in delivery if place in wrong
    ]
    deliver([[]] * len(plan) + [busts], fold_each=True, first=50)
    finish(members, every)
    check()
    busted = sums()
    members = begin(start_over, every)
    for number, delivery in enumerate(numbered):
        items = [encode(one, place) for place, one in delivery if place not in wrong]
        with transaction():
            ingest.accept(ingest.source("broker"), items, when(number))
    pipeline.drain()
    finish(members, every)
    assert sums() == busted


@settings(unshrunk, max_examples=examples(6))
@given(st.lists(st.lists(said, min_size=1, max_size=5), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_what_only_adds_up_comes_to_the_same_in_any_order(app, start_over, plan, random):
    results = []
    for again in (False, True):
        if again:
            plan = [delivery[:] for delivery in plan]
            random.shuffle(plan)
            for delivery in plan:
                random.shuffle(delivery)
        members = begin(start_over, PLAIN | OVER)
        deliver(plan, fold_each=again)
        finish(members, PLAIN | OVER)
        check()
        results.append(sums())
    assert results[0] == results[1]
