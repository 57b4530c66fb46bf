"""What the law gives a person: to learn everything that is known of them, and to have it erased."""

import tempfile
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from flask import Blueprint, Response, flash, send_file
from wtforms import StringField

from app.gamification.errors import Refusal
from app.gamification.errors.members import NotTheirNumber
from app.gamification.members import disclosure, erasure, known
from app.gamification.members.dossier import Dossier
from app.lib import clock
from app.lib.amounts import plain
from app.lib.i18n import Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.members import OF_MEMBER, address_of, dossier_of, member_page
from app.routes.desk import current_staff
from app.routes.formats import say_plainly
from app.routes.forms import Form, needed
from app.routes.language import speaking

bp = Blueprint("admin_privacy", __name__, url_prefix=OF_MEMBER)

IN_MEMORY = 4 * 1024 * 1024  # larger files go to disk while they are written


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
    """Everything that is known of the member, as an archive of JSON files in the member's language."""
    found, now = dossier_of(member_id), clock.now()
    with transaction():
        disclosure.disclose(current_staff().id, member_id, now=now)
    with speaking(found.spoken):
        archive = _archive(found, now)
    name = f"{member_id}-{now:%Y%m%d-%H%M}.zip"
    response: Response = send_file(archive, "application/zip", as_attachment=True, download_name=f"member-{name}")
    response.headers["Cache-Control"] = "no-store"
    return response


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


def _archive(found: Dossier, now: datetime) -> IO[bytes]:
    """The archive, whole, so that what fails fails before anything is sent; open, because it is sent then."""
    archive = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for part in known.parts(found.me.id, now):
            with file.open(f"{part.name}.json", "w") as entry:
                for piece in disclosure.written(part, _worded):
                    entry.write(piece.encode())
    archive.seek(0)
    return archive


def _worded(value: Any) -> Any:
    if isinstance(value, Sentence):
        return say_plainly(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else str(value)
