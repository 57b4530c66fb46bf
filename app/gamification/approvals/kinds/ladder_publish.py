"""Putting another tier ladder in force."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.gamification import programme
from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.programme import NO_END
from app.gamification.staff.rights import Right
from app.gamification.tiers import publishing
from app.gamification.tiers.changes import changes, same_window
from app.gamification.tiers.crowd import as_ladder
from app.lib.i18n import Sentence, _l

_TITLE = _l("Publish the ladder, revision %(number)s")
_WINDOW = _l("The window changes: everybody's qualifying points are summed again once this is published.")
_GONE = _l("%(level)s goes. Whoever stands on it stands on %(other)s from then on.")
_AUDIENCE = _l("The rule %(rule)s is for %(level)s, which goes: it would pay nobody of that level any more.")
_REVIEW = _l("Nobody moves by the publish itself; the nightly review raises and lowers by the new ladder.")


@proposal_kinds.register
class LadderPublish:
    """The payload is {"definition": the whole ladder, "based_on": number of the revision it was written over}."""

    key = publishing.KIND
    title = _l("Publish a ladder")
    proposes, approves = Right.CONFIGURE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        publishing.check(payload)

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        publishing.publish(payload, proposal_id, by, now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        before, after = _base(payload["based_on"]), payload["definition"]
        return Summary(
            Sentence(_TITLE, {"number": payload["based_on"] + 1}),
            changes(before, after),
            page="/admin/tiers",
            icon="layers",
            warnings=tuple(_warnings(before, after)),
        )


def _base(number: int) -> Mapping[str, Any]:
    return next(one.definition for one in publishing.revisions() if one.number == number)


def _warnings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Sentence]:
    current = programme.current()
    ladder = as_ladder(after, current.ladder)
    if not same_window(before, after):
        yield Sentence(_WINDOW)
    present = {level["key"] for level in after["levels"]}
    for gone in (level for level in current.ladder.levels if level.key not in present):
        yield Sentence(_GONE, {"level": gone.name, "other": ladder.level(gone.id).name})
        for rule in current.rules_by_revision.values():
            if rule.effective_to == NO_END and gone.key in rule.definition.audience.levels:
                yield Sentence(_AUDIENCE, {"rule": rule.definition.name, "level": gone.name})
    yield Sentence(_REVIEW)
