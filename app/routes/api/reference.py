"""`GET /api`: how to use the API, to be read; made from the same structs and words as the OpenAPI document."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response
from markupsafe import Markup, escape

from app.gamification.activities import CUSTOM
from app.gamification.ingest import MAX_DELIVERY
from app.lib.signing import TOLERANCE_SECONDS, sign
from app.routes.api import openapi_accounts
from app.routes.api.openapi import EXAMPLE, document
from app.routes.api.problems import WORDS
from app.routes.api.wire import KIND_OF
from app.routes.api.wording import CODES, STATUSES
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("api_reference", __name__)

EXAMPLES = Path(__file__).resolve().parents[2] / "templates/api/examples"
LANGUAGES = {"curl": "curl and openssl", "python": "Python", "node": "Node.js", "php": "PHP"}


RECEIPT = {
    "recorded_at": "2026-03-04T12:00:01.250000Z",
    "accepted": 2,
    "waiting": 1,
    "duplicate": 0,
    "conflict": 0,
    "rejected": 1,
    "results": [
        {"id": "mt5-live-1001", "status": "accepted"},
        {"id": "mt5-live-1002", "status": "waiting"},
        {
            "id": "mt5-live-1003",
            "status": "rejected",
            "code": "bad_value",
            "reason": "This is not what the field takes: a number above zero as text, such as “0.10”: up to 12 digits "
            "and 8 decimals.",
            "field": "data.lots",
        },
    ],
}
_QUOTED = re.compile(r"`([^`]+)`")


class Field(NamedTuple):
    name: str
    needed: bool
    text: str


class Kind(NamedTuple):
    key: str
    title: str
    fields: tuple[Field, ...]


@bp.get("/api")
def show() -> Response:
    """The reference, for whoever connects a system."""
    return page(
        "api/reference.html",
        kinds=kinds(),
        common=_fields("TradeClosedActivity", leave_out=("kind",)),
        account=_fields("Account"),
        statuses=STATUSES,
        codes=CODES,
        quoted=quoted,
        problems=WORDS,
        examples=examples(),
        linking=json.dumps(openapi_accounts.EXAMPLE, indent=2),
        link_fields=_fields("AccountLink"),
        link_statuses=openapi_accounts.STATUSES,
        link_codes=openapi_accounts.CODES,
        request_fields=_fields("AccountRequested"),
        delivery=json.dumps({"activities": [EXAMPLE]}, indent=2),
        receipt=json.dumps(RECEIPT, indent=2, ensure_ascii=False),
        checked=sign(b"secret", "POST", "/api/v1/activities", "1772625600", b'{"activities":[]}'),
        address=settings().public_url.rstrip("/"),
        most=MAX_DELIVERY,
        seconds=TOLERANCE_SECONDS,
        megabytes=settings().max_request_bytes // 1024**2,
        rate=settings().api_rate,
    )


def quoted(text: str) -> Markup:
    """The words with what stands in backticks as code."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(text))))


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind that can be sent, with the fields of its data."""
    return tuple(
        Kind("custom.<name>" if kind.code == CUSTOM else kind.key, kind.title, _fields(kind.data.__name__))
        for kind in KIND_OF.values()
    )


@cache
def examples() -> dict[str, str]:
    """Language → a whole program that delivers one trade."""
    return {name: (EXAMPLES / f"{key}.txt").read_text(encoding="utf-8") for key, name in LANGUAGES.items()}


def _fields(name: str, leave_out: tuple[str, ...] = ()) -> tuple[Field, ...]:
    schema: dict[str, Any] = document()["components"]["schemas"][name]
    return tuple(
        Field(field, field in schema.get("required", ()), about["description"])
        for field, about in schema.get("properties", {}).items()
        if field not in leave_out
    )
