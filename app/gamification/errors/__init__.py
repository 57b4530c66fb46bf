"""What members and staff can meet: each refusal is named for it and says in a sentence what to do next.

app/routes/errors.py alone turns these into a status; commands print them. They know no HTTP.
"""

from typing import Any, ClassVar

from app.lib.i18n import Sentence, _l


class Refusal(Exception):
    """Something that was asked for cannot be done; carries the figures its sentence needs."""

    msgid: ClassVar[str] = _l("That is not possible.")
    field: ClassVar[str | None] = None  # the form's field that the sentence belongs to

    def __init__(self, **values: Any) -> None:
        self.sentence = Sentence(self.msgid, values)
        super().__init__(self.msgid % values)


class NotFound(Refusal):
    """What was asked for does not exist, or not for the one who asks."""

    msgid = _l("This does not exist, or not any more.")


class Forbidden(Refusal):
    """It exists, but not for the one who asks."""

    msgid = _l("You may not do this.")


class Conflict(Refusal):
    """It collides with what is stored already."""
