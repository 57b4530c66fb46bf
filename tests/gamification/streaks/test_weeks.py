"""Streaks: weeks of practice in a row, freezes that protect, and nothing that the calendar could break."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.streaks.rules import STARTING, Rule, Rules
from app.gamification.streaks.rules import read as read_rules
from app.gamification.streaks.shown import DayState, shown
from app.gamification.streaks.telling import monday, news
from app.gamification.streaks.weeks import State, Streak, best_of, by_week, monday_of, streak, week_of
from app.lib.clock import from_day, to_day, to_micros
from app.lib.periods import day_at, day_of, start_of

WEEK = week_of(to_day(datetime(2026, 3, 2, tzinfo=UTC).date()))  # a Monday


def days(*weeks: str, first: int = WEEK) -> list[int]:
    """Days of practice, a week a text: `x.x.x..`."""
    return [monday_of(first + w) + d for w, week in enumerate(weeks) for d, char in enumerate(week) if char == "x"]


def seen(*weeks: str, today: int | None = None, rules: Rules = STARTING) -> Streak:
    """The streak of these weeks, as of the last day of the last one."""
    return streak(by_week(days(*weeks)), monday_of(WEEK + len(weeks)) - 1 if today is None else today, rules)


def states(found: Streak) -> list[str]:
    return [str(week.state) for week in found.weeks]


def one_rule(days_needed: int = 3, freeze_every: int = 4, freeze_cap: int = 2) -> Rules:
    return Rules((0,), (Rule(days_needed, freeze_every, freeze_cap),))


KEPT, TOO_FEW, NOTHING = "x.x.x..", "x.x....", "......."


def test_weeks_begin_on_mondays():
    for day in range(-20, 40_000, 13):
        assert from_day(monday_of(week_of(day))).weekday() == 0
        assert 0 <= day - monday_of(week_of(day)) < 7


def test_a_week_is_kept_with_three_days_whichever_they_are():
    found = seen(KEPT, "xxx....", "....xxx", TOO_FEW)
    assert states(found) == ["kept", "kept", "kept", "running"]
    assert (found.current, found.best, found.running.done, found.running.needed) == (3, 3, 2, 3)


def test_two_entries_on_one_day_are_one_day():
    assert by_week(days(KEPT) * 3) == by_week(days(KEPT))


def test_the_running_week_counts_as_soon_as_it_is_kept_and_is_never_missed_before_its_end():
    assert seen(KEPT, NOTHING, today=monday_of(WEEK + 1)).current == 1
    assert seen(KEPT, "xxx....", today=monday_of(WEEK + 1) + 2).current == 2


def test_a_missed_week_without_a_freeze_ends_the_streak_calmly():
    found = seen(KEPT, KEPT, TOO_FEW, KEPT)
    assert states(found) == ["kept", "kept", "missed", "kept"]
    assert (found.current, found.best) == (1, 2)


def test_a_freeze_really_protects():
    found = seen(KEPT, KEPT, KEPT, KEPT, NOTHING, KEPT)
    assert states(found) == ["kept"] * 4 + ["frozen", "kept"]
    assert [week.streak for week in found.weeks] == [1, 2, 3, 4, 4, 5]
    assert [week.freezes for week in found.weeks] == [0, 0, 0, 1, 0, 0]
    assert found.weeks[3].earned and not found.weeks[5].earned


def test_freezes_are_capped_and_never_protect_twice():
    found = seen(*[KEPT] * 20, NOTHING, NOTHING, NOTHING, KEPT)
    assert max(week.freezes for week in found.weeks) == 2
    assert states(found)[20:] == ["frozen", "frozen", "missed", "kept"]
    assert (found.current, found.best, found.freezes, found.to_freeze) == (1, 20, 0, 3)


def test_what_earns_the_next_freeze_is_said_and_nothing_where_none_can_be_held():
    assert seen(KEPT, KEPT).to_freeze == 2
    assert seen(*[KEPT] * 8).to_freeze is None
    none_earned = seen(KEPT, rules=one_rule(freeze_every=0))
    assert (none_earned.to_freeze, none_earned.cap) == (None, 0), "nobody holds as many as there can be"
    assert seen(KEPT, rules=one_rule(freeze_cap=0)).to_freeze is None


def test_a_freeze_is_not_used_where_there_is_no_streak():
    found = seen(NOTHING, KEPT, rules=one_rule(freeze_every=1))
    assert states(found) == ["kept"]
    assert found.freezes == 1


def test_a_change_of_the_rules_holds_from_its_week_on():
    stored = [
        {"since": 0, "days_needed": 3, "freeze_every": 4, "freeze_cap": 2},
        {"since": monday_of(WEEK + 2), "days_needed": 2, "freeze_every": 0, "freeze_cap": 0},
    ]
    found = seen(TOO_FEW, KEPT, TOO_FEW, TOO_FEW, rules=read_rules({"streak": stored}))
    assert states(found) == ["missed", "kept", "kept", "kept"]
    assert [week.needed for week in found.weeks] == [3, 3, 2, 2]


def test_freezes_that_were_earned_outlive_a_lower_cap():
    rules = Rules((0, monday_of(WEEK + 8)), (Rule(3, 4, 2), Rule(3, 4, 0)))
    found = seen(*[KEPT] * 9, NOTHING, NOTHING, KEPT, rules=rules)
    assert states(found)[8:] == ["kept", "frozen", "frozen", "kept"]


def test_a_rest_day_that_is_not_decided_yet_holds_the_week_open():
    practice, pending = by_week(days(KEPT, TOO_FEW)), by_week(days(NOTHING, "......x"))
    today = monday_of(WEEK + 2)
    waiting = streak(practice, today, STARTING, pending)
    assert states(waiting) == ["kept", "waiting", "running"] and waiting.current == 1
    assert streak(practice, today, STARTING).current == 0
    kept = streak(by_week(days(KEPT, "x.x...x")), today, STARTING)
    assert kept.current == 2


def test_nobody_who_never_practised_has_a_streak():
    found = seen(NOTHING)
    assert (found.current, found.best, found.freezes, states(found)) == (0, 0, 0, ["running"])
    assert best_of([], STARTING) == 0


def test_the_best_streak_is_of_the_days_whatever_day_it_is():
    assert best_of(days(KEPT, KEPT, NOTHING, KEPT), STARTING) == 2


def test_a_history_of_fifty_years_is_short_work():
    found = seen(*[KEPT] * 2600)
    assert found.current == 2600 and len(found.weeks) == 2600


# --- calendars --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/New_York", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe"]
)
def test_nights_of_daylight_saving_lose_and_double_no_day(name: str):
    """An entry each evening at half past eleven, and each morning at half past twelve: a day each, all year."""
    zone, first = ZoneInfo(name), to_day(datetime(2026, 1, 5, tzinfo=UTC).date())
    for hour in (0, 23):
        written = [
            datetime.combine(from_day(first + number), datetime.min.time(), zone).replace(hour=hour, minute=30)
            for number in range(364)
        ]
        found = [day_of(at, zone) for at in written]
        assert found == [day_at(to_micros(at), zone) for at in written], "as the pipeline has it"
        assert found == list(range(first, first + 364)) or (hour == 0 and set(found) == set(range(first, first + 364)))
        assert streak(by_week(found), first + 363, STARTING).current == 52


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_days_are_of_the_members_own_zone_at_both_ends_of_the_world(name: str):
    """Practice in the last minute of Sunday and the first of Monday lies in two weeks, there and nowhere else."""
    zone = ZoneInfo(name)
    midnight = start_of(monday_of(WEEK), zone)
    late, early = midnight - timedelta(minutes=1), midnight
    assert [week_of(day_of(at, zone)) for at in (late, early)] == [WEEK - 1, WEEK]
    assert abs((midnight - datetime(2026, 3, 2, tzinfo=UTC)).total_seconds()) in (12 * 3600, 14 * 3600)
    micros = [to_micros(at) for at in (late, early)]
    assert [week_of(day_at(at, zone)) for at in micros] == [WEEK - 1, WEEK]


@pytest.mark.parametrize(
    ("home", "abroad"), [("Etc/GMT+12", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Etc/GMT+12")]
)
@pytest.mark.parametrize("leaves_on", range(7))
def test_moving_around_the_world_within_a_week_neither_breaks_nor_doubles(home: str, abroad: str, leaves_on: int):
    """Whoever practises every evening keeps every week, and no week has more days than seven."""
    leaving = start_of(monday_of(WEEK + 1), UTC_ZONE) + timedelta(days=leaves_on, hours=11)
    at, found = start_of(monday_of(WEEK), UTC_ZONE) + timedelta(hours=10), []
    while at < start_of(monday_of(WEEK + 4), UTC_ZONE):
        zone = ZoneInfo(home if at < leaving else abroad)
        found.append(day_of(at, zone))
        at += timedelta(hours=24)
    last = day_of(at - timedelta(hours=24), ZoneInfo(abroad))
    weeks = streak(by_week(found), last, one_rule(days_needed=5)).weeks
    assert all(week.state == State.KEPT for week in weeks if WEEK <= week.number < WEEK + 3)
    assert all(week.done <= 7 for week in weeks)
    assert all(after - before <= 3 for before, after in pairwise(sorted(set(found))))


UTC_ZONE = ZoneInfo("UTC")


def test_practice_that_lies_ahead_of_who_moved_west_waits_for_its_week():
    ahead = by_week(days(KEPT, KEPT, "x......"))
    sunday = monday_of(WEEK + 2) - 1
    assert streak(ahead, sunday, STARTING) == seen(KEPT, KEPT)
    assert streak(ahead, sunday + 1, STARTING).running.done == 1


# --- properties -------------------------------------------------------------------------------------------------------

ANY_DAYS = st.lists(st.integers(monday_of(WEEK), monday_of(WEEK + 16) - 1), max_size=80)
ANY_RULE = st.builds(Rule, st.integers(1, 5), st.integers(0, 4), st.integers(0, 3))
ANY_RULES = st.lists(ANY_RULE, min_size=1, max_size=3).map(
    lambda rules: Rules(tuple(0 if not n else monday_of(WEEK + 4 * n) for n in range(len(rules))), tuple(rules))
)
TODAY = monday_of(WEEK + 16)


@given(ANY_DAYS, st.integers(monday_of(WEEK - 2), TODAY), st.integers(0, 112), ANY_RULES, ANY_DAYS)
def test_another_day_of_practice_never_shortens_a_streak(found, more, age, rules, undecided):
    today, pending = TODAY - age, by_week(undecided)
    before = streak(by_week(found), today, rules, pending)
    after = streak(by_week([*found, more]), today, rules, pending)
    assert after.current >= before.current and after.best >= before.best


@given(ANY_DAYS, ANY_RULES, st.randoms(use_true_random=False))
def test_only_the_set_of_days_decides(found, rules, chance):
    shuffled = [*found, *found[:10]]
    chance.shuffle(shuffled)
    assert streak(by_week(shuffled), TODAY, rules) == streak(by_week(set(found)), TODAY, rules)


@given(ANY_DAYS, ANY_RULES)
def test_a_streak_is_at_most_its_kept_weeks_and_freezes_never_more_than_they_earned(found, rules):
    whole = streak(by_week(found), TODAY, rules)
    kept = [week for week in whole.weeks if week.state == State.KEPT]
    assert whole.current <= whole.best <= len(kept)
    assert all(week.done >= week.needed for week in kept)
    assert all(week.done < week.needed for week in whole.weeks if week.state in (State.MISSED, State.FROZEN))
    earned = sum(week.earned for week in whole.weeks)
    used = sum(week.state == State.FROZEN for week in whole.weeks)
    assert used + whole.freezes <= earned


# --- what is said of it -----------------------------------------------------------------------------------------------


def test_the_running_week_is_drawn_day_by_day():
    practice, today = by_week(days("x.x....")), monday_of(WEEK) + 3
    rests = {monday_of(WEEK) + 2: True, monday_of(WEEK) + 5: None}
    found = shown(practice, rests, today, STARTING)
    assert [day.state for day in found.days] == [
        DayState.PRACTISED, DayState.NOTHING, DayState.RESTED, DayState.TODAY, DayState.AHEAD, DayState.PLANNED, DayState.AHEAD
    ]  # fmt: skip
    assert found.missing == 1 and [day.is_today for day in found.days].index(True) == 3


@pytest.mark.parametrize(
    ("week", "today", "planned", "possible"),
    [
        (".......", 4, (), True), (".......", 5, (), False), ("xx.....", 6, (), True), ("x......", 6, (), False),
        ("x....x.", 6, (), True), ("x......", 5, (6,), True), ("xxx....", 6, (), True),
    ],
)  # fmt: skip
def test_a_week_that_can_be_kept_no_more_says_so(week: str, today: int, planned: tuple[int, ...], possible: bool):
    rests = {monday_of(WEEK) + day: None for day in planned}
    found = shown(by_week(days(week)), rests, monday_of(WEEK) + today, STARTING)
    assert found.can_be_kept is possible


def test_a_week_is_told_once_it_touched_a_streak():
    def told(*weeks: str) -> tuple[str, dict[str, int]] | None:
        return news(by_week(days(*weeks)), monday_of(WEEK + len(weeks)), STARTING)

    assert told(KEPT) == ("streak.kept", {"week": WEEK, "weeks": 1, "freezes": 0, "earned": 0})
    assert told(*[KEPT] * 4) == ("streak.kept", {"week": WEEK + 3, "weeks": 4, "freezes": 1, "earned": 1})
    assert told(*[KEPT] * 4, TOO_FEW) == ("streak.frozen", {"week": WEEK + 4, "weeks": 4, "freezes": 0})
    assert told(KEPT, KEPT, NOTHING) == ("streak.ended", {"week": WEEK + 2, "weeks": 2})
    assert told(KEPT, NOTHING, NOTHING) is None and told(TOO_FEW) is None and told() is None


def test_members_are_told_on_their_own_monday_from_nine():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    found = monday(noon)
    assert found is not None and found.day == monday_of(WEEK)
    assert {"UTC", "Asia/Calcutta"} <= set(found.zones)
    assert "Etc/GMT+12" not in found.zones and "America/Los_Angeles" not in found.zones
    assert monday(noon + timedelta(days=2)) is None
    for hours in range(-26, 40):
        here = monday(noon + timedelta(hours=hours))
        assert here is None or here.day == monday_of(WEEK)
