"""On Mondays members learn how their week came out: each once, where it is Monday, and only whose streak it touched."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.errors.habits import BadStreakRule
from app.gamification.errors.programme import SettingsChanged
from app.gamification.errors.staff import NotEntitled
from app.gamification.messages import reads
from app.gamification.streaks import settings, telling
from app.gamification.streaks.rules import Rule
from app.gamification.streaks.rules import read as read_rules
from app.gamification.streaks.weeks import DAYS, monday_of, week_of
from app.lib.periods import day_of, start_of
from app.models.base import read_all, transaction
from tests.support.cast import Person
from tests.support.play import NOON, trader
from tests.support.playing import messages
from tests.support.queries import counted
from tests.support.together import no_errors, together

UTC_ZONE = ZoneInfo("UTC")
WEEK = week_of(day_of(NOON, UTC_ZONE))
MONDAY = start_of(monday_of(WEEK), UTC_ZONE)


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def practise(member_id: int, *weeks: int, days: int = 3) -> None:
    """Practice in weeks before the present one, counted back from it."""
    with transaction() as conn:
        for back in weeks:
            for weekday in range(days):
                day = monday_of(WEEK - back) + weekday
                conn.execute(text("INSERT INTO habit_day VALUES (:m, :d, :d)"), {"m": member_id, "d": day})


def lives_in(member_id: int, zone: str) -> None:
    with transaction() as conn:
        conn.execute(text("UPDATE member SET time_zone = :z WHERE id = :m"), {"z": zone, "m": member_id})


def tell(now: datetime = MONDAY + timedelta(hours=9)) -> int:
    return telling.tell(now, lambda _: None)


def said(member_id: int) -> list[str]:
    told = reads.latest(member_id, 9, programme.current().ladder, "en")
    return [one.wording.sentence.msgid % one.wording.sentence.values for one in told]


def test_each_is_told_once_how_the_week_came_out(tara: int):
    held, ended, idle, slack = trader(), trader(), trader(), trader()
    practise(tara, 1, 2)
    practise(held, 2, 3, 4, 5)
    practise(ended, 2)
    practise(idle, 1, 2, days=2)
    practise(slack, 4)
    assert tell() == 3 and tell() == 0 and tell(MONDAY + timedelta(hours=20)) == 0
    assert [messages(one) for one in (tara, held, ended, idle, slack)] == [
        ["streak.kept"], ["streak.frozen"], ["streak.ended"], [], []
    ]  # fmt: skip
    assert tell(MONDAY + timedelta(days=7, hours=9)) == 2, "the streak that goes on has ended by now, of both"


def test_what_they_are_told_is_calm_and_leads_to_the_habits(tara: int):
    held = trader()
    practise(tara, 1)
    practise(held, 2, 3, 4, 5)
    tell()
    assert said(tara) == ["Last week is kept: a streak has begun."]
    (message,) = reads.latest(held, 9, programme.current().ladder, "en")
    assert message.wording.page == "habits" and "!" not in message.wording.sentence.msgid.plural  # type: ignore[attr-defined]


def test_it_is_monday_where_the_member_is(tara: int):
    east, west = trader(), trader()
    lives_in(east, "Pacific/Kiritimati")
    lives_in(west, "Etc/GMT+12")
    for member_id in (tara, east, west):
        practise(member_id, 1)
    assert [tell(MONDAY + timedelta(hours=hours)) for hours in (-6, -5, 8, 9, 20, 21)] == [0, 1, 0, 1, 0, 1]
    assert messages(east) == messages(west) == ["streak.kept"]


def test_who_moves_around_the_world_is_not_told_twice(tara: int):
    lives_in(tara, "Pacific/Kiritimati")
    practise(tara, 1)
    assert tell(MONDAY - timedelta(hours=5)) == 1
    lives_in(tara, "Etc/GMT+12")
    assert tell(MONDAY + timedelta(hours=21)) == 0


def test_a_rest_day_that_is_not_decided_is_waited_for(tara: int):
    practise(tara, 1)
    with transaction() as conn:
        conn.execute(text("INSERT INTO rest_day VALUES (:m, :d, 1, 2, 1, NULL)"), {"m": tara, "d": monday_of(WEEK) - 1})
    assert tell() == 0
    with transaction() as conn:
        conn.execute(text("UPDATE rest_day SET kept = true"))
    assert tell() == 1


def test_two_workers_tell_once(app: Flask, tara: int):
    practise(tara, 1)
    assert sum(no_errors(together(app, [tell, tell]))) == 1


def test_a_round_costs_the_same_few_statements_however_many_there_are(tara: int):
    practise(tara, 1)
    for _ in range(5):
        practise(trader(), 1)
    tell(MONDAY + timedelta(days=1))
    with counted() as statements:
        assert tell() == 6
    assert len(statements) <= 9, statements


def test_nothing_is_asked_on_other_days(app: Flask):
    with counted() as statements:
        assert tell(MONDAY + timedelta(days=3)) == 0
    assert statements == []


# --- how weeks are counted --------------------------------------------------------------------------------------------


def change(by: Person, rule: Rule, now: datetime = NOON, version: int | None = None) -> int | None:
    with transaction():
        drawn_from = programme.current().settings_version if version is None else version
        return settings.change(by.id, rule, version=drawn_from, now=now)


def rules() -> list[tuple[int, int]]:
    found = read_rules(programme.current().settings)
    return [(monday, rule.days_needed) for monday, rule in zip(*found, strict=True)]


def test_a_change_holds_from_the_first_week_that_has_begun_nowhere(dana: Person):
    since = change(dana, Rule(days_needed=4))
    assert since == monday_of(WEEK + 1) and rules() == [(0, 3), (since, 4)]
    sunday = start_of(monday_of(WEEK + 1), ZoneInfo("Pacific/Kiritimati"))
    assert settings.next_week(sunday) == monday_of(WEEK + 2)
    assert settings.next_week(sunday - timedelta(seconds=1)) == monday_of(WEEK + 1)


def test_a_change_that_has_not_begun_is_replaced_or_taken_back(dana: Person):
    change(dana, Rule(days_needed=4))
    change(dana, Rule(days_needed=5))
    assert rules() == [(0, 3), (monday_of(WEEK + 1), 5)]
    assert change(dana, Rule(days_needed=5)) is None
    change(dana, Rule())
    assert rules() == [(0, 3)]
    change(dana, Rule(days_needed=2))
    change(dana, Rule(days_needed=1), now=NOON + timedelta(days=DAYS))
    assert rules() == [(0, 3), (monday_of(WEEK + 1), 2), (monday_of(WEEK + 2), 1)]


def test_only_an_owner_changes_it_and_never_over_anothers_save(dana: Person, mia: Person):
    with pytest.raises(NotEntitled):
        change(mia, Rule(days_needed=2))
    with pytest.raises(SettingsChanged):
        change(dana, Rule(days_needed=2), version=7)
    for rule in (Rule(days_needed=0), Rule(days_needed=6), Rule(freeze_every=-1), Rule(freeze_cap=99)):
        with pytest.raises(BadStreakRule):
            change(dana, rule)
    (entry,) = read_all(text("SELECT count(*) AS n FROM audit_entry WHERE action = 'programme.streak'"))
    assert entry.n == 0
    change(dana, Rule(days_needed=2))
    (entry,) = read_all(text("SELECT count(*) AS n FROM audit_entry WHERE action = 'programme.streak'"))
    assert entry.n == 1
