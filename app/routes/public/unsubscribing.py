"""The way out of mails: a page with one button, and the press of a button that a mailbox shows by itself (RFC 8058).

No session and no token of a form: the address is signed, and good for this alone. Reading it changes nothing, because
mailboxes look at every link of a mail before their owner does.
"""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from app.gamification.errors.messages import NoSuchUnsubscription
from app.gamification.messages.unsubscribing import Links, Way
from app.lib.i18n import best_language
from app.models.base import transaction
from app.routes.language import offered, speaking
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("unsubscribing", __name__)


@bp.get("/unsubscribe")
def show() -> Response:
    """What will come no more, and the button."""
    token = request.args.get("token", "")
    try:
        return _page(_links().read(token), token)
    except NoSuchUnsubscription as refusal:
        return _dead(refusal)


@bp.post("/unsubscribe")
def take() -> Response:
    """End these mails, however often it is pressed."""
    token = request.args.get("token", "")
    try:
        with transaction():
            way = _links().take(token)
    except NoSuchUnsubscription as refusal:
        return _dead(refusal)
    return _page(way, token)


def _links() -> Links:
    return Links(settings().installation_secret)


def _page(way: Way, token: str) -> Response:
    # In the language of the mail, whatever that of the browser is: nobody need be signed in.
    with speaking(best_language(way.language, offered=offered())):
        return page("public/unsubscribe.html", way=way, token=token)


def _dead(refusal: NoSuchUnsubscription) -> Response:
    return page("public/unsubscribe_dead.html", refusal=refusal, status=410)
