"""The checklist until the programme is live."""

from flask import Blueprint, Response, flash, url_for

from app.gamification.brand import brand
from app.gamification.setup import checklist
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import after_commit, transaction
from app.routes import htmx
from app.routes.admin.versioned import VersionedForm
from app.routes.desk import current_staff
from app.routes.rendering import page
from app.routes.settings import installation

bp = Blueprint("admin_start", __name__, url_prefix="/admin/start")


@bp.get("")
def index() -> Response:
    """What is done and what is left."""
    found = checklist.read(installation())
    return page("admin/start.html", start=found, form=VersionedForm(formdata=None, version=brand().version))


@bp.post("/dismissal")
def dismiss() -> Response:
    """Let the rest be; the list leaves the sidebar."""
    form = VersionedForm()
    with transaction():
        checklist.dismiss(current_staff().id, version=form.drawn_from, now=clock.now())
        after_commit(lambda: checklist.forget(installation()))
    flash(_l("The list is put away."))
    return htmx.see_other(url_for("admin.show"))
