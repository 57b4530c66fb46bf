"""Where to go after signing in: an address of our own, or the page that was meant for it."""

from urllib.parse import urlsplit


def own_address(wanted: str | None, otherwise: str) -> str:
    """The wanted address when it is a path of this installation, else the other one.

    Browsers read `//host`, `/\\host` and tabs between the slashes as another host; control characters break headers.
    """
    if not wanted or not wanted.startswith("/") or len(wanted) > 1000:
        return otherwise
    if wanted.startswith(("//", "/\\")) or any(char in "\\" or ord(char) < 33 or ord(char) == 127 for char in wanted):
        return otherwise
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else wanted
