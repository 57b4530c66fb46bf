"""What each role may do. A right is asked for by name, never by role, so that roles can change in one place."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.gamification.errors.staff import NotEntitled
from app.lib.i18n import _l
from app.models.base import connection
from app.models.people import Staff

ROLES = ("viewer", "manager", "approver", "owner")

TITLES = {
    "viewer": _l("Viewer"),
    "manager": _l("Programme manager"),
    "approver": _l("Approver"),
    "owner": _l("Owner"),
}
ABOUT = {
    "viewer": _l("Reads everything, changes nothing."),
    "manager": _l("Writes and proposes rules, looks after members."),
    "approver": _l("Does what a manager does, and approves what others propose."),
    "owner": _l("Does everything, and keeps people, keys, brand and entities."),
}


class Right(StrEnum):
    """Something that staff may do."""

    READ = "read"
    CONFIGURE = "configure"  # write drafts, propose, name terms
    CARE = "care"  # adjust within the limit, block, link, unlink, view as
    APPROVE = "approve"
    PRIVACY = "privacy"  # export and erase what is known of a person, export the audit log
    OWN = "own"  # people, keys, brand, legal entities, limits


_MANAGER = frozenset({Right.READ, Right.CONFIGURE, Right.CARE})
_APPROVER = _MANAGER | {Right.APPROVE, Right.PRIVACY}
RIGHTS: Mapping[str, frozenset[Right]] = {
    "viewer": frozenset({Right.READ}),
    "manager": _MANAGER,
    "approver": _APPROVER,
    "owner": _APPROVER | {Right.OWN},
}


class Acting(NamedTuple):
    """Somebody of the staff at work, as of the open transaction."""

    id: int
    name: str
    role: str


_LOCK = (
    select(Staff.id, Staff.name, Staff.role)
    .where(Staff.id.in_(bindparam("ids", expanding=True)), Staff.left_at.is_(None))
    .order_by(Staff.id)
    .with_for_update(key_share=True)
)


def may(role: str, right: Right) -> bool:
    """Whether a role has a right."""
    return right in RIGHTS.get(role, frozenset())


def hold(rights: Mapping[int, Right], beside: Iterable[int] = ()) -> dict[int, Acting]:
    """Lock these people (id → the right each needs) until the commit, so that nobody acts on a role just taken away.

    `beside` are those whom the act is about: locked with the others, in one order, so that two who act on each other
    do not wait for each other. Inside an open transaction, before anything else is locked. Raises NotEntitled.
    """
    rows: list[Any] = list(connection().execute(_LOCK, {"ids": sorted({*rights, *beside})}))
    found = {row.id: Acting(row.id, row.name, row.role) for row in rows}
    for staff_id, right in rights.items():
        if staff_id not in found or not may(found[staff_id].role, right):
            raise NotEntitled()
    return found
