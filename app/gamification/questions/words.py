"""What is written in a thread, as it is stored; and what threads are about, in words."""

from app.gamification.errors.questions import NothingWritten, TextTooLong
from app.lib.i18n import _l
from app.lib.texts import cleaned_lines

LONGEST = 4000
# Zero-width joiners shape letters of Persian and of Indian scripts, and pictures made of several signs.
_JOINERS = "\u200c\u200d"

TOPICS = {
    "points": _l("Points"),
    "account": _l("Trading account"),
    "statement": _l("Statement"),
    "tier": _l("Level"),
    "other": _l("Something else"),
}
ABOUT_LINE, ABOUT_MISS = _l("A line in the ledger"), _l("Something that did not earn")
STATES = {"open": _l("Waits for an answer"), "answered": _l("Answered"), "closed": _l("Question closed")}
TONES = {"open": "warn", "answered": "brand", "closed": ""}


def clean_text(text: str) -> str:
    """Plain text with line breaks, at most one empty line in a row; raises NothingWritten or TextTooLong.

    Control and direction characters are left out: they are not seen, and turn what others read around.
    """
    written = cleaned_lines(text, _JOINERS)
    # What only joins others is nothing to read.
    if not written.strip(_JOINERS + "\n "):
        raise NothingWritten()
    if len(written) > LONGEST:
        raise TextTooLong(longest=LONGEST, length=len(written))
    return written


def subject(topic: str, line: int | None, miss: int | None) -> str:
    """What a thread is about, marked for translation."""
    if line is not None:
        return ABOUT_LINE
    return ABOUT_MISS if miss is not None else TOPICS.get(topic, TOPICS["other"])
