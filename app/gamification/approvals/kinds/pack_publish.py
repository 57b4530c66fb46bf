"""Putting another revision of a law pack in force, or a new pack."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.policy import publishing
from app.gamification.policy.changes import changes, warnings
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l

_TITLE, _NEW = _l("Publish the law pack “%(pack)s”, revision %(number)s"), _l("Publish the new law pack “%(pack)s”")


@proposal_kinds.register
class PackPublish:
    """The payload is {"key": the pack's, "definition": all of it, "based_on": number it was written over, 0: new}."""

    key = publishing.KIND
    title = _l("Publish a law pack")
    proposes, approves = Right.CONFIGURE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        publishing.check(payload)

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        publishing.publish(payload, proposal_id, by, now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        key, after, number = payload["key"], payload["definition"], payload["based_on"]
        base = next((one.definition for one in publishing.revisions(key) if one.number == number), None)
        beside = publishing.others(publishing.in_force(), key)
        return Summary(
            Sentence(_TITLE if number else _NEW, {"pack": after["name"], "number": number + 1}),
            changes(base, after),
            page=f"/admin/packs/{key}",
            icon="scale",
            warnings=warnings(base, after, beside),
        )
