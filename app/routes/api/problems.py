"""Refusing a whole request: a status, a code, a sentence, and what to do next."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from flask import Response, g

from app.routes.api.wire import Problem

JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Words(NamedTuple):
    status: int
    message: str
    next_step: str


WORDS = {
    "too_large": Words(413, "The delivery is larger than is taken at once.", "Send fewer activities at a time."),
    "not_json": Words(
        415,
        "The body is not plain JSON.",
        "Send Content-Type: application/json in UTF-8, and no Content-Encoding: bodies are not unpacked.",
    ),
    "not_signed": Words(
        401,
        "A header is missing: X-Laurel-Key, X-Laurel-Timestamp or X-Laurel-Signature.",
        "Sign the request; /api shows how in four steps.",
    ),
    "unknown_key": Words(
        401, "There is no such key, or it was revoked.", "Check X-Laurel-Key, or ask for a new key."
    ),
    "stale_timestamp": Words(
        401,
        "X-Laurel-Timestamp is not within 300 seconds of this server's clock, or not in whole seconds since 1970.",
        "Set the sender's clock, and sign each attempt anew.",
    ),
    "bad_signature": Words(
        401,
        "The signature does not belong to this request.",
        "Sign method, path with query, timestamp and the body's very bytes, joined by newlines, with the key's secret.",
    ),
    "not_in_scope": Words(
        403,
        "This key may not do this.",
        "Ask for a key with the scope that is needed; what a key may do is chosen when it is made.",
    ),
    "too_many_requests": Words(
        429,
        "There were more requests with this key than it may send.",
        "Wait as many seconds as Retry-After says, then send the same again; up to 1,000 activities fit one delivery.",
    ),
    "not_a_delivery": Words(
        422,
        "The body is not a delivery.",
        'Send {"activities": [ … ]} with 1 to 1,000 activities and nothing else.',
    ),
    "not_accounts": Words(
        422,
        "The body is not a delivery of accounts.",
        'Send {"accounts": [ … ]} with 1 to 1,000 accounts and nothing else.',
    ),
    "bad_query": Words(
        422,
        "`after` is not the number of a request.",
        "Ask for the address that stands in `next`, as it is.",
    ),
    "busy": Words(
        503,
        "The database did not answer in time; nothing of this delivery was stored.",
        "Send the same again in a moment: what is known already is not counted twice.",
    ),
    "busy_linking": Words(
        503,
        "The database did not answer in time; some of these accounts may not be linked yet.",
        "Send the same again in a moment: what is linked already stays so.",
    ),
}  # fmt: skip

# What can be wrong with any request.
SIGNED = ("not_signed", "unknown_key", "stale_timestamp", "bad_signature", "not_in_scope", "too_many_requests")


class Refused(Exception):
    """The request as a whole is refused; `detail` follows the sentence."""

    def __init__(self, error: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.error, self.detail, self.headers = error, detail, headers or {}


def answer(refused: Refused) -> Response:
    """The refusal as JSON."""
    words = WORDS[refused.error]
    message = f"{words.message} {refused.detail}".strip()
    body = _encode(Problem(refused.error, message, words.next_step, g.get("request_id", "")))
    return Response(body, words.status, refused.headers, mimetype=JSON)
