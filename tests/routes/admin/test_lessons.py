"""Lessons at the desk: a form whose rows need no script, a preview, two people who publish, and the order of reading."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.gamification import catalogue, drafts, programme
from app.gamification.lessons import publishing
from app.gamification.lessons.starting import KEYS, starting_lessons
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from app.routes.admin.lessons import filled, reading
from app.routes.formats import say_plainly
from tests.support.cast import Person, post, sign_in, sign_in_staff, words
from tests.support.filling import forms
from tests.support.play import NOON
from tests.support.proposals import approve
from tests.support.queries import counted

LESSONS = starting_lessons()
RISK = LESSONS["risk"]
TRY = text(
    "INSERT INTO lesson_attempt (member_id, lesson_id, revision_id, answers, correct, passed, made_at)"
    " VALUES (:member, :lesson, 1, :answers, 3, true, :at)"
)


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def risk(app: Flask) -> int:
    """A lesson that is live."""
    return offer("risk")


def offer(*keys: str) -> int:
    lesson_id = 0
    with transaction():
        for key in keys:
            lesson_id = catalogue.publish(catalogue.LESSONS, key, LESSONS[key], now=NOON)
    return lesson_id


def begin(client: FlaskClient, lesson_id: int) -> str:
    """The address of the draft of its next revision."""
    sent = post(client, f"/admin/lessons/{lesson_id}/draft")
    assert sent.status_code == 303
    return str(sent.location)


def form_of(client: FlaskClient, draft: str) -> dict[str, Any]:
    """What a browser would send of the draft's form."""
    return forms(client.get(draft))[draft]


def press(client: FlaskClient, draft: str, button: str, **changes: Any) -> TestResponse:
    sent = post(client, f"{draft}/preview", form_of(client, draft) | {"press": button} | changes)
    assert sent.status_code == 200
    return sent


def saved(draft: str) -> dict[str, Any]:
    found = drafts.read(int(draft.rsplit("/", 1)[1]))
    assert found is not None
    return dict(found.definition)


def waiting() -> int:
    row = read_one(text("SELECT id FROM proposal WHERE state = 'open' ORDER BY id DESC LIMIT 1"))
    return int(row.id)


class TestTheList:
    """Every lesson, in the order of reading."""

    def test_it_says_languages_questions_and_who_passed(self, manager: FlaskClient, risk: int):
        said = words(manager.get("/admin/lessons"))
        assert "Risk 4 minutes Live en ar zh 3 0 of 0 who tried" in said

    def test_it_is_a_file_too(self, manager: FlaskClient, risk: int):
        file = manager.get("/admin/lessons/export.csv").text
        assert file.splitlines()[1].startswith("risk,Risk,Live,1,4,3,0,0,0")

    def test_a_lesson_moves_up_and_down_and_the_log_knows(self, manager: FlaskClient):
        offer(*KEYS[:3])
        assert post(manager, "/admin/lessons/3/place", {"way": "up"}).status_code == 303
        assert post(manager, "/admin/lessons/1/place", {"way": "down"}).status_code == 303
        assert order() == ["leverage", "what_is_a_cfd", "risk"]
        assert [row.action for row in read_all(text("SELECT action FROM audit_entry ORDER BY seq"))][-2:] == [
            "lesson.move",
            "lesson.move",
        ]

    def test_what_is_published_later_stands_last(self, manager: FlaskClient):
        offer(*KEYS[:3])
        post(manager, "/admin/lessons/3/place", {"way": "up"})
        offer("psychology")
        assert order() == ["what_is_a_cfd", "leverage", "risk", "psychology"]

    @pytest.mark.parametrize(("lesson", "way"), [(1, "up"), (2, "down")])
    def test_at_the_end_it_stays(self, manager: FlaskClient, lesson: int, way: str):
        offer(*KEYS[:2])
        assert post(manager, f"/admin/lessons/{lesson}/place", {"way": way}).status_code == 303
        assert order() == ["what_is_a_cfd", "risk"]

    @pytest.mark.parametrize(("lesson", "way"), [(9, "up"), (1, "sideways"), (1, "")])
    def test_what_is_none_does_not_move(self, manager: FlaskClient, risk: int, lesson: int, way: str):
        assert post(manager, f"/admin/lessons/{lesson}/place", {"way": way}).status_code == 404

    def test_a_viewer_reads_and_moves_nothing(self, app: Flask, client: FlaskClient, vera: Person, risk: int):
        sign_in_staff(client, vera)
        said = words(client.get("/admin/lessons"))
        assert "Risk" in said
        assert "New lesson" not in said
        assert post(client, "/admin/lessons/1/place", {"way": "up"}).status_code == 403

    def test_it_asks_the_database_a_fixed_number_of_questions(self, manager: FlaskClient, risk: int):
        manager.get("/admin/lessons")
        with counted() as few:
            manager.get("/admin/lessons")
        offer(*KEYS)
        manager.get("/admin/lessons")
        with counted() as many:
            manager.get("/admin/lessons")
        assert len(few) == len(many) <= 8


