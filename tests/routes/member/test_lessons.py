"""Lessons as a member's browser meets them: the list, the text, the questions with and without a script."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from werkzeug.test import TestResponse

from app.gamification import catalogue, pipeline, programme
from app.gamification.activities import LessonPassed
from app.gamification.lessons.passing import MOST_TRIES
from app.gamification.lessons.starting import starting_lessons
from app.models.base import connection, read_all, transaction
from app.models.rules import PackRevision
from tests.support.cast import Person, post, sign_in, words
from tests.support.filling import forms
from tests.support.play import NOON, Said, play, wallet
from tests.support.queries import counted

LESSONS = starting_lessons()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def offered(app: Flask) -> None:
    """The eight lessons of the start."""
    with transaction():
        for key, definition in LESSONS.items():
            catalogue.publish(catalogue.LESSONS, key, definition, now=NOON)


@pytest.fixture
def reader(client: FlaskClient, bob: Person, offered: None) -> FlaskClient:
    """Bob, a retail client in Cyprus."""
    pipeline.drain()
    return sign_in(client, bob)


def right(key: str) -> dict[str, int]:
    return {f"answer{number}": one["right"] for number, one in enumerate(LESSONS[key]["questions"])}


def wrong(key: str) -> dict[str, int]:
    return right(key) | {"answer1": (right(key)["answer1"] + 1) % 3}


def answer(client: FlaskClient, key: str, answers: dict[str, int], **options: Any) -> TestResponse:
    """Open the lesson, fill its form in and send it."""
    address = f"/lessons/{key}/attempts"
    form = forms(client.get(f"/lessons/{key}?again=1"))[address]
    return post(client, address, form | answers, **options)


def speak(member: Person, language: str) -> None:
    with transaction():
        connection().execute(text("UPDATE member SET language = :l WHERE id = :i"), {"l": language, "i": member.id})


class TestTheList:
    """All lessons, in their order."""

    def test_it_says_what_each_is_about_and_brings(self, reader: FlaskClient):
        said = words(reader.get("/lessons"))
        assert "Begin with What a CFD is" in said
        assert "Your progress 0 of 8" in said
        assert said.count("50 points") == 8
        assert "Points that you earn by lessons buy recognition and service." in said

    def test_what_is_passed_is_marked_with_what_it_brought(self, reader: FlaskClient):
        answer(reader, "risk", right("risk"))
        assert "Your progress 1 of 8" in words(reader.get("/lessons"))
        pipeline.drain()
        said = words(reader.get("/lessons"))
        assert "Passed Risk" in said
        assert "+50" in said
        assert "Go on with What a CFD is" in said

    def test_a_days_cap_is_told_before_a_lesson_is_given_away(self, reader: FlaskClient, today: time_machine.Traveller):
        for key in ("risk", "costs", "leverage"):
            answer(reader, key, right(key))
        pipeline.drain()
        assert "A lesson that you pass today brings no points" in words(reader.get("/lessons"))
        today.shift(DAY)
        assert "A lesson that you pass today" not in words(reader.get("/lessons"))

    def test_without_a_lesson_it_says_so(self, client: FlaskClient, bob: Person):
        assert "There are no lessons yet" in words(sign_in(client, bob).get("/lessons"))

    def test_all_of_them_passed(self, reader: FlaskClient):
        for key in LESSONS:
            answer(reader, key, right(key))
        assert "You have read everything there is" in words(reader.get("/lessons"))

    def test_in_quiet_mode_points_are_out_of_sight(self, reader: FlaskClient, bob: Person):
        with transaction():
            until = {"until": int((NOON + DAY).timestamp() * 1_000_000), "i": bob.id}
            connection().execute(text("UPDATE member SET quiet_until = :until WHERE id = :i"), until)
        for page in ("/lessons", "/lessons/risk"):
            assert "50 points" not in words(reader.get(page))

    def test_it_asks_the_database_little(self, reader: FlaskClient):
        answer(reader, "risk", right("risk"))
        pipeline.drain()
        for page in ("/lessons", "/lessons/risk", "/lessons/costs", "/lessons/risk?attempt=1"):
            reader.get(page)
            with counted() as asked:
                assert reader.get(page).status_code == 200
            assert len(asked) <= 5, page


class TestOneLesson:
    """Its text and its questions."""

    def test_it_is_read_in_the_members_language(self, reader: FlaskClient, bob: Person):
        for language in ("en", "ar", "zh"):
            speak(bob, language)
            page = reader.get("/lessons/stop_loss").text
            assert LESSONS["stop_loss"]["title"][language] in page
            assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page

    def test_what_is_not_translated_is_told_in_english_and_marked_so(self, reader: FlaskClient, bob: Person):
        only = {"title": {"en": "Gaps"}, "body": {"en": "## Why\n\nText."}, "questions": LESSONS["risk"]["questions"]}
        with transaction():
            catalogue.publish(catalogue.LESSONS, "gaps", only, now=NOON)
        speak(bob, "ar")
        page = reader.get("/lessons/gaps").text
        assert '<article class="card reading" lang="en" dir="ltr"' in page
        assert LESSONS["risk"]["questions"][0]["text"]["ar"] in page

    def test_it_names_its_parts_and_what_is_next(self, reader: FlaskClient):
        said = words(reader.get("/lessons/leverage"))
        assert "Lesson 3 of 8" in said
        assert "In this lesson Margin is set aside, not spent What the law allows" in said
        assert "Next The stop-loss" in said

    def test_nobody_reads_on_the_page_which_answer_is_right(self, reader: FlaskClient):
        page = reader.get("/lessons/risk").text
        assert LESSONS["risk"]["questions"][0]["why"]["en"] not in page

    def test_answers_stand_in_another_order_after_a_try(self, reader: FlaskClient):
        orders = set()
        for _ in range(6):
            page = reader.get("/lessons/risk").text
            assert page.count('<input type="radio"') == 9
            orders.add(tuple(part[:1] for part in page.split('name="answer0" value="')[1:]))
            answer(reader, "risk", wrong("risk"))
        assert len(orders) > 1

    @pytest.mark.parametrize("key", ["nothing", "RISK", "risk%00", "..", "١"])
    def test_what_is_none_is_not_found(self, reader: FlaskClient, key: str):
        assert reader.get(f"/lessons/{key}").status_code == 404
        assert post(reader, f"/lessons/{key}/attempts").status_code == 404

    def test_a_retired_lesson_is_read_by_who_has_passed_it(
        self, app: Flask, reader: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
    ):
        answer(reader, "risk", right("risk"))
        with transaction():
            catalogue.retire(catalogue.LESSONS, 2, now=NOON)
        app.extensions["laurel_kept"].pop("compiled")  # what pages keep for a second
        assert "This lesson is not offered any more." in words(reader.get("/lessons/risk?again=1"))
        assert "of 7" in words(reader.get("/lessons"))
        assert sign_in(browser(), alice).get("/lessons/risk").status_code == 404

    def test_strangers_sign_in_first(self, client: FlaskClient, offered: None):
        for page in ("/lessons", "/lessons/risk"):
            assert client.get(page).status_code == 303


class TestAnswering:
    """The questions."""

    def test_passing_by_a_form_without_a_script(self, reader: FlaskClient, bob: Person):
        before = wallet(bob.id).available
        sent = answer(reader, "risk", right("risk"))
        assert sent.status_code == 303
        assert sent.location.endswith("#questions")
        said = words(reader.get(sent.location))
        assert "3 of 3 right You have passed this lesson." in said
        assert LESSONS["risk"]["questions"][1]["why"]["en"] in said
        assert "Next: Leverage and margin" in said
        assert "Your points are counted now." in said
        pipeline.drain()
        assert "You have earned 50 points with it." in words(reader.get(sent.location))
        assert wallet(bob.id).available == before + 50
        assert "Lesson passed: Risk" in words(reader.get("/points"))

    def test_passing_by_htmx_answers_with_the_questions_and_what_follows_from_them(self, reader: FlaskClient):
        before = words(reader.get("/lessons/risk"))
        assert "3 questions 50 points The lesson" in before
        assert "Your progress 0 of 8" in before
        sent = answer(reader, "risk", right("risk"), htmx=True)
        assert sent.status_code == 200
        assert sent.text.lstrip().startswith('<section class="card quiz" id="questions"')
        assert "3 of 3 right" in words(sent)
        beside = [part.split('"')[0] for part in sent.text.split(' id="') if 'hx-swap-oob="true"' in part[:60]]
        assert beside == ["lesson-sizes", "lesson-way"]
        assert "3 questions Passed Your progress 1 of 8" in words(sent)

    def test_a_wrong_answer_says_why_and_offers_another_try(self, reader: FlaskClient):
        sent = answer(reader, "risk", wrong("risk"), htmx=True)
        said = words(sent)
        assert "2 of 3 right Not passed yet." in said
        assert said.count("Not right") == 1
        assert "Try again" in said
        assert "0 of 8" in words(reader.get("/lessons"))

    def test_what_was_chosen_is_kept_where_one_is_missing(self, reader: FlaskClient):
        chosen = {name: value for name, value in right("risk").items() if name != "answer1"}
        sent = answer(reader, "risk", chosen)
        assert sent.status_code == 422
        assert "Choose an answer to every question. Nothing was counted yet." in words(sent)
        assert sent.text.count(" checked>") == 2

    @pytest.mark.parametrize("value", ["", "9", "-1", "1e3", "٢", "NaN", "9" * 400, "0 or 1=1", "\u202e1"])
    def test_what_is_no_answer_counts_as_none(self, reader: FlaskClient, value: str):
        sent = answer(reader, "risk", right("risk") | {"answer2": value})  # type: ignore[dict-item]
        assert sent.status_code == 422
        assert read_all(text("SELECT 1 FROM lesson_attempt")) == []

    @pytest.mark.parametrize("value", ["", "-1", "x", "1" + "0" * 400, "99999999999"])
    def test_what_the_form_carries_is_read_with_care(self, reader: FlaskClient, value: str):
        assert answer(reader, "risk", right("risk") | {"number": value}).status_code == 303  # type: ignore[dict-item]
        assert answer(reader, "costs", right("costs") | {"revision": value}).status_code == 422  # type: ignore[dict-item]

    def test_a_lesson_that_was_changed_is_asked_anew(self, reader: FlaskClient):
        form = forms(reader.get("/lessons/risk"))["/lessons/risk/attempts"]
        with transaction():
            catalogue.publish(catalogue.LESSONS, "risk", {**LESSONS["risk"], "minutes": 9}, now=NOON)
        sent = post(reader, "/lessons/risk/attempts", form | right("risk"))
        assert sent.status_code == 422
        assert "This lesson was changed while you were reading." in words(sent)

    def test_after_ten_tries_it_is_enough_for_a_day(self, reader: FlaskClient, today: time_machine.Traveller):
        for number in range(MOST_TRIES):
            if number == MOST_TRIES - 1:
                assert "1 try left today" in words(reader.get("/lessons/risk"))
            answer(reader, "risk", wrong("risk"))
        said = words(reader.get("/lessons/risk"))
        assert "That was the last try for today." in said
        form = {"revision": 2, "number": MOST_TRIES} | right("risk")
        sent = post(reader, "/lessons/risk/attempts", form)
        assert sent.status_code == 422
        assert "You have tried 10 times today." in words(sent)
        today.shift(DAY)
        assert answer(reader, "risk", right("risk")).status_code == 303

    def test_who_has_passed_may_answer_again_and_earns_nothing_more(self, reader: FlaskClient, bob: Person):
        answer(reader, "risk", right("risk"))
        pipeline.drain()
        before = wallet(bob.id).available
        assert "You passed this lesson on 4 Mar." in words(reader.get("/lessons/risk"))
        answer(reader, "risk", right("risk"))
        pipeline.drain()
        assert wallet(bob.id).available == before

    def test_what_the_broker_had_reported_promises_nothing_and_says_why(self, reader: FlaskClient, bob: Person):
        play(bob.id, Said(LessonPassed("risk", 80), "lesson.passed"))
        assert words(reader.get("/lessons")).count("50 points") == 7
        shown = answer(reader, "risk", right("risk"))
        pipeline.drain()
        said = reader.get(shown.location)
        assert "Why this earned nothing" in words(said) and "/points?tab=missed" in said.text
        assert "This lesson counted on" in words(reader.get("/points?tab=missed"))

    def test_nobody_sees_the_try_of_another_member(
        self, reader: FlaskClient, browser: Callable[[], FlaskClient], alice: Person
    ):
        address = answer(reader, "risk", wrong("risk")).location
        other = sign_in(browser(), alice)
        assert "2 of 3 right" not in words(other.get(address))
        assert "2 of 3 right" not in words(reader.get(address.replace("risk", "costs")))

    def test_where_the_law_gives_nothing_it_says_so_in_words(self, reader: FlaskClient, bob: Person):
        with transaction() as conn:
            packs = conn.execute(select(PackRevision.pack_id, PackRevision.definition)).all()
            values = {"number": 9, "effective_from": NOON, "published_at": NOON}
            for pack in packs:
                facts = {**pack.definition["facts"], "learning": "recognition"}
                said = {"pack_id": pack.pack_id, "definition": {**pack.definition, "facts": facts}}
                conn.execute(insert(PackRevision).values(said | values))
            programme.touch(conn)
        before = wallet(bob.id).available
        said = words(reader.get("/lessons"))
        assert "Not available under your client category You can read and pass every lesson" in said
        assert "50 points" not in said
        assert "Under your client category no points are given for it." in words(
            answer(reader, "risk", right("risk"), htmx=True)
        )
        pipeline.drain()
        assert wallet(bob.id).available == before
        assert "Your progress 1 of 8" in words(reader.get("/lessons"))
