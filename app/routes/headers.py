"""What stands on every answer: security headers, caching, and the number by which a request is found in the logs."""

import re
import secrets
import time
from collections.abc import Callable

from flask import Flask, Response, g, request
from structlog import get_logger
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.config import Settings
from app.routes.desk import at_desk
from app.routes.session import CurrentMember

log = get_logger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SLOW_SECONDS = 1.0
TAKEN = 202


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer, static files included."""
    return SECURITY | ({"Strict-Transport-Security": HSTS} if settings.secure_cookies else {})


def install(app: Flask, settings: Settings) -> None:
    """Number each request, and dress each answer."""
    app.before_request(_numbering(trust=settings.trusted_proxies > 0))
    app.after_request(_dressing(security_headers(settings)))


def _numbering(trust: bool) -> Callable[[], None]:
    def number() -> None:
        given = request.headers.get("X-Request-ID", "") if trust else ""
        g.request_id = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        g.started = time.perf_counter()
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)

    return number


def _dressing(headers: dict[str, str]) -> Callable[[Response], Response]:
    def dress(response: Response) -> Response:
        if "token" in request.args:
            # A link that opens something: pages and files that it leads to learn the host alone, which is what the
            # check of forms asks of a browser.
            response.headers["Referrer-Policy"] = "strict-origin"
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-ID"] = g.get("request_id", "")
        _set_caching(response)
        _log(response)
        return response

    return dress


def _set_caching(response: Response) -> None:
    if "Cache-Control" in response.headers:
        return
    # Nothing of a member stays in a browser that somebody else may use next; nothing of the desk either, where who
    # owes the code sees a phone's secret, nor of the setup and of pages that a secret link opened.
    private = isinstance(g.get("_login_user"), CurrentMember) or at_desk() or _is_secret()
    response.headers["Cache-Control"] = "no-store" if private else "private, no-cache"


def _is_secret() -> bool:
    return request.path == "/setup" or "token" in request.args


def _log(response: Response) -> None:
    """One line a request that changed something, failed or was slow; the path without its query, and nobody's name."""
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    # A delivery that was taken is kept anyway, by its activities; there may be hundreds a second.
    is_quiet = request.method in ("GET", "HEAD") or response.status_code == TAKEN
    if is_quiet and response.status_code < 500 and seconds < SLOW_SECONDS:
        return
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
    )
