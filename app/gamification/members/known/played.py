"""Of what is known of a person, what they played, practised, planned and wrote down."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification.activities import BY_CODE, TRADE, facts_of
from app.gamification.challenges.entry import EntryState
from app.gamification.habits.plans import in_words, read
from app.gamification.journal.words import MOODS
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.titles import title
from app.gamification.members.known.part import Part, in_stretches, table
from app.gamification.members.sign_ins import SignedIn
from app.lib.clock import from_day
from app.lib.i18n import Sentence, _l, pick
from app.models.activity import Activity
from app.models.base import read_all
from app.models.habits import HabitDay, JournalEntry, RestDay, RiskLimit, TradingPlan
from app.models.lessons import Lesson, LessonAttempt, LessonRevision
from app.models.play import Badge, BadgeAward, BadgeCount, BadgeKey, BadgeRevision, ChallengeEntry

_CHALLENGES = (
    select(ChallengeEntry)
    .where(ChallengeEntry.member_id == bindparam("of_member"))
    .order_by(ChallengeEntry.joined_at, ChallengeEntry.challenge_id, ChallengeEntry.run)
)
_BADGES = (
    select(BadgeAward, BadgeRevision.definition)
    .join(BadgeRevision, BadgeRevision.id == BadgeAward.revision_id)
    .where(BadgeAward.member_id == bindparam("of_member"))
    .order_by(BadgeAward.awarded_at, BadgeAward.badge_id, BadgeAward.level)
)
_COUNTS = select(BadgeCount.counts).where(BadgeCount.member_id == bindparam("of_member"))
_COUNTED = (
    select(Badge.key.label("badge"), BadgeKey.key.label("what_counted"), BadgeKey.times)
    .join(Badge, Badge.id == BadgeKey.badge_id)
    .where(BadgeKey.member_id == bindparam("of_member"))
    .order_by(BadgeKey.badge_id, BadgeKey.key)
)
_LESSONS = (
    select(
        Lesson.key,
        LessonRevision.definition,
        LessonAttempt.made_at,
        LessonAttempt.answers,
        LessonAttempt.correct,
        LessonAttempt.passed,
    )
    .join(Lesson, Lesson.id == LessonAttempt.lesson_id)
    .join(LessonRevision, LessonRevision.id == LessonAttempt.revision_id)
    .where(LessonAttempt.member_id == bindparam("of_member"))
    .order_by(LessonAttempt.id)
)
# In stretches: a text of each.
_JOURNAL = (
    select(JournalEntry, Activity.data)
    .join(Activity, Activity.id == JournalEntry.activity_id, isouter=True)
    .where(JournalEntry.member_id == bindparam("of_member"), JournalEntry.id > bindparam("after"))
    .order_by(JournalEntry.id)
    .limit(bindparam("most"))
)
_DAYS = (
    select(HabitDay.day, Activity.kind)
    .join(Activity, Activity.id == HabitDay.activity_id, isouter=True)
    .where(HabitDay.member_id == bindparam("of_member"))
    .order_by(HabitDay.day, HabitDay.activity_id)
)
_RESTS = select(RestDay).where(RestDay.member_id == bindparam("of_member")).order_by(RestDay.day)
_LIMITS = (
    select(RiskLimit.since, RiskLimit.amount, RiskLimit.currency)
    .where(RiskLimit.member_id == bindparam("of_member"))
    .order_by(RiskLimit.since)
)
_PLANS = select(TradingPlan).where(TradingPlan.member_id == bindparam("of_member")).order_by(TradingPlan.since)
# fmt: off
_CHALLENGE_COLUMNS = (
    "challenge", "name", "run", "state", "joined_at", "ends_at", "time_zone", "counted_by_step", "completed_at",
    "claimed_at", "ended_at", "points",
)
_BADGE_COLUMNS = ("badge", "name", "level", "awarded_at", "fell_away_at", "points")
_LESSON_COLUMNS = ("lesson", "title", "at", "answers", "correct", "passed")
_REST_COLUMNS = ("day", "begins_at", "ends_at", "planned_at", "kept")
_WRITTEN_COLUMNS = ("day", "written_at", "changed_at")
_JOURNAL_COLUMNS = (*_WRITTEN_COLUMNS, "about_trade", "mood", "mood_in_words", "text", "keep_or_change")
# fmt: on


def parts(me: SignedIn, own: bool) -> Iterator[Part]:
    """Challenges, badges, lessons, practice, what was planned, and the journal; its words only if `own`."""
    about = _l("The challenges you joined, how far you came, and what became of them.")
    yield Part("challenges", about, _CHALLENGE_COLUMNS, _challenges(me))
    yield Part("badges", _l("The levels of badges you were given."), _BADGE_COLUMNS, _badges(me))
    yield Part("badge_progress", _l("What is counted towards badges."), ("badge", "counted", "level"), _progress(me))
    yield table("badge_details", _l("What counted towards badges for different things."), _COUNTED, me.id)
    yield Part("lessons", _l("Your answers to the questions of lessons."), _LESSON_COLUMNS, _lessons(me))
    yield Part("practice", _l("Your days of practice, which make up the streak."), ("day", "by"), _practice(me))
    yield Part("rest_days", _l("The rest days you planned, and whether they were kept."), _REST_COLUMNS, _rests(me))
    yield table("risk_limits", _l("The limits of risk you set yourself; an empty one ends it."), _LIMITS, me.id)
    about = _l("The trading plans you wrote; an empty one ends it.")
    yield Part("trading_plans", about, ("since", "in_words", "rules"), _plans(me))
    if own:
        yield Part("journal", _l("Your journal, which only you can read."), _JOURNAL_COLUMNS, _journal(me))
    else:
        about = _l("When you wrote in your journal. What you wrote is only in the copy that you take yourself.")
        yield Part("journal", about, _WRITTEN_COLUMNS, _written(me))


def _challenges(me: SignedIn) -> Iterator[dict[str, Any]]:
    known = compiled().play.challenges
    for row in read_all(_CHALLENGES, {"of_member": me.id}):
        challenge = known.get(row.revision_id)
        yield {
            "challenge": challenge.key if challenge else None,
            "name": pick(dict(challenge.definition.name), me.language) if challenge else None,
            "run": row.run + 1,
            "state": EntryState(row.state).name.lower(),
            "joined_at": row.joined_at,
            "ends_at": row.ends_at,
            "time_zone": row.zone,
            "counted_by_step": json.loads(row.progress),
            "completed_at": row.completed_at,
            "claimed_at": row.claimed_at,
            "ended_at": row.ended_at,
            "points": row.points,
        }


def _badges(me: SignedIn) -> Iterator[dict[str, Any]]:
    known = compiled().play.badges
    for row in read_all(_BADGES, {"of_member": me.id}):
        badge = known.get(row.badge_id)
        yield {
            "badge": badge.key if badge else None,
            "name": pick(row.definition["name"], me.language),
            "level": row.level,
            "awarded_at": row.awarded_at,
            "fell_away_at": row.fell_at,
            "points": row.points,
        }


def _progress(me: SignedIn) -> Iterator[dict[str, Any]]:
    known = compiled().play.badges
    for row in read_all(_COUNTS, {"of_member": me.id}):
        for badge_id, (value, *rest) in json.loads(row.counts).items():
            badge = known.get(int(badge_id))
            if badge is None:
                continue
            scale = badge.measured.measure.scale if badge.measured is not None else 0
            yield {"badge": badge.key, "counted": Decimal(value).scaleb(-scale), "level": rest[0] if rest else 0}


def _lessons(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_LESSONS, {"of_member": me.id}):
        yield {
            "lesson": row.key,
            "title": pick(row.definition.get("title", {}), me.language),
            "at": row.made_at,
            "answers": [answer + 1 if isinstance(answer, int) else answer for answer in row.answers],
            "correct": row.correct,
            "passed": row.passed,
        }


def _practice(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_DAYS, {"of_member": me.id}):
        yield {"day": from_day(row.day), "by": Sentence(BY_CODE[row.kind].title) if row.kind is not None else None}


def _rests(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_RESTS, {"of_member": me.id}):
        yield {
            "day": from_day(row.day),
            "begins_at": row.starts_at,
            "ends_at": row.ends_at,
            "planned_at": row.planned_at,
            "kept": row.kept,
        }


def _plans(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in read_all(_PLANS, {"of_member": me.id}):
        plan = read(row.rules)
        yield {"since": row.since, "in_words": list(in_words(plan)) if plan else [], "rules": row.rules}


def _journal(me: SignedIn) -> Iterator[dict[str, Any]]:
    for row in in_stretches(_JOURNAL, me.id):
        yield {
            **_when(row),
            "about_trade": None if row.data is None else title(TRADE, facts_of(TRADE, row.data)),
            "mood": row.mood or None,
            "mood_in_words": Sentence(MOODS[row.mood]) if row.mood else None,
            "text": row.body,
            "keep_or_change": row.lesson,
        }


def _written(me: SignedIn) -> Iterator[dict[str, Any]]:
    yield from (_when(row) for row in in_stretches(_JOURNAL, me.id))


def _when(row: Any) -> dict[str, Any]:
    return {"day": from_day(row.day), "written_at": row.written_at, "changed_at": row.changed_at}
