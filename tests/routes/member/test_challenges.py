"""Challenges as members' browsers meet them: the list, joining, leaving, claiming, and who is kept out."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.gamification import catalogue, pipeline
from app.gamification.activities import LessonPassed
from app.gamification.challenges import sweep
from app.gamification.challenges.entry import EntryState
from app.models.base import transaction
from tests.gamification.ledger.reading import english, lines_of
from tests.support.cast import Person, make_member, post, sign_in, sign_in_staff, words
from tests.support.play import NOON, Said, balances, play, report, trade
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge, claim, entry, join
from tests.support.queries import counted
from tests.support.together import together

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
REWARD = {"reward": {"points": 250}}
WEEK = {"window": {"kind": "personal", "days": 7}}
FIXED = {"window": {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"}}


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def his(browser: Callable[[], FlaskClient], bob: Person) -> FlaskClient:
    """Bob's browser: a retail client whom the law allows nothing for trades."""
    return sign_in(browser(), bob)


def state(member: Person, challenge_id: int, run: int = 0) -> EntryState:
    found = entry(member.id, challenge_id, run)
    assert found is not None
    return EntryState(found.state)


def lots(number: str, minutes: float = 5, **more: Any) -> Said:
    at = NOON + minutes * MINUTE
    return Said(trade(lots=number, at=at, **more), at=at)


def lesson(key: str, minutes: float = 5) -> Said:
    return Said(LessonPassed(key, 90), "lesson.passed", at=NOON + minutes * MINUTE)


def page(client: FlaskClient, address: str = "/challenges") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return words(answer)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_programme_without_challenges_says_so(hers: FlaskClient):
    assert "No challenge yet There is none to join now." in page(hers)


def test_who_is_new_is_shown_good_first_ones(hers: FlaskClient):
    challenge("lots", **WEEK, **REWARD, places=40)
    said = page(hers)
    assert "No challenge yet A challenge is a small habit with a goal." in said
    assert (
        "Good first ones Lots Close trades of 3 lots in all. 7 days from joining 40 places left 250 points Join" in said
    )


def test_what_waits_to_be_claimed_stands_first_then_what_is_closest(hers: FlaskClient, alice: Person):
    far, near, done = challenge("far", LOTS), challenge("near", JOURNAL), challenge("done", LESSONS, **REWARD)
    for one in (far, near, done):
        join(alice.id, one)
    play(alice.id, lots("1.00"))
    play(alice.id, Said(kind="journal.written", at=NOON + MINUTE))
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    said = page(hers)
    assert "Your challenges 1 to claim" in said
    assert said.index("Done") < said.index("Near") < said.index("Far")
    assert "2 of 2 lessons Complete 250 points Claim 250 points" in said
    assert "1 of 2 days No time limit View challenge" in said
    assert "1 of 3 lots No time limit View challenge" in said


def test_beside_a_badge_the_points_are_left_to_the_button(hers: FlaskClient, alice: Person):
    badge("first", {"kind": "given"}, "1", icon="flag")
    one = challenge("done", {**LESSONS, "settings": {"target": 1}}, reward={"points": 250, "badge": "first"})
    join(alice.id, one)
    assert "First badge 250 points View challenge" in page(hers)
    play(alice.id, lesson("a"))
    assert "Complete First badge Claim 250 points" in page(hers)


def test_a_quest_says_which_step_one_is_on(hers: FlaskClient, alice: Person):
    quest = challenge("quest", {**LESSONS, "settings": {"target": 1}}, {**JOURNAL, "after": [0]}, **WEEK, **REWARD)
    assert "Quest 2 steps 7 days from joining" in page(hers)
    join(alice.id, quest)
    assert "Quest Lessons passed Step 1 of 2 6 days left" in page(hers)
    play(alice.id, lesson("a"))
    for address in ("/challenges", "/home"):
        answer = hers.get(address)
        assert "Quest Days journalled Step 2 of 2 6 days left" in words(answer)
        assert '<progress max="100" value="50"' in answer.text  # what is done
    assert "Progress Step 2 of 2" in page(hers, f"/challenges/{quest}")
    for day in (0, 1):
        play(alice.id, Said(kind="journal.written", at=NOON + day * DAY + MINUTE), now=NOON + 2 * DAY)
    assert "Quest 2 steps 2 of 2 steps Complete 250 points Claim 250 points" in page(hers)


