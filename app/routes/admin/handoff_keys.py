"""Sign-in from the broker's own site: the public keys that its links are checked with, and how it writes them."""

from pathlib import Path
from typing import Any

from flask import Response, flash, request
from sqlalchemy import select

from app.gamification.errors import Forbidden, NotFound, Refusal
from app.gamification.handoff import keys, signing, writing
from app.gamification.staff import sent
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import read_all, transaction
from app.models.handoff import HandoffKey
from app.routes import htmx
from app.routes.admin.fields import Lines
from app.routes.admin.resource import Column, Filter, Resource, blueprint
from app.routes.admin.resource.writing import SENT_BEFORE
from app.routes.desk import current_staff
from app.routes.forms import Form, needed
from app.routes.rendering import page
from app.routes.settings import settings

EXAMPLES = Path(__file__).resolve().parents[2] / "templates/admin/handoff/examples"
LANGUAGES = {"python": "Python", "node": "Node.js", "php": "PHP"}
# What stands in the examples instead of somebody's own.
KID, URL = "the-fingerprint-of-the-key", "http://127.0.0.1:8000"
STATES = {"live": _l("In force"), "retired": _l("Retired")}
RETIRED = _l("The key is retired. Within a second no link that is signed with it is taken.")
_LIVE = select(HandoffKey.id, HandoffKey.name).where(HandoffKey.retired_at.is_(None))


class HandoffKeys(Resource):
    key, subject, icon, write = "handoff-keys", "handoff_key", "log-in", Right.OWN
    title, one = _l("Sign-in from your site"), _l("Public key of your site")
    about = _l(
        "Clients who are signed in on your own site come in by a link that it signs, without another password. These "
        "are the public keys that such links are checked with."
    )
    empty = _l("There is no key yet, so that nobody comes in by a link of your site.")
    rows = select(
        HandoffKey.id,
        HandoffKey.name,
        HandoffKey.key,
        HandoffKey.public_key,
        HandoffKey.created_at,
        HandoffKey.retired_at,
    )
    order = HandoffKey.id.desc()
    search = (HandoffKey.name, HandoffKey.key)
    columns = (
        Column("name", _l("Name"), HandoffKey.name),
        Column("key", _l("Fingerprint"), HandoffKey.key, "code"),
        Column("created_at", _l("Added"), HandoffKey.created_at, "moment"),
        Column(
            "state",
            _l("State"),
            HandoffKey.retired_at,
            "tone",
            lambda row: (STATES["retired"], "warn") if row.retired_at else (STATES["live"], "brand"),
        ),
    )
    filters = (
        Filter(
            "state",
            _l("State"),
            lambda: STATES,
            lambda value: HandoffKey.retired_at.is_(None) if value == "live" else HandoffKey.retired_at.is_not(None),
        ),
    )
    Settings = keys.Settings
    can_edit = False
    save = _l("Add the key")
    show_template = "admin/handoff/show.html"
    form_template = "admin/handoff/form.html"

    def values_of(self, row: Any) -> keys.Settings:
        return keys.Settings(row.name, row.public_key)

    def context(self, row: Any) -> dict[str, Any]:
        house = settings().public_url.rstrip("/")
        return {
            "house": house,
            "address": house + signing.PATH,
            "pem": writing.as_pem(row.public_key),
            "examples": {
                name: (EXAMPLES / f"{key}.txt").read_text(encoding="utf-8").replace(KID, row.key).replace(URL, house)
                for key, name in LANGUAGES.items()
            },
        }

    def create(self, by: int, settings: keys.Settings) -> int:
        return keys.add(settings.name, settings.public_key, now=clock.now(), by=by)


class RotationForm(Form):
    public_key = Lines(
        _l("The next public key"),
        needed(writing.LONGEST_KEY),
        description=_l("Ed25519, as PEM or as JWK. The private key stays with your system and never comes here."),
    )


resource = HandoffKeys()
bp = blueprint(resource, __name__)


@bp.get("/<int:row_id>/rotation")
def rotating(row_id: int) -> Response:
    """Ask for the second key of a name."""
    return _rotation(resource.find(row_id), RotationForm())


@bp.post("/<int:row_id>/rotation")
def rotate(row_id: int) -> Response:
    """Add the second key beside this one."""
    row, form = resource.find(row_id), RotationForm()
    token, by = request.form.get("form_token", ""), current_staff().id
    try:
        if not form.validate():
            return _rotation(row, form, 422)
        with transaction():
            answered = sent.take(by, token, now=clock.now())
            if answered is None:
                made = keys.rotate(row_id, form.public_key.data or "", now=clock.now(), by=by)
                sent.answer(by, token, resource.page_of(made))
    except (NotFound, Forbidden):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _rotation(row, form, 422)
    if answered is not None:
        flash(SENT_BEFORE)
        return htmx.see_other(answered)
    return resource.made(made)


@bp.get("/<int:row_id>/retirement")
def retiring(row_id: int) -> Response:
    """Ask before a key is ended."""
    row = resource.find(row_id)
    others = [one for one in read_all(_LIVE) if one.id != row.id and one.name.lower() == row.name.lower()]
    return page("admin/handoff/retire.html", resource=resource, row=row, others=len(others))


@bp.post("/<int:row_id>/retirement")
def retire(row_id: int) -> Response:
    """End a key, for good."""
    row = resource.find(row_id)
    if row.retired_at is None:
        with transaction():
            keys.retire(row.key, now=clock.now(), by=current_staff().id)
    flash(RETIRED)
    return htmx.see_other(resource.address("show", row_id=row_id))


def _rotation(row: Any, form: RotationForm, status: int = 200) -> Response:
    context = {"resource": resource, "row": row, "form": form, "form_token": sent.new_token()}
    return page("admin/handoff/rotate.html", **context, status=status)
