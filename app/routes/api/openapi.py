"""`GET /api/openapi.json`: the API in the words of OpenAPI 3.1, made from the structs that read and answer."""

from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request

from app.gamification.ingest import MAX_DELIVERY
from app.lib.signing import TOLERANCE_SECONDS
from app.routes.api.problems import JSON, WORDS
from app.routes.api.wire import KIND_OF, Outcome, Problem, Receipt
from app.routes.api.wording import CODES, FIELDS, STATUSES

bp = Blueprint("api_openapi", __name__)

REF = "#/components/schemas/{name}"
SECONDS_KEPT = 300
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
        "paths": {"/api/v1/activities": {"post": _delivery()}, "/api/openapi.json": {"get": _this()}},
        "components": {
            "schemas": _schemas(),
            "headers": {name: _header(name, text) for name, text in _HEADERS.items()},
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
            "content": {JSON: {"schema": _reference("Delivery"), "example": {"activities": [EXAMPLE]}}},
        },
        "responses": {
            "202": {
                "description": "The delivery was read; `results` says what became of each activity.",
                "headers": _headers("X-Request-ID"),
                "content": {JSON: {"schema": _reference("Receipt")}},
            },
            **{str(status): _refusal(status) for status in sorted({words.status for words in WORDS.values()})},
            "500": _problem("It failed on this side; nothing was stored. Send the same again.", "X-Request-ID"),
        },
    }


def _this() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "summary": "This document",
        "security": [],
        "responses": {"200": {"description": "OpenAPI 3.1", "content": {JSON: {"schema": {"type": "object"}}}}},
    }


def _refusal(status: int) -> dict[str, Any]:
    reasons = {error: words for error, words in WORDS.items() if words.status == status}
    described = " ".join(f"`{error}`: {words.message}" for error, words in reasons.items())
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    answer = _problem(f"Nothing of the delivery was taken. {described}", "X-Request-ID", *more)
    answer["content"][JSON]["examples"] = {
        error: {
            "value": {
                "error": error,
                "message": words.message,
                "next_step": words.next_step,
                "request_id": "5f2b8c0d9e1a7346",
            }
        }
        for error, words in reasons.items()
    }
    return answer


def _problem(description: str, *headers: str) -> dict[str, Any]:
    schema = {JSON: {"schema": _reference("Problem")}}
    return {"description": description, "headers": _headers(*headers), "content": schema}


def _schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components([*KIND_OF, Receipt, Outcome, Problem], ref_template=REF)
    plain: dict[str, Any] = {name: _plain(schema) for name, schema in schemas.items()}
    kinds = []
    for sent, kind in KIND_OF.items():
        schema = plain[sent.__name__]
        schema["title"] = kind.title
        # null is taken too, for senders that cannot leave a field out; whose it is must be said either way.
        schema["oneOf"] = [{"required": ["member"]}, {"required": ["account"]}]
        kinds.append(_reference(sent.__name__))
    plain["Delivery"] = {
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
    outcome = plain["Outcome"]["properties"]
    outcome["status"]["description"] = _listed(STATUSES)
    outcome["code"]["description"] = _listed(CODES)
    outcome["reason"]["description"] = "A sentence for the one who looks into it."
    outcome["field"]["description"] = "The path of the field that is wrong, such as `data.lots`."
    outcome["id"] = {"type": ["string", "null"], "description": "As sent; null where none could be read."}
    plain["Receipt"]["properties"]["recorded_at"]["description"] = "When the delivery was stored: one instant for all."
    return plain


def _plain(schema: Any) -> Any:
    """The schema without what only Python understands, nulls left out, fields explained."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if choices and len(choices) < len(schema["anyOf"]):
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        schema = {**rest, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}
    plain = {key: _plain(value) for key, value in schema.items()}
    if isinstance(plain.get("pattern"), str):
        plain["pattern"] = plain["pattern"].replace(r"\Z", "$")
    for name, field in plain.get("properties", {}).items():
        if name in FIELDS:
            takes = field.get("description") or (f"one of {', '.join(field['enum'])}" if "enum" in field else "")
            field["description"] = FIELDS[name] + (f" Takes {takes}." if takes else "")
    return plain


def _listed(meanings: dict[str, str]) -> str:
    return "\n".join(f"- `{key}`: {meaning}" for key, meaning in meanings.items())


def _reference(name: str) -> dict[str, str]:
    return {"$ref": REF.format(name=name)}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _header(name: str, text: str) -> dict[str, Any]:
    kind = {"type": "integer", "minimum": 1} if name == "Retry-After" else {"type": "string"}
    return {"description": text, "schema": kind}
