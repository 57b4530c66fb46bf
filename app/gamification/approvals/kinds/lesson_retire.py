"""A lesson that is offered no longer, or again."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.catalogue import LESSONS, proposed
from app.gamification.lessons import publishing
from app.gamification.staff.rights import Right
from app.lib.i18n import _l


@proposal_kinds.register
class LessonRetire:
    """The payload is {"key": the lesson's, "to": "retired" or "offered", "based_on": its newest revision}."""

    key, title = "lesson.retire", _l("Retire or reopen a lesson")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check_turn)
    apply = staticmethod(publishing.PUBLICATION.turn)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        going_on = _l("Who passed it can still read it; nobody else finds it any more.")
        return proposed.turn(
            LESSONS, subject_id, payload, page="/admin/lessons", icon="graduation-cap", going_on=going_on
        )
