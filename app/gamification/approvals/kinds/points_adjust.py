"""An adjustment of one member's points above what one person may do alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger import adjusting, by_hand
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l


@proposal_kinds.register
class PointsAdjust:
    key = adjusting.ADJUST
    title = _l("Adjust points")
    proposes, approves = Right.CARE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        adjusting.check_amount(payload["amount"])
        adjusting.check(subject_id or 0, payload["amount"])

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        adjusting.adjust_approved(subject_id or 0, payload, proposal_id, by, now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        amount, member = payload["amount"], by_hand.member(subject_id or 0)
        words = (
            _l("Add %(points)s points to %(member)s") if amount > 0 else _l("Take %(points)s points from %(member)s")
        )
        return Summary(
            title=Sentence(words, {"points": abs(amount), "member": member.name}),
            changes=(Change(_l("Points available"), member.available, member.available + amount),),
            page=f"/admin/members/{subject_id}",
            icon="coins",
            warnings=tuple(by_hand.warnings(member, amount)),
        )
