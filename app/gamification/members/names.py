"""What members call themselves: cleaned of what cannot be seen, and no alias that passes for another's."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.gamification.errors.members import BadAlias, BadEmail, BadName, MixedScripts
from app.lib.texts import cleaned, composed

LONGEST_NAME = 80
SHORTEST_ALIAS, LONGEST_ALIAS = 3, 20
LONGEST_EMAIL = 254
LONGEST_WORD, LONGEST_CHINESE = 80, 8

# Zero-width joiners shape letters of real names (Persian, Hindi); every other format character only deceives.
_JOINERS = "\u200c\u200d"
_ALIAS = re.compile(r"[^\W\d_][\w .\-]*")
# Scripts that are written together in ordinary names, after Unicode's "highly restrictive" profile (UTS 39).
_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)


def visible(text: str) -> str:
    """The text as it is seen: composed, without control and direction characters, single spaces."""
    return cleaned(text, _JOINERS)


def initials(name: str) -> str:
    """One letter, or two of a Latin name, for the round picture."""
    words = name.split()
    letters = [word[0] for word in (*words[:1], *words[1:][-1:])]
    return "".join(letters if all(letter.isascii() for letter in letters) else letters[:1]).upper()


def clean_name(text: str) -> str:
    """A person's name as it is stored; raises BadName."""
    name = visible(text)
    if not 1 <= len(name) <= LONGEST_NAME or not any(char.isalpha() for char in name):
        raise BadName(longest=LONGEST_NAME)
    return name


def clean_alias(text: str) -> str:
    """An alias as it is stored: compatible forms folded, one script; raises BadAlias or MixedScripts."""
    alias = visible(composed(text, "NFKC"))
    if not SHORTEST_ALIAS <= len(alias) <= LONGEST_ALIAS or not _ALIAS.fullmatch(alias):
        raise BadAlias(shortest=SHORTEST_ALIAS, longest=LONGEST_ALIAS)
    scripts = {_script(char) for char in alias if char.isalpha()}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        raise MixedScripts()
    return alias


def words_of(name: str, alias: str | None, email: str | None) -> set[str]:
    """What a member is found by, folded: each word of name and alias, and the address as a whole."""
    found = {email.casefold()[:LONGEST_WORD]} if email else set()
    for word in folded_words(f"{name} {alias or ''}"):
        # A Chinese name stands without spaces; its owner is asked for by the given name too.
        starts = len(word) if len(word) <= LONGEST_CHINESE and all(map(_is_chinese, word)) else 1
        found |= {word[start:] for start in range(starts)}
    return found


def folded_words(text: str) -> list[str]:
    """The words of a text without accents and case, as they are compared: “José Öztürk” is jose, ozturk."""
    apart = composed(text, "NFKD")
    plain = "".join(char for char in apart if not unicodedata.combining(char)).casefold()
    return [word[:LONGEST_WORD] for word in re.split(r"[\W_]+", plain) if word]


def clean_email(text: str) -> str:
    """An address in lower case, composed; raises BadEmail. Nobody is asked whether it receives mail."""
    if len(text) > 2 * LONGEST_EMAIL:  # composing it may make it shorter, and takes long
        raise BadEmail()
    try:
        # Addresses of reserved domains (.example, .test) are what demonstrations use.
        checked = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise BadEmail() from error
    address = checked.normalized.lower()
    if len(address) > LONGEST_EMAIL:
        raise BadEmail()
    return address


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _script(letter: str) -> str:
    # The first word of a letter's Unicode name is its script: LATIN SMALL LETTER A, CJK UNIFIED IDEOGRAPH-4E2D.
    return unicodedata.name(letter, "UNKNOWN").split()[0]
