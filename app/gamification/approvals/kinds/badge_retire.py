"""A badge that is offered no longer, or again."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.badges import publishing
from app.gamification.catalogue import BADGES, proposed
from app.gamification.staff.rights import Right
from app.lib.i18n import _l


@proposal_kinds.register
class BadgeRetire:
    """The payload is {"key": the badge's, "to": "retired" or "offered", "based_on": its newest revision}."""

    key, title = "badge.retire", _l("Retire or reopen a badge")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check_turn)
    apply = staticmethod(publishing.PUBLICATION.turn)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        going_on = _l("Who holds it keeps it; nobody is given another level of it.")
        return proposed.turn(BADGES, subject_id, payload, page="/admin/badges", icon="award", going_on=going_on)
