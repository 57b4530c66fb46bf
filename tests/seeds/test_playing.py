"""What the demo's cast plays: every state of a challenge, a wall of badges with locked ones, rest that was kept and not."""

from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.challenges.entry import EntryState
from app.models.base import read_all
from tests.seeds.test_demo import cast

CAST = "('middle', 'top', 'cyprus', 'arabic', 'chinese')"


def test_between_them_the_cast_shows_every_state(season: Flask):
    """One that is open to join has no entry: see the page of challenges."""
    states = read_all(
        text(
            "SELECT DISTINCT e.state FROM challenge_entry e JOIN member m ON m.id = e.member_id"
            f" WHERE m.demo_role IN {CAST}"
        )
    )
    assert {row.state for row in states} == set(EntryState)


def test_the_wall_has_levels_and_locked_ones(season: Flask):
    held = dict(
        read_all(
            text("SELECT badge_id, max(level) FROM badge_award WHERE member_id = :id AND fell_at IS NULL GROUP BY 1"),
            {"id": cast("middle").id},
        )
    )
    every = {badge.badge_id for badge in programme.current().play.live_badges}
    assert set(held.values()) == {1, 2, 3}
    assert len(held) >= 10
    assert every - held.keys()


def test_rest_was_kept_once_it_was_not_and_one_day_is_to_come(season: Flask):
    kept = [
        row.kept for row in read_all(text("SELECT kept FROM rest_day WHERE member_id = :id"), {"id": cast("middle").id})
    ]
    assert kept.count(None) >= 1
    assert [bool(one) for one in kept if one is not None].count(False) == 1
    assert len(kept) >= 4
