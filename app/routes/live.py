"""Hints to open pages: one stream of server-sent events a browser, and the same by asking now and then.

Neither says what has changed, only where things stand in numbers; pages compare them with what they show and fetch
their own parts. See docs/decisions/20-live-hints.md.
"""

import random
import select
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for

from app.gamification.live import marks, news
from app.gamification.live.hub import Hub, Stream, Word
from app.gamification.live.marks import Marks
from app.lib import clock, ending
from app.models.base import kept_by_app, to_json
from app.routes.addresses import address_of
from app.routes.formats import say_plainly
from app.routes.session import CurrentMember, current_member
from app.routes.settings import settings

bp = Blueprint("live", __name__)

EVENTS = "text/event-stream"
STILL_EVERY = 15.0  # seconds between two signs that the line is open
ASK_EVERY = 15  # seconds between two questions of who found no stream free


@bp.get("/live")
def stream() -> Response:
    """The stream, for what reads events; anything else learns how things stand and may ask again."""
    me = current_member()
    if not _is_asked_by(me):
        return _nothing()
    found = marks.read([me.sign_in_id], clock.now()).get(me.sign_in_id)
    if found is None:
        return _nothing()
    if request.method != "GET" or EVENTS not in request.accept_mimetypes.values():
        return _plainly(found)
    opened = _hub().open(me.sign_in_id, me.id, found, _hang_up(request.environ))
    if opened is None:
        return _full()
    response = Response(_events(opened), mimetype=EVENTS)
    # Also when nobody comes to read the first event.
    response.call_on_close(_closing(opened))
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    return response


@bp.get("/live/marks")
def show() -> Response:
    """How things stand, for a browser without a stream."""
    me = current_member()
    found = marks.read([me.sign_in_id], clock.now()).get(me.sign_in_id) if _is_asked_by(me) else None
    return _nothing() if found is None else _plainly(found)


@bp.get("/live/news")
def tell() -> Response:
    """What to say in passing: the unread messages after the one that the page knows of."""
    me = current_member()
    after = request.args.get("after", type=int)
    if after is None or not 0 <= after < 2**63 or not _is_asked_by(me):
        return _nothing()
    told = [
        {
            "id": one.id,
            "text": say_plainly(one.wording.sentence),
            "tone": one.wording.tone,
            "icon": one.icon,
            "href": address_of(one.wording),
        }
        for one in news.since(me, after)
    ]
    return _unkept(jsonify(told))


def _is_asked_by(me: CurrentMember) -> bool:
    """Whether the page that asks is this member's: not one that staff look at, nor an older one of somebody else's."""
    return not me.viewed and request.args.get("of", str(me.id)) == str(me.id)


def _nothing() -> Response:
    """What makes a browser stop asking."""
    return _unkept(Response(status=204))


def _plainly(found: Marks) -> Response:
    response = jsonify(found._asdict())
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def _full() -> Response:
    response = _unkept(jsonify(error="streams_full", ask=url_for("live.show"), seconds=ASK_EVERY))
    response.status_code = 503
    response.headers["Retry-After"] = str(ASK_EVERY)
    return response


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _events(opened: Stream) -> Iterator[bytes]:
    """What is sent. The request is over while it runs: no context, no connection, nothing but waiting for a word."""
    # Not all at once after a restart.
    yield f"retry: {random.randint(2000, 6000)}\n\n".encode()
    while True:
        heard = opened.next(STILL_EVERY)
        if isinstance(heard, Marks):
            yield f"event: marks\ndata: {to_json(heard._asdict())}\n\n".encode()
        elif heard is Word.STILL:
            yield b"event: still\ndata:\n\n"
        else:
            if heard is Word.OVER:
                yield b"event: over\ndata:\n\n"
            return


def _closing(opened: Stream) -> Callable[[], Any]:
    hub = _hub()
    return lambda: hub.close(opened)


def _hub() -> Hub:
    """The one of this process, made when the first stream is opened."""
    application: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def read(sign_ins: Collection[bytes]) -> Mapping[bytes, Marks]:
        with application.app_context():
            return marks.read(sign_ins, clock.now())

    return kept_by_app("live", lambda: Hub(read, settings().live_streams, is_ending=ending.is_ending))


def _hang_up(environ: Mapping[str, Any]) -> Callable[[], bool]:
    """Asks whether the browser has gone, where server and system can tell; elsewhere the next sign of life fails."""
    line = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(line, socket.socket) or not hasattr(select, "poll"):
        return lambda: False

    def is_gone() -> bool:
        try:
            poll = select.poll()
            poll.register(line, getattr(select, "POLLRDHUP", 0))
            return bool(poll.poll(0))
        except (OSError, ValueError):
            return True

    return is_gone
