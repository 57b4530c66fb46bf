"""The ladder as a form writes it: texts by place, what a row's button does to them, and the definition they mean."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.gamification.tiers.check import MOST_LEVELS, MOST_PERKS
from app.lib.i18n import LANGUAGES
from app.routes.admin.fields import typed
from app.routes.admin.nested import nested, row, text, texts, whole

Written = dict[str, Any]

EMPTY = dict.fromkeys(LANGUAGES, "")


def of_definition(plain: Mapping[str, Any]) -> Written:
    """The form of a stored definition."""
    period = plain["period"]
    return {
        "period": {"kind": period["kind"], "days": str(period.get("days", 365))},
        "promotion": plain["promotion"],
        "downgrade": plain["downgrade"],
        "grace_days": str(plain["grace_days"]),
        "warn_days": str(plain["warn_days"]),
        "levels": [_level(level) for level in plain["levels"]],
    }


def of_posted(posted: MultiDict[str, str]) -> Written:
    """The form as it was sent, every place filled."""
    tree = nested(posted)
    found = tree.get("period")
    period = found if isinstance(found, dict) else {}
    written = {name: text(tree, name) for name in ("promotion", "downgrade", "grace_days", "warn_days")}
    return written | {
        "period": {"kind": text(period, "kind"), "days": text(period, "days")},
        "levels": [_posted_level(level) for level in row(tree, "levels")[: MOST_LEVELS + 1]],
    }


def definition(written: Written) -> dict[str, Any]:
    """What a form means; a number that is none stays text, for the domain to name."""
    kind = written["period"]["kind"]
    # What a window of another kind leaves in the field of days means nothing.
    days = whole(written["period"]["days"]) if kind == "rolling" else 365
    return {
        "period": {"kind": kind, "days": days},
        "promotion": written["promotion"],
        "downgrade": written["downgrade"],
        "grace_days": whole(written["grace_days"] or "0"),
        "warn_days": whole(written["warn_days"] or "0"),
        "levels": [
            {
                "key": level["key"],
                "name": level["name"],
                "threshold": whole(level["threshold"]),
                "keep": whole(level["keep"]) if level["keep"].strip() else None,
                "factor": typed(level["factor"]) or "1",
                "perks": level["perks"],
            }
            for level in written["levels"]
        ],
    }


def press(written: Written, button: str) -> None:
    """Do what a row's button says: "add.level", "add.perk.2", "remove.level.2", "remove.perk.2.0"."""
    verb, _, rest = button.partition(".")
    what, *places = rest.split(".")
    levels, numbers = written["levels"], [int(place) for place in places if place.isdecimal() and len(place) < 3]
    if verb == "add" and what == "level" and len(levels) < MOST_LEVELS:
        levels.append({"key": "", "name": dict(EMPTY), "threshold": "", "keep": "", "factor": "1", "perks": []})
    elif what == "level" and verb == "remove" and len(numbers) == 1:
        del levels[numbers[0] : numbers[0] + 1]
    elif what == "perk" and numbers and numbers[0] < len(levels):
        perks = levels[numbers[0]]["perks"]
        if verb == "add" and len(perks) < MOST_PERKS:
            perks.append({"text": dict(EMPTY), "value": "service"})
        elif verb == "remove" and len(numbers) == 2:
            del perks[numbers[1] : numbers[1] + 1]


def _level(level: Mapping[str, Any]) -> Written:
    return {
        "key": level["key"],
        "name": EMPTY | level["name"],
        "threshold": str(level["threshold"]),
        "keep": "" if level["keep"] is None else str(level["keep"]),
        "factor": level["factor"],
        "perks": [{"text": EMPTY | perk["text"], "value": perk["value"]} for perk in level["perks"]],
    }


def _posted_level(level: Mapping[str, Any]) -> Written:
    perks = row(level, "perks")[: MOST_PERKS + 1]
    plain = {name: text(level, name) for name in ("key", "threshold", "keep")}
    return plain | {
        "name": EMPTY | texts(level, "name"),
        "factor": text(level, "factor", "1"),
        "perks": [{"text": EMPTY | texts(perk, "text"), "value": text(perk, "value", "service")} for perk in perks],
    }
