"""A lesson's next revision, or a new lesson."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.catalogue import LESSONS, proposed
from app.gamification.lessons import publishing
from app.gamification.staff.rights import Right
from app.lib.i18n import _l


@proposal_kinds.register
class LessonPublish:
    """The payload is {"key": the lesson's, "definition": all of it, "based_on": number it was written over}."""

    key, title = "lesson.publish", _l("Publish a lesson")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check)
    apply = staticmethod(publishing.PUBLICATION.publish)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        before = proposed.based_on(LESSONS, subject_id, payload)
        return proposed.publication(
            LESSONS,
            subject_id,
            payload,
            publishing.changes(before, payload["definition"]),
            page="/admin/lessons",
            icon="graduation-cap",
            warnings=publishing.warnings(payload["definition"]),
            law=publishing.law,
        )
