"""What every picture needs of the house, and how one is answered."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from flask import Response, request

from app.gamification.brand import Brand
from app.gamification.branding import keeping
from app.gamification.pictures.sheet import House, Mark
from app.lib.assets import digest
from app.models.base import kept_by_app

REMEMBERED = 64  # pictures of some 60 kB
# Pictures are drawn one at a time, a sixth of a second each, and whoever waits keeps a thread that pages need.
MOST_WAITING = 4


def mark(house: Brand) -> Mark | None:
    """The logo as it is stored; its address names it."""
    if house.logo is None:
        return None
    content = keeping.picture(house.logo.address.rpartition("/")[2].removesuffix(".png"))
    return Mark(content, house.logo.plate, house.logo.has_name) if content else None


def answered(card: House, caching: str, draw: Callable[[], bytes]) -> Response:
    """The picture for other sites too, drawn once for all that `card` says: another warning is another picture.

    Where too many wait for one already, it is asked for again in a moment.
    """
    name = digest(repr(card).encode())
    headers = {"Cache-Control": caching, "Cross-Origin-Resource-Policy": "cross-origin"}
    if request.if_none_match.contains(name):
        response = Response(status=304, headers=headers)
    elif (drawn := kept_by_app("pictures", _Drawn).get(name, draw)) is None:
        return Response(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    else:
        response = Response(drawn, mimetype="image/png", headers=headers)
    response.set_etag(name)
    return response


class _Drawn:
    """The pictures that were drawn last."""

    def __init__(self) -> None:
        self._lock, self._turns = threading.Lock(), threading.BoundedSemaphore(MOST_WAITING)
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._awaited: dict[str, Future[bytes | None]] = {}

    def get(self, name: str, draw: Callable[[], bytes]) -> bytes | None:
        """The picture; None where too many wait for one. Who asks for one that is being drawn waits for that."""
        with self._lock:
            if (found := self._pictures.get(name)) is not None:
                self._pictures.move_to_end(name)
                return found
            if (theirs := self._awaited.get(name)) is None:
                mine = self._awaited[name] = Future[bytes | None]()
        if theirs is not None:
            return theirs.result()
        try:
            drawn = self._draw(name, draw)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(drawn)
        finally:
            with self._lock:
                del self._awaited[name]
        return drawn

    def _draw(self, name: str, draw: Callable[[], bytes]) -> bytes | None:
        if not self._turns.acquire(blocking=False):
            return None
        try:
            drawn = draw()
        finally:
            self._turns.release()
        with self._lock:
            self._pictures[name] = drawn
            while len(self._pictures) > REMEMBERED:
                self._pictures.popitem(last=False)
        return drawn