def order() -> list[str]:
    return [lesson.key for lesson in programme.current().play.live_lessons]


class TestTheForm:
    """Title, text and questions, with or without a script."""

    def test_saving_what_was_not_touched_changes_nothing(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        before = saved(draft)
        assert post(manager, draft, form_of(manager, draft)).status_code == 303
        assert saved(draft) == before

    def test_what_is_written_is_saved_as_it_is_read(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        body = "## One\r\n\r\n- a\r\n    - b\u202e\r\n\r\n<script>x</script>"
        assert post(manager, draft, form_of(manager, draft) | {"body.en": body, "minutes": "٧"}).status_code == 303
        assert saved(draft)["body"]["en"] == "## One\n\n- a\n    - b\n\n<script>x</script>"
        assert saved(draft)["minutes"] == 7

    def test_questions_and_answers_are_added_and_taken_away_by_buttons(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        before = saved(draft)
        added = press(manager, draft, "add.question")
        assert added.text.count('class="question-editor"') == 4
        assert press(manager, draft, "add.answer.0").text.count('class="answer-row"') == 10
        assert press(manager, draft, "remove.question.0").text.count('class="question-editor"') == 2
        assert press(manager, draft, "remove.answer.1.0").text.count('class="answer-row"') == 8
        assert saved(draft) == before, "a button saves nothing"

    def test_what_was_typed_is_kept_by_a_button(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        drawn = press(manager, draft, "up.1", **{"name.en": "Risk, anew", "questions.1.text.en": "Second?"})
        assert "Risk, anew" in drawn.text
        assert drawn.text.index("Second?") < drawn.text.index(RISK["questions"][0]["text"]["en"][:20])

    @pytest.mark.parametrize(
        "button", ["add", "remove.question.99", "up.0", "remove.answer.0.9", "x" * 500, "up.²", "."]
    )
    def test_strange_buttons_do_nothing(self, manager: FlaskClient, risk: int, button: str):
        assert press(manager, begin(manager, risk), button).text.count('class="question-editor"') == 3

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"name.en": ""}, "Name it in English at least."),
            ({"name.en": "x" * 81}, "This is too long."),
            ({"body.en": " \u200b"}, "Write the lesson in English at least."),
            ({"body.en": "x" * 20_001}, "This is too long."),
            ({"minutes": "NaN"}, "Write a whole number from 1 to 120."),
            ({"minutes": "1" + "0" * 400}, "Write a whole number from 1 to 120."),
            ({"needed": "4"}, "Write a whole number from 1 to 3."),
            ({"icon": "../x"}, "Choose one from the list."),
            ({"questions.0.right": "7"}, "Choose which answer is right."),
            ({"questions.0.right": "1e1"}, "Choose which answer is right."),
            ({"questions.1.text.en": ""}, "Write the question in English at least."),
            ({"questions.1.answers.0.en": "y" * 401}, "This is too long."),
            ({"questions.2.answers.0.en": "Same", "questions.2.answers.1.en": "Same"}, "Give answers that differ"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(
        self, manager: FlaskClient, risk: int, changes: dict[str, str], said: str
    ):
        draft = begin(manager, risk)
        before = saved(draft)
        sent = post(manager, draft, form_of(manager, draft) | changes | {"about.en": "Kept as it was typed"})
        assert sent.status_code == 422
        assert said in words(sent)
        assert "Kept as it was typed" in sent.text
        assert saved(draft) == before

    @pytest.mark.parametrize("then", ["", "/proposal", "/preview"])
    def test_a_text_that_tabs_make_too_long_is_not_lost(self, manager: FlaskClient, risk: int, then: str):
        draft = begin(manager, risk)
        body = "\t\tx\n" * 4900
        sent = post(manager, draft + then, form_of(manager, draft) | {"body.en": body})
        assert sent.status_code == 200 if then == "/preview" else 422
        assert then == "/preview" or ("This is too long." in words(sent) and body in sent.text)

    def test_a_language_is_translated_in_as_many_sittings_as_it_takes(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        half = form_of(manager, draft) | {"questions.1.text.ar": ""}
        assert post(manager, draft, half).status_code == 303
        said = words(manager.get(draft))
        assert (
            "Write a question and all its answers in a language, or none of them. : to do Question 2, العربية" in said
        )
        refused = post(manager, f"{draft}/proposal", form_of(manager, draft))
        assert refused.status_code == 422 and read_all(text("SELECT 1 FROM proposal")) == []

    def test_nobody_saves_over_another(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        form = form_of(manager, draft)
        post(manager, draft, form | {"minutes": "9"})
        assert post(manager, draft, form | {"minutes": "8"}).status_code == 409
        assert saved(draft)["minutes"] == 9

    def test_a_new_lesson_begins_with_an_example_that_cannot_be_published(self, manager: FlaskClient):
        sent = post(manager, "/admin/lessons", {"name": "Gaps", "kind": "some"})
        draft = sent.location
        assert saved(draft)["needed"] == 2
        assert "The example is replaced by a lesson : to do" in words(manager.get(draft))
        proposed = post(manager, f"{draft}/proposal", form_of(manager, draft))
        assert proposed.status_code in (409, 422)
        assert read_all(text("SELECT 1 FROM proposal")) == []

    @given(
        st.dictionaries(
            st.sampled_from(
                [
                    "questions",
                    "questions.0",
                    "questions.0.answers",
                    "questions.0.answers.0",
                    "questions.0.text",
                    "questions.0.text.en",
                    "questions.0.right",
                    "questions.x.y",
                    "body.en",
                    "needed",
                    "minutes",
                    "questions.99.answers.99.zh",
                    "icon",
                ]
            ),
            st.text(max_size=8),
        )
    )
    def test_whatever_is_posted_is_read(self, posted: dict[str, str]):
        form = filled.of_posted(MultiDict(posted))
        filled.press(form, posted.get("icon", ""))
        found = reading.read(form)
        assert (found.plain is None) == bool(found.errors)


class TestThePreview:
    """As the member reads it."""

    def test_it_follows_what_is_typed_and_writes_nothing(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        changes = {"body.en": "## Anew\n\n**Bold** <img src=x onerror=alert(1)>", "name.en": "Other"}
        seen = post(manager, f"{draft}/preview", form_of(manager, draft) | changes, htmx=True)
        assert '<h3 id="part-1">Anew</h3>' in seen.text
        assert "<strong>Bold</strong> &lt;img src=x onerror=alert(1)&gt;" in seen.text
        assert "50 points" in words(seen)
        assert saved(draft)["title"]["en"] == "Risk"

    @pytest.mark.parametrize("code", ["en", "ar", "zh"])
    def test_it_is_read_in_any_language(self, manager: FlaskClient, risk: int, code: str):
        draft = begin(manager, risk)
        seen = post(manager, f"{draft}/preview", form_of(manager, draft) | {"spoken": code}, htmx=True)
        assert f'<div class="written" lang="{code}"' in seen.text

    def test_members_do_not_come_here(self, client: FlaskClient, bob: Person, risk: int):
        sign_in(client, bob)
        assert post(client, "/admin/lessons/drafts/1/preview", {"body.en": "x"}).status_code == 303


class TestPublishing:
    """By two people."""

    def test_one_proposes_and_another_approves(
        self, app: Flask, manager: FlaskClient, omar: Person, risk: int, browser: Any, bob: Person
    ):
        draft = begin(manager, risk)
        sent = post(manager, f"{draft}/proposal", form_of(manager, draft) | {"name.en": "Risk, anew"})
        assert sent.status_code == 303
        approve(omar, waiting())
        live = programme.current().play.lessons_by_key["risk"]
        assert (live.number, live.definition.title["en"]) == (2, "Risk, anew")
        app.extensions["laurel_kept"].pop("compiled")  # what pages keep for a second
        assert "Risk, anew" in words(sign_in(browser(), bob).get("/lessons/risk"))
        assert "Name, English Risk Risk, anew" in words(manager.get(f"/admin/lessons/{risk}"))

    def test_the_second_person_reads_the_paragraphs_that_differ(self, manager: FlaskClient, risk: int):
        draft = begin(manager, risk)
        body = RISK["body"]["en"].replace("It costs nothing.", "It costs nothing at all.")
        post(manager, f"{draft}/proposal", form_of(manager, draft) | {"body.en": body})
        assert "It costs nothing at all." in words(manager.get(f"/admin/approvals/{waiting()}"))
        (change,) = publishing.changes(RISK, saved(draft))
        assert "It costs nothing at all." in say_plainly(change.after)  # type: ignore[arg-type]

    def test_retiring_and_offering_again(self, manager: FlaskClient, omar: Person, risk: int):
        for step in ("retirement", "reopening"):
            assert post(manager, f"/admin/lessons/{risk}/{step}").status_code == 303
            approve(omar, waiting())
            assert bool(order()) == (step == "reopening")

    def test_a_copy_is_a_lesson_of_its_own(self, manager: FlaskClient, risk: int):
        draft = post(manager, f"/admin/lessons/{risk}/copy").location
        assert saved(draft)["title"]["en"] == "Risk (copy)"
        assert "risk_2" in words(manager.get(draft))

    def test_its_page_says_which_question_is_answered_wrong(self, manager: FlaskClient, risk: int, bob: Person):
        right = [one["right"] for one in RISK["questions"]]
        answers = [[right[0], 0, right[2]], right]
        with transaction() as conn:
            for given in answers:
                conn.execute(
                    TRY,
                    {"member": bob.id, "lesson": risk, "answers": str(given), "at": int(clock.now().timestamp() * 1e6)},
                )
        said = words(manager.get(f"/admin/lessons/{risk}"))
        assert "Tried by 1, passed by 1, in 2 tries." in said
        assert "What may one trade lose, by plan? 100%" in said
        assert "How much must what is left gain to be back? 50%" in said
