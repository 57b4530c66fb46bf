"""However lessons are reported, corrected and busted: each counts once and is paid once, while a report of it stands."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import catalogue, ingest, pipeline
from app.gamification.activities import BY_CODE, LESSON, Incoming, LessonPassed, facts_of, incoming
from app.gamification.challenges import enrolment
from app.gamification.challenges.entry import REWARDED, EntryState
from app.gamification.counted import COUNTS
from app.gamification.errors import Refusal
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import enrol
from app.models.activity import ActivityFlag
from app.models.base import read_all, transaction
from app.models.ledger import Cause, Code, UnitId
from app.models.people import ClientClass
from tests.properties.test_rounds import unshrunk
from tests.support.examples import examples
from tests.support.programmes import end_all_rules, publish

START = datetime(2026, 3, 27, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = ("risk", "costs", "leverage", "margin")
TARGETS = (1, 2, 3)
RATE = 7

# (lesson, hours since the beginning, what it amends, whether it is a bust); None: the member joins everything
said = st.tuples(st.sampled_from(KEYS), st.integers(-30, 30), st.none() | st.integers(0, 7), st.booleans())
deliveries = st.lists(st.lists(said, min_size=1, max_size=4), min_size=1, max_size=3)
histories = st.builds(
    lambda *parts: [one for part in parts for one in (*part, None)], deliveries, deliveries, deliveries
)


def encode(one: tuple[str, int, int | None, bool], place: int) -> Incoming:
    key, hours, amends, is_bust = one
    flags = 0 if amends is None else int(ActivityFlag.BUSTS if is_bust else ActivityFlag.CORRECTS)
    data = None if flags == ActivityFlag.BUSTS else LessonPassed(key, 90)
    named = None if amends is None else f"a{amends}"
    at = START + hours * HOUR
    return incoming(f"a{place}", BY_CODE[LESSON], data, at, member="M", amends=named, flags=flags)


def live(start_over: Callable[[], None], history: list[Any], limit: int) -> int:
    """A member who reports and joins in this order; their id."""
    start_over()
    end_all_rules()
    publish("lessons", {"kind": "lesson.passed", "base": {"kind": "fixed", "rate": str(RATE)}})
    with transaction():
        for target in TARGETS:
            step = {"kind": "lessons_passed", "settings": {"target": target}}
            catalogue.publish(
                catalogue.CHALLENGES,
                f"of-{target}",
                {"name": {"en": "x"}, "steps": [step], "claim": target == 2, "reward": {"points": 100}},
                now=START,
            )
        catalogue.publish(
            catalogue.BADGES,
            "scholar",
            {"name": {"en": "x"}, "criterion": {"kind": "lessons_passed"}, "levels": ["1", "2", "4"]},
            now=START,
        )
        law = {"country": "AE", "client_class": ClientClass.PROFESSIONAL, "entity_key": "global"}
        member = enrol("m@example.com", "Tara", now=START - 1000 * HOUR, external_id="M", **law)
    place = 0
    for number, delivery in enumerate(history):
        now = START + (40 + number) * HOUR
        if delivery is None:
            pipeline.drain()
            for challenge_id in range(1, len(TARGETS) + 1):
                with suppress(Refusal), transaction():
                    enrolment.join(member, challenge_id, now=now)
            continue
        with transaction():
            items = [encode(one, place + offset) for offset, one in enumerate(delivery)]
            ingest.accept(ingest.source("broker"), items, now)
        place += len(delivery)
        while limit and pipeline.run(limit):
            pass
    pipeline.drain()
    return member


def outcome(member: int) -> list[Any]:
    found: list[Any] = []
    for table, order in (("challenge_entry", "challenge_id"), ("badge_award", "level"), ("decision", "seq")):
        found += [tuple(row) for row in read_all(text(f"SELECT * FROM {table} ORDER BY {order}"))]
    return found + [tuple(row) for row in read_all(text("SELECT * FROM transfer ORDER BY seq"))]


def standing() -> set[str]:
    """The lessons of which a report stands."""
    rows = read_all(
        text(
            f"SELECT a.data FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.kind = {LESSON} AND {COUNTS}"
        )
    )
    return {facts_of(LESSON, row.data).lesson for row in rows}


def paid() -> Counter[str]:
    """How much each lesson has brought that was not taken back."""
    rows = read_all(
        text(
            f"SELECT a.data, t.amount FROM transfer t JOIN activity a ON t.cause = {Cause.ACTIVITY} AND a.id = t.cause_id"
            f" WHERE a.kind = {LESSON} AND t.unit_id = {UnitId.POINTS} AND t.code = {Code.ACCRUAL} AND NOT EXISTS ("
            f"SELECT 1 FROM transfer r WHERE r.wallet_id = t.wallet_id AND r.cause = {Cause.REVERSAL}"
            " AND r.part IN (4 * t.seq, 4 * t.seq + 1))"
        )
    )
    found: Counter[str] = Counter()
    for row in rows:
        found[facts_of(LESSON, row.data).lesson] += row.amount
    return found


@settings(unshrunk, max_examples=examples(25))
@given(histories)
def test_lessons_count_and_pay_once_while_they_stand(app, start_over, history):
    member = live(start_over, history, 0)
    at_once, left = outcome(member), standing()
    for row in read_all(text("SELECT challenge_id, state, progress FROM challenge_entry")):
        target = TARGETS[row.challenge_id - 1]
        assert (row.state in REWARDED) == (len(left) >= target), (row, left)
        if row.state == EntryState.JOINED:
            assert row.progress.startswith(f"[[{len(left)},"), (row, left)
    held = read_all(text("SELECT max(level) AS level FROM badge_award WHERE fell_at IS NULL"))[0].level or 0
    assert held == sum(len(left) >= needed for needed in (1, 2, 4))
    assert set(paid()) <= left
    assert set(paid().values()) <= {RATE}
    assert verify().bad is None
    assert outcome(live(start_over, history, 1)) == at_once
