"""What is written in a journal, as it is stored."""

from typing import NamedTuple

from app.gamification.errors.habits import EntryTooLong, EntryTooShort, KeepTooLong, NoSuchMood
from app.lib.i18n import _l
from app.lib.texts import cleaned, cleaned_lines

SHORTEST, LONGEST, LONGEST_KEEP = 20, 4000, 300
NOT_SAID = 0
# Joiners shape letters of Persian and of Indian scripts, and pictures made of several signs.
_JOINERS = "\u200c\u200d"

MOODS = {
    1: _l("Upset"),
    2: _l("Uneasy"),
    3: _l("Even"),
    4: _l("Calm"),
    5: _l("Clear-headed"),
}


class Note(NamedTuple):
    """What a member wrote: the text, how they felt (0: not said), and what they keep or change."""

    body: str
    mood: int = NOT_SAID
    lesson: str = ""

    def cleaned(self) -> "Note":
        """As it is stored: plain text without control and direction characters.

        Raises EntryTooShort, EntryTooLong, KeepTooLong, NoSuchMood.
        """
        body, lesson = cleaned_lines(self.body, _JOINERS), cleaned(self.lesson, _JOINERS)
        length = sum(char not in _JOINERS for char in body)
        if length < SHORTEST:
            raise EntryTooShort(shortest=SHORTEST, length=length)
        if len(body) > LONGEST:
            raise EntryTooLong(longest=LONGEST, length=len(body))
        if len(lesson) > LONGEST_KEEP:
            raise KeepTooLong(longest=LONGEST_KEEP, length=len(lesson))
        if self.mood != NOT_SAID and self.mood not in MOODS:
            raise NoSuchMood()
        return Note(body, self.mood, lesson)
