"""Members on the ladder: one merit is one qualifying point of the day it occurred; nights pass when a test says so."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.approvals import proposals
from app.gamification.approvals import reads as approvals
from app.gamification.tiers import publishing
from app.gamification.tiers.reassessment import Reassessment, reassess
from app.lib.clock import from_micros
from app.lib.periods import day_of
from app.models.base import read_all, transaction
from tests.support.cast import Person
from tests.support.play import Said, report, wallet
from tests.support.programmes import end_all_rules, publish, set_ladder

THREE = (("bronze", 0, None), ("silver", 100, None), ("gold", 150, 75))


def programme_with(*levels: tuple[str, int, int | None], **ladder: Any) -> None:
    """A programme of one rule and this ladder, with no grace and no warnings unless told otherwise."""
    end_all_rules()
    publish("merit", {"kind": "custom.merit", "base": {"kind": "count", "rate": "1"}})
    climb(*levels, **ladder)


def climb(*levels: tuple[str, int, int | None], **ladder: Any) -> None:
    """Put a ladder in force: levels are (key, threshold, what keeps it)."""
    set_ladder(drawn(*levels, **ladder))


def drawn(*levels: tuple[str, int, int | None], **ladder: Any) -> dict[str, Any]:
    """The definition of a ladder."""
    rows = [
        {"key": key, "name": {"en": key.title()}, "threshold": threshold, "keep": keep}
        for key, threshold, keep in levels or THREE
    ]
    return {"period": {"kind": "rolling", "days": 180}, "grace_days": 0, "warn_days": 0, "levels": rows, **ladder}


def proposed(by: Person, definition: dict[str, Any], now: datetime) -> int:
    """Have a ladder written and proposed; the proposal's id."""
    with transaction():
        draft_id = publishing.begin(by.id, now=now)
        version = publishing.save(by.id, draft_id, definition, 1, now=now)
        return publishing.propose(by.id, draft_id, version, now=now)


def published(by: Person, second: Person, definition: dict[str, Any], now: datetime) -> int:
    """Have one person propose a ladder and another publish it; the proposal's id."""
    proposal_id = proposed(by, definition, now)
    with transaction():
        proposals.approve(second.id, proposal_id, approvals.one(proposal_id).digest, now=now)
    return proposal_id


def merit(points: int, at: datetime) -> Said:
    return Said(Custom(count=points), "custom.merit", at)


def earn(member: int, points: int, at: datetime, now: datetime | None = None) -> Said:
    """Earn so many qualifying points; recorded when they occurred unless told otherwise."""
    left, said = points, merit(min(points, 1_000_000), at)
    while left:
        said = merit(min(left, 1_000_000), at)
        assert report(member, said, now=now or at) == ["accepted"]
        left -= min(left, 1_000_000)
    pipeline.drain()
    return said


def take_back(member: int, said: Said, now: datetime) -> None:
    """The broker busts what was reported."""
    assert report(member, replace(Said(None, said.kind, now), busts=said.id), now=now) == ["accepted"]
    pipeline.drain()


def night(now: datetime) -> Reassessment:
    """The nightly review."""
    return reassess(now, pause=lambda seconds: None)


def nights(first: datetime, last: datetime) -> None:
    """A review each night from the first to the last, both included."""
    while first <= last:
        night(first)
        first += timedelta(days=1)


def level(member: int) -> str:
    """The key of the level the wallet stands on."""
    id_ = wallet(member).level_id
    keys = {row.id: row.key for row in read_all(text("SELECT id, key FROM tier_level"))}
    return keys.get(id_, "bronze")


def history(member: int) -> list[tuple[str, datetime]]:
    """The rows of the member's tier history."""
    rows = read_all(
        text(
            "SELECT l.key, h.effective_from FROM tier_history h JOIN tier_level l ON l.id = h.level_id"
            " WHERE h.member_id = :id ORDER BY h.number"
        ),
        {"id": member},
    )
    return [(row.key, from_micros(row.effective_from)) for row in rows]


def told(member: int) -> list[str]:
    """The kinds of messages the member got."""
    rows = read_all(text("SELECT kind FROM message WHERE member_id = :id ORDER BY id"), {"id": member})
    return [row.kind for row in rows]


def recounted(member: int, since: int) -> int:
    """The sum of the member's days from one on."""
    rows = read_all(
        text("SELECT coalesce(sum(sum), 0) AS points FROM qualifying_day WHERE member_id = :id AND day >= :since"),
        {"id": member, "since": since},
    )
    return int(rows[0].points)


def day(now: datetime, zone: Any) -> int:
    return day_of(now, zone)
