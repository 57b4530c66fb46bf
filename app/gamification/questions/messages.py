"""What members are told about their questions: that there is an answer, that one was closed."""

from collections.abc import Mapping
from typing import Any

from app.gamification.messages.wording import Wording, words_for
from app.gamification.tiers.ladder import Ladder
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l

ANSWERED = "question.answered"  # question, opened (microseconds)
CLOSED = "question.closed"  # the same


@words_for(ANSWERED)
def answered(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """There is something to read."""
    return _wording(_l("We answered your question of %(moment)s."), facts)


@words_for(CLOSED)
def closed(facts: Mapping[str, Any], ladder: Ladder, language: str) -> Wording:
    """Nobody is going to answer, unless the member asks again."""
    return _wording(_l("Your question of %(moment)s is closed. Write in it again whenever you like."), facts)


def _wording(words: str, facts: Mapping[str, Any]) -> Wording:
    # The facts of a member who was erased are gone.
    if "opened" not in facts:
        return Wording(Sentence(_l("About a question of yours.")), "brand", "questions")
    sentence = Sentence(words, {"moment": from_micros(facts["opened"])})
    where = {"question_id": facts["question"], "_anchor": "newest"}
    return Wording(sentence, "brand", "questions", "thread", where)
