"""Inviting somebody to the staff with more than a reader's rights."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.staff import InvitationNotFound
from app.gamification.staff import invitations
from app.gamification.staff.rights import TITLES, Right
from app.lib.i18n import Sentence, _l
from app.models.base import connection, read_one
from app.models.desk import StaffInvitation

_IT = select(StaffInvitation.name, StaffInvitation.email, StaffInvitation.role).where(
    StaffInvitation.id == bindparam("invitation")
)
_OPEN = _IT.where(StaffInvitation.ended_at.is_(None), StaffInvitation.token_hash.is_(None))


@proposal_kinds.register
class StaffInvite:
    """The link is made and mailed when the second person agrees; until then there is none that could be used."""

    key = invitations.KIND
    title = _l("Invite somebody to the staff")
    proposes = Right.OWN
    approves = Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        row = connection().execute(_OPEN, {"invitation": subject_id}).first()
        if row is None or row.role != payload["role"]:
            raise InvitationNotFound()

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        invitations.issue(by, subject_id or 0, now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        row = read_one(_IT, {"invitation": subject_id})
        name, email = (row.name, row.email) if row else ("–", "–")
        role = Sentence(TITLES[payload["role"]])
        return Summary(
            Sentence(_l("Invite %(name)s as: %(role)s"), {"name": name, "role": role}),
            (Change(_l("Email"), None, email), Change(_l("Role"), None, role)),
            page="/admin/people/invitations",
            icon="user-plus",
        )
