"""A pack as a form writes it: texts by place, and the definition they mean."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.gamification.activities import PaysFor
from app.gamification.policy.definition import as_stored, as_written
from app.gamification.policy.words import key_of
from app.lib.i18n import LANGUAGES
from app.routes.admin.nested import nested, texts

Written = dict[str, Any]

EMPTY = dict.fromkeys(LANGUAGES, "")
MOST_COUNTRIES = 300


def of_definition(plain: Mapping[str, Any]) -> Written:
    """The form of a stored definition."""
    cites, facts = plain.get("cites", {}), plain["facts"]
    return {
        "name": EMPTY | plain["name"],
        "retail": bool(plain.get("retail")),
        "countries": list(plain.get("countries", ())),
        "facts": {key_of(fact): facts.get(key_of(fact), "forbid") for fact in PaysFor},
        "cites": {key_of(fact): EMPTY | cites.get(key_of(fact), {}) for fact in PaysFor},
        "warning": EMPTY | {code: as_written(one) for code, one in plain.get("warning", {}).items()},
    }


def of_posted(posted: MultiDict[str, str]) -> Written:
    """The form as it was sent, every place filled."""
    tree = nested(posted)
    facts, found = texts(tree, "facts"), tree.get("cites", {})
    cites = found if isinstance(found, dict) else {}
    return {
        "name": EMPTY | texts(tree, "name"),
        "retail": "retail" in posted,
        "countries": [*dict.fromkeys(posted.getlist("countries"))][:MOST_COUNTRIES],
        "facts": {key_of(fact): facts.get(key_of(fact), "") for fact in PaysFor},
        "cites": {key_of(fact): EMPTY | texts(cites, key_of(fact)) for fact in PaysFor},
        "warning": EMPTY | texts(tree, "warning"),
    }


def definition(written: Written) -> dict[str, Any]:
    """What a form means."""
    return written | {"warning": {code: as_stored(one) for code, one in written["warning"].items()}}
