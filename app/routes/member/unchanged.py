"""Parts of pages that have not changed are neither sent nor rendered again.

A wallet's chain and a member's decisions only grow, so their lengths say whether anything in them changed. Together
with the reader's language, zone, day and standing before the law they are the version of every part of these pages.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import current_app, make_response, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.gamification.brand import brand
from app.gamification.ledger.outcome import compiled
from app.lib import clock
from app.lib.clock import to_day
from app.models.base import kept_by_app
from app.routes.session import CurrentMember

REMEMBERED = 512  # parts of some 20 kB


def version(me: CurrentMember, seq: int, decisions: int, waiting: int = 0) -> str:
    """What a part is made of, in a few letters."""
    now, programme = clock.now(), compiled()
    made_of = (
        # What staff render who look on is theirs, and no member's.
        *(me.viewed, me.is_quiet, me.id, me.language, me.time_zone, me.country, me.client_class, me.entity_id),
        *(seq, decisions, waiting),
        *(to_day(now.astimezone(zone).date()) for zone in (me.zone, programme.zone)),
        *(programme.revision, brand().support_email, _templates(current_app.root_path)),
    )
    return blake2b(repr(made_of).encode(), digest_size=12).hexdigest()


def present_version(me: CurrentMember) -> str:
    """The version of what the database held when the member was read, a moment ago."""
    return version(me, me.seq, me.decisions)


def fragment(of: str, name: str, make: Callable[[], str]) -> Response:
    """A part of a page for htmx, or 304 for the browser that has this version of it."""
    tag = blake2b(f"{of} {request.full_path}".encode(), digest_size=12).hexdigest()
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = make_response(remembered(of, name, make))
    response.set_etag(tag, weak=True)
    response.vary.update(("HX-Request", "Cookie"))
    # Kept by the browser to be asked about, never to be shown without asking: not after signing out either.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def remembered(of: str, name: str, make: Callable[[], str]) -> Markup:
    """A part that this process rendered before, or rendered now; `name` tells the parts of one version apart."""
    return kept_by_app("parts", _Parts).get(f"{of} {name}", make)


class _Parts:
    """The parts that were asked for last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: OrderedDict[str, Markup] = OrderedDict()

    def get(self, key: str, make: Callable[[], str]) -> Markup:
        with self._lock:
            part = self._parts.get(key)
            if part is not None:
                self._parts.move_to_end(key)
                return part
        part = Markup(make())
        with self._lock:
            self._parts[key] = part
            while len(self._parts) > REMEMBERED:
                self._parts.popitem(last=False)
        return part


@cache
def _templates(root: str) -> str:
    """Which templates and words this process renders with."""
    files = sorted(path for folder in ("templates", "translations") for path in (Path(root) / folder).rglob("*.*"))
    return blake2b(b"".join(path.read_bytes() for path in files), digest_size=8).hexdigest()
