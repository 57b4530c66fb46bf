"""How a stored message is said: each kind registers the function that makes its sentence from its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.gamification.tiers.ladder import Ladder
from app.lib.i18n import Sentence


@dataclass(frozen=True)
class Wording:
    """`page` is the key of the page that tells more; `tone` is gold, brand or warn.

    Where that is about one thing, `view` names it and `values` are what its address needs. `calm` is how it is said
    in quiet mode, where that is shown and speaks of points.
    """

    sentence: Sentence
    tone: str
    page: str
    view: str = "show"
    values: Mapping[str, Any] = field(default_factory=dict)
    calm: Sentence | None = None

    def quietly(self) -> "Wording":
        """The same to whom it is quiet."""
        return self if self.calm is None else replace(self, sentence=self.calm, tone="brand")


Words = Callable[[Mapping[str, Any], Ladder, str], Wording]
WORDS: dict[str, Words] = {}


def words_for(kind: str) -> Callable[[Words], Words]:
    """Register what says messages of a kind: `(facts, ladder, language) -> Wording`."""

    def register(words: Words) -> Words:
        if kind in WORDS:
            raise ValueError(f"two wordings of the message {kind!r}")
        WORDS[kind] = words
        return words

    return register
