"""What a lesson may say: complete, of a length that is read, its texts as they are seen."""

from typing import Any

import pytest

from app.gamification.errors.programme import NotSound
from app.gamification.lessons.definition import half_said, read_definition, sound


def plain(**changes: Any) -> dict[str, Any]:
    question = {"text": {"en": "What?"}, "answers": [{"en": "This"}, {"en": "That"}], "right": 1}
    return {"title": {"en": "Gaps"}, "body": {"en": "Text"}, "questions": [question], **changes}


def question(**changes: Any) -> dict[str, Any]:
    return {**plain()["questions"][0], **changes}


def flaws(said: dict[str, Any]) -> list[str]:
    with pytest.raises(NotSound) as refused:
        sound(said)
    return [flaw.place for flaw in refused.value.flaws]


def test_texts_are_stored_as_they_are_read():
    made = sound(plain(title={"en": " Ga\u202eps ", "ar": "  "}, body={"en": "a\u202e\r\n\r\n    b  c"}))
    assert made["title"] == {"en": "Gaps"}
    assert made["body"] == {"en": "a\n\n    b c"}


def test_what_is_stored_can_be_read_again_however_long_it_grew_by_cleaning():
    assert len(sound(plain(body={"en": "\t\tx\n" * 2000}))["body"]["en"]) > 2000 * 9
    assert flaws(plain(body={"en": "Text", "ar": "\t\tx\n" * 4900})) == ["body.ar"]
    # A letter of Hindi that is written as two.
    assert flaws(plain(title={"en": "\u0958" * 80})) == [""]


def test_a_language_of_which_a_part_is_written_is_named_and_sound():
    said = read_definition(sound(plain(questions=[question(), question(text={"en": "What?", "zh": "什么？"})])))
    assert list(half_said(said)) == [(2, "zh")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": {"ar": "فجوات"}}, "title.en"),
        ({"body": {"en": "\u200b \n"}}, "body.en"),
        ({"questions": []}, "questions"),
        ({"questions": [question()] * 11}, "questions"),
        ({"needed": 2}, "questions"),
        ({"questions": [question(text={})]}, "questions.0.text.en"),
        ({"questions": [question(right=2)]}, "questions.0.right"),
        ({"questions": [question(answers=[{"en": "One"}], right=0)]}, "questions.0.answers"),
        ({"questions": [question(answers=[{"en": "Same"}, {"en": "Same "}])]}, "questions.0.answers"),
        ({"title": {"en": "x" * 81}}, ""),
        ({"body": {"en": "x" * 20_001}}, ""),
        ({"minutes": 0}, ""),
        ({"minutes": 10**400}, ""),
        ({"strange": 1}, ""),
    ],
)
def test_what_is_wrong_is_named_by_its_place(changes: dict[str, Any], place: str):
    assert place in flaws(plain(**changes))
