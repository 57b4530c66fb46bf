"""A challenge's next revision, or a new challenge."""

from collections.abc import Mapping
from typing import Any

from app.gamification.approvals.registry import Summary, proposal_kinds
from app.gamification.catalogue import CHALLENGES, proposed
from app.gamification.challenges import publishing
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l


@proposal_kinds.register
class ChallengePublish:
    """The payload is {"key": the challenge's, "definition": all of it, "based_on": number it was written over}."""

    key, title = "challenge.publish", _l("Publish a challenge")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publishing.PUBLICATION.check)
    apply = staticmethod(publishing.PUBLICATION.publish)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        before = proposed.based_on(CHALLENGES, subject_id, payload)
        return proposed.publication(
            CHALLENGES,
            subject_id,
            payload,
            publishing.changes(before, payload["definition"]),
            page="/admin/challenges",
            icon="target",
            warnings=publishing.warnings(payload["definition"], clock.now()),
            law=publishing.law,
        )
