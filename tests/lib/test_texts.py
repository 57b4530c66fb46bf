"""What people type, cleaned: as it is read, and in a time that grows with its length alone."""

import time
import unicodedata

import pytest

from app.gamification.errors.members import BadEmail
from app.gamification.members.names import clean_email, folded_words
from app.gamification.questions.words import clean_text
from app.lib.texts import MOST_MARKS, cleaned, composed

# Seconds of this process. What takes the square of its length takes minutes here, on any machine.
AT_MOST = 30

# Each pair stands in the wrong order, so that putting a pile of them in order takes the square of its height.
# U+0F75 and U+FF9E are no marks themselves, but are made of some.
PILES = ("\u0300\u0316", "\u0f75\u0f71", "\u0300\uff9e")


@pytest.mark.parametrize("pair", PILES)
@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
def test_a_pile_of_marks_takes_no_longer_than_other_text(pair: str, form: str) -> None:
    began = time.process_time()
    composed("a" + pair * 240_000, form)  # type: ignore[arg-type]
    assert time.process_time() - began < AT_MOST


@pytest.mark.parametrize("pair", PILES)
def test_what_a_form_may_carry_is_cleaned_at_once(pair: str) -> None:
    pile = "Why" + pair * 160_000
    began = time.process_time()
    assert clean_text(pile).startswith("W")
    assert folded_words(pile)
    with pytest.raises(BadEmail):
        clean_email(f"{pile}@example.com")
    assert time.process_time() - began < AT_MOST


@pytest.mark.parametrize(
    "text",
    [
        "Zoë Müller",
        "Nguyễn Thị Hồng",
        "مُحَمَّدٌ رَسُولٌ",
        "नमस्ते दुनिया",
        "ที่นี่",
        "ガギグ",
        "a" + "\u0300\u0316" * (MOST_MARKS // 2),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_what_people_write_is_composed_as_ever(text: str, form: str) -> None:
    assert composed(text, form) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


def test_a_line_is_cleaned_as_it_is_read() -> None:
    assert cleaned("  a\u202eb\u0000 \t c\u0301 ") == "ab ć"
