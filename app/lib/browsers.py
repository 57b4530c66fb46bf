"""What a browser calls itself, shortened to the two words that tell one from another, and one in a list of sign-ins."""

from datetime import datetime
from typing import Any, NamedTuple

# The first that is found counts: nearly every browser also names those it wants to be taken for.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrom": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
}
_SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_PHONES = frozenset({"iPhone", "Android"})


def named(agent: str | None) -> tuple[str, str]:
    """The browser and the system it runs on; "" for what is not known."""
    return _first(_BROWSERS, agent or ""), _first(_SYSTEMS, agent or "")


def is_phone(agent: str | None) -> bool:
    """Whether it runs on a phone."""
    return named(agent)[1] in _PHONES


class Browser(NamedTuple):
    """A browser that is signed in; `handle` names it on a page, where its id, which signs in, must not stand."""

    handle: str
    since: datetime
    last_seen: datetime
    address: str
    name: str
    system: str
    is_phone: bool
    is_this: bool


def shown(sign_in: Any, handle: str, this: bytes) -> Browser:
    """A row of `sign_in` as a list shows it; `this` is the id of the reader's own."""
    return Browser(
        handle,
        sign_in.created_at,
        sign_in.last_seen_at,
        sign_in.address or "",
        *named(sign_in.browser),
        is_phone(sign_in.browser),
        bytes(sign_in.id) == this,
    )


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
