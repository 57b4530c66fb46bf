"""What is proposed about the catalogue, as the second person is shown it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from app.gamification import drafts
from app.gamification.approvals.registry import Change, Summary
from app.gamification.catalogue.noun import Noun
from app.gamification.catalogue.reads import is_retired, of_key, revision
from app.gamification.catalogue.writing import OFFERED, named
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy.reach import Said
from app.lib.i18n import Sentence, _l

_REVISION = _l("%(name)s, revision %(number)s")
_RETIRE, _REOPEN = _l("Retire %(name)s"), _l("Offer %(name)s again")
_ONCE = _l("once approved")
_OFFERED_AGAIN = Change(_l("offered from"), None, Sentence(_ONCE))


def publication(
    noun: Noun,
    subject_id: int | None,
    payload: Mapping[str, Any],
    changes: tuple[Change, ...],
    *,
    page: str,
    icon: str,
    warnings: tuple[Sentence, ...],
    law: Callable[[Mapping[str, Any]], Sequence[Said]],
) -> Summary:
    """A revision; `page` is the address of the noun's list."""
    title = Sentence(_REVISION, {"name": named(payload["definition"]), "number": payload["based_on"] + 1})
    draft = next((draft for draft in drafts.every(noun.key) if draft.key == payload["key"]), None)
    found = subject_id or of_key(noun, payload["key"])
    shown = f"{page}/drafts/{draft.id}" if draft is not None else f"{page}/{found}" if found else page
    if subject_id is not None and is_retired(noun, subject_id):
        changes = (_OFFERED_AGAIN, *changes)
    return Summary(title, changes, page=shown, icon=icon, warnings=warnings, law=partial(law, payload["definition"]))


def based_on(noun: Noun, subject_id: int | None, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the revision says that the proposal was written over; None of something new."""
    return None if subject_id is None else revision(noun, subject_id, payload["based_on"])


def turn(
    noun: Noun, subject_id: int | None, payload: Mapping[str, Any], *, page: str, icon: str, going_on: str
) -> Summary:
    """Taking it out of the offer, or bringing it back; `going_on` says what becomes of who has it already."""
    plain = based_on(noun, subject_id, payload)
    name = as_it_is(named(plain) if plain else payload["key"])
    if payload["to"] == OFFERED:
        return Summary(Sentence(_REOPEN, {"name": name}), (_OFFERED_AGAIN,), f"{page}/{subject_id}", icon)
    change, title = Change(_l("offered until"), None, Sentence(_ONCE)), Sentence(_RETIRE, {"name": name})
    return Summary(title, (change,), f"{page}/{subject_id}", "archive", (Sentence(going_on),))
