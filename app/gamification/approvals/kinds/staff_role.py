"""Giving somebody of the staff a role with more rights."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.desk import ProposalChanged
from app.gamification.errors.staff import OwnRole
from app.gamification.staff import people, roles
from app.gamification.staff.rights import TITLES, Right
from app.lib.i18n import Sentence, _l
from app.models.base import read_one
from app.models.people import Staff

_NAME = select(Staff.name).where(Staff.id == bindparam("staff"))


@proposal_kinds.register
class StaffRole:
    """Nobody decides on their own role, and a role that was changed meanwhile is not what was proposed."""

    key = roles.KIND
    title = _l("Raise somebody's role")
    proposes = Right.OWN
    approves = Right.APPROVE
    about_staff = True

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        if people.lock_one(subject_id).role != payload["from"]:
            raise ProposalChanged()

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        if by == subject_id:
            raise OwnRole()
        roles.give(by, people.lock_one(subject_id), payload["to"], now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        row = read_one(_NAME, {"staff": subject_id})
        before, after = (Sentence(TITLES[payload[end]]) for end in ("from", "to"))
        return Summary(
            Sentence(_l("Give %(name)s the role: %(role)s"), {"name": row.name if row else "–", "role": after}),
            (Change(_l("Role"), before, after),),
            page=f"/admin/people/{subject_id}",
            icon="user-cog",
        )
