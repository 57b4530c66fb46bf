"""What holds of every measure as it is played: one shared test class, run over all that are registered.

A member does each thing the measure looks at, once a day and as well as it can be done; a challenge and, where it may,
a badge count it through the real pipeline. A new measure is played like the others without a line here.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import (
    OWN_KINDS,
    AccountEntry,
    Custom,
    Data,
    DepositMade,
    LessonPassed,
    PartnerPurchase,
    SurveyAnswered,
)
from app.gamification.badges import recounting
from app.gamification.challenges.definition import plain_settings
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.verify import verify
from app.gamification.measures.measure import Measure, load, measures
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import read_all, transaction
from app.models.ledger import Cause
from tests.support.play import NOON, Said, report, trade, trader
from tests.support.playing import badge, challenge, join, levels_held, progress, state

load()
EVERY = sorted(measures.all(), key=lambda measure: measure.key)
SYMBOLS = ("EURUSD", "XAUUSD", "US30", "GBPUSD")
DAY = timedelta(days=1)
DAYS = 3
POINTS = 70


def said(key: str, member: int, day: int) -> Said:
    """One thing done well on a day; each day another instrument, another lesson."""
    name, at = "custom.webinar" if key == OWN_KINDS else key, NOON + day * DAY
    own: dict[str, Data] = {
        "trade.closed": trade(SYMBOLS[day], at=at, stop_loss="1.09900"),
        "deposit.made": DepositMade("5000", "USD"),
        "account.entry": AccountEntry("transfer", "10.00", "USD"),
        "lesson.passed": LessonPassed(f"lesson-{day}", 100),
        "survey.answered": SurveyAnswered("year"),
        "partner.purchase": PartnerPurchase("cafe", "3.50", "USD"),
        "custom.webinar": Custom(),
    }
    return Said(own.get(name), name, at, id=f"{name}:{member}:{day}")


def done_by(measure: type[Measure], member: int, day: int) -> list[Said]:
    return [said(key, member, day) for key in sorted(measure.listens(measure.Settings()))]


def few(measure: type[Measure]) -> Any:
    """The usual settings with a target of two, or as near to it as there is."""
    usual = measure.Settings()
    about = next(field for field in type(usual).__dataclass_fields__.values() if field.name == "target").metadata
    return replace(usual, target=type(usual.target)(max(about["min"], min(2, about["max"]))))


class Game:
    """One measure in a challenge and in a badge, both with points."""

    def __init__(self, measure: type[Measure]) -> None:
        self.measure, chosen = measure, few(measure)
        self.badge = 0
        if measure.for_badges:
            criterion = {"kind": measure.key, "settings": plain_settings(chosen)}
            self.badge = badge("medal", criterion, str(chosen.target), points=[7])
        step = {"kind": measure.key, "settings": plain_settings(chosen)}
        self.challenge = challenge("it", step, claim=False, reward={"points": POINTS})

    def enter(self) -> int:
        """A new member, with limits and a plan that everything done well keeps to, who joins the challenge."""
        member, since = trader(), to_micros(NOON - 30 * DAY)
        with transaction() as conn:
            bulk.insert(
                conn, "risk_limit", ("member_id", "since", "amount", "currency"), [(member, since, "1000000", "USD")]
            )
            plan = '{"max_lots": "5", "needs_stop": true, "hold_minutes": 30}'
            bulk.insert(conn, "trading_plan", ("member_id", "since", "rules"), [(member, since, plan)])
        join(member, self.challenge)
        return member

    def play(self, member: int, *, each: bool = True, limit: int = 0) -> None:
        """Days of doing it, folded each by itself or all at once."""
        for day in range(DAYS):
            report(member, *done_by(self.measure, member, day), now=NOON + day * DAY)
            if each:
                pipeline.drain()
        while pipeline.run(limit):
            pass

    def came_to(self, member: int) -> dict[str, Any]:
        """All that came of it, without the numbers that are a member's own."""
        queries = {
            "entry": "SELECT run, state, joined_at, progress, due_at, completed_at, claimed_at, ended_at, awards, points,"
            " points_seq FROM challenge_entry WHERE member_id = :m ORDER BY challenge_id",
            "counts": "SELECT counts FROM badge_count WHERE member_id = :m",
            "keys": "SELECT badge_id, key, times FROM badge_key WHERE member_id = :m AND times > 0 ORDER BY 1, 2",
            "award": "SELECT badge_id, level, awarded_at, fell_at, points, points_seq FROM badge_award"
            " WHERE member_id = :m ORDER BY 1, 2",
            "line": "SELECT seq, unit_id, code, amount, occurred_at, recorded_at FROM transfer"
            " WHERE wallet_id = :m ORDER BY seq",
            "told": "SELECT kind, facts, created_at FROM message WHERE member_id = :m ORDER BY id",
        }
        return {name: [str(tuple(row)) for row in read_all(text(sql), {"m": member})] for name, sql in queries.items()}

    def rewards(self, member: int) -> int:
        """The points of the challenge and the badge that stand."""
        rows = read_all(
            text(
                "SELECT sum(points) AS points FROM ("
                " SELECT points FROM challenge_entry WHERE member_id = :m"
                " UNION ALL SELECT points FROM badge_award WHERE member_id = :m AND fell_at IS NULL) AS those"
            ),
            {"m": member},
        )
        return int(rows[0].points)


