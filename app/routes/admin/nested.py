"""Forms of rows within rows: names say the place, `levels.2.perks.0.text.ar`, as a flaw of the domain does."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.routes.admin.fields import typed

MOST_NAMES, DEEPEST, LAST_ROW, LONGEST = 3000, 6, 99, 4000
_NUMBER = re.compile(r"[0-9]{1,2}")
_WHOLE = re.compile(r"[0-9]{1,16}")


def nested(posted: MultiDict[str, str]) -> dict[str, Any]:
    """What was posted as a tree; parts that are all numbers become the rows of a list, in their order."""
    tree: dict[str, Any] = {}
    for name in list(posted)[:MOST_NAMES]:
        *way, last = name.split(".")
        if len(way) > DEEPEST:
            continue
        place: Any = tree
        for part in way:
            place = place.setdefault(part, {}) if isinstance(place, dict) else None
        if isinstance(place, dict) and not isinstance(place.get(last), dict):
            place[last] = posted.get(name, "")[:LONGEST]
    return {name: _rows(value) for name, value in tree.items()}


def row(tree: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a list in a tree; what is none has none."""
    found = tree.get(name, [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def texts(tree: Mapping[str, Any], name: str) -> dict[str, str]:
    """A text by language in a tree."""
    found = tree.get(name, {})
    return {code: one for code, one in found.items() if isinstance(one, str)} if isinstance(found, dict) else {}


def text(tree: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    """A text in a tree."""
    found = tree.get(name, otherwise)
    return found if isinstance(found, str) else otherwise


def whole(written: str) -> int | str:
    """A whole number as it was meant, its thousands apart or not; what is none stays as it was written."""
    plain = re.sub(r"[,\s٬،]", "", typed(written))
    return int(plain) if _WHOLE.fullmatch(plain) else written


def _rows(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _rows(one) for name, one in value.items()}
    if inner and all(_NUMBER.fullmatch(name) for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
