"""What must be done before a lesson can be offered, and what the second person should know."""

from collections.abc import Iterator

from app.gamification.activities import PaysFor
from app.gamification.approvals.checklist import Item, second_person
from app.gamification.brand import brand
from app.gamification.catalogue import readiness
from app.gamification.lessons.definition import Definition, half_said
from app.gamification.lessons.worth import KIND
from app.gamification.programme import NO_END, Programme
from app.lib.i18n import LANGUAGES, Sentence, _l

# What a new lesson begins with, so that there is a form to fill; nobody is offered it.
BODY = (
    "Begin with one sentence that says what this lesson is about.\n\n## A first heading\n\nWrite here what members "
    "should understand, with an example that they can follow."
)
QUESTIONS = ("The first question", "The second question", "The third question")
FACTS = frozenset({PaysFor.LEARNING})


def checklist(said: Definition, current: Programme, reader_id: int) -> tuple[Item, ...]:
    """Everything there is to see to, done or not."""
    return (*needed(said), *advised(said, current), second_person(reader_id))


def needed(said: Definition) -> Iterator[Item]:
    """What must be done."""
    yield readiness.named([said.title], [])[0]
    words = Sentence(_l("The example is replaced by a lesson"))
    is_example = said.body.get("en") == BODY or any(one.text.get("en") in QUESTIONS for one in said.questions)
    yield Item("todo", words) if is_example else Item("done", words)
    if half := next(half_said(said), None):
        values = {"number": half[0], "language": LANGUAGES[half[1]]}
        words = Sentence(_l("Write a question and all its answers in a language, or none of them."))
        yield Item("todo", words, Sentence(_l("Question %(number)s, %(language)s"), values))


def advised(said: Definition, current: Programme) -> Iterator[Item]:
    """What is only advised."""
    yield _translated(said)
    words = Sentence(_l("Every question says why"))
    silent = sum(not one.why.get("en") for one in said.questions)
    yield (
        Item("advice", words, Sentence(_l("not yet: %(number)s"), {"number": silent}))
        if silent
        else Item("done", words)
    )
    words = Sentence(_l("A rule pays for lessons"))
    if any(rule.effective_to == NO_END for rule in current.rules.get(KIND, ())):
        yield Item("done", words)
        yield readiness.paid(readiness.law(current, FACTS))
    else:
        yield Item("advice", words, Sentence(_l("none does so far")))


def _translated(said: Definition) -> Item:
    words = Sentence(_l("Text and questions in every language"))
    texts = (said.body, *(question.text for question in said.questions))
    missing = [code for code in brand().languages if not all(text.get(code) for text in texts)]
    if not missing:
        return Item("done", words)
    names = ", ".join(LANGUAGES[code] for code in missing)
    return Item("advice", words, Sentence(_l("missing: %(languages)s"), {"languages": names}))
