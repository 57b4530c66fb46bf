"""Fragments that have not changed are not rendered again: their tag follows from what they are made of."""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import current_app, request
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.gamification.ledger.outcome import compiled
from app.lib import clock
from app.lib.clock import to_day
from app.models.base import read_one
from app.routes import htmx
from app.routes.session import CurrentMember, current_member

_MARKS = text(
    """
    SELECT seq, decisions, (SELECT count(*) FROM (SELECT 1 FROM activity_queue WHERE member_id = :member LIMIT 1000) q)
    FROM wallet WHERE id = :member
    """
)


def unless_unchanged(answer: Callable[[], Response]) -> Response:
    """The answer, or 304 to whoever has this very fragment already; whole pages carry a token and are always fresh.

    A wallet's chain only grows, so its length says whether anything in it changed; the day is in the tag because
    “today” is a word of the page, the member's row because of language, zone and what the law allows.
    """
    if not htmx.is_fragment():
        return answer()
    tag = _tag(current_member())
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = answer()
    response.set_etag(tag, weak=True)
    response.vary.update(("HX-Request", "Cookie"))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _tag(me: CurrentMember) -> str:
    marks = read_one(_MARKS, {"member": me.id})
    today = to_day(clock.now().astimezone(me.zone).date())
    made_of = (me[2:], tuple(marks), compiled().revision, today, request.full_path, _templates(current_app.root_path))
    return blake2b(repr(made_of).encode(), digest_size=12).hexdigest()


@cache
def _templates(root: str) -> str:
    """Which templates and words this process renders with."""
    files = sorted(path for folder in ("templates", "translations") for path in (Path(root) / folder).rglob("*.*"))
    return blake2b(b"".join(path.read_bytes() for path in files), digest_size=8).hexdigest()
