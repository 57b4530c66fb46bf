"""Looking after a member: points, earning, trading accounts, sign-ins and password, each a form of one page."""

from typing import Any

from flask import Blueprint, Response, flash
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.members import AccountNotFound
from app.gamification.ledger import adjusting
from app.gamification.members import care, dossier, letters
from app.gamification.members.credentials import Credentials
from app.gamification.members.dossier import Dossier
from app.gamification.programme_settings import limits
from app.gamification.staff import sent
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx, mail
from app.routes.admin.members import OF_MEMBER, address_of, dossier_of, member_page
from app.routes.admin.reasons import reason_choices
from app.routes.desk import current_staff
from app.routes.forms import MISSING, Form, listed, needed
from app.routes.settings import links

bp = Blueprint("admin_care", __name__, url_prefix=OF_MEMBER)

ACCOUNT = f"<int(max={2**31 - 1}):account_id>"
LONGEST_NOTE = 1000


class PointsForm(Form):
    amount = IntegerField(
        _l("Points"),
        [InputRequired(MISSING)],
        description=_l("With a minus sign they are taken."),
        render_kw={"inputmode": "numeric"},
    )
    note = TextAreaField(
        _l("Reason"),
        needed(LONGEST_NOTE),
        description=_l("Kept for good, for your colleagues and for the member who asks. Name nobody in it."),
        render_kw={"rows": 2},
    )
    token = HiddenField()


class BlockForm(Form):
    reason = listed(_l("Reason"), care.BLOCK_REASONS)


class LinkForm(Form):
    platform = StringField(
        _l("Platform"), needed(32), default="mt5", render_kw={"spellcheck": "false", "autocapitalize": "off"}
    )
    server = StringField(_l("Server"), needed(64), render_kw={"spellcheck": "false"})
    login = StringField(_l("Login"), needed(64), render_kw={"inputmode": "numeric", "spellcheck": "false"})


@bp.get("/care")
def show(member_id: int) -> Response:
    """All forms."""
    return _page(dossier_of(member_id))


@bp.post("/adjustments")
def adjust(member_id: int) -> Response:
    """Add points, or take them: at once within one person's limits, else proposed to a second one."""
    found, form = dossier_of(member_id), PointsForm()
    try:
        if not form.validate():
            return _page(found, points=form)
        amount, note, token = form.amount.data or 0, form.note.data or "", form.token.data or ""
        with transaction():
            made = adjusting.adjust(current_staff().id, member_id, amount, note, token, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(found, points=form)
    if made.proposal_id is not None:
        flash(_l("This is above what one person may do. It waits for a second one."))
        return htmx.see_other(f"/admin/approvals/{made.proposal_id}")
    flash(_l("Done. The new line stands at the top of the ledger."))
    return htmx.see_other(address_of(member_id))


@bp.post("/block")
def block(member_id: int) -> Response:
    """Let the member earn nothing more."""
    found, form = dossier_of(member_id), BlockForm()
    try:
        if not form.validate():
            return _page(found, blocking=form)
        with transaction():
            care.block(current_staff().id, member_id, form.reason.data or "", now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(found, blocking=form)
    flash(_l("The member earns nothing from now on."))
    return htmx.see_other(address_of(member_id))


@bp.post("/unblock")
def unblock(member_id: int) -> Response:
    """Let the member earn again."""
    with transaction():
        care.unblock(current_staff().id, member_id, now=clock.now())
    flash(_l("The member earns again. What was reported meanwhile stays without points."))
    return htmx.see_other(address_of(member_id))


@bp.post("/accounts")
def link(member_id: int) -> Response:
    """Link a trading account; what it did before is counted now."""
    found, form = dossier_of(member_id), LinkForm()
    try:
        if not form.validate():
            return _page(found, linking=form)
        names = (form.platform.data or "", form.server.data or "", form.login.data or "")
        with transaction():
            care.link(current_staff().id, member_id, *names, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(found, linking=form)
    flash(_l("Linked. What was reported of it before is counted now."))
    return htmx.see_other(address_of(member_id, "/accounts"))


@bp.get(f"/accounts/{ACCOUNT}/unlinking")
def unlinking(member_id: int, account_id: int) -> Response:
    """What unlinking means, before it is done."""
    found, account = dossier_of(member_id), dossier.account(member_id, account_id)
    if account is None:
        raise AccountNotFound()
    return member_page("admin/members/unlinking.html", found, account=account)


@bp.post(f"/accounts/{ACCOUNT}/unlinking")
def unlink(member_id: int, account_id: int) -> Response:
    """Let the account be nobody's."""
    with transaction():
        care.unlink(current_staff().id, member_id, account_id, now=clock.now())
    flash(_l("Unlinked. What was counted stays with the member."))
    return htmx.see_other(address_of(member_id, "/accounts"))


@bp.post("/sign-outs")
def sign_out(member_id: int) -> Response:
    """End every sign-in of the member."""
    with transaction():
        care.sign_out(current_staff().id, member_id, now=clock.now())
    flash(_l("Every browser of the member is signed out."))
    return htmx.see_other(address_of(member_id, "/care"))


@bp.post("/password-mails")
def mail_reset(member_id: int) -> Response:
    """Send the member a link for a new password."""
    now = clock.now()

    def send(someone: Credentials) -> None:
        letter = letters.reset_password(someone.name, brand().name, links().token("reset", someone))
        mail.send(letter, someone.email, language=someone.language, now=now, member_id=someone.id)

    with transaction():
        care.mail_reset(current_staff().id, member_id, send, now=now)
    flash(_l("The mail is on its way. Its link works for one hour, once."))
    return htmx.see_other(address_of(member_id, "/messages"))


def _page(
    found: Dossier,
    *,
    points: PointsForm | None = None,
    blocking: BlockForm | None = None,
    linking: LinkForm | None = None,
) -> Response:
    """The page, with the form that was sent back as it was written; the others are new."""
    refused = any(form is not None for form in (points, blocking, linking))
    forms: dict[str, Any] = {
        "points": points or PointsForm(formdata=None, token=sent.new_token()),
        "blocking": blocking or BlockForm(formdata=None),
        "linking": linking or LinkForm(formdata=None),
    }
    forms["blocking"].reason.choices = reason_choices(care.BLOCK_REASONS)
    limit = limits.current().adjustment
    return member_page("admin/members/care.html", found, status=422 if refused else 200, limit=limit, **forms)
