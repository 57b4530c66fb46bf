"""The audit log: who did what to what and when, and whether its chain holds."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, current_app, url_for

from app.gamification.audit import reads, words
from app.gamification.audit.verify import last_check
from app.lib.i18n import _l
from app.models.base import to_json
from app.routes.admin import asked
from app.routes.admin.resource import csv_file
from app.routes.language import gettext
from app.routes.rendering import page

bp = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")

# Entries are listed by many pages, by one macro.
bp.add_app_template_global(words.of_action, "words_of_action")
bp.add_app_template_global(words.of_kind, "words_of_kind")

PAGE = 50
MOST_EXPORTED = 100_000
COLUMNS = (
    _l("Number"),
    _l("When"),
    _l("Staff number"),
    _l("By"),
    _l("Action"),
    _l("Kind"),
    _l("Its number"),
    _l("Before"),
    _l("After"),
)
# Where a thing has a page of its own: the kind of the entry → the endpoint, which takes one number.
PAGES = {
    "badge": "admin_badges.show",
    "challenge": "admin_challenges.show",
    "entity": "admin_entities.show",
    "handoff_key": "admin_handoff_keys.show",
    "key": "admin_keys.show",
    "member": "admin_member.show",
    "pack": "admin_packs.show",
    "proposal": "admin_approvals.show",
    "question": "admin_questions.show",
    "rule": "admin_rules.show",
    "staff": "admin_people.show",
    "term": "admin_terms.show",
}


@bp.get("")
def index() -> Response:
    """Entries, newest first, narrowed to what was asked."""
    actions, kinds, staff = reads.actions(), reads.subject_kinds(), reads.actors()
    narrowed, query = _narrowed(actions, kinds)
    found = reads.page(narrowed, PAGE + 1)
    shown, address = found[:PAGE], url_for("admin_audit.index")
    return page(
        "admin/audit/index.html",
        "admin/audit/_list.html",
        entries=shown,
        query=query,
        older=asked.link(address, **query, before=shown[-1].seq) if len(found) > PAGE else "",
        export=asked.link(url_for("admin_audit.export"), **query),
        actions={noun: list(verbs) for noun, verbs in groupby(actions, lambda action: action.partition(".")[0])},
        kinds=kinds,
        staff=staff,
        checked=last_check(),
        page_of=_page_of,
    )


@bp.get("/export.csv")
def export() -> Response:
    """The same entries as a file."""
    narrowed, _ = _narrowed(reads.actions(), reads.subject_kinds())
    entries = reads.page(narrowed._replace(before=None), MOST_EXPORTED)
    return csv_file("audit-log", [gettext(title) for title in COLUMNS], _cells(entries))


def _narrowed(actions: list[str], kinds: list[str]) -> tuple[reads.Asked, dict[str, Any]]:
    """What is asked of the log, and the same as it stands in the address."""
    nouns = {action.partition(".")[0] for action in actions}
    since, until = asked.day("from"), asked.day("to")
    query: dict[str, Any] = {
        "by": asked.number("by"),
        "action": asked.choice("action", nouns.union(actions)),
        "kind": asked.choice("kind", kinds),
        "number": asked.number("number"),
        "from": since.isoformat() if since else "",
        "to": until.isoformat() if until else "",
    }
    narrowed = reads.Asked(
        query["by"],
        query["action"],
        query["kind"],
        query["number"],
        asked.since(since),
        asked.until(until),
        asked.number("before"),
    )
    return narrowed, query


def _page_of(entry: reads.Entry) -> str:
    """The address of the thing that an entry is about; "" where it has no page."""
    endpoint = PAGES.get(entry.subject_kind, "")
    if entry.subject_id is None or endpoint not in current_app.view_functions:
        return ""
    names = next(iter(current_app.url_map.iter_rules(endpoint))).arguments
    values: dict[str, Any] = dict.fromkeys(names, entry.subject_id)
    return url_for(endpoint, **values) if len(names) == 1 else ""


def _cells(entries: list[reads.Entry]) -> Iterator[list[Any]]:
    for one in entries:
        yield [
            one.seq,
            one.made_at.isoformat(),
            one.staff_id,
            one.staff or "",
            one.action,
            one.subject_kind,
            one.subject_id,
            to_json(one.before) if one.before else "",
            to_json(one.after) if one.after else "",
        ]
