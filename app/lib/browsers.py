"""What a browser calls itself, shortened to the two words that tell one from another."""

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


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
