"""What staff write beside what they do: cleaned of what cannot be seen, and no longer than somebody will read."""

from app.gamification.errors.desk import NoteMissing, NoteTooLong
from app.gamification.members.names import visible

LONGEST_NOTE = 1000


def clean_note(text: str, *, needed: bool = False) -> str:
    """A note as it is stored; raises NoteTooLong, and NoteMissing where one is needed."""
    note = visible(text)
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong(longest=LONGEST_NOTE)
    if needed and not note:
        raise NoteMissing()
    return note
