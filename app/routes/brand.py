"""The brand's own files: its pictures and its style sheet, each under an address that names the content."""

from flask import Blueprint, Response, abort, request

from app.gamification.brand import brand
from app.gamification.branding import keeping
from app.gamification.branding.stylesheet import stylesheet
from app.lib.assets import YEAR

bp = Blueprint("brand", __name__)

DIGEST = 64  # hexadecimal digits of SHA-256


@bp.get("/brand/<digest>.png")
def picture(digest: str) -> Response:
    """A picture that was checked and drawn anew; mails show it on other sites."""
    content = keeping.picture(digest) if len(digest) == DIGEST else None
    headers = {"Cache-Control": YEAR, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(abort(404) if content is None else content, mimetype=keeping.PNG, headers=headers)


@bp.get("/brand/<digest>.css")
def sheet(digest: str) -> Response:
    """The brand's colours. Whoever asks for those of a moment ago gets today's, and keeps them for no time."""
    colours = brand().colours or abort(404)
    is_current = request.path == brand().stylesheet
    headers = {"Cache-Control": YEAR if is_current else "no-store"}
    return Response(stylesheet(colours), mimetype="text/css", headers=headers)
