"""Keys of the API: made with a scope, two at once while a sender changes over, revoked; the secret is shown once."""

from pathlib import Path
from typing import Any

from flask import Response, flash, request
from sqlalchemy import select

from app.gamification import keys
from app.gamification.staff import sent
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import _l
from app.lib.sealing import Sealer
from app.models.activity import ApiKey, Source
from app.models.base import read_all, transaction
from app.routes import htmx
from app.routes.admin.resource import Column, Filter, Resource, blueprint
from app.routes.admin.resource.writing import SENT_BEFORE
from app.routes.desk import current_staff
from app.routes.rendering import page
from app.routes.settings import settings

CURL = (Path(__file__).resolve().parents[2] / "templates/api/examples/curl.txt").read_text(encoding="utf-8")
# What stands in the example instead of somebody's own.
KEY, SECRET, URL = "lk_0123456789abcdef01234567", "the-secret-shown-once", "http://127.0.0.1:8000"
STATES = {"live": _l("In force"), "revoked": _l("Revoked")}
REVOKED = _l("The key is revoked. Within a second nothing signed with it is taken.")
_SOURCES = select(Source.key).join(ApiKey, ApiKey.source_id == Source.id).distinct().order_by(Source.key)
_LIVE_BESIDE = select(ApiKey.id, ApiKey.name, ApiKey.source_id).where(ApiKey.revoked_at.is_(None))


class Keys(Resource):
    key, subject, icon, write = "keys", "key", "key-round", Right.OWN
    title, one = _l("Keys"), _l("Key of the API")
    about = _l("What your systems sign their reports with. Two keys of one name may be in force while you change over.")
    empty = _l("There is no key yet, so that no system can report anything.")
    rows = select(
        ApiKey.id,
        ApiKey.key,
        ApiKey.name,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
        Source.key.label("source"),
    ).join(Source, Source.id == ApiKey.source_id)
    order = ApiKey.id.desc()
    search = (ApiKey.name, ApiKey.key, Source.key)
    columns = (
        Column("name", _l("Name"), ApiKey.name),
        Column("key", _l("Key"), ApiKey.key, "code"),
        Column("source", _l("Source"), Source.key, "code"),
        Column("scopes", _l("Scopes"), ApiKey.scopes, "code"),
        Column("created_at", _l("Made"), ApiKey.created_at, "moment"),
        Column("last_used_at", _l("Last used"), ApiKey.last_used_at, "moment"),
        Column(
            "state",
            _l("State"),
            ApiKey.revoked_at,
            "tone",
            lambda row: (STATES["revoked"], "warn") if row.revoked_at else (STATES["live"], "brand"),
        ),
    )
    filters = (
        Filter(
            "state",
            _l("State"),
            lambda: STATES,
            lambda value: ApiKey.revoked_at.is_(None) if value == "live" else ApiKey.revoked_at.is_not(None),
        ),
        Filter(
            "source",
            _l("Source"),
            lambda: {key: key for (key,) in read_all(_SOURCES)},
            lambda value: Source.key == value,
        ),
        Filter("scope", _l("Scope"), lambda: keys.SCOPES, ApiKey.scopes.contains),
    )
    Settings = keys.Settings
    can_edit = False
    save = _l("Make the key")
    show_template = "admin/key.html"

    def values_of(self, row: Any) -> keys.Settings:
        return keys.Settings(row.name, row.source, tuple(row.scopes.split()))

    def context(self, row: Any) -> dict[str, Any]:
        return {"form_token": sent.new_token()}

    def create(self, by: int, settings: keys.Settings) -> keys.NewKey:
        return keys.create(
            settings.name,
            sealer(),
            now=clock.now(),
            source_key=settings.source,
            scopes=settings.scopes,
            by=by,
        )

    def page_of(self, made: keys.NewKey) -> str:
        return self.address("show", row_id=made.id)

    def made(self, made: keys.NewKey) -> Response:
        return secret_page(made)


resource = Keys()
bp = blueprint(resource, __name__)


def sealer() -> Sealer:
    """Seals secrets with this installation's own."""
    return Sealer(settings().installation_secret)


def secret_page(made: keys.NewKey, before: Any = None) -> Response:
    """The only page that ever shows the secret; `before` is the key that it takes over from."""
    address = settings().public_url.rstrip("/")
    example = CURL.replace(KEY, made.key).replace(SECRET, made.secret).replace(URL, address)
    answer = page("admin/key_secret.html", resource=resource, made=made, before=before, example=example)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<int:row_id>/rotation")
def rotate(row_id: int) -> Response:
    """Make the second key beside this one."""
    before, token, by = resource.find(row_id), request.form.get("form_token", ""), current_staff().id
    with transaction():
        answered = sent.take(by, token, now=clock.now())
        if answered is None:
            made = keys.rotate(row_id, sealer(), now=clock.now(), by=by)
            sent.answer(by, token, resource.page_of(made))
    if answered is not None:
        flash(SENT_BEFORE)
        return htmx.see_other(answered)
    return secret_page(made, before)


@bp.get("/<int:row_id>/revocation")
def revoking(row_id: int) -> Response:
    """Ask before a key is ended."""
    row = resource.find(row_id)
    others = [one for one in read_all(_LIVE_BESIDE) if one.id != row.id and one.name.lower() == row.name.lower()]
    return page("admin/key_revoke.html", resource=resource, row=row, others=len(others))


@bp.post("/<int:row_id>/revocation")
def revoke(row_id: int) -> Response:
    """End a key, for good."""
    row = resource.find(row_id)
    if row.revoked_at is None:
        with transaction():
            keys.revoke(row.key, now=clock.now(), by=current_staff().id)
    flash(REVOKED)
    return htmx.see_other(resource.address("show", row_id=row_id))
