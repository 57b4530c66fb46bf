"""The lessons that a programme begins with: whole in every language, with questions that have one answer each."""

import re
from collections import Counter

import pytest

from app.gamification.catalogue.icons import ICONS
from app.gamification.lessons.definition import Definition, read_definition, sound
from app.gamification.lessons.starting import KEYS, starting_lessons
from app.lib.i18n import LANGUAGES
from app.lib.markdown import render

LESSONS = starting_lessons()
RIGHT_TO_LEFT = re.compile(r"[\u0600-\u06ff]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def lesson(key: str) -> Definition:
    return read_definition(sound(LESSONS[key]))


def figures_of(text: str) -> list[list[str]]:
    """The figures in each cell of its tables."""
    cells = re.findall(r"<td[^>]*><bdi>(.*?)</bdi>", render(text).html)
    return [re.findall(r"[\d.,:]*\d%?", re.sub(r"<[^>]*>", "", cell)) for cell in cells]


@pytest.mark.parametrize("key", KEYS)
class TestEveryLesson:
    """By its key."""

    def test_is_sound_and_stored_as_it_is_written(self, key: str):
        assert sound(LESSONS[key]) == sound(sound(LESSONS[key]))
        assert sound(LESSONS[key])["body"] == LESSONS[key]["body"]

    def test_says_everything_in_every_language(self, key: str):
        said = lesson(key)
        texts = [said.title, said.about, said.body]
        for question in said.questions:
            texts += [question.text, question.why, *question.answers]
        for text in texts:
            assert set(text) == set(LANGUAGES)

    def test_is_written_in_the_language_it_says(self, key: str):
        said = lesson(key)
        for text in (said.title, said.about, said.body, *(one.text for one in said.questions)):
            assert RIGHT_TO_LEFT.search(text["ar"])
            assert CHINESE.search(text["zh"])
            assert not RIGHT_TO_LEFT.search(text["en"] + text["zh"])
            assert not CHINESE.search(text["en"] + text["ar"])

    def test_asks_three_questions_of_three_or_four_answers(self, key: str):
        questions = lesson(key).questions
        assert len(questions) == 3
        assert all(3 <= len(question.answers) <= 4 for question in questions)

    def test_is_read_in_a_few_minutes(self, key: str):
        assert 300 <= len(lesson(key).body["en"].split()) <= 500

    def test_has_the_same_parts_in_every_language(self, key: str):
        made = {code: render(text) for code, text in lesson(key).body.items()}
        assert len({len(one.sections) for one in made.values()}) == 1
        assert len({one.html.count("<tr>") for one in made.values()}) == 1
        assert len({one.html.count("<li>") for one in made.values()}) == 1
        for one in made.values():
            assert not re.search(r"[*|#`]", re.sub(r"<[^>]*>", "", one.html)), "a mark that was not understood"

    def test_works_with_the_same_figures_in_every_language(self, key: str):
        tables = {code: figures_of(text) for code, text in lesson(key).body.items()}
        for code in ("ar", "zh"):
            told = zip(tables["en"], tables[code], strict=True)
            # Where English says “one pip”, Chinese has a figure.
            assert all(other == english for english, other in told if english)

    def test_calms_rather_than_invites(self, key: str):
        for text in lesson(key).body.values():
            assert "!" not in text and "！" not in text

    def test_has_an_icon_that_staff_can_choose(self, key: str):
        assert lesson(key).icon in ICONS


def test_right_answers_stand_at_every_place_alike():
    places = Counter(question.right for key in KEYS for question in lesson(key).questions)
    assert places == {0: 8, 1: 8, 2: 8}


def test_the_longest_answer_is_not_always_the_right_one():
    longest = 0
    for key in KEYS:
        for question in lesson(key).questions:
            lengths = [len(answer["en"]) for answer in question.answers]
            longest += lengths[question.right] == max(lengths) and lengths.count(max(lengths)) == 1
    assert longest <= 16


@pytest.mark.parametrize(
    ("worked", "said"),
    [
        (0.9**10, "65.1%"),
        (0.99**10, "9.6%"),
        (0.98**10, "18.3%"),
        (0.95**10, "40.1%"),
    ],
)
def test_the_row_of_losses_is_worked_out_right(worked: float, said: str):
    assert f"{100 * (1 - worked):.1f}%" == said
    row = next(line for line in LESSONS["risk"]["body"]["en"].splitlines() if said in line and "|" in line)
    assert f"{100 * (1 / worked - 1):.1f}%" in row


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        ("leverage", {f"{100_000 * 1.2:,.0f}", f"{120_000 / 30:,.0f}", f"{120_000 * 0.01:,.0f}"}),
        (
            "position_size",
            {f"{40 / (25 * 10):.2f}", f"{17_600 / 30:.2f}", f"{1_000 / 150:.2f}", f"{1.09 * 25 * 10:.2f}"},
        ),
        ("costs", {f"{0.8 * 10:.2f}", f"{5 * 6.2:.2f}", f"{8 + 7 + 31:.2f}"}),
        ("stop_loss", {f"{(112.003 - 110.762) * 1000:,.0f}", f"{(112.003 - 110.653) * 1000:,.0f}"}),
        ("what_is_a_cfd", {f"{0.75 * 200_000 / 96.4:,.2f}", f"{0.75 * 200_000 / 94.9:,.2f}"}),
    ],
)
def test_worked_figures_are_right_in_every_language(key: str, figures: set[str]):
    for text in LESSONS[key]["body"].values():
        assert all(figure in text for figure in figures)
