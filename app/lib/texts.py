"""What people type, cleaned of what deceives; texts in every language are kept as `{"en": …, "ar": …}`."""

import unicodedata
from collections.abc import Container, Mapping

from app.lib.i18n import LANGUAGES

# Isolates and joiners are spelling in Arabic and Persian; overrides and embeddings only turn other text around.
_SPELLED = frozenset("\u200c\u200d\u2066\u2067\u2068\u2069")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def cleaned(text: str, spelled: Container[str] = _SPELLED) -> str:
    """A line as it is read: composed, single spaces, without control and format characters other than `spelled`."""
    composed = unicodedata.normalize("NFC", text)
    seen = (char for char in composed if char.isspace() or char in spelled or unicodedata.category(char) not in _HIDDEN)
    return " ".join("".join(seen).split())


def cleaned_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """The same for each language that has a text, in the house's order; others are left out."""
    lines = {code: cleaned(texts.get(code, "")) for code in LANGUAGES}
    return {code: line for code, line in lines.items() if line}