@pytest.fixture
def game(app: Flask, measure: type[Measure]) -> Game:
    return Game(measure)


@pytest.mark.parametrize("measure", EVERY, ids=lambda measure: measure.key)
class TestEveryKindInPlay:
    def test_doing_it_completes_it_and_brings_what_was_promised(self, game: Game):
        member = game.enter()
        game.play(member)
        assert state(member, game.challenge) == EntryState.CLAIMED
        assert levels_held(member) == ({game.badge: 1} if game.badge else {})
        assert game.rewards(member) == POINTS + 7 * bool(game.badge)

    def test_one_by_one_is_one_round(self, game: Game):
        each, at_once, by_ones = (game.enter() for _ in range(3))
        game.play(each)
        game.play(at_once, each=False)
        game.play(by_ones, each=False, limit=1)
        assert game.came_to(each) == game.came_to(at_once) == game.came_to(by_ones)

    def test_twice_is_once(self, game: Game):
        member = game.enter()
        game.play(member)
        before = game.came_to(member)
        for day in range(DAYS):
            again = report(member, *done_by(game.measure, member, day), now=NOON + 9 * DAY)
            assert set(again) == {"duplicate"}
        assert pipeline.drain() == 0
        assert game.came_to(member) == before

    def test_rebuilt_is_as_it_grew(self, game: Game):
        """The challenge is folded anew because something of the kind is taken back, the badge by its recount."""
        member = game.enter()
        game.play(member)
        grown = game.came_to(member)
        more = done_by(game.measure, member, DAYS)
        report(member, *more, now=NOON + DAYS * DAY)
        pipeline.drain()
        report(member, *(bust(one) for one in more), now=NOON + (DAYS + 1) * DAY)
        pipeline.drain()
        if game.badge:
            with transaction():
                recounting.request(game.badge)
            recounting.run()
        rebuilt = game.came_to(member)
        assert {name: rebuilt[name] for name in ("entry", "keys", "award", "told")} == {
            name: grown[name] for name in ("entry", "keys", "award", "told")
        }
        assert verify().bad is None

    def test_a_bust_withdraws(self, game: Game):
        member = game.enter()
        nothing = progress(member, game.challenge)
        held, points = levels_held(member), game.rewards(member)  # joining the programme counts for badges too
        game.play(member)
        assert game.rewards(member) >= points + POINTS
        busts = [bust(one) for day in range(DAYS) for one in done_by(game.measure, member, day)]
        report(member, *busts, now=NOON + (DAYS + 1) * DAY)
        pipeline.drain()
        assert (state(member, game.challenge), progress(member, game.challenge)) == (EntryState.JOINED, nothing)
        assert (levels_held(member), game.rewards(member)) == (held, points)
        taken = read_all(
            text("SELECT count(*) AS n FROM transfer WHERE wallet_id = :m AND cause = :c"),
            {"m": member, "c": int(Cause.REVERSAL)},
        )
        assert taken[0].n
        assert verify().bad is None


def bust(one: Said) -> Said:
    return Said(kind=one.kind, at=one.at, id=f"no-{one.id}", busts=one.id)
