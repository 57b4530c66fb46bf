"""The overview: what waits for a decision, and how the programme does."""

from flask import Blueprint
from werkzeug.wrappers import Response

from app.routes.rendering import page

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
def show() -> Response:
    """The desk's first page."""
    return page("admin/overview.html")
