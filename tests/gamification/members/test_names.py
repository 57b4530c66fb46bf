"""Names, aliases and addresses: what is kept of what people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gamification.errors.members import BadAlias, BadEmail, BadName, MixedScripts
from app.gamification.members.names import clean_alias, clean_email, clean_name, initials, visible


@given(st.text(max_size=200))
def test_what_is_kept_can_be_seen_and_stays_as_it_is(typed: str):
    kept = visible(typed)
    assert visible(kept) == kept
    assert kept == kept.strip() and "  " not in kept
    assert all(char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in kept)


@pytest.mark.parametrize("name", ["José Núñez", "ليلى منصور", "陈伟", "O’Connor-Smith", "नेहा", "علی‌رضا"])
def test_believable_names_stay(name: str):
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", ["", "   ", "123", "\u202e\u2066", "🙂", "x" * 81])
def test_what_is_no_name_is_refused(name: str):
    with pytest.raises(BadName):
        clean_name(name)


@given(st.text(max_size=60))
def test_an_alias_is_of_one_script_or_refused(typed: str):
    try:
        alias = clean_alias(typed)
    except (BadAlias, MixedScripts):
        return
    assert clean_alias(alias) == alias and 3 <= len(alias) <= 20


def test_wide_letters_are_the_plain_ones():
    assert clean_alias("Ｔｒａｄｅｒ") == "Trader"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" A.B@Example.COM ", "a.b@example.com"),
        ("amira@demo.example", "amira@demo.example"),
    ],
)
def test_an_address_is_kept_in_lower_case(typed: str, kept: str):
    assert clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "a", "a@", "@b", "a b@c.example", "a@b\r\nBcc: x@y.example", "a" * 300 + "@b.example", "<a@b.example>"],
)
def test_what_is_no_address_is_refused(typed: str):
    with pytest.raises(BadEmail):
        clean_email(typed)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Amira Haddad", "AH"), ("Bob", "B"), ("Ana Maria Silva", "AS"), ("ليلى منصور", "ل"), ("陈伟", "陈")],
)
def test_initials(name: str, letters: str):
    assert initials(name) == letters
