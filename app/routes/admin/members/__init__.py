"""Members, as staff look after them: the list, the profile, acts of care, privacy, and the view through their eyes."""

from typing import Any

from flask import Response

from app.gamification.members import dossier
from app.gamification.members.dossier import Dossier
from app.gamification.members.search import HIGHEST_ID
from app.lib import clock
from app.routes.desk import current_staff
from app.routes.language import language
from app.routes.rendering import page

PREFIX = "/admin/members"
# Larger ids there are none, and the databases would refuse to compare them.
MEMBER = f"<int(max={HIGHEST_ID}):member_id>"
OF_MEMBER = f"{PREFIX}/{MEMBER}"


def dossier_of(member_id: int) -> Dossier:
    """The member that an address names, as whoever asks reads them; raises MemberNotFound."""
    return dossier.read(member_id, language().code, current_staff().time_zone, clock.now())


def address_of(member_id: int, place: str = "") -> str:
    """A page of a member's profile."""
    return f"{PREFIX}/{member_id}{place}"


def member_page(template: str, found: Dossier, fragment: str | None = None, **context: Any) -> Response:
    """A page about one member, with what its frame says of them."""
    base = address_of(found.me.id)
    context |= {"base": base, "at": f"{base}/points", "list_at": f"{base}/decisions"}
    # The sidebar knows all of these pages as one place.
    context |= {"nav_key": "admin_members", "for_staff": True, "dossier": found, "member": found.me}
    return page(template, fragment, **context)
