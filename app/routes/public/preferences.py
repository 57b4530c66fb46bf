"""Language and look, for whoever reads: kept in a cookie, and with the member where there is one."""

from typing import cast

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from app.gamification.members import profile
from app.lib.i18n import LANGUAGES
from app.models.base import transaction
from app.routes import htmx
from app.routes.desk import is_of_desk
from app.routes.language import COOKIE, offered
from app.routes.next_page import own_address
from app.routes.rendering import THEME_COOKIE, THEMES
from app.routes.session import signed_in
from app.routes.settings import settings

bp = Blueprint("preferences", __name__)

YEAR = 365 * 24 * 3600


@bp.post("/language")
def speak() -> Response:
    """Switch the language and come back."""
    code = request.form.get("language", "")
    # Who is about to sign in at the desk may choose any, as they may there.
    if code not in (LANGUAGES if is_of_desk(request.form.get("next", "")) else offered()):
        abort(400)
    if (member := signed_in()) and code in offered():
        with transaction():
            profile.set_language(member.id, code)
    return _back_with(COOKIE, code)


@bp.post("/look")
def dress() -> Response:
    """Switch between light and dark and come back."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        abort(400)
    if member := signed_in():
        with transaction():
            profile.set_theme(member.id, cast(profile.Theme, theme))
    return _back_with(THEME_COOKIE, theme)


def _back_with(cookie: str, value: str) -> Response:
    response = htmx.see_other(own_address(request.form.get("next"), "/"))
    secure = settings().secure_cookies
    response.set_cookie(cookie, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return response