def test_a_quest_that_is_over_says_how_far_it_came(hers: FlaskClient, alice: Person, now: time_machine.Traveller):
    quest = challenge("quest", {**LESSONS, "settings": {"target": 1}}, {**JOURNAL, "after": [0]}, **WEEK)
    join(alice.id, quest)
    play(alice.id, lesson("a"))
    now.move_to(NOON + 9 * DAY)
    with transaction():
        sweep.settle_due(NOON + 9 * DAY)
    assert "Progress 1 of 2 steps" in page(hers, f"/challenges/{quest}")


def test_what_begins_later_what_is_full_and_what_counts_by_itself(hers: FlaskClient, alice: Person, bob: Person):
    challenge("later", LESSONS, window={"kind": "fixed", "first": "2026-03-06", "last": "2026-03-08"})
    challenge("over", LESSONS, window={"kind": "fixed", "first": "2026-02-06", "last": "2026-02-08"})
    challenge("byitself", LESSONS, automatic=True, **FIXED)
    join(bob.id, challenge("full", LESSONS, places=1))
    said = page(hers)
    assert "Later Pass 2 different lessons. Opens on 6 Mar View challenge" in said
    assert "Full Pass 2 different lessons. No time limit Every place is taken View challenge" in said
    assert "Byitself Pass 2 different lessons. Counts without joining 4 days left View challenge" in said
    assert "Over" not in said


def test_whoever_left_what_counts_by_itself_is_offered_to_join_it(hers: FlaskClient, alice: Person):
    course = challenge("course", LESSONS, automatic=True)
    play(alice.id, lesson("a"))
    assert state(alice, course) == EntryState.JOINED
    post(hers, f"/challenges/{course}/leaving")
    assert "Counts without joining" not in page(hers, f"/challenges/{course}")
    assert f'action="/challenges/{course}/entry"' in hers.get(f"/challenges/{course}").text
    assert post(hers, f"/challenges/{course}/entry").status_code == 303
    assert state(alice, course) == EntryState.JOINED


def test_what_is_for_others_or_offered_no_longer_is_not_listed(hers: FlaskClient, alice: Person):
    challenge("japan", LESSONS, audience={"countries": ["JP"]})
    gone, kept = challenge("gone", LESSONS), challenge("kept", LESSONS)
    join(alice.id, kept)
    with transaction():
        for one in (gone, kept):
            catalogue.retire(catalogue.CHALLENGES, one, now=NOON)
    said = page(hers)
    assert "Japan" not in said
    assert "Gone" not in said
    assert "Your challenges Kept" in said
    assert hers.get(f"/challenges/{kept}").status_code == 200
    assert hers.get(f"/challenges/{gone}").status_code == 404


def test_what_has_ended_says_how(hers: FlaskClient, alice: Person, now: time_machine.Traveller):
    won, lost = challenge("won", LESSONS, **REWARD), challenge("lost", JOURNAL, **FIXED)
    for one in (won, lost):
        join(alice.id, one)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    claim(alice.id, won)
    play(alice.id, Said(kind="journal.written", at=NOON + MINUTE))
    now.move_to(NOON + 4 * DAY + 12 * MINUTE * 60)
    assert "Lost Write in your journal on 2 days. 1 of 2 days Ended; late reports still count" in page(hers)
    now.move_to(NOON + 8 * DAY)
    with transaction():
        sweep.settle_due(NOON + 8 * DAY)
    said = page(hers)
    assert "Won Completed, claimed on 4 Mar" in said
    assert "Lost Ended on 9 Mar with 1 of 2" in said
    assert "Your challenges" not in said


