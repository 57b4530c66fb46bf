"""What members practised, planned and wrote, without waiting for days to pass."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from app.gamification import catalogue, pipeline
from app.gamification.journal import writing
from app.gamification.journal.words import Note
from app.lib.clock import to_micros
from app.lib.periods import day_of
from app.models.base import transaction
from app.models.habits import RestDay, RiskLimit, TradingPlan
from app.models.lessons import LessonAttempt
from app.models.messages import MessageChoice
from tests.support.playing import badge, challenge

UTC_ZONE = ZoneInfo("UTC")
LESSON = {
    "title": {"en": "Risk"},
    "body": {"en": "Risk what you can lose."},
    "questions": [{"text": {"en": "How much?"}, "answers": [{"en": "All"}, {"en": "Little"}], "right": 1}],
}


def practise(member_id: int, *days: int) -> None:
    """Days of practice, as the pipeline would have noted them."""
    with transaction() as conn:
        for day in days:
            conn.execute(text("INSERT INTO habit_day VALUES (:m, :d, :d)"), {"m": member_id, "d": day})


def journal(member_id: int, body: str, *, lesson: str = "", now: datetime) -> int:
    """An entry on today; its number."""
    with transaction():
        note = Note(body, 4, lesson)
        return writing.write(member_id, note, "", zone=UTC_ZONE, now=now, day=day_of(now, UTC_ZONE))


def something_of_everything(member_id: int, words: str, *, now: datetime) -> None:
    """A row of everything that members play, practise, plan and write down; `words` are in their own."""
    journal(member_id, f"Today I thought of this: {words}", lesson=words, now=now)
    pipeline.drain()
    challenge_id, badge_id = challenge("lots"), badge("volume")
    today = day_of(now, UTC_ZONE)
    with transaction() as conn:
        lesson_id = catalogue.publish(catalogue.LESSONS, "risk", LESSON, now=now)
        ids = {
            "m": member_id, "c": challenge_id, "b": badge_id, "l": lesson_id, "now": to_micros(now), "day": today
        }  # fmt: skip
        conn.execute(
            text(
                "INSERT INTO challenge_entry (member_id, challenge_id, run, revision_id, state, joined_at, zone,"
                " since_seq, progress, awards, points) SELECT :m, :c, 0, max(id), 1, :now, 'UTC', 0, :progress, 0, 0"
                " FROM challenge_revision WHERE challenge_id = :c"
            ),
            ids | {"progress": json.dumps([[150_000_000, {}]])},
        )
        # What the member did before may have brought it already.
        for table in ("badge_award", "badge_count", "badge_key"):
            conn.execute(text(f"DELETE FROM {table} WHERE member_id = :m"), ids)
        conn.execute(
            text(
                "INSERT INTO badge_award (member_id, badge_id, level, revision_id, awarded_at, points)"
                " SELECT :m, :b, 1, max(id), :now, 0 FROM badge_revision WHERE badge_id = :b"
            ),
            ids,
        )
        counts = {"counts": json.dumps({str(badge_id): [150_000_000, 1]})}
        conn.execute(text("INSERT INTO badge_count VALUES (:m, :counts)"), ids | counts)
        conn.execute(text("INSERT INTO badge_key (member_id, badge_id, key, times) VALUES (:m, :b, 'EURUSD', 2)"), ids)
        conn.execute(text("INSERT INTO habit_day VALUES (:m, 1, :day)"), ids)
        revision_id = conn.execute(text("SELECT max(id) FROM lesson_revision WHERE lesson_id = :l"), ids).scalar_one()
        about = {"member_id": member_id}
        attempt = {"lesson_id": lesson_id, "revision_id": revision_id, "answers": [1], "correct": 1, "passed": True}
        conn.execute(insert(LessonAttempt).values(**about, **attempt, made_at=now))
        times = {"starts_at": now, "ends_at": now + timedelta(days=1), "planned_at": now}
        conn.execute(insert(RestDay).values(**about, day=today, kept=None, **times))
        conn.execute(insert(RiskLimit).values(**about, since=now, amount="50", currency="USD"))
        conn.execute(insert(TradingPlan).values(**about, since=now, rules={"needs_stop": True}))
        conn.execute(insert(MessageChoice).values(**about, topic="streak", channel="mail"))
