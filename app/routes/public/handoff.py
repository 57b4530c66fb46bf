"""`GET /auth/handoff`: in by a link of the broker's site, the one page that writes because it was opened.

Whoever is signed in as somebody else is asked first, so that nobody is made somebody else by a link they were sent.
Looking ahead, as browsers and mail programs do, uses nothing up.
"""

from flask import Blueprint, abort, request
from structlog import get_logger
from werkzeug.wrappers import Response

from app.gamification.brand import brand
from app.gamification.errors.handoff import HandoffLapsed, HandoffRefused, HandoffUnclear, HandoffUsed
from app.gamification.errors.members import ViewingReadOnly
from app.gamification.handoff import arriving, demo
from app.gamification.handoff.links import Link, read
from app.gamification.members import profile, sign_ins
from app.gamification.members.names import LONGEST_NAME, visible
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx, viewing
from app.routes.language import language
from app.routes.limits import guard_guessing, guard_handoff
from app.routes.next_page import own_address
from app.routes.rendering import page
from app.routes.session import CurrentMember, begin, browser, signed_in
from app.routes.settings import settings

bp = Blueprint("handoff", __name__)
log = get_logger(__name__)

HOME = "/home"
LONGEST_REASON = 200


@bp.get("/auth/handoff")
@guard_handoff
def show() -> Response:
    """Sign in by the link, or ask whoever is signed in as somebody else."""
    if _is_looked_ahead():
        return _kept_by_nobody(Response(status=204))
    if viewing.is_on():
        elsewhere = viewing.refuse_all_but_reading()
        if elsewhere is not None:
            return elsewhere
        raise ViewingReadOnly()
    token, wanted = request.args.get("token", ""), own_address(request.args.get("next"), HOME)
    try:
        if request.headers.get("Sec-Fetch-Dest", "document") != "document":
            raise HandoffRefused("opened as a part of another page")
        link = read(token, settings().public_url, now=clock.now())
        present = signed_in()
        if present is not None and arriving.whose(link.claims) != present.id:
            return _ask(token, wanted, link)
        return _arrive(link, wanted, present)
    except HandoffRefused as refusal:
        return _refused(refusal)


@bp.post("/auth/handoff")
@guard_handoff
def confirm() -> Response:
    """Sign in by the link after all, in the place of whoever is signed in."""
    wanted = own_address(request.form.get("next"), HOME)
    try:
        link = read(request.form.get("token", ""), settings().public_url, now=clock.now())
        return _arrive(link, wanted, signed_in())
    except HandoffRefused as refusal:
        return _refused(refusal)


@bp.post("/demo/handoff")
@guard_guessing
def enter_demo() -> Response:
    """Come from the site of the demo's broker, which has none: the link is written here."""
    if not brand().demo:
        abort(404)
    house, secret, now = settings().public_url, settings().installation_secret, clock.now()
    with transaction():
        link = demo.link(secret, house, language=language().code, now=now)
    return htmx.see_other(link.removeprefix(house.rstrip("/")))


def _is_looked_ahead() -> bool:
    purpose = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method != "GET" or "prefetch" in purpose or "prerender" in purpose


def _arrive(link: Link, wanted: str, present: CurrentMember | None) -> Response:
    now = clock.now()
    try:
        with transaction():
            arrival = arriving.take(link, now=now)
            if present is not None:
                # Neither this sign-in nor a cookie that remembers it is to come back later.
                sign_ins.end(present.sign_in_id, now=now)
            cookie = sign_ins.start(arrival.member_id, **browser(), now=now)
            profile.visit(arrival.member_id, arrival.zone, now=now)
    except HandoffUsed:
        # Whoever comes back to the link by the browser's own button is in already.
        if present is not None and arriving.whose(link.claims) == present.id:
            return _kept_by_nobody(htmx.see_other(wanted))
        raise
    begin(cookie)
    return _kept_by_nobody(htmx.see_other(wanted))


def _ask(token: str, wanted: str, link: Link) -> Response:
    named = visible(link.claims.name or "")[:LONGEST_NAME] or link.claims.sub
    return _kept_by_nobody(page("public/handoff_ask.html", token=token, wanted=wanted, named=named))


def _refused(refusal: HandoffRefused) -> Response:
    # For whoever connects the broker's site; nothing of the link stands in it.
    log.warning("handoff refused", kind=type(refusal).__name__, reason=refusal.reason[:LONGEST_REASON])
    gone = isinstance(refusal, HandoffLapsed | HandoffUsed)
    status = 410 if gone else 422 if isinstance(refusal, HandoffUnclear) else 403
    return _kept_by_nobody(page("public/handoff_refused.html", refusal=refusal, gone=gone, status=status))


def _kept_by_nobody(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