# --- by kind of member ------------------------------------------------------------------------------------------------


def test_the_law_says_which_rule_keeps_a_challenge_from_whom(his: FlaskClient):
    trades, lessons = challenge("trades", LOTS, **REWARD), challenge("lessons", LESSONS, **REWARD)
    said = page(his)
    assert "Not available under your client category You cannot take part" in said
    assert "The rules “EU retail” say so. It follows from: ESMA" in said
    assert f'action="/challenges/{trades}/entry"' not in his.get("/challenges").text
    of_one = page(his, f"/challenges/{trades}")
    assert "Not available under your client category You cannot take part" in of_one
    assert "250 points Not available under your client category" in of_one
    assert "Join" not in of_one
    of_lessons = page(his, f"/challenges/{lessons}")
    assert "Points for recognition and service By the rules of your client category" in of_lessons
    assert "250 points They buy recognition and service" in of_lessons


def test_who_is_not_known_yet_is_under_the_strictest_rules(client: FlaskClient, charlie: Person):
    trades = challenge("trades", LOTS)
    challenge("lessons", LESSONS)
    said = page(sign_in(client, charlie))
    assert "Lessons Pass 2 different lessons." in said
    assert "The rules “Not known yet” say so." in said
    answer = post(client, f"/challenges/{trades}/entry")
    assert answer.status_code == 422
    assert "This challenge is not available under your client category." in words(answer)


def test_recognition_alone_strikes_the_points_out_and_keeps_the_badge(his: FlaskClient, bob: Person):
    badge("first", {"kind": "given"}, "1", "2", icon="flag")
    joined = {"kind": "joined", "settings": {}}
    reward = {"points": 450, "keep_days": 30, "badge": "first"}
    known = challenge("known", joined, LESSONS, reward=reward)
    answer = his.get(f"/challenges/{known}")
    said = words(answer)
    assert "Recognition only under your client category You earn the badge and your progress counts." in said
    assert "The 450 points of this challenge are not paid to you." in said
    assert "First badge Bronze" in said
    assert "<s>" in answer.text
    assert "450 points Not available under your client category" in said
    assert "Your level kept 30 days longer Not available under your client category" in said
    assert "You earn First badge Reward" not in said  # it stands in the hero, before the steps
    assert "You earn First badge" in said


def test_nothing_of_others_is_ever_shown(hers: FlaskClient, bob: Person):
    lessons = challenge("lessons", LESSONS, **REWARD)
    join(bob.id, lessons)
    play(bob.id, lesson("secret-lesson"))
    said = page(hers, f"/challenges/{lessons}")
    assert "secret" not in said
    assert "0 of 2" not in said
    assert "Taking part 1" in said
    assert hers.get(f"/challenges/{lessons}?run=0").status_code == 404
    for address in (f"/challenges/{lessons}/leaving", f"/challenges/{lessons}/reward"):
        assert post(hers, address).status_code == 422
    assert state(bob, lessons) == EntryState.JOINED


@pytest.mark.parametrize("number", ["0", "999", "2147483647", "9" * 20, "9" * 5000, "1e3", "%00", "-1"])
def test_what_is_no_challenge_is_not_found(hers: FlaskClient, number: str):
    assert hers.get(f"/challenges/{number}").status_code == 404
    for way in ("entry", "leaving", "reward"):
        assert post(hers, f"/challenges/{number}/{way}").status_code in (404, 405), way


def test_an_address_with_nonsense_behind_it_is_the_plain_page(hers: FlaskClient, alice: Person):
    lessons = challenge("lessons", LESSONS)
    join(alice.id, lessons)
    for asked in ("?before=x", "?before=1e400", "?before=-1", "?run=x", f"?before={'9' * 400}", "?before=%00"):
        assert hers.get(f"/challenges/{lessons}{asked}").status_code == 200, asked
    assert hers.get(f"/challenges/{lessons}?run=7").status_code == 404


