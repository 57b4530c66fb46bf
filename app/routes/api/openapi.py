"""`GET /api/openapi.json`: the API in the words of OpenAPI 3.1, made from the structs that read and answer."""

from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request

from app.gamification.ingest import MAX_DELIVERY
from app.lib.signing import TOLERANCE_SECONDS
from app.routes.api import openapi_accounts
from app.routes.api.openapi_parts import REF, header, headers, listed, plain, reference, refusals
from app.routes.api.problems import JSON, SIGNED
from app.routes.api.wire import KIND_OF, Outcome, Problem, Receipt
from app.routes.api.wording import CODES, FIELDS, STATUSES

bp = Blueprint("api_openapi", __name__)

SECONDS_KEPT = 300
ERRORS = (*SIGNED, "too_large", "not_json", "not_a_delivery", "busy")
ABOUT = (
    "Report what members did: closed trades, deposits, lessons and more. Deliveries are signed, stored once, and "
    "turned into points within moments. Sending the same again is always safe. Answers are in English."
)
EXAMPLE = {
    "id": "mt5-live-1001",
    "kind": "trade.closed",
    "occurred_at": "2026-03-04T12:00:00Z",
    "account": {"platform": "mt5", "server": "Meridian-Live", "login": "5012345", "deal": "1001"},
    "data": {
        "symbol": "EURUSD",
        "side": "buy",
        "lots": "0.50",
        "open_price": "1.10000",
        "close_price": "1.10500",
        "opened_at": "2026-03-04T11:00:00Z",
        "closed_at": "2026-03-04T12:00:00Z",
        "profit": "250.00",
        "commission": "-3.50",
        "swap": "0.00",
        "currency": "USD",
    },
}
_KEY_HEADERS = {
    "key": ("X-Laurel-Key", "The name of the key."),
    "timestamp": (
        "X-Laurel-Timestamp",
        f"Seconds since 1970-01-01 UTC, within {TOLERANCE_SECONDS} of this server's clock.",
    ),
    "signature": (
        "X-Laurel-Signature",
        "`v1=` and 64 hexadecimal digits: HMAC-SHA-256, with the key's secret, over method, path with query, timestamp "
        "and raw body, joined by newlines.",
    ),
}
_HEADERS = {
    "X-Request-ID": "A number to find this request by, should you ask about it.",
    "Retry-After": "Seconds to wait before sending the same again.",
    "WWW-Authenticate": "The headers that a signed request carries.",
}


@bp.get("/api/openapi.json")
def show() -> Response:
    """The document; the same for everybody."""
    response = make_response(_encoded(), {"Content-Type": JSON})
    response.cache_control.public, response.cache_control.max_age = True, SECONDS_KEPT
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _encoded() -> bytes:
    return msgspec.json.format(msgspec.json.encode(document()), indent=1)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document as plain values."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Laurel", "version": "1", "description": ABOUT},
        "externalDocs": {"url": "/api", "description": "The same to read, with examples in four languages"},
        "security": [{name: [] for name in _KEY_HEADERS}],
        "paths": {
            "/api/v1/activities": {"post": _delivery()},
            **openapi_accounts.paths(),
            "/api/openapi.json": {"get": _this()},
        },
        "components": {
            "schemas": _schemas(),
            "headers": {name: header(name, text) for name, text in _HEADERS.items()},
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": header, "description": text}
                for name, (header, text) in _KEY_HEADERS.items()
            },
        },
    }


def _delivery() -> dict[str, Any]:
    return {
        "operationId": "deliverActivities",
        "summary": "Deliver activities",
        "description": f"Up to {MAX_DELIVERY:,} at once. 202 whenever the delivery itself can be read: each activity "
        "is accepted, a duplicate, a conflict or rejected on its own.",
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": reference("Delivery"), "example": {"activities": [EXAMPLE]}}},
        },
        "responses": {
            "202": {
                "description": "The delivery was read; `results` says what became of each activity.",
                "headers": headers("X-Request-ID"),
                "content": {JSON: {"schema": reference("Receipt")}},
            },
            **refusals(ERRORS, "nothing of the delivery was taken"),
        },
    }


def _this() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "summary": "This document",
        "security": [],
        "responses": {"200": {"description": "OpenAPI 3.1", "content": {JSON: {"schema": {"type": "object"}}}}},
    }


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components([*KIND_OF, Receipt, Outcome, Problem], ref_template=REF)
    found: dict[str, Any] = {name: plain(schema) for name, schema in schemas.items()}
    kinds = []
    for sent, kind in KIND_OF.items():
        schema = found[sent.__name__]
        schema["title"] = kind.title
        # null is taken too, for senders that cannot leave a field out; whose it is must be said either way.
        schema["oneOf"] = [{"required": ["member"]}, {"required": ["account"]}]
        kinds.append(reference(sent.__name__))
    found["Delivery"] = {
        "type": "object",
        "properties": {
            "activities": {
                "type": "array",
                "description": FIELDS["activities"],
                "minItems": 1,
                "maxItems": MAX_DELIVERY,
                "items": {"oneOf": kinds},
            }
        },
        "required": ["activities"],
        "additionalProperties": False,
    }
    outcome = found["Outcome"]["properties"]
    outcome["status"]["description"] = listed(STATUSES)
    outcome["code"]["description"] = listed(CODES)
    outcome["reason"]["description"] = "A sentence for the one who looks into it."
    outcome["field"]["description"] = "The path of the field that is wrong, such as `data.lots`."
    outcome["id"] = {"type": ["string", "null"], "description": "As sent; null where none could be read."}
    found["Receipt"]["properties"]["recorded_at"]["description"] = "When the delivery was stored: one instant for all."
    return found | openapi_accounts.schemas()
