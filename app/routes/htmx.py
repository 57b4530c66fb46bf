"""The one place that reads htmx's headers and writes its answers; everything works without it too."""

from typing import cast
from urllib.parse import quote

from flask import Flask, Response, redirect
from htmx_flask import Htmx, make_response, request


def is_fragment() -> bool:
    """Whether a part of a page is asked for, rather than a page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def see_other(address: str) -> Response:
    """Send the browser on: 303, or, where htmx asked, the header that makes it load the whole page."""
    if not is_fragment():
        return cast(Response, redirect(ascii_address(address), 303))
    return make_response("", 204, redirect=ascii_address(address))


def ascii_address(address: str) -> str:
    """An address that fits into a header."""
    return quote(address, safe="/:?#[]@!$&'()*+,;=%~-._")


def install(app: Flask) -> None:
    """Teach requests to know htmx."""
    Htmx(app)