def test_visitors_are_asked_to_sign_in(client: FlaskClient):
    one = challenge("lessons", LESSONS)
    for address in ("/challenges", f"/challenges/{one}"):
        assert client.get(address).headers["Location"].startswith("/login?next=")


# --- joining, leaving, claiming ---------------------------------------------------------------------------------------


def test_joining_leads_to_the_page_of_it(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS, **WEEK, places=2)
    answer = post(hers, f"/challenges/{one}/entry")
    assert (answer.status_code, answer.location) == (303, f"/challenges/{one}")
    said = page(hers, answer.location)
    assert "You take part. What you do from now on counts." in said
    assert "0 of 3 lots" in said
    assert "Taking part 1 Finished 0 Places left 1" in said


def test_joining_twice_and_too_late_is_refused_in_place(hers: FlaskClient, alice: Person, bob: Person):
    one, full = challenge("lessons", LESSONS), challenge("full", LESSONS, places=1)
    join(bob.id, full)
    assert post(hers, f"/challenges/{one}/entry").status_code == 303
    again = post(hers, f"/challenges/{one}/entry")
    assert again.status_code == 422
    assert "You take part already." in words(again)
    answer = post(hers, f"/challenges/{full}/entry")
    assert answer.status_code == 422
    assert "Every place is taken." in words(answer)
    fragment = post(hers, f"/challenges/{full}/entry", htmx=True)
    assert fragment.status_code == 422
    assert "<html" not in fragment.text
    assert 'id="challenge"' in fragment.text


