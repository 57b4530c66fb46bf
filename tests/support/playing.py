"""Challenges and badges of the tests: published in a line, joined without a page, and what became of them."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.gamification import catalogue
from app.gamification.badges import recounting
from app.gamification.challenges import enrolment
from app.gamification.challenges.entry import EntryState
from app.models.base import read_all, read_one, transaction
from tests.support.play import NOON

LOTS = {"kind": "lots_traded", "settings": {"target": "3", "seconds": 180}}
JOURNAL = {"kind": "journal_entries", "settings": {"target": 2}}
LESSONS = {"kind": "lessons_passed", "settings": {"target": 2}}


def challenge(key: str = "lots", *steps: dict[str, Any], now: datetime = NOON, **more: Any) -> int:
    """Publish a challenge, or its next revision; its id. `more` are parts of its definition."""
    definition = {"name": {"en": key.title()}, "steps": list(steps or (LOTS,)), **more}
    with transaction():
        return catalogue.publish(catalogue.CHALLENGES, key, definition, now=now)


def badge(
    key: str = "volume", criterion: dict[str, Any] | None = None, *levels: str, counted: bool = True, **more: Any
) -> int:
    """Publish a badge, or its next revision, and unless told otherwise count it from everyone's history; its id."""
    kind = {name: value for name, value in (criterion or LOTS).items() if name != "settings"}
    settings = {name: value for name, value in (criterion or LOTS).get("settings", {}).items() if name != "target"}
    definition = {
        "name": {"en": key.title()},
        "criterion": {**kind, "settings": settings},
        "levels": list(levels or ("1", "3", "10")),
        **more,
    }
    with transaction():
        badge_id = catalogue.publish(catalogue.BADGES, key, definition, now=NOON)
    if counted:
        recounting.run()
    return badge_id


def join(member_id: int, challenge_id: int, now: datetime = NOON) -> None:
    """Join as the page would."""
    with transaction():
        enrolment.join(member_id, challenge_id, now=now)


def claim(member_id: int, challenge_id: int, now: datetime = NOON) -> None:
    """Take the reward as the page would."""
    with transaction():
        enrolment.claim(member_id, challenge_id, now=now)


def leave(member_id: int, challenge_id: int, now: datetime = NOON) -> None:
    """Leave as the page would."""
    with transaction():
        enrolment.leave(member_id, challenge_id, now=now)


def entry(member_id: int, challenge_id: int, run: int = 0) -> Row[Any] | None:
    """The member's entry, or None."""
    row: Row[Any] | None = read_one(
        text("SELECT * FROM challenge_entry WHERE member_id = :m AND challenge_id = :c AND run = :r"),
        {"m": member_id, "c": challenge_id, "r": run},
    )
    return row


def state(member_id: int, challenge_id: int, run: int = 0) -> EntryState | None:
    """Where the member's entry stands; None where there is none."""
    found = entry(member_id, challenge_id, run)
    return None if found is None else EntryState(found.state)


def progress(member_id: int, challenge_id: int, run: int = 0) -> list[int]:
    """How far each step has come, in the measure's smallest unit."""
    found = entry(member_id, challenge_id, run)
    assert found is not None
    return [value for value, *_ in json.loads(found.progress)]


def levels_held(member_id: int) -> dict[int, int]:
    """Badge → the highest level that the member holds."""
    rows = read_all(
        text(
            "SELECT badge_id, max(level) AS level FROM badge_award WHERE member_id = :m AND fell_at IS NULL"
            " GROUP BY badge_id"
        ),
        {"m": member_id},
    )
    return {row.badge_id: row.level for row in rows}


def messages(member_id: int) -> list[str]:
    """The kinds of messages the member has, oldest first."""
    return [
        row.kind
        for row in read_all(text("SELECT kind FROM message WHERE member_id = :m ORDER BY id"), {"m": member_id})
    ]
