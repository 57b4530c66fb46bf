"""The places of the staff area, in the order of the sidebar; everyone sees those that they may open."""

from typing import Any, NamedTuple

from flask import url_for

from app.gamification.setup import checklist
from app.gamification.staff.rights import Right
from app.lib.i18n import _l
from app.routes.desk import CurrentStaff
from app.routes.settings import installation


class Place(NamedTuple):
    """A page of the sidebar: the blueprint that is current there, its words and icon, and who may open it."""

    key: str
    words: str
    icon: str
    right: Right = Right.READ
    badge: str = ""  # which of the reader's counts stands beside it
    endpoint: str = "index"


class Group(NamedTuple):
    """Places under one heading; "" for none."""

    title: str
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "",
        (
            Place("admin", _l("Overview"), "layout-dashboard", endpoint="show"),
            Place("admin_approvals", _l("Approvals"), "clipboard-check", badge="open_proposals"),
            Place("admin_members", _l("Members"), "users"),
            Place("admin_questions", _l("Questions"), "messages-square", badge="open_questions"),
            Place("admin_account_requests", _l("Account requests"), "wallet", badge="open_account_requests"),
            Place("admin_statements", _l("Statements"), "file-text", badge="waiting_statements"),
        ),
    ),
    Group(
        _l("Programme"),
        (
            Place("admin_rules", _l("Rules"), "sigma"),
            Place("admin_tiers", _l("Tiers"), "layers"),
            Place("admin_challenges", _l("Challenges"), "target"),
            Place("admin_badges", _l("Badges"), "award"),
            Place("admin_lessons", _l("Lessons"), "graduation-cap"),
            Place("admin_points", _l("Points by hand"), "coins", Right.CARE),
        ),
    ),
    Group(
        _l("Control"),
        (
            Place("admin_packs", _l("Law packs"), "scale"),
            Place("admin_audit", _l("Audit log"), "scroll-text"),
            Place("admin_system", _l("System"), "server"),
        ),
    ),
    Group(
        _l("Settings"),
        (
            Place("admin_brand", _l("Brand and programme"), "palette"),
            Place("admin_entities", _l("Legal entities"), "landmark", Right.READ),
            Place("admin_terms", _l("Names"), "tags"),
            Place("admin_keys", _l("Keys"), "key-round"),
            Place("admin_handoff_keys", _l("Sign-in from your site"), "log-in"),
            Place("admin_people", _l("People"), "user-cog"),
        ),
    ),
)


UNTIL_LIVE = Place("admin_start", _l("Until it is live"), "rocket")


def sidebar(reader: CurrentStaff) -> list[dict[str, Any]]:
    """The groups with what this person may open; groups that would be empty are left out."""
    left = (UNTIL_LIVE,) if checklist.is_open(installation()) else ()
    drawn = [
        {
            "title": group.title,
            "places": [
                {
                    "key": place.key,
                    "words": place.words,
                    "icon": place.icon,
                    "address": url_for(f"{place.key}.{place.endpoint}"),
                    "count": getattr(reader, place.badge) if place.badge else 0,
                }
                for place in (*group.places, *(left if not group.title else ()))
                if reader.may(place.right)
            ],
        }
        for group in GROUPS
    ]
    return [group for group in drawn if group["places"]]
