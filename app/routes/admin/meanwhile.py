"""What became of a draft while somebody was writing, and what they can choose; nothing that was typed is lost.

A form of a draft says which save of which draft it was drawn from. Where that is not what stands there, it is sent back
as it was typed, with the sentence and the buttons of `admin/_meanwhile.html`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import request

from app.gamification import drafts
from app.gamification.drafts import Draft, Published
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import Sentence, _l
from app.routes import htmx
from app.routes.admin.versioned import number_in
from app.routes.desk import current_staff

BEGUN = _l("A new draft was begun with what you wrote. Nothing is in force yet.")

_SAVED = _l("%(name)s saved this draft while you were writing.")
_SAVED_ELSEWHERE = _l("You saved this draft in another window.")
_PUBLISHED = _l("%(name)s approved this draft while you were writing: it is revision %(number)s now.")
_GONE = _l("This draft was thrown away while you were writing.")
_ANOTHER = _l("It is not there any more, and %(name)s has begun another one.")
_STALE = _l("Revision %(number)s was published since this draft was begun.")


class Stamp(NamedTuple):
    """The draft that a form was drawn from, and which save of it; -1, which never was, for what is no number."""

    draft_id: int
    version: int


def stamp_of(draft: Draft) -> Stamp:
    """That of a draft as it is stored."""
    return Stamp(draft.id, draft.version)


def posted_stamp() -> Stamp:
    """That of the form that was posted.

    A form that is sent back keeps it, whatever was saved meanwhile: with the newest save's, sending it a second time
    would overwrite what its sender has never seen.
    """
    return Stamp(number_in(request.form.get("draft", "")), number_in(request.form.get("version", "")))


def chosen_stamp() -> Stamp:
    """What the posted form is to be written over: what its sender read beside it and chose, else as it was drawn."""
    draft_id, between, version = request.form.get("over", "").partition(".")
    return Stamp(number_in(draft_id), number_in(version)) if between else posted_stamp()


def posted_subject() -> int | None:
    """What the posted form's draft revises, as the form says: where the draft is gone, nothing else does."""
    found = number_in(request.form.get("of", ""))
    return found if found > 0 else None


def is_filled() -> bool:
    """Whether a draft's form was posted, rather than the wish to begin one."""
    return "version" in request.form


@dataclass(frozen=True)
class Meanwhile:
    """What happened, and what can be done about it; an address is empty where that cannot be done."""

    sentence: Sentence
    theirs: Draft | None = None  # what would be written over
    differences: Sequence[Any] | None = ()  # what mine says differently from theirs; None where mine cannot be read
    begin: str = ""  # begins a new draft with the form
    over: str = ""  # writes it over theirs
    copy: str = ""  # makes something new of it
    see: str = ""  # shows theirs
    is_there: bool = False  # the draft is as it was, and can be saved and thrown away as ever

    @property
    def status(self) -> int:
        """What a form is answered with; htmx swaps in nothing of a conflict."""
        return 422 if htmx.is_fragment() else 409


def saved_by(draft: Draft) -> Sentence:
    """Somebody saved the draft since the form was drawn."""
    if draft.changed_by == current_staff().id:
        return Sentence(_SAVED_ELSEWHERE)
    return Sentence(_SAVED, {"name": as_it_is(drafts.writer_of(draft))})


def ended(published: Published | None, theirs: Draft | None) -> Sentence:
    """The draft is not there any more; `theirs` has taken its place."""
    if published is not None:
        return Sentence(_PUBLISHED, {"name": as_it_is(published.by), "number": published.number})
    if theirs is not None:
        return Sentence(_ANOTHER, {"name": as_it_is(drafts.writer_of(theirs))})
    return Sentence(_GONE)


def overtaken(number: int) -> Sentence:
    """The draft is there, but written over a revision that is in force no more."""
    return Sentence(_STALE, {"number": number})
