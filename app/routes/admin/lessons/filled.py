"""The form of a lesson: what stands in it, whoever filled it in, and what its buttons do to it, unsaved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.gamification.lessons.definition import (
    LEAST_ANSWERS,
    LONGEST_LINE,
    LONGEST_TITLE,
    MOST_ANSWERS,
    MOST_QUESTIONS,
    read_definition,
)
from app.lib.i18n import LANGUAGES
from app.lib.markdown import LONGEST as LONGEST_TEXT
from app.routes.admin.catalogue import typed
from app.routes.admin.catalogue.typed import Posted
from app.routes.admin.fields import typed as meant
from app.routes.admin.nested import nested, row, text, texts

Texts = dict[str, str]


def _none() -> Texts:
    return dict.fromkeys(LANGUAGES, "")


def _two() -> list[Texts]:
    return [_none() for _ in range(LEAST_ANSWERS)]


@dataclass
class Asked:
    """A question; `right` is the place of the right answer as it was sent, "" for none."""

    text: Texts = field(default_factory=_none)
    answers: list[Texts] = field(default_factory=_two)
    right: str = ""
    why: Texts = field(default_factory=_none)


@dataclass
class Filled:
    """Everything as it was typed. `needed` is "" where all answers must be right."""

    name: Texts
    about: Texts
    body: Texts
    icon: str
    minutes: str
    needed: str
    questions: list[Asked]


def of_definition(plain: Mapping[str, Any]) -> Filled:
    """The form that says what is stored."""
    said = read_definition(plain)
    return Filled(
        name=_none() | said.title,
        about=_none() | said.about,
        body=_none() | said.body,
        icon=said.icon,
        minutes=str(said.minutes),
        needed=str(said.needed) if said.needed else "",
        questions=[
            Asked(
                _none() | one.text,
                [_none() | answer for answer in one.answers],
                str(one.right),
                _none() | one.why,
            )
            for one in said.questions
        ],
    )


def of_posted(posted: Posted) -> Filled:
    """The form as it was sent."""
    return Filled(
        name=typed.texts(posted, "name", LONGEST_TITLE),
        about=typed.texts(posted, "about", LONGEST_LINE),
        # How far a line is indented means something in Markdown: it is cleaned by who reads that.
        body={code: posted.get(f"body.{code}", "")[: LONGEST_TEXT + 1] for code in LANGUAGES},
        icon=posted.get("icon", ""),
        minutes=meant(posted.get("minutes", "")),
        needed=meant(posted.get("needed", "")),
        questions=[_asked(one) for one in row(nested(posted), "questions")[: MOST_QUESTIONS + 1]],
    )


def press(filled: Filled, button: str) -> None:
    """Do what a button says: "add.question", "add.answer.2", "remove.question.2", "remove.answer.2.0", "up.2"."""
    verb, *rest = button.split(".")
    places = [int(part) for part in rest if part.isdecimal() and len(part) < 3]
    if verb == "up" and len(places) == 1 and 0 < places[0] < len(filled.questions):
        here = places[0]
        filled.questions[here - 1 : here + 1] = reversed(filled.questions[here - 1 : here + 1])
    elif rest[:1] == ["question"]:
        _press_question(filled, verb, places)
    elif rest[:1] == ["answer"] and places and places[0] < len(filled.questions):
        _press_answer(filled.questions[places[0]], verb, places[1:])


def _press_question(filled: Filled, verb: str, places: list[int]) -> None:
    if verb == "add" and len(filled.questions) < MOST_QUESTIONS:
        filled.questions.append(Asked())
    elif verb == "remove" and len(places) == 1 and len(filled.questions) > 1:
        del filled.questions[places[0] : places[0] + 1]


def _press_answer(asked: Asked, verb: str, places: list[int]) -> None:
    if verb == "add" and len(asked.answers) < MOST_ANSWERS:
        asked.answers.append(_none())
    elif verb == "remove" and len(places) == 1 and places[0] < len(asked.answers) > LEAST_ANSWERS:
        gone = places[0]
        del asked.answers[gone]
        if asked.right.isdecimal():
            right = int(asked.right)
            asked.right = "" if right == gone else str(right - (right > gone))


def _asked(one: Mapping[str, Any]) -> Asked:
    answers = [_none() | texts({"answer": answer}, "answer") for answer in row(one, "answers")[: MOST_ANSWERS + 1]]
    return Asked(
        text=_none() | texts(one, "text"),
        answers=answers or _two(),
        right=text(one, "right"),
        why=_none() | texts(one, "why"),
    )
