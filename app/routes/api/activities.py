"""`POST /api/v1/activities`: a signed delivery of what members did."""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec
from flask import Blueprint, Response
from sqlalchemy.exc import OperationalError
from structlog import get_logger

from app.gamification import ingest, keys
from app.gamification.activities import Incoming
from app.gamification.ingest import Result, Status
from app.lib import clock
from app.models.base import transaction
from app.routes.api import problems
from app.routes.api.authorised import sent_with
from app.routes.api.problems import JSON, Refused
from app.routes.api.reading import read
from app.routes.api.wire import Delivery, Outcome, Receipt

log = get_logger(__name__)
bp = Blueprint("api_activities", __name__, url_prefix="/api/v1")
bp.register_error_handler(Refused, problems.answer)

_decode = msgspec.json.Decoder(Delivery).decode
_encode = msgspec.json.Encoder().encode

# What is no JSON but comes out of many programs all the same, outside of texts.
_NO_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?\b(?:NaN|Infinity)\b', re.DOTALL)


@bp.post("/activities")
def create_delivery() -> Response:
    """Store a delivery and say of each activity what became of it."""
    body, key = sent_with(keys.SEND)
    now = clock.now()
    read_items = [read(raw, now) for raw in _items(body)]
    results = _stored(key, [item for item in read_items if isinstance(item, Incoming)], now)
    return Response(_encode(_receipt(read_items, results, now)), 202, mimetype=JSON)


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _decode(body).activities
    except msgspec.ValidationError as error:
        raise Refused("not_a_delivery", f"{error}.") from None
    except RecursionError:
        raise Refused("not_a_delivery", "It is nested too deeply.") from None
    except ValueError as error:
        mended = _NO_NUMBER.sub(lambda found: found[0] if found[0].startswith(b'"') else b"[]", body)
        if mended == body:
            raise Refused("not_a_delivery", f"{error}.") from None
    # An array is what no field takes: the activity with the NaN is rejected, the others go their way.
    return _items(mended)


def _stored(key: keys.Key, items: Sequence[Incoming], now: datetime) -> list[Result]:
    if not items:
        return []
    try:
        with transaction():
            results = ingest.accept(key.source, items, now)
            keys.see(key, now=now)
    except OperationalError as error:
        log.warning("a delivery was not stored", error=str(error.orig))
        raise Refused("busy", headers={"Retry-After": "1"}) from error
    return results


def _receipt(read_items: Sequence[Incoming | Outcome], results: Sequence[Result], now: datetime) -> Receipt:
    count = dict.fromkeys(Status, 0)
    outcomes, settled = [], iter(results)
    for item in read_items:
        if isinstance(item, Incoming):
            result = next(settled)
            if result.reason is None:
                item = Outcome(item.id, result.status)
            else:
                item = Outcome(item.id, result.status, result.code, result.reason.msgid % result.reason.values)
        count[item.status] += 1
        outcomes.append(item)
    return Receipt(
        recorded_at=now,
        accepted=count[Status.ACCEPTED] + count[Status.WAITING],
        waiting=count[Status.WAITING],
        duplicate=count[Status.DUPLICATE],
        conflict=count[Status.CONFLICT],
        rejected=count[Status.REJECTED],
        results=outcomes,
    )
