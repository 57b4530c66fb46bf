"""Who may send a request: asked from the cheapest question to the dearest, before anything of it is read."""

from functools import lru_cache

from flask import request
from werkzeug.http import parse_options_header

from app.gamification import keys
from app.routes.api import rate, signature
from app.routes.api.problems import JSON, Refused
from app.routes.settings import settings


def sent_with(scope: str) -> tuple[bytes, keys.Key]:
    """The body, and the key that signed it and has the scope; raises Refused."""
    environ = request.environ
    longest = settings().max_request_bytes
    if (request.content_length or 0) > longest:
        raise Refused("too_large")
    if request.method == "POST" and (
        not _is_json(environ.get("CONTENT_TYPE", "")) or "HTTP_CONTENT_ENCODING" in environ
    ):
        raise Refused("not_json")
    key = signature.key_of(environ)
    body = request.get_data(cache=False)
    if len(body) >= longest:  # sent in chunks, which name no length, and cut off there
        raise Refused("too_large")
    signature.check(key, environ, body)
    if scope not in key.scopes:
        raise Refused("not_in_scope", f"It lacks the scope “{scope}”.")
    rate.count(key.key)
    return body, key


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    kind, options = parse_options_header(content_type)
    return kind.lower() == JSON and options.get("charset", "utf-8").lower() in ("utf-8", "utf8")
