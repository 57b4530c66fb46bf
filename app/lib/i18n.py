"""Languages of the product, and the marker for sentences that are translated when they are rendered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = {"en": "English", "ar": "العربية", "zh": "中文"}
RIGHT_TO_LEFT = frozenset({"ar"})
DEFAULT_LANGUAGE = "en"


def _l(sentence: str) -> str:
    """Mark a sentence for translation; whoever renders it translates it, in the reader's language."""
    return sentence


class Counted(str):
    """A sentence that changes with one of its figures: the singular, with its plural and the figure's name."""

    plural: str
    by: str

    __slots__ = ("by", "plural")


def _n(singular: str, plural: str, by: str) -> Counted:
    """Mark a sentence that has a plural, like `_l`; `by` is the place whose figure decides.

    `_n("%(days)s day left", "%(days)s days left", "days")`: Arabic has six forms, Chinese one.
    """
    counted = Counted(singular)
    counted.plural, counted.by = plural, by
    return counted


def direction(language: str) -> str:
    """`rtl` or `ltr`."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def best_language(wanted: str | None, accepted: Sequence[str] = (), offered: Collection[str] = tuple(LANGUAGES)) -> str:
    """The first language that is offered: the reader's own, then those the browser asks for, then English, then any."""
    for tag in [wanted, *accepted, DEFAULT_LANGUAGE]:
        if tag and (primary := tag.lower().replace("_", "-").split("-")[0]) in offered:
            return primary
    return next(iter(offered), DEFAULT_LANGUAGE)


def pick(texts: dict[str, str], language: str) -> str:
    """The text in the reader's language out of `{"en": …, "ar": …, "zh": …}`; English where it is missing."""
    return texts.get(language) or texts.get(DEFAULT_LANGUAGE) or next(iter(texts.values()), "")


@dataclass(frozen=True)
class Sentence:
    """A sentence with its figures, said in the reader's language by whoever renders it.

    `msgid` is marked with `_l` where it is written, with named places: `_l("Open %(value)s s, needs %(needed)s s")`,
    or with `_n` where it has a plural.
    Values are ints, Decimals, datetimes, dates, countries, plain text, a text by language (`{"en": …}`) or other
    sentences; they are formatted when it is said.
    """

    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)
