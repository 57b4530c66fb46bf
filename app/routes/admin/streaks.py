"""How weeks of practice are counted: what holds now, what holds from next week on, and the form for another rule."""

from typing import Any

from flask import Blueprint, Response, flash, url_for

from app.gamification import programme as compiled
from app.gamification.errors import Refusal
from app.gamification.streaks import settings
from app.gamification.streaks.rules import Rule
from app.gamification.streaks.rules import read as read_rules
from app.lib import clock
from app.lib.i18n import _l
from app.lib.periods import day_of
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.growing import form_of, settings_of
from app.routes.admin.versioned import posted_version, version_shown
from app.routes.desk import current_staff
from app.routes.forms import Form
from app.routes.rendering import page

bp = Blueprint("admin_streaks", __name__, url_prefix="/admin/brand/streaks")


@bp.get("")
def index() -> Response:
    """The rule of now and of next week, and the form."""
    return _page()


@bp.post("")
def update() -> Response:
    """Let another rule hold from next week on."""
    form = form_of(Rule)
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            wanted = settings_of(form, Rule)
            since = settings.change(current_staff().id, wanted, version=posted_version(), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    flash(_l("Nothing was changed.") if since is None else _l("Saved. It holds from next week on."))
    return htmx.see_other(url_for("admin_streaks.index"))


def _page(form: Form | None = None, status: int = 200) -> Response:
    now, found = clock.now(), compiled.current()
    rules = read_rules(found.settings)
    today, latest = day_of(now, found.zone), rules.rules[-1]
    context: dict[str, Any] = {
        "form": form or form_of(Rule, latest),
        "version": version_shown(found.settings_version),
        "holds": rules.at(today),
        "coming": latest if rules.mondays[-1] > today else None,
        "coming_from": rules.mondays[-1],
        "next_week": settings.next_week(now),
        "nav_key": "admin_brand",
    }
    return page("admin/brand/streaks.html", status=status, **context)
