"""The page of one challenge: its steps, what counted and why other things did not, its window."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.gamification import catalogue, pipeline
from app.gamification.activities import LessonPassed
from app.gamification.challenges import evidence
from app.gamification.challenges import page as challenge_page
from app.gamification.habits import rest
from app.gamification.members.enrolment import link
from app.lib.clock import to_day
from app.models.base import transaction
from tests.support.cast import Person, post, sign_in, words
from tests.support.habits import LESSON
from tests.support.play import NOON, Said, play, report, trade
from tests.support.playing import JOURNAL, LESSONS, LOTS, challenge, claim, join
from tests.support.programmes import set_trust

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ONE = {**LESSONS, "settings": {"target": 1}}
OTHER = {**ONE, "settings": {"target": 1, "only": ["psychology"]}}
FIXED = {"window": {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"}}


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


def lots(number: str, minutes: float = 5, *, id: str | None = None, **more: Any) -> Said:
    at = NOON + minutes * MINUTE
    return Said(trade(lots=number, at=at, **more), at=at, **({"id": id} if id else {}))


def lesson(key: str, minutes: float = 5) -> Said:
    return Said(LessonPassed(key, 90), "lesson.passed", at=NOON + minutes * MINUTE)


def written(minutes: float = 5) -> Said:
    return Said(kind="journal.written", at=NOON + minutes * MINUTE)


def page(client: FlaskClient, challenge_id: int, asked: str = "") -> str:
    answer = client.get(f"/challenges/{challenge_id}{asked}")
    assert answer.status_code == 200
    return words(answer)


# --- steps ------------------------------------------------------------------------------------------------------------


def test_steps_are_done_open_or_wait_for_others(hers: FlaskClient, alice: Person):
    quest = challenge(
        "quest", {**ONE, "name": {"en": "Pass “Costs”"}}, {**JOURNAL, "after": [0]}, {**LOTS, "after": [0, 1]},
        {**OTHER, "after": [0, 1, 2]}, {**OTHER, "after": [0, 3]}, {**OTHER, "after": [0, 1, 3]},
    )  # fmt: skip
    before = page(hers, quest)
    assert "1 Pass “Costs” Pass 1 lesson. Days journalled" in before
    for words_ in ("step 1", "steps 1 and 2", "steps 1 to 3", "steps 1 and 4", "steps 1, 2, 4"):
        assert f"Opens after {words_}" in before
    join(alice.id, quest)
    play(alice.id, lesson("costs"))
    play(alice.id, written(6))
    after = page(hers, quest)
    assert "Steps 1 of 6 done Pass “Costs” (done) 4 Mar" in after
    assert "2 Days journalled 1 of 2 days Write in your journal on 2 days. 2" in after  # one bead is filled
    assert "Lots traded 0 of 3 lots Close trades of 3 lots in all. Opens after steps 1 and 2" in after
    assert 'href="/journal"' in hers.get(f"/challenges/{quest}").text


def test_the_next_step_leads_to_where_it_is_done_and_never_to_a_trade(hers: FlaskClient, alice: Person):
    quest, single = challenge("quest", LOTS, JOURNAL), challenge("single", LOTS)
    limit = challenge("limit", {"kind": "risk_within_limit", "settings": {"target": 3}})
    for one in (quest, single, limit):
        join(alice.id, one)
    assert "Continue step 1" in page(hers, quest)
    assert "See what counted" in page(hers, single)
    assert 'href="/habits"' in hers.get(f"/challenges/{limit}").text
    for one in (quest, single, limit):
        assert "trade now" not in page(hers, one).lower()


def test_a_step_that_names_lessons_leads_to_the_next_of_them(hers: FlaskClient, alice: Person):
    with transaction():
        for key in ("risk", "psychology"):
            catalogue.publish(catalogue.LESSONS, key, LESSON, now=NOON)
    # The first of these is taught elsewhere.
    named = challenge("named", {**LESSONS, "settings": {"target": 3, "only": ["offline", "risk", "psychology"]}})
    join(alice.id, named)
    for leads_to, then in (("/lessons/risk", "risk"), ("/lessons/psychology", "psychology"), ("/lessons", None)):
        assert f'data-tone="bright" href="{leads_to}"' in hers.get(f"/challenges/{named}").text
        if then is not None:
            play(alice.id, lesson(then))


def test_large_targets_are_bars_and_small_ones_beads(hers: FlaskClient, alice: Person):
    small, large = challenge("small", JOURNAL), challenge("large", {**JOURNAL, "settings": {"target": 30}})
    for one in (small, large):
        join(alice.id, one)
    assert 'class="beads"' in hers.get(f"/challenges/{small}").text
    assert 'class="beads"' not in hers.get(f"/challenges/{large}").text


def test_who_joined_stays_on_the_revision_they_joined(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    challenge("lots", {**LOTS, "settings": {"target": "9"}})
    assert "0 of 3 lots" in page(hers, one)


# --- what counted -----------------------------------------------------------------------------------------------------


def test_each_activity_says_whether_it_counted_and_why_not(hers: FlaskClient, alice: Person):
    one = challenge("quest", {**LOTS, "settings": {"target": "2"}}, {**JOURNAL, "after": [0]})
    join(alice.id, one)
    play(alice.id, lots("0.50", -5))
    play(alice.id, written(1))
    play(alice.id, lots("0.60", 2, seconds=41))
    play(alice.id, lots("0.70", 3))
    gone = lots("0.80", 4)
    play(alice.id, gone)
    play(alice.id, Said(busts=gone.id, at=gone.at), now=NOON + 5 * MINUTE)
    play(alice.id, lots("1.50", 6))
    play(alice.id, lots("1.60", 7))
    play(alice.id, written(8))
    play(alice.id, written(9))
    said = page(hers, one)
    for part in (
        "Euro against dollar, 0.5 lots closed Not counted: Before you joined",
        "Journal entry written Not counted: Step 2 was not open yet",
        "Euro against dollar, 0.6 lots closed Not counted: Open 41 s, needs 180 s",
        "Euro against dollar, 0.7 lots closed Counted for step 1",
        "Euro against dollar, 0.8 lots closed Not counted: Taken back: it was cancelled or corrected",
        "Euro against dollar, 1.5 lots closed Counted for step 1",
        "Euro against dollar, 1.6 lots closed Not counted: That step was done already",
        "Journal entry written Counted for step 2",
        "Journal entry written Not counted: Counts once, and did already",
    ):
        assert part in said, part
    assert "Cancellation" not in said


def test_a_correction_stands_where_the_first_report_stood(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    first = lots("1.00", 1)
    play(alice.id, first)
    play(alice.id, Said(trade(lots="2.00", at=first.at), at=first.at, corrects=first.id), now=NOON + 3 * MINUTE)
    said = page(hers, one)
    assert "1 lot closed Not counted: Taken back: it was cancelled or corrected" in said
    assert "2 lots closed Counted" in said
    assert "2 of 3 lots" in said


def test_an_uploaded_statement_does_not_count_until_the_broker_reports_it(hers: FlaskClient, alice: Person):
    set_trust("trusted")
    one = challenge("lots", LOTS)
    join(alice.id, one)
    with transaction():
        link(alice.id, "mt5", "Meridian-Live", "7001", now=NOON)
    play(alice.id, Said(trade(lots="1.00", at=NOON + MINUTE), at=NOON + MINUTE), source="uploads")
    assert "Not counted: From an uploaded statement: only what your broker reports itself counts" in page(hers, one)


def test_what_comes_after_the_end_or_is_reported_too_late(
    hers: FlaskClient, alice: Person, now: time_machine.Traveller
):
    one = challenge("lots", LOTS, **FIXED)
    join(alice.id, one)
    end = NOON.replace(day=8, hour=20)  # midnight in Dubai
    for at, recorded in (
        (end - MINUTE, end + 12 * 60 * MINUTE),
        (end, end),
        (end - 2 * MINUTE, end + 30 * DAY + MINUTE),
    ):
        play(alice.id, Said(trade(lots="0.10", at=at), at=at), now=recorded)
    now.move_to(end + 31 * DAY)
    said = page(sign_in(hers, alice), one)
    assert said.count("0.1 lots closed Counted") == 1
    assert "Not counted: After it ended" in said
    assert "Not counted: Reported more than 30 days after it ended" in said
    assert "Ended on 9 Mar" in said


def test_what_the_law_forbade_then_does_not_count_now(client: FlaskClient, alice: Person, bob: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE member SET country = 'CY', client_class = 1 WHERE id = {alice.id}")
    play(alice.id, lots("1.00"))
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE member SET country = 'AE', client_class = 2 WHERE id = {alice.id}")
    said = page(sign_in(client, alice), one)
    assert "0 of 3 lots" in said
    assert "Not counted: Your client category allowed no benefit for it then" in said


def test_the_newest_twenty_stand_first_and_older_ones_behind_a_button(hers: FlaskClient, alice: Person):
    one = challenge("lots", {**LOTS, "settings": {"target": "99"}})
    join(alice.id, one)
    assert report(alice.id, *(lots(f"0.{n:02}", n) for n in range(10, 35)), now=NOON + DAY) == ["accepted"] * 25
    pipeline.drain()
    answer = hers.get(f"/challenges/{one}")
    assert answer.text.count("data-counted") == 20
    (older,) = [part.split('"')[0] for part in answer.text.split('hx-get="') if "/activity?" in part[:60]]
    rest = hers.get(older.replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert rest.text.count("data-counted") == 5
    assert "<html" not in rest.text
    plain = hers.get(older.replace("&amp;", "&"))
    assert plain.status_code == 303
    assert words(hers.get(plain.location)).count("closed Counted") == 5


def test_of_a_long_list_the_first_few_stand_open(hers: FlaskClient, alice: Person):
    one = challenge("lots", {**LOTS, "settings": {"target": "99"}})
    join(alice.id, one)
    for n in range(10):
        play(alice.id, lots("0.10", n + 1))
    assert "more" not in hers.get(f"/challenges/{one}").text.split('id="counted"', 1)[1].split("</section>", 1)[0]
    play(alice.id, lots("0.10", 11))
    shown = hers.get(f"/challenges/{one}").text.split('id="counted"', 1)[1].split("<details", 1)
    assert shown[0].count("data-counted") == 8
    assert "Show 3 more" in words(hers.get(f"/challenges/{one}"))


def test_what_is_over_leads_on_and_does_not_say_it_is_earned(
    hers: FlaskClient, alice: Person, bob: Person, now: time_machine.Traveller
):
    paid = {"reward": {"points": 250}}
    ended, won, full = (
        challenge("ended", LOTS, **FIXED, **paid),
        challenge("won", LESSONS, **paid),
        challenge("full", LESSONS, places=1, **paid),
    )
    for one in (ended, won):
        join(alice.id, one)
    join(bob.id, full)
    on = challenge("on", LOTS, **paid)
    join(alice.id, on)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    claim(alice.id, won)
    assert "All challenges" not in page(hers, on)
    assert "All challenges" in page(hers, full) and "You earn 250 points" in page(hers, full)
    assert "All challenges Progress 2 of 2 lessons You earned 250 points" in page(hers, won)
    now.move_to(NOON + 9 * DAY)
    assert "All challenges Progress 0 of 3 lots Reward 250 points" in page(hers, ended)


def test_what_was_taken_back_says_why_above_its_steps(hers: FlaskClient, alice: Person, now: time_machine.Traveller):
    one = challenge("lots", LOTS, **FIXED, reward={"points": 250})
    join(alice.id, one)
    said = lots("3.00")
    play(alice.id, said)
    claim(alice.id, one)
    now.move_to(NOON + 9 * DAY)
    report(alice.id, Said(None, busts=said.id, at=said.at), now=NOON + 9 * DAY)
    pipeline.drain()
    told = page(hers, one)
    assert "Something that counted for “Lots” was cancelled or corrected, so it is not completed any more." in told
    assert told.index("not completed any more") < told.index("What to do")
    assert "Reward 250 points" in told and "You earn" not in told


def test_a_refusal_leads_to_the_others_where_there_is_nothing_to_do_here(hers: FlaskClient, bob: Person):
    full, open_ = challenge("full", LESSONS, places=1), challenge("open", LESSONS)
    join(bob.id, full)
    refused = post(hers, f"/challenges/{full}/entry")
    assert refused.status_code == 422
    assert "Every place is taken. Have a look at the other challenges. All challenges" in words(refused)
    nothing = words(post(hers, f"/challenges/{open_}/reward"))
    assert "There is nothing to claim here now." in nothing and "All challenges" not in nothing


def test_what_was_done_last_stands_first_whenever_it_was_reported(
    hers: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch
):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    for minutes, number in ((40, "0.40"), (50, "0.50"), (10, "0.10"), (20, "0.20"), (30, "0.30")):
        play(alice.id, lots(number, minutes))
    monkeypatch.setattr(challenge_page, "PAGE", 2)
    found, before = [], ""
    while before is not None:
        rows = hers.get(f"/challenges/{one}/activity{before}", headers={"HX-Request": "true"}).text
        found += re.findall(r"0\.\d(?=(?:<[^>]*>| )*lots closed)", rows)
        older = re.search(r"before=(\d+)", rows)
        before = f"?before={older[1]}" if older else None
    assert found == ["0.5", "0.4", "0.3", "0.2", "0.1"]


def test_of_more_than_a_page_looks_through_each_is_judged_by_itself(
    hers: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch
):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    for n in range(4):
        play(alice.id, lots("0.10", n + 1, seconds=41 if n == 3 else 3600))
    monkeypatch.setattr(evidence, "LOOKED_AT", 2)
    said = page(hers, one)
    assert "There is more than this page looks through." in said
    assert said.count("0.1 lots closed Counted") == 1
    assert "Not counted: Open 41 s, needs 180 s" in said


def test_what_was_done_after_it_was_completed_is_none_of_its_business(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    play(alice.id, lots("3.00", 1))
    play(alice.id, lots("0.25", 2))
    claim(alice.id, one, NOON + 3 * MINUTE)
    said = page(hers, one)
    assert "3 lots closed Counted" in said
    assert "0.25 lots" not in said


def test_the_members_own_limit_judges_what_came_after_it(hers: FlaskClient, alice: Person):
    own = {"kind": "risk_within_limit", "settings": {"target": 2}}
    one = challenge("own", own)
    join(alice.id, one)
    play(alice.id, lots("0.10", 1, stop_loss="1.09900"))
    said = page(hers, one)
    assert "0.1 lots closed Not counted:" in said


# --- window, runs -----------------------------------------------------------------------------------------------------


def test_the_window_is_drawn_day_by_day_in_the_members_zone(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS, **FIXED)
    assert "Window 2 Mar today, 4 Mar 8 Mar It ends at midnight in your own time zone." in page(hers, one)
    join(alice.id, one)
    play(alice.id, lots("0.10"))
    text = hers.get(f"/challenges/{one}").text
    assert text.count('data-state="past"') == 2
    assert '<li data-state="today" data-counted>' in text
    assert text.count('data-state="ahead"') == 4


def test_planned_rest_is_told_from_idle_days(hers: FlaskClient, alice: Person, now: time_machine.Traveller):
    one = challenge("journal", JOURNAL, **FIXED)
    join(alice.id, one)
    today = to_day(NOON.date())
    for day in (2, 3, 4):
        with transaction():
            rest.plan(alice.id, today + day, zone=ZoneInfo("Asia/Dubai"), now=NOON)
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE rest_day SET kept = true WHERE day = {today + 2}")
        conn.exec_driver_sql(f"UPDATE rest_day SET kept = false WHERE day = {today + 3}")
    play(alice.id, Said(kind="journal.written", at=NOON + 2 * DAY), now=NOON + 3 * DAY)
    now.move_to(NOON + 3 * DAY)
    answer = hers.get(f"/challenges/{one}")
    said = words(answer)
    assert "Window 6 Mar: Counted, rest day kept 8 Mar: rest day planned 2 Mar today, 7 Mar 8 Mar Rest days" in said
    assert answer.text.count(" data-rest") == 2
    # Of the five other days there is nothing to tell.
    assert answer.text.count(' aria-hidden="true"></li>') == 5


def test_a_window_without_rest_explains_no_stripes(hers: FlaskClient, alice: Person, bob: Person):
    one = challenge("journal", JOURNAL, **FIXED)
    with transaction():
        rest.plan(bob.id, to_day(NOON.date()) + 2, zone=ZoneInfo("Asia/Dubai"), now=NOON)
    answer = hers.get(f"/challenges/{one}")
    assert "Rest days" not in words(answer)
    assert "data-rest" not in answer.text


def test_a_window_of_ones_own_begins_with_joining(hers: FlaskClient, alice: Person, now: time_machine.Traveller):
    one = challenge("lots", LOTS, window={"kind": "personal", "days": 3})
    assert "Window" not in page(hers, one)
    join(alice.id, one)
    assert "Window today, 4 Mar 6 Mar It ends at" in page(hers, one)
    now.move_to(NOON + DAY)
    assert "Window 4 Mar today, 5 Mar 6 Mar It ends at" in page(hers, one)
    now.move_to(NOON + 2 * DAY)
    assert "Window 4 Mar today, 6 Mar It ends at" in page(hers, one)


def test_a_long_window_is_said_and_not_drawn(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS, window={"kind": "personal", "days": 200})
    join(alice.id, one)
    answer = hers.get(f"/challenges/{one}")
    assert "days-strip" not in answer.text
    assert "199 days left" in words(answer)


def test_days_stay_those_of_the_zone_that_it_was_joined_in(
    client: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
):
    one = challenge("lots", LOTS, **FIXED)
    join(alice.id, one)
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE member SET time_zone = 'Pacific/Kiritimati' WHERE id = {alice.id}")
    assert "Days are those of Asia/Dubai, where you joined." in page(sign_in(browser(), alice), one)
