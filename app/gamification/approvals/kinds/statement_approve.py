"""A member's statement whose points are more than one person may make available."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger import by_hand
from app.gamification.staff.rights import Right
from app.gamification.statements import deciding
from app.lib.i18n import Sentence, _l, _n

TITLE = _n(
    "Approve a statement of %(member)s with %(points)s point",
    "Approve a statement of %(member)s with %(points)s points",
    "points",
)


@proposal_kinds.register
class StatementApprove:
    key = deciding.APPROVE
    title = _l("Approve a statement")
    proposes, approves = Right.CARE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        deciding.check_proposed(subject_id or 0, payload)

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        deciding.approve_proposed(subject_id or 0, proposal_id, by, now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        member, points = by_hand.member(payload["member"]), payload["points"]
        return Summary(
            title=Sentence(TITLE, {"points": points, "member": member.name}),
            changes=(
                Change(_l("Points that wait for review"), member.pending, max(0, member.pending - points)),
                Change(_l("What they cost"), None, by_hand.cost(points)),
            ),
            page=f"/admin/statements/{subject_id}",
            icon="file-check",
            warnings=tuple(_warnings(member)),
        )


def _warnings(member: by_hand.Holder) -> list[Sentence]:
    if not member.blocked:
        return []
    return [Sentence(_l("Earning is blocked for this member."))]
