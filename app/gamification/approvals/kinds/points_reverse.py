"""Taking one line of a member's ledger back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger import adjusting, by_hand, taking_back, wallets
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l, _n

TITLE = _n(
    "Take a line of %(points)s point back from %(member)s",
    "Take a line of %(points)s points back from %(member)s",
    "points",
)
LINE = _l("Number %(seq)s, %(day)s")


@proposal_kinds.register
class PointsReverse:
    key = adjusting.REVERSE
    title = _l("Take a line back")
    proposes, approves = Right.CARE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        wallets.lock_present([subject_id or 0])
        taking_back.reversible(subject_id or 0, payload["seq"])

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        adjusting.reverse_approved(subject_id or 0, payload, proposal_id, by, now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        member, line = by_hand.member(subject_id or 0), by_hand.line(subject_id or 0, payload["seq"])
        values = {"points": line.amount, "member": member.name}
        taken = min(line.amount, member.pending if line.pending else member.available)
        changes = []
        if line.pending:
            changes.append(Change(_l("Points pending"), member.pending, member.pending - taken))
        else:
            changes.append(Change(_l("Points available"), member.available, member.available - taken))
        if owed := line.amount - taken:
            changes.append(Change(_l("Points owed"), member.debt, member.debt + owed))
        changes.append(Change(_l("Line of the ledger"), None, Sentence(LINE, {"seq": line.seq, "day": line.at})))
        return Summary(
            title=Sentence(TITLE, values),
            changes=tuple(changes),
            page=f"/admin/members/{subject_id}",
            icon="undo-2",
            warnings=tuple(by_hand.warnings(member, -taken, owed=owed)),
        )
