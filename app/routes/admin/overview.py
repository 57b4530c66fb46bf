"""The overview: what waits for a decision, and how the programme does."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from app.gamification.errors import NotFound
from app.gamification.insight.overview import Overview, counted, overview
from app.gamification.insight.stretch import RANGES
from app.gamification.insight.waiting import Item
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import Sentence, _l
from app.lib.spreadsheet import written
from app.routes import access
from app.routes.admin import tables
from app.routes.admin.pictures import flows, heat, spark
from app.routes.desk import CurrentStaff, current_staff
from app.routes.formats import calendar_of
from app.routes.language import language
from app.routes.rendering import page

bp = Blueprint("admin", __name__, url_prefix="/admin")

USUAL = 30
SHOWN_RULES, SHOWN_REASONS = 8, 5
_GREETINGS = (
    (5, _l("Good evening, %(name)s")),
    (12, _l("Good morning, %(name)s")),
    (18, _l("Good afternoon, %(name)s")),
    (24, _l("Good evening, %(name)s")),
)


@bp.get("")
def show() -> Response:
    """The desk's first page."""
    me, now = current_staff(), clock.now()
    found = overview(me.id, _days(), now)
    return page(
        "admin/overview.html",
        found=found,
        ranges=RANGES,
        greeting=_greeting(me, now),
        items=[(item, _address(item, me)) for item in found.items if _may_see(item, me)],
        steps=_first_steps(me) if found.figures.is_empty else (),
        addresses={name: _opened(f"admin_{name}.index", me) for name in ("approvals", "rules", "start", "system")},
        now=now,
        **({} if found.figures.is_empty else _pictures(found)),
    )


@bp.get("/overview.csv")
def export() -> Response:
    """One of the tables as a file: `?table=points&days=30`."""
    name = request.args.get("table", "points")
    if name not in tables.TABLES:
        raise NotFound()
    days = _days()
    table = tables.TABLES[name](*counted(days, clock.now()))
    heads, rows = tables.for_file(table)
    headers = {"Content-Disposition": f'attachment; filename="laurel-{name}-{days}-days.csv"'}
    return Response("".join(written(heads, rows)), mimetype="text/csv", headers=headers)


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in map(str, RANGES) else USUAL


def _greeting(me: CurrentStaff, now: datetime) -> Sentence:
    hour = now.astimezone(me.zone).hour
    words = next(words for until, words in _GREETINGS if hour < until)
    return Sentence(words, {"name": me.name.split()[0] if me.name.split() else me.name})


def _pictures(found: Overview) -> dict[str, Any]:
    figures, costs = found.figures, found.costs
    weekdays = calendar_of(language()).weekdays
    return {
        "sparks": {
            "active": spark(figures.active.steps),
            "issued": spark(figures.issued.steps),
            "redeemed": spark(figures.redeemed.steps),
            "liability": spark([step.outstanding for step in figures.steps]),
            "cost": spark([step.redeemed - step.refunded for step in figures.steps]),
            "missed": spark(_shares(figures.missed.steps, figures.decided.steps)),
        },
        "flows": flows(figures.steps),
        "heat": heat(figures.hours, weekdays),
        "weekdays": weekdays,
        "busiest": _busiest(found, weekdays),
        "earners": found.earners[:SHOWN_RULES],
        "reasons": [(tables.reason_words(reason), number) for reason, number in tables.misses(figures)],
        "shown_reasons": SHOWN_REASONS,
        "members_table": tables.figures_table(figures, costs),
        "points_table": tables.points_table(figures, costs),
        "hours_table": tables.hours_table(figures.hours),
    }


def _shares(parts: tuple[int, ...], wholes: tuple[int, ...]) -> list[int]:
    """In thousandths."""
    return [1000 * part // whole if whole else 0 for part, whole in zip(parts, wholes, strict=True)]


def _busiest(found: Overview, weekdays: tuple[str, ...]) -> Sentence | None:
    hours = found.figures.hours
    if not hours:
        return None
    day, hour = divmod(max(hours, key=lambda one: (hours[one], -one)), 24)
    return Sentence(_l("Busiest: %(day)s at %(hour)s"), {"day": weekdays[day], "hour": f"{hour:02}:00"})


def _first_steps(me: CurrentStaff) -> list[dict[str, Any]]:
    """What to do before there is anything to see."""
    steps = (
        ("sigma", _l("Look through the rules"), _l("What earns points, how many, and for whom"), "admin_rules.index"),
        ("key-round", _l("Give your system a key"), _l("It signs what your platform reports"), "admin_keys.index"),
        ("book-open", _l("Connect it"), _l("The reference of the API, with examples to copy"), "api_reference.show"),
        ("users", _l("Bring members in"), _l("By your system, or by the page where they join"), "admin_members.index"),
    )
    return [
        {"icon": icon, "title": title, "under": under, "address": _opened(name, me)}
        for icon, title, under, name in steps
    ]


def _may_see(item: Item, me: CurrentStaff) -> bool:
    """Whether a page that decides it, where there is one, is open to the reader."""
    return item.page not in current_app.view_functions or bool(_address(item, me))


def _address(item: Item, me: CurrentStaff) -> str:
    return _opened(item.page, me, **item.values)


def _opened(endpoint: str, me: CurrentStaff, **values: Any) -> str:
    """The address of a page, if there is such a one and the reader may open it; else ""."""
    needed = access.needed("GET", endpoint)
    if endpoint not in current_app.view_functions or needed is None:
        return ""
    if isinstance(needed.who, Right) and not me.may(needed.who):
        return ""
    return url_for(endpoint, **values)
