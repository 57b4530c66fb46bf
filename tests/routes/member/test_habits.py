"""The page of habits: the streak, rest days by a key, a limit and a plan that say what they judge."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import programme
from app.gamification.streaks.weeks import monday_of, week_of
from app.lib.periods import day_of
from app.models.base import read_all, transaction
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.queries import counted

NOON = datetime(2026, 3, 4, 8, tzinfo=UTC)  # noon in Dubai, a Wednesday
TODAY = day_of(NOON, ZoneInfo("Asia/Dubai"))


@pytest.fixture(autouse=True)
def _today() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def practise(member: Person, *days: int) -> None:
    with transaction() as conn:
        for day in days:
            conn.execute(text("INSERT INTO habit_day VALUES (:m, :d, :d)"), {"m": member.id, "d": day})


def kept_weeks(member: Person, weeks: int) -> None:
    first = week_of(TODAY) - weeks
    practise(member, *(monday_of(first + week) + day for week in range(weeks) for day in range(3)))


def rests() -> list[int]:
    return [row.day for row in read_all(text("SELECT day FROM rest_day ORDER BY day"))]


def test_whoever_is_new_is_told_how_a_streak_begins(hers: FlaskClient):
    said = words(hers.get("/habits"))
    assert "0 weeks in a row" in said and "A streak begins with the first week you keep." in said
    assert "3 more days keep this week." in said and "4 more kept weeks earn a freeze." in said
    assert "No limit stands." in said and "No plan stands." in said
    assert "Trades themselves never count." in said


def test_before_a_first_week_is_kept_nothing_is_the_longest(hers: FlaskClient, alice: Person):
    practise(alice, TODAY)
    said = words(hers.get("/habits"))
    assert "0 weeks in a row A streak begins with the first week you keep." in said
    assert "longest" not in said


def test_the_streak_its_weeks_and_its_freezes_show(hers: FlaskClient, alice: Person):
    kept_weeks(alice, 5)
    practise(alice, TODAY, TODAY - 1)
    page = hers.get("/habits")
    said = words(page)
    assert "5 weeks in a row" in said and "It is your longest so far." in said
    assert "1 more day keeps this week." in said and "2 of 3 days" in said
    assert 'aria-label="Freezes: 1 of 2"' in page.text
    assert said.count(": kept, 3 of 3 days") == 5 and "not over yet, 2 of 3 days" in said
    assert "Monday: nothing" in said and "Tuesday: practised" in said and "Thursday: to come" in said


def test_home_shows_the_same_week(hers: FlaskClient, alice: Person):
    kept_weeks(alice, 2)
    practise(alice, TODAY)
    said = words(hers.get("/home"))
    assert "2 weeks" in said and "2 more days keep this week." in said and "Wednesday: practised" in said


def test_rest_is_planned_and_cancelled_by_pressing_its_day(hers: FlaskClient):
    page = hers.get("/habits")
    assert page.text.count('aria-pressed="false"') == 14 and 'aria-pressed="true"' not in page.text
    assert post(hers, "/habits/rest", {"day": TODAY + 1}).location == f"/habits#rest-{TODAY + 1}"
    page = hers.get("/habits")
    assert page.text.count('aria-pressed="true"') == 1 and "Rest day planned: Thursday 5 March" in words(page)
    assert "Thursday: rest day planned" in words(page)
    post(hers, "/habits/rest/cancellation", {"day": TODAY + 1})
    assert rests() == []


@pytest.mark.parametrize("day", ["", "x", "-1", "0", "99999", "9" * 400, "²", str(TODAY), str(TODAY + 15)])
def test_a_day_that_cannot_be_planned_is_refused_in_words(hers: FlaskClient, day: str):
    answer = post(hers, "/habits/rest", {"day": day})
    assert answer.status_code == 422 and ("has begun already" in words(answer) or "14 days ahead" in words(answer))
    assert post(hers, "/habits/rest/cancellation", {"day": day}).status_code == 303
    assert rests() == []


def test_a_fourth_day_of_a_week_is_refused_and_its_key_is_off(hers: FlaskClient):
    monday = monday_of(week_of(TODAY) + 1)
    for day in range(3):
        post(hers, "/habits/rest", {"day": monday + day})
    assert hers.get("/habits").text.count(" disabled>") == 4
    answer = post(hers, "/habits/rest", {"day": monday + 3})
    assert answer.status_code == 422 and "3 rest days a week" in words(answer)


def test_a_limit_stands_from_now_on_and_what_stood_before_shows(hers: FlaskClient, alice: Person):
    assert fill(hers, "/habits", "/habits/limit", {"amount": "٥٠٫٥", "currency": "USD"}).status_code == 303
    said = words(hers.get("/habits"))
    assert "50.50 USD since 4 Mar, 12:00" in said and "the limit that stood when it was opened" in said
    fill(hers, "/habits", "/habits/limit", {"amount": "80"})
    assert "80.00 USD" in words(hers.get("/habits")) and "Earlier limits" in words(hers.get("/habits"))
    post(hers, "/habits/limit/removal")
    assert "No limit stands." in words(hers.get("/habits"))
    assert [row.amount for row in read_all(text("SELECT amount FROM risk_limit ORDER BY since"))] == ["50.5", "80", ""]


@pytest.mark.parametrize(
    "wrong",
    [{"amount": ""}, {"amount": "NaN"}, {"amount": "-5"}, {"amount": "0"}, {"amount": "1" + "0" * 400},
     {"amount": "1e5"}, {"amount": "0.001"}, {"amount": "12", "currency": "XXX"}, {"amount": "1.5", "currency": "JPY"}],
)  # fmt: skip
def test_a_limit_that_is_none_is_refused(hers: FlaskClient, wrong: dict[str, str]):
    answer = fill(hers, "/habits", "/habits/limit", {"currency": "USD", **wrong})
    assert answer.status_code == 422 and "Something needs another look" in words(answer)
    assert read_all(text("SELECT 1 FROM risk_limit")) == []


def test_a_plan_says_what_is_checked_and_of_which_trades(hers: FlaskClient):
    plan = {
        "symbols": "eurusd, XAUUSD",
        "opens": "08:00",
        "closes": "17:30",
        "max_lots": "0.5",
        "hold_minutes": "15",
        "needs_stop": "y",
    }
    assert fill(hers, "/habits", "/habits/plan", plan).status_code == 303
    page = hers.get("/habits")
    said = words(page)
    for rule in (
        "Only EURUSD, XAUUSD",
        "Opened between 08:00 and 17:30, Asia/Dubai",
        "At most 0.5 lots a trade",
        "With a stop-loss",
        "Held for at least 15 minutes",
    ):
        assert rule in said
    assert "Stands since 4 Mar, 12:00, and judges the trades you opened after that, and no others." in said
    form = forms(page)["/habits/plan"]
    assert (form["symbols"], form["opens"], form["max_lots"]) == ("EURUSD, XAUUSD", "08:00", "0.5")
    post(hers, "/habits/plan/removal")
    assert "No plan stands." in words(hers.get("/habits"))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"opens": "25:00"}, {"opens": "08:00"}, {"opens": "8", "closes": "x"}, {"max_lots": "NaN"}, {"max_lots": "9" * 400},
     {"hold_minutes": "-3"}, {"hold_minutes": "1e9"}, {"symbols": "\u202eDSU$"}, {"symbols": "A," * 290 + "$"}, {"symbols": "x" * 5000}],
)  # fmt: skip
def test_a_plan_that_cannot_be_checked_is_refused(hers: FlaskClient, wrong: dict[str, str]):
    answer = fill(hers, "/habits", "/habits/plan", wrong)
    assert answer.status_code == 422 and "Something needs another look" in words(answer)
    assert read_all(text("SELECT 1 FROM trading_plan")) == []


def test_staff_who_look_on_set_nothing(hers: FlaskClient, alice: Person, mia: Person):
    desk = sign_in_staff(hers.application.test_client(), mia)
    post(desk, f"/admin/members/{alice.id}/view")
    page = desk.get("/habits")
    assert page.status_code == 200 and 'action="/habits/limit"' not in page.text
    for address in ("rest", "rest/cancellation", "limit", "limit/removal", "plan", "plan/removal"):
        assert post(desk, f"/habits/{address}", {"day": TODAY + 1, "amount": "5", "currency": "USD"}).status_code == 403
    assert rests() == []


def test_the_page_asks_the_database_at_most_five_times(hers: FlaskClient, alice: Person):
    kept_weeks(alice, 30)
    post(hers, "/habits/rest", {"day": TODAY + 1})
    hers.get("/habits")
    with counted() as statements:
        assert hers.get("/habits").status_code == 200
    assert len(statements) <= 5, statements


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_both_pages_speak_the_members_language(hers: FlaskClient, alice: Person, language: str):
    kept_weeks(alice, 1)
    with transaction() as conn:
        conn.execute(text("UPDATE member SET language = :l"), {"l": language})
    for page in ("/habits", "/journal"):
        answer = hers.get(page)
        assert answer.status_code == 200 and f'dir="{"rtl" if language == "ar" else "ltr"}"' in answer.text


# --- staff ------------------------------------------------------------------------------------------------------------


def test_an_owner_changes_what_keeps_a_week_from_next_week_on(hers: FlaskClient, alice: Person, dana: Person):
    practise(alice, TODAY, TODAY - 1)
    desk = sign_in_staff(hers.application.test_client(), dana)
    page = "/admin/brand/streaks"
    assert "A change holds from 9 Mar on" in words(desk.get(page))
    assert fill(desk, page, page, {"days_needed": "2", "freeze_every": "0"}).status_code == 303
    said = words(desk.get(page))
    assert "From 9 Mar on" in said and "none are earned" in said
    assert "2 of 3 days" in words(hers.get("/habits"))
    with time_machine.travel(NOON + timedelta(days=7), tick=False):
        practise(alice, TODAY + 7, TODAY + 6)
        assert "2 of 2 days" in words(hers.get("/habits"))


@pytest.mark.parametrize(
    "wrong", [{"days_needed": "6"}, {"days_needed": ""}, {"freeze_cap": "NaN"}, {"freeze_every": "9" * 400}]
)
def test_what_is_out_of_range_is_refused(client: FlaskClient, dana: Person, wrong: dict[str, str]):
    desk = sign_in_staff(client, dana)
    assert fill(desk, "/admin/brand/streaks", "/admin/brand/streaks", wrong).status_code == 422
    assert "streak" not in programme.current().settings


def test_nobody_changes_what_they_have_not_seen(client: FlaskClient, dana: Person):
    desk, page = sign_in_staff(client, dana), "/admin/brand/streaks"
    old = forms(desk.get(page))[page]
    assert post(desk, page, old | {"days_needed": "2"}).status_code == 303
    late = post(desk, page, old | {"days_needed": "4"})
    assert late.status_code == 422
    assert post(desk, page, forms(late)[page]).status_code == 422, "sent back as it was answered"
    assert "4" not in str(programme.current().settings["streak"][-1]["days_needed"])


def test_managers_and_viewers_read_it_only(client: FlaskClient, mia: Person):
    desk = sign_in_staff(client, mia)
    assert desk.get("/admin/brand/streaks").status_code == 200
    assert post(desk, "/admin/brand/streaks", {"days_needed": "2"}).status_code == 403
