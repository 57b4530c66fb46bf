"""A lesson in words, line by line, as staff read it; of two revisions the paragraphs that differ."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.gamification.approvals.registry import Change
from app.gamification.catalogue import told
from app.gamification.catalogue.told import Line
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.lessons.definition import Definition, Question, read_definition
from app.lib.i18n import LANGUAGES, Sentence, _l

_TEXT, _LENGTH = _l("Text, %(language)s"), _l("%(number)s characters")
_QUESTION = _l("Question %(number)s, %(language)s")
_ASKED, _ASKED_WITH_WHY = _l("%(text)s Right: %(right)s. Else: %(rest)s."), _l("%(asked)s Why: %(why)s")
_PASSES = _l("%(needed)s of %(all)s right answers")


def lines(said: Definition) -> tuple[Line, ...]:
    """Everything that it says; of the text how long it is."""
    return (*_about(said), *_lengths(said), *_questions(said))


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What one revision says differently from another, the text paragraph by paragraph."""
    was, now = (read_definition(before) if before is not None else None), read_definition(after)
    short = told.changes((*_about(was), *_questions(was)) if was else (), (*_about(now), *_questions(now)))
    return (*short, *_paragraphs(was, now))


def _about(said: Definition) -> Iterator[Line]:
    yield from told.named(said.title, said.about)
    yield told.icon(said.icon)
    yield Line("minutes", _l("Minutes to read"), as_it_is(said.minutes))
    values = {"needed": said.passes, "all": len(said.questions)}
    yield Line("needed", _l("Passed with"), Sentence(_PASSES, values))


def _lengths(said: Definition) -> Iterator[Line]:
    for code, language in LANGUAGES.items():
        if said.body.get(code):
            length = Sentence(_LENGTH, {"number": len(said.body[code])})
            yield Line(f"body.{code}", Sentence(_TEXT, {"language": language}), length)


def _questions(said: Definition) -> Iterator[Line]:
    for number, question in enumerate(said.questions, start=1):
        for code, language in LANGUAGES.items():
            if question.text.get(code):
                label = Sentence(_QUESTION, {"number": number, "language": language})
                yield Line(f"questions.{number}.{code}", label, _asked(question, code))


def _asked(question: Question, code: str) -> Sentence:
    rest = [answer.get(code, "") for place, answer in enumerate(question.answers) if place != question.right]
    right = question.answers[question.right].get(code, "")
    asked = Sentence(_ASKED, {"text": question.text[code], "right": right, "rest": " / ".join(rest)})
    why = question.why.get(code)
    return Sentence(_ASKED_WITH_WHY, {"asked": asked, "why": why}) if why else asked


def _paragraphs(was: Definition | None, now: Definition) -> Iterator[Change]:
    for code, language in LANGUAGES.items():
        before = _split(was.body.get(code, "") if was else "")
        after = _split(now.body.get(code, ""))
        label = Sentence(_TEXT, {"language": language})
        gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
        for place in range(max(len(gone), len(new))):
            yield Change(
                label,
                as_it_is(gone[place]) if place < len(gone) else None,
                as_it_is(new[place]) if place < len(new) else None,
            )


def _split(body: str) -> list[str]:
    return [part for part in body.split("\n\n") if part.strip()]
