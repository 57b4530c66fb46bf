"""What the law gives a person: to learn everything that is known of them, and to have it erased."""

from flask import Blueprint, Response, flash
from wtforms import StringField

from app.gamification.errors import Refusal
from app.gamification.errors.members import NotTheirNumber
from app.gamification.members import disclosure, erasure
from app.gamification.members.dossier import Dossier
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import archives, htmx
from app.routes.admin.members import OF_MEMBER, address_of, dossier_of, member_page
from app.routes.desk import current_staff
from app.routes.forms import Form, needed

bp = Blueprint("admin_privacy", __name__, url_prefix=OF_MEMBER)


class ErasureForm(Form):
    number = StringField(
        _l("The member's number"),
        needed(20),
        render_kw={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
    )


@bp.get("/privacy")
def show(member_id: int) -> Response:
    """Both, with what each of them means."""
    return _page(dossier_of(member_id), ErasureForm(formdata=None))


@bp.post("/export")
def export(member_id: int) -> Response:
    """Everything that is known of the member, as an archive in the member's language."""
    found, now = dossier_of(member_id), clock.now()
    with transaction():
        disclosure.disclose(current_staff().id, member_id, now=now)
    return archives.sent(member_id, found.spoken, now)


@bp.post("/erasure")
def erase(member_id: int) -> Response:
    """Blank everything that says who the member is; the number is typed, so that it is nobody else."""
    found, form = dossier_of(member_id), ErasureForm()
    try:
        if not form.validate():
            return _page(found, form, 422)
        if (form.number.data or "").strip().removeprefix("#") != str(member_id):
            raise NotTheirNumber(member=str(member_id))
        with transaction():
            erasure.erase(current_staff().id, member_id, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(found, form, 422)
    flash(_l("Erased. Nothing says any more who this member was."))
    return htmx.see_other(address_of(member_id))


def _page(found: Dossier, form: ErasureForm, status: int = 200) -> Response:
    return member_page("admin/members/privacy.html", found, form=form, status=status)
