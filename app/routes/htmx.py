"""The one place that reads htmx's headers and writes its answers; everything works without it too."""

import json
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


def pushing(response: Response, address: str) -> Response:
    """The fragment, under the address that the browser is to show for it."""
    if is_fragment():
        response.headers["HX-Push-Url"] = ascii_address(address)
    return response


def telling(response: Response, events: dict[str, dict[str, str]]) -> Response:
    """Let the answer of a part of a page be heard by the others: events by name, with what they say."""
    if is_fragment():
        response.headers["HX-Trigger"] = json.dumps(events)
    return response


def whole_page(response: Response) -> Response:
    """Let a page take the place of the one that asked for a part of itself."""
    if is_fragment():
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML show:window:top"})
    return response


def ascii_address(address: str) -> str:
    """An address that fits into a header."""
    return quote(address, safe="/:?#[]@!$&'()*+,;=%~-._")


def install(app: Flask) -> None:
    """Teach requests to know htmx."""
    Htmx(app)
