"""Points for many members at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger import awards, by_hand
from app.gamification.policy.packs import Verdict
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l, _n

TITLE = _n("Award %(points)s points to %(members)s member", "Award %(points)s points to %(members)s members", "members")
NAMED = 5  # of the receivers, those of the largest awards


@proposal_kinds.register
class PointsAward:
    key = awards.AWARD
    title = _l("Award points to many")
    proposes, approves = Right.CARE, Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        awards.check(payload)

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        awards.give(payload, proposal_id, by, now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        given = dict(payload["awards"])
        members, points = len(given), sum(given.values())
        receivers = {one.id: one for one in awards.receivers(set(given))}
        largest = sorted(given.items(), key=lambda award: (-award[1], award[0]))[:NAMED]
        named = tuple(Sentence(_l("%(member)s: %(points)s"), _of(one, points, receivers)) for one, points in largest)
        return Summary(
            title=Sentence(TITLE, {"points": points, "members": members}),
            changes=(
                Change(_l("Members"), None, members),
                Change(_l("Points in all"), None, points),
                Change(_l("What they cost"), None, by_hand.cost(points)),
                Change(_l("Among the largest"), None, named),
            ),
            icon="coins",
            warnings=tuple(_warnings(given, receivers)),
        )


def _of(member_id: int, points: int, receivers: Mapping[int, awards.Receiver]) -> dict[str, Any]:
    named = receivers.get(member_id)
    return {"member": named.name if named else f"#{member_id}", "points": points}


def _warnings(given: Mapping[int, int], receivers: Mapping[int, awards.Receiver]) -> list[Sentence]:
    found = []
    if limited := sum(1 for one in receivers.values() if one.verdict == Verdict.SERVICE_ONLY):
        found.append(
            Sentence(
                _l("For %(count)s of them the points buy recognition and service alone, by their law packs."),
                {"count": limited},
            )
        )
    if barred := len(given) - sum(1 for one in receivers.values() if one.verdict < Verdict.RECOGNITION):
        found.append(
            Sentence(
                _l("%(count)s of them cannot be given points any more. This cannot be approved."), {"count": barred}
            )
        )
    return found
