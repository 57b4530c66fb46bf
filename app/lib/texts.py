"""What people type, cleaned of what deceives; texts in every language are kept as `{"en": …, "ar": …}`."""

import unicodedata
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Literal

from app.lib.i18n import LANGUAGES

# Isolates and joiners are spelling in Arabic and Persian; overrides and embeddings only turn other text around.
_SPELLED = frozenset("\u200c\u200d\u2066\u2067\u2068\u2069")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Marks on one letter, as the stream-safe format of UAX 15 has them; no language piles up more than a few.
MOST_MARKS = 30


def composed(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """The text in a normal form, less what is piled higher than any language does.

    Putting marks in order takes the square of their number: a form's worth of them would hold the process for a minute.
    """
    if len(text) > MOST_MARKS and not text.isascii():
        kept, marks = [], 0
        for char in text:
            marks = marks + 1 if _is_mark(char) else 0
            if marks <= MOST_MARKS:
                kept.append(char)
        text = "".join(kept)
    return unicodedata.normalize(form, text)


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    """Whether it stands on the letter before it, by itself or by what it is made of."""
    return unicodedata.combining(unicodedata.normalize("NFKD", char)[0]) > 0


def cleaned(text: str, spelled: Container[str] = _SPELLED) -> str:
    """A line as it is read: composed, single spaces, without control and format characters other than `spelled`."""
    seen = (
        char
        for char in composed(text)
        if char.isspace() or char in spelled or unicodedata.category(char) not in _HIDDEN
    )
    return " ".join("".join(seen).split())


def cleaned_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The same for each language that has a text, in the house's order; others are left out."""
    lines = {code: cleaned(texts.get(code, "")) for code in LANGUAGES}
    return {code: line for code, line in lines.items() if line}


def cleaned_lines(text: str, spelled: Container[str] = _SPELLED) -> str:
    """A text of several lines as it is read: each of them cleaned, at most one empty line in a row."""
    lines: list[str] = []
    for line in text.splitlines():
        seen = cleaned(line, spelled)
        if seen or (lines and lines[-1]):
            lines.append(seen)
    return "\n".join(lines).rstrip()
