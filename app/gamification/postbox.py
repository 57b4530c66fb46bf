"""Where the rules drop a letter: it is put into words above this floor, and into the outbox of the open transaction."""

from datetime import datetime
from typing import Protocol, TypeVar

from app.gamification.members.letters import Letter


class Writer(Protocol):
    """Whoever says a letter's sentences in the reader's language and leaves the mail in the outbox."""

    def __call__(
        self, letter: Letter, recipient: str, *, language: str, now: datetime, member_id: int | None = None
    ) -> None: ...


Named = TypeVar("Named", bound=Writer)
_writers: list[Writer] = []


def written_by(writer: Named) -> Named:
    """Name the one who writes from now on; app/routes/mail.py does so when it is imported."""
    _writers[:] = [writer]
    return writer


def send(letter: Letter, recipient: str, *, language: str, now: datetime, member_id: int | None = None) -> None:
    """Write to somebody, naming the member it concerns, for the day they are erased. Inside an open transaction."""
    [writer] = _writers
    writer(letter, recipient, language=language, now=now, member_id=member_id)
