"""What a lesson says: the immutable definition of one revision, checked when it is read in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from app.gamification import definitions
from app.gamification.errors.programme import Flaw
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.lib.markdown import LONGEST as LONGEST_TEXT
from app.lib.markdown import as_read
from app.lib.texts import cleaned_texts

LONGEST_TITLE, LONGEST_LINE, MOST_MINUTES = 80, 400, 120
LEAST_QUESTIONS, MOST_QUESTIONS, LEAST_ANSWERS, MOST_ANSWERS = 1, 10, 2, 5

Title = dict[str, Annotated[str, msgspec.Meta(max_length=LONGEST_TITLE)]]
Text = dict[str, Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]]
Line = dict[str, Annotated[str, msgspec.Meta(max_length=LONGEST_LINE)]]

_BODY = _l("Write the lesson in English at least.")
_TOO_LONG = _l("This is too long.")
_QUESTIONS = _l("Ask one to %(most)s questions.")
_QUESTION = _l("Write the question in English at least.")
_ANSWERS = _l("Give two to %(most)s answers, each in English at least.")
_RIGHT = _l("Choose which answer is right.")
_SAME = _l("Give answers that differ from each other.")
_SHAPE = _l("This is not a lesson that the programme can read.")


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`right` is the place of the right answer; `why` is told once it was answered."""

    text: Line
    answers: tuple[Line, ...]
    right: Annotated[int, msgspec.Meta(ge=0, lt=MOST_ANSWERS)]
    why: Line = {}


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`body` is Markdown; `needed` right answers pass, all of them where it is 0."""

    title: Title
    body: Text
    questions: tuple[Question, ...]
    about: Line = {}
    icon: str = "graduation-cap"
    minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)] = 5
    needed: Annotated[int, msgspec.Meta(ge=0, le=MOST_QUESTIONS)] = 0

    @property
    def passes(self) -> int:
        """How many right answers pass."""
        return self.needed or len(self.questions)


@dataclass(frozen=True)
class CompiledLesson:
    """One revision of a lesson."""

    lesson_id: int
    key: str
    revision_id: int
    number: int
    definition: Definition


def compile_lesson(row: Any, plain: Mapping[str, Any]) -> CompiledLesson:
    """The revision as it is stored: id, key, revision_id, number. Raises NotSound."""
    return CompiledLesson(row.id, row.key, row.revision_id, row.number, read_definition(plain))


def read_definition(plain: Mapping[str, Any]) -> Definition:
    """The definition of a stored revision. Raises NotSound."""
    return definitions.read(plain, Definition, _SHAPE)


def sound(plain: Mapping[str, Any]) -> dict[str, Any]:
    """The definition in its one stored form, its texts as they are read. Raises NotSound with all that is wrong."""
    definition = _cleaned(read_definition(plain))
    stored = definitions.stored(definition, _flaws(definition))
    read_definition(stored)  # cleaning takes letters apart that have no sign of their own
    return stored


def _cleaned(said: Definition) -> Definition:
    body = {code: as_read(said.body.get(code, "")) for code in LANGUAGES}
    return msgspec.structs.replace(
        said,
        title=cleaned_texts(said.title),
        about=cleaned_texts(said.about),
        body={code: text for code, text in body.items() if text},
        questions=tuple(
            Question(
                cleaned_texts(question.text),
                tuple(cleaned_texts(answer) for answer in question.answers),
                question.right,
                cleaned_texts(question.why),
            )
            for question in said.questions
        ),
    )


def _flaws(said: Definition) -> Iterator[Flaw]:
    yield from definitions.unnamed(said.title, "title")
    if not said.body.get("en", "").strip():
        yield Flaw("body.en", Sentence(_BODY))
    for code, body in said.body.items():
        if len(body) > LONGEST_TEXT:  # tabs are spaces by now
            yield Flaw(f"body.{code}", Sentence(_TOO_LONG))
    if not LEAST_QUESTIONS <= len(said.questions) <= MOST_QUESTIONS or said.needed > len(said.questions):
        yield Flaw("questions", Sentence(_QUESTIONS, {"most": MOST_QUESTIONS}))
    for place, question in enumerate(said.questions):
        yield from _flaws_of_question(f"questions.{place}", question)


def _flaws_of_question(at: str, question: Question) -> Iterator[Flaw]:
    if not question.text.get("en", "").strip():
        yield Flaw(f"{at}.text.en", Sentence(_QUESTION))
    if not LEAST_ANSWERS <= len(question.answers) <= MOST_ANSWERS or not all(
        answer.get("en", "").strip() for answer in question.answers
    ):
        yield Flaw(f"{at}.answers", Sentence(_ANSWERS, {"most": MOST_ANSWERS}))
    elif any(len(set(said)) < len(said) for said in _answers_by_language(question)):
        yield Flaw(f"{at}.answers", Sentence(_SAME))
    if question.right >= len(question.answers):
        yield Flaw(f"{at}.right", Sentence(_RIGHT))


def half_said(said: Definition) -> Iterator[tuple[int, str]]:
    """Questions, from one on, of which a language has a part alone: a draft may stop there, a lesson may not."""
    for number, question in enumerate(said.questions, start=1):
        for code in LANGUAGES:
            found = [bool(one.get(code)) for one in (question.text, *question.answers)]
            if any(found) and not all(found):
                yield number, code


def _answers_by_language(question: Question) -> Iterator[list[str]]:
    for code in LANGUAGES:
        yield [answer[code] for answer in question.answers if answer.get(code)]
