"""One line of a member's ledger, or one activity without points: as the member reads it, and what only staff see."""

from typing import Any

from flask import Blueprint, Response, flash
from wtforms import HiddenField, StringField

from app.gamification.errors import Refusal
from app.gamification.ledger import adjusting, explain, missed, particulars, reads
from app.gamification.members.dossier import Dossier
from app.gamification.staff import sent
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.members import OF_MEMBER, address_of, dossier_of, member_page
from app.routes.desk import current_staff
from app.routes.forms import Form, needed
from app.routes.member.asked import HIGHEST

bp = Blueprint("admin_line", __name__, url_prefix=f"{OF_MEMBER}/points")

SEQ = f"<int(max={HIGHEST}):seq>"
LONGEST_NOTE = 1000


class ReversalForm(Form):
    note = StringField(
        _l("Why it is taken back"),
        needed(LONGEST_NOTE),
        description=_l("Kept for good, for your colleagues and for the member who asks. Name nobody in it."),
    )
    token = HiddenField()


@bp.get(f"/{SEQ}")
def line(member_id: int, seq: int) -> Response:
    """Why a line says what it says."""
    return _line(dossier_of(member_id), seq, ReversalForm(formdata=None, token=sent.new_token()))


@bp.get(f"/missed/{SEQ}")
def miss(member_id: int, seq: int) -> Response:
    """Why an activity earned nothing."""
    found = dossier_of(member_id)
    why, facts = explain.explain_miss(found.me, seq), particulars.of_miss(found.me, seq)
    if htmx.is_fragment():
        return _explained(found, "h3", why=why, facts=facts, seq=seq)
    (row,) = missed.rows(found.me, [seq])
    return member_page("admin/members/missed.html", found, why=why, facts=facts, seq=seq, row=row, heading="h3")


@bp.post(f"/{SEQ}/reversal")
def reverse(member_id: int, seq: int) -> Response:
    """Propose to take a line back; a second person decides."""
    found, form = dossier_of(member_id), ReversalForm()
    try:
        if not form.validate():
            return _line(found, seq, form, status=422)
        with transaction():
            note, token = form.note.data or "", form.token.data or ""
            made = adjusting.reverse(current_staff().id, member_id, seq, note, token, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _line(found, seq, form, status=422)
    flash(_l("Proposed. It happens once somebody else approves it."))
    return htmx.see_other(f"/admin/approvals/{made.proposal_id}" if made.proposal_id else address_of(member_id))


def _line(found: Dossier, seq: int, form: ReversalForm, status: int = 200) -> Response:
    why, facts = explain.explain_line(found.me, seq), particulars.of_line(found.me, seq)
    if htmx.is_fragment() and status == 200:
        return _explained(found, "h4", why=why, facts=facts, seq=seq)
    (day,) = reads.lines(found.me, "all", seq, limit=1).days
    shown: dict[str, Any] = {"why": why, "facts": facts, "seq": seq, "line": day.lines[0], "form": form}
    return member_page("admin/members/line.html", found, status=status, heading="h3", **shown)


def _explained(found: Dossier, heading: str, **shown: Any) -> Response:
    """The fragment; lines stand below the heading of their day, what did not earn has none between."""
    return member_page("admin/members/_explanation.html", found, heading=heading, **shown)
