"""The list of members and the search that every page of the desk has at its top."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from app.gamification.ledger.outcome import compiled
from app.gamification.members import disclosure, search
from app.gamification.members.classes import TITLES
from app.gamification.members.search import HIGHEST_ID, LONGEST, STATES, Filters, Found
from app.lib import clock
from app.lib.countries import country_codes
from app.lib.i18n import _l, pick
from app.models.base import transaction
from app.models.people import ClientClass
from app.routes.admin.members import PREFIX
from app.routes.admin.resource import csv_file
from app.routes.countries import country_name
from app.routes.desk import current_staff
from app.routes.language import language
from app.routes.rendering import page

bp = Blueprint("admin_members", __name__, url_prefix=PREFIX)

STATE_WORDS = {
    "blocked": _l("Earning blocked"),
    "unverified": _l("Address not confirmed"),
    "erased": _l("Erased"),
}
COLUMNS = (
    _l("Number"),
    _l("Client's id"),
    _l("Name"),
    _l("Alias"),
    _l("Email"),
    _l("Country"),
    _l("Client category"),
    _l("Level"),
    _l("Available"),
    _l("Joined"),
    _l("Last active"),
    _l("Earning blocked"),
    _l("Erased"),
)


@dataclass(frozen=True)
class Asked:
    """What the address of the list asks for; what makes no sense counts as not asked."""

    words: str = ""
    level: str = ""
    country: str = ""
    client_class: str = ""
    state: str = ""
    pack: str = ""
    before: int = 0

    @property
    def filters(self) -> Filters:
        """As the domain takes them."""
        levels = {level.key: level.id for level in compiled().ladder.levels}
        classes = {one.name.lower(): int(one) for one in ClientClass}
        return Filters(levels.get(self.level), self.country, classes.get(self.client_class), self.state, self.pack)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words) or self.filters.any

    def told(self) -> dict[str, str]:
        """What stands behind the question mark."""
        values = {"q": self.words, "level": self.level, "country": self.country, "class": self.client_class}
        values |= {"state": self.state, "pack": self.pack, "before": str(self.before or "")}
        return {name: value for name, value in values.items() if value}

    def address(self, **changes: Any) -> str:
        """The list with something asked differently."""
        told = replace(self, **changes).told()
        return f"{PREFIX}?{urlencode(told)}" if told else PREFIX


@bp.get("")
def index() -> Response:
    """The newest members, or those that were searched for."""
    asked = _asked(request.args)
    context: dict[str, Any] = {"asked": asked, "found": _found(asked), "row_of": _row, "filters": _filters(asked)}
    return page("admin/members/index.html", "admin/members/_list.html", **context)


@bp.post("/export")
def export() -> Response:
    """The list as a file. Taking personal data away is an act of its own: it leaves an entry in the log."""
    asked = _asked(request.form)
    with transaction():
        disclosure.disclose_list(current_staff().id, now=clock.now())
    rows = search.everyone(asked.words, asked.filters)
    return csv_file("members", [language().text(title) for title in COLUMNS], _cells(rows))


def _found(asked: Asked) -> Found:
    if asked.words:
        return search.search(asked.words, asked.filters)
    return search.newest(asked.filters, asked.before or None)


def _asked(given: Mapping[str, str]) -> Asked:
    programme = compiled()
    before = given.get("before", "")
    return Asked(
        words=given.get("q", "").replace("\0", "").strip()[:LONGEST],
        level=_one_of(given.get("level", ""), (level.key for level in programme.ladder.levels)),
        country=_one_of(given.get("country", ""), country_codes()),
        client_class=_one_of(given.get("class", ""), (one.name.lower() for one in ClientClass)),
        state=_one_of(given.get("state", ""), STATES),
        pack=_one_of(given.get("pack", ""), (pack.key for pack in programme.policy.every())),
        before=int(before)
        if before.isascii() and before.isdigit() and len(before) < 11 and int(before) <= HIGHEST_ID
        else 0,
    )


def _one_of(value: str, offered: Iterable[str]) -> str:
    return value if value in set(offered) else ""


def _filters(asked: Asked) -> list[dict[str, Any]]:
    """The choices above the list: name, title, what is offered as (value, words), what is chosen."""
    spoken, programme = language(), compiled()
    levels = [(level.key, pick(dict(level.name), spoken.code)) for level in programme.ladder.levels]
    countries = sorted(((code, country_name(code)) for code in country_codes()), key=lambda pair: pair[1])
    classes = [(one.name.lower(), spoken.text(TITLES[one])) for one in ClientClass]
    packs = [(pack.key, pick(dict(pack.name), spoken.code)) for pack in programme.policy.every()]
    states = [(key, spoken.text(words)) for key, words in STATE_WORDS.items()]
    return [
        {"name": "level", "title": _l("Every level"), "offered": levels, "chosen": asked.level},
        {"name": "country", "title": _l("Every country"), "offered": countries, "chosen": asked.country},
        {"name": "class", "title": _l("Every category"), "offered": classes, "chosen": asked.client_class},
        {"name": "pack", "title": _l("Every law pack"), "offered": packs, "chosen": asked.pack},
        {"name": "state", "title": _l("Every state"), "offered": states, "chosen": asked.state},
    ]


def _row(row: Any) -> dict[str, Any]:
    """What a row of the list shows, in words."""
    level = compiled().ladder.level(row.level_id)
    return {
        "country": country_name(row.country) if row.country else "",
        "category": TITLES[ClientClass(row.client_class)],
        "level": pick(dict(level.name), language().code),
        "position": level.position,
    }


def _cells(rows: Iterable[Any]) -> Iterable[list[Any]]:
    for row in rows:
        shown = _row(row)
        yield [
            row.id,
            row.external_id,
            row.name,
            row.alias,
            row.email,
            row.country,
            language().text(shown["category"]),
            shown["level"],
            row.available,
            row.joined_at.isoformat(timespec="seconds"),
            row.last_active.isoformat(timespec="seconds") if row.last_active else "",
            language().text(_l("yes")) if row.earning_blocked else "",
            row.erased_at.isoformat(timespec="seconds") if row.erased_at else "",
        ]
