"""A challenge that is offered no longer, or again."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.catalogue import CHALLENGES, proposed
from app.gamification.challenges import publishing
from app.gamification.staff.rights import Right
from app.lib.i18n import _l


@proposal_kinds.register
class ChallengeRetire:
    """The payload is {"key": the challenge's, "to": "retired" or "offered", "based_on": its newest revision}."""

    key, title = "challenge.retire", _l("Retire or reopen a challenge")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check_turn)
    apply = staticmethod(publishing.PUBLICATION.turn)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        going_on = _l("Who takes part goes on, and is given what they complete.")
        return proposed.turn(
            CHALLENGES, subject_id, payload, page="/admin/challenges", icon="target", going_on=going_on
        )
