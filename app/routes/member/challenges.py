"""Challenges: the list, the page of one, and what a member does with one: join, leave, claim what it brings."""

from collections.abc import Callable

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from app.gamification.challenges import enrolment, together
from app.gamification.challenges.page import ChallengePage, challenge_page
from app.gamification.challenges.reads import listed
from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.challenges import NotJoined
from app.lib import clock
from app.lib.i18n import Sentence, _l, _n
from app.models.base import transaction
from app.routes import htmx
from app.routes.formats import say_plainly
from app.routes.member.asked import number_in
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("challenges", __name__, url_prefix="/challenges")

ONE = "/<int:challenge_id>"
_JOINED = _l("You take part. What you do from now on counts.")
_LEFT = _l("You left. You may join again while it is open.")
_CLAIMED = _l("Claimed. It is in your collection now.")
_PAID = _n("Claimed: %(points)s point is yours.", "Claimed: %(points)s points are yours.", "points")


@bp.get("")
def show() -> Response:
    """Everything that concerns the member, in its sections."""
    return page("member/challenges.html", "member/_challenges.html", found=listed(current_member(), clock.now()))


@bp.get(ONE)
def one(challenge_id: int) -> Response:
    """One challenge; an earlier run of it where the address names one."""
    return _page(challenge_id)


@bp.get(f"{ONE}/activity")
def activity(challenge_id: int) -> Response:
    """The activities below those that are shown, to be put under them."""
    run, before = (number_in(request.args, name) for name in ("run", "before"))
    if not htmx.is_fragment():
        return htmx.see_other(url_for("challenges.one", challenge_id=challenge_id, run=run, before=before))
    found = challenge_page(current_member(), challenge_id, clock.now(), run=run, before=before)
    listed = found.activities
    rows, older = (listed.rows, listed.older) if listed is not None else ((), None)
    return page("member/_challenge_rows.html", found=found, run=run, rows=rows, older=older)


@bp.post(f"{ONE}/entry")
def join(challenge_id: int) -> Response:
    """Take part."""
    return _done(challenge_id, _JOINED, lambda me, id_: enrolment.join(me, id_, now=clock.now()))


@bp.get(f"{ONE}/leaving")
def leaving(challenge_id: int) -> Response:
    """What leaving means, before it is done."""
    found = _read(challenge_id)
    if not found.can_leave:
        return _page(challenge_id, NotJoined())
    return page("member/challenge_leaving.html", found=found)


@bp.post(f"{ONE}/leaving")
def leave(challenge_id: int) -> Response:
    """Take part no longer."""
    return _done(challenge_id, _LEFT, lambda me, id_: enrolment.leave(me, id_, now=clock.now()))


@bp.post(f"{ONE}/reward")
def claim(challenge_id: int) -> Response:
    """Take what it brings; a card that asked folds away, and everything else on the page learns of it."""
    try:
        with transaction():
            entry = enrolment.claim(current_member().id, challenge_id, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(challenge_id, refusal)
    words = say_plainly(Sentence(_PAID, {"points": entry.points}) if entry.points else Sentence(_CLAIMED))
    if not htmx.is_fragment():
        flash(words, "points" if entry.points else "message")
        return htmx.see_other(url_for("challenges.one", challenge_id=challenge_id))
    found = challenge_page(current_member(), challenge_id, clock.now(), run=entry.run)
    folded = page("member/_challenge_folded.html", card=found.card)
    events = {"toast": {"text": words, "tone": "points" if entry.points else "info"}}
    return htmx.telling(folded, {**events, "live:points": {}, "live:badges": {}})


def _done(challenge_id: int, words: str, act: Callable[[int, int], None]) -> Response:
    try:
        with transaction():
            act(current_member().id, challenge_id)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(challenge_id, refusal)
    together.forget(challenge_id)
    flash(words)
    return htmx.see_other(url_for("challenges.one", challenge_id=challenge_id))


def _page(challenge_id: int, refusal: Refusal | None = None) -> Response:
    """The page, with why something was refused above it."""
    return page(
        "member/challenge.html",
        "member/_challenge.html",
        status=200 if refusal is None else 422,
        found=_read(challenge_id),
        refusal=refusal,
        run=number_in(request.args, "run"),
    )


def _read(challenge_id: int) -> ChallengePage:
    run, before = (number_in(request.args, name) for name in ("run", "before"))
    return challenge_page(current_member(), challenge_id, clock.now(), run=run, before=before)
