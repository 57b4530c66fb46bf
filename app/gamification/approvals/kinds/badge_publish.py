"""A badge's next revision, or a new badge."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.badges import publishing
from app.gamification.catalogue import BADGES, proposed
from app.gamification.staff.rights import Right
from app.lib.i18n import _l


@proposal_kinds.register
class BadgePublish:
    """The payload is {"key": the badge's, "definition": all of it, "based_on": number it was written over}."""

    key, title = "badge.publish", _l("Publish a badge")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check)
    apply = staticmethod(publishing.PUBLICATION.publish)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        before = proposed.based_on(BADGES, subject_id, payload)
        return proposed.publication(
            BADGES,
            subject_id,
            payload,
            publishing.changes(before, payload["definition"]),
            page="/admin/badges",
            icon="award",
            warnings=publishing.warnings(payload["definition"], payload["key"]),
            law=publishing.law,
        )