def test_leaving_is_asked_about_first_and_can_be_undone(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    play(alice.id, lots("1.00"))
    asked = page(hers, f"/challenges/{one}/leaving")
    assert "Leave Lots? 1 of 3 lots Your progress in it is lost" in asked
    assert state(alice, one) == EntryState.JOINED
    assert post(hers, f"/challenges/{one}/leaving").status_code == 303
    assert state(alice, one) == EntryState.LEFT
    assert "Join this challenge" in page(hers, f"/challenges/{one}")
    assert post(hers, f"/challenges/{one}/leaving").status_code == 422
    assert post(hers, f"/challenges/{one}/entry").status_code == 303
    assert "0 of 3 lots" in page(hers, f"/challenges/{one}")


def test_a_reward_is_claimed_with_and_without_a_script(hers: FlaskClient, alice: Person):
    plain, folding = challenge("plain", LESSONS, **REWARD), challenge("folding", LESSONS, **REWARD)
    for one in (plain, folding):
        join(alice.id, one)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    before = balances(alice.id)[0]
    answer = post(hers, f"/challenges/{plain}/reward")
    assert (answer.status_code, answer.location) == (303, f"/challenges/{plain}")
    said = page(hers, answer.location)
    assert "Claimed: 250 points are yours." in said
    assert "Claimed on 4 Mar" in said
    card = post(hers, f"/challenges/{folding}/reward", htmx=True)
    assert card.status_code == 200
    assert f'id="challenge-{folding}"' in card.text
    assert "data-folded" in card.text
    assert "Claimed: 250 points are yours." in card.headers["HX-Trigger"]
    assert '"live:points"' in card.headers["HX-Trigger"]
    assert balances(alice.id)[0] == before + 500
    again = post(hers, f"/challenges/{folding}/reward", htmx=True)
    assert again.status_code == 422
    assert "There is nothing to claim here now." in words(again)
    assert balances(alice.id)[0] == before + 500


def test_two_claims_at_once_pay_once(
    app: Flask, alice: Person, browser: Callable[[], FlaskClient], now: time_machine.Traveller
):
    one = challenge("lessons", LESSONS, **REWARD)
    join(alice.id, one)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    before = balances(alice.id)[0]
    clients = [sign_in(browser(), alice) for _ in range(3)]
    answers = together(app, [lambda c=c: post(c, f"/challenges/{one}/reward").status_code for c in clients])  # type: ignore[misc]
    assert sorted(map(str, answers)) == ["303", "422", "422"]
    assert balances(alice.id)[0] == before + 250


def test_one_that_comes_again_is_joined_again_and_keeps_its_runs(hers: FlaskClient, alice: Person):
    one = challenge("journal", {**JOURNAL, "settings": {"target": 1}}, recurrence="completion", **REWARD)
    join(alice.id, one)
    play(alice.id, Said(kind="journal.written", at=NOON + MINUTE))
    claim(alice.id, one, NOON + 2 * MINUTE)
    said = page(hers)
    assert "Open to you Journal Write in your journal on 1 day. No time limit 250 points Join" in said
    assert "Finished challenges Journal Completed, claimed on 4 Mar" in said
    assert "Join this challenge" in page(hers, f"/challenges/{one}")
    assert "Earlier runs Completed 4 Mar +250" in page(hers, f"/challenges/{one}")
    former = page(hers, f"/challenges/{one}?run=0")
    assert "Claimed on 4 Mar" in former
    assert "Join again" in former
    assert "Journal entry written Counted" in former
    assert post(hers, f"/challenges/{one}/entry").status_code == 303
    assert state(alice, one, 1) == EntryState.JOINED


def test_who_looks_on_for_a_member_joins_nothing(client: FlaskClient, mia: Person, alice: Person):
    one = challenge("lots", LOTS, **REWARD)
    sign_in_staff(client, mia)
    assert post(client, f"/admin/members/{alice.id}/view").status_code == 303
    answer = client.get("/challenges")
    assert "Lots Close trades of 3 lots in all." in words(answer)
    assert "/entry" not in answer.text
    assert "Join this challenge" not in words(client.get(f"/challenges/{one}"))
    assert post(client, f"/challenges/{one}/entry").status_code == 403
    assert entry(alice.id, one) is None


def test_who_is_quiet_sees_none_of_it(hers: FlaskClient, alice: Person):
    challenge("lots", LOTS, **REWARD)
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE member SET quiet_until = {int((NOON + 3 * DAY).timestamp()) * 10**6}")
    said = page(hers)
    assert "Close trades" not in said
    assert "Your challenges" not in page(hers, "/home")


# --- home, messages, speed --------------------------------------------------------------------------------------------


def test_home_shows_what_to_claim_first_and_three_at_most(hers: FlaskClient, alice: Person):
    assert "Your challenges" not in page(hers, "/home")
    made = [challenge(f"one{n}", LOTS, **REWARD) for n in range(4)] + [challenge("done", LESSONS, **REWARD)]
    pipeline.drain()
    for one in made:
        join(alice.id, one)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    said = page(hers, "/home").split("Latest")[0]
    assert "Your challenges All challenges Done" in said
    assert "Claim 250 points" in said
    assert said.count("0 of 3 lots") == 2


def test_home_leads_to_the_challenges_who_has_none(hers: FlaskClient):
    challenge("lots", LOTS)
    assert "Your challenges All challenges No challenge yet" in page(hers, "/home")


def test_messages_say_what_was_completed_and_what_was_taken_back(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS, **REWARD)
    join(alice.id, one)
    said = lots("3.00")
    play(alice.id, said)
    assert "You completed “Lots”. What it brings waits for you to claim it." in page(hers, "/home")
    assert f'href="/challenges/{one}?run=0"' in hers.get("/home").text
    report(alice.id, Said(None, busts=said.id, at=said.at), now=NOON + 9 * MINUTE)
    pipeline.drain()
    assert "Something that counted for “Lots” was cancelled or corrected, so it is open again." in page(hers, "/home")


def test_a_page_asks_a_fixed_number_of_things(hers: FlaskClient, alice: Person):
    made = [challenge(f"one{n}", LOTS, places=50, **REWARD) for n in range(10)]
    own = {"kind": "risk_within_limit", "settings": {"target": 3}}
    made.append(challenge("own", own, {**JOURNAL, "after": [0]}, places=50, **WEEK))
    for one in made:
        join(alice.id, one)
    for n in range(12):
        play(alice.id, lots("0.10", minutes=5 + n))
    for address, most in (
        ("/challenges", 5),
        (f"/challenges/{made[0]}", 5),
        (f"/challenges/{made[-1]}", 5),
        ("/home", 6),
    ):
        page(hers, address)
        with counted() as asked:
            page(hers, address)
        assert len(asked) <= most, (address, asked)


def test_a_page_asks_for_itself_when_something_has_changed(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS)
    join(alice.id, one)
    for address, mark in (("/challenges", "challenges"), (f"/challenges/{one}", "challenge")):
        fragment = hers.get(address, headers={"HX-Request": "true"})
        assert fragment.text.lstrip().startswith("<div") or f'id="{mark}"' in fragment.text
        assert "<html" not in fragment.text
        assert f'hx-get="{address}" hx-trigger="live:challenges from:body' in fragment.text
        assert "HX-Request" in fragment.headers["Vary"]


def test_a_name_with_markup_and_marks_of_direction_stays_text(hers: FlaskClient, alice: Person):
    one = challenge("lots", LOTS, name={"en": "<b>Bold</b> \u202e 10%s %(x)s"}, about={"en": "<script>1</script> 100%"})
    join(alice.id, one)
    for address in ("/challenges", f"/challenges/{one}", "/home", f"/challenges/{one}/leaving"):
        text = hers.get(address).text
        assert "<b>Bold" not in text
        assert "<script>1" not in text
        assert "10%s %(x)s" in text


def test_others_members_are_counted_but_not_named(hers: FlaskClient, alice: Person):
    one = challenge("lessons", LESSONS, places=5)
    for n in range(3):
        other = make_member(f"other{n}@example.com", f"Otto {n}")
        join(other.id, one)
        if n:
            play(other.id, lesson("a"))
            play(other.id, lesson("b"))
    said = page(hers, f"/challenges/{one}")
    assert "Taking part 3 Finished 2 Places left 2" in said
    assert "Otto" not in said


def test_points_lead_to_the_challenge_that_brought_them_and_staff_read_the_same(
    hers: FlaskClient, alice: Person, browser: Callable[[], FlaskClient], vera: Person
):
    badge("reader", LESSONS, "2", points=[20])
    one = challenge("lessons", LESSONS, claim=False, **REWARD)
    join(alice.id, one)
    play(alice.id, lesson("a"))
    play(alice.id, lesson("b"))
    desk = sign_in_staff(browser(), vera)
    for title, link in (
        ("Challenge completed: Lessons", f"/challenges/{one}?run=0"),
        ("Badge: Reader", "/badges/reader"),
    ):
        assert title in page(hers, "/points")
        assert title in page(desk, f"/admin/members/{alice.id}")
        seq = next(line.seq for line in lines_of(alice.id) if english(line.title) == title)
        line = hers.get(f"/points/{seq}")
        assert title in words(line)
        assert f'href="{link}"' in line.text
        staff = desk.get(f"/admin/members/{alice.id}/points/{seq}")
        assert title in words(staff)
        assert link not in staff.text
    assert "0 going on, 1 completed Badges 1" in page(desk, f"/admin/members/{alice.id}")


def test_what_was_done_before_joining_is_counted_in_words(hers: FlaskClient, alice: Person):
    course = challenge("course", {"kind": "lessons_passed", "settings": {"target": 3}})
    play(alice.id, lesson("risk", -20))
    join(alice.id, course)
    first = page(hers, f"/challenges/{course}")
    assert "1 that you had done before you joined counts as well." in first
    begun = challenge("begun", {"kind": "lessons_passed", "settings": {"target": 1}})
    join(alice.id, begun)
    assert "1 that you had done before you joined counts as well." in page(hers, f"/challenges/{begun}")
    assert "Nothing yet." not in first
    play(alice.id, lesson("costs", 1))
    assert "Lesson passed" in (shown := page(hers, f"/challenges/{course}")) and "before you joined counts" in shown
