"""Badges: the list, one with who holds it, and the drafts of the next ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from app.gamification.approvals.checklist import Item
from app.gamification.badges import publishing, readiness, shown, told
from app.gamification.badges.compiled import compile_badge
from app.gamification.badges.counts import Badges
from app.gamification.badges.definition import GIVEN, METALS, read_definition
from app.gamification.badges.law import law_of
from app.gamification.catalogue import BADGES
from app.gamification.catalogue.figures import holders, share
from app.gamification.catalogue.reads import View
from app.gamification.catalogue.told import Line
from app.gamification.ledger.outcome import compiled
from app.gamification.policy.packs import Verdict
from app.lib.i18n import Sentence, _l
from app.routes.admin.badges import filled, reading
from app.routes.admin.badges.filled import Filled
from app.routes.admin.catalogue.pages import blueprint
from app.routes.admin.catalogue.seen import Client
from app.routes.admin.catalogue.shelf import FormModule, Kind, Plain, Publishing, Reading, Shelf, icons
from app.routes.formats import say_plainly

BY_CHALLENGE = Kind(told.BY_CHALLENGE, "target")


class BadgeShelf(Shelf):
    """Badges at the desk."""

    noun, folder, icon = BADGES, "badges", "award"
    publishing: ClassVar[Publishing] = publishing
    form: ClassVar[FormModule] = filled
    cards = 4
    title, new, asks = _l("Badges"), _l("New badge"), _l("What it is for")
    about = _l("What members are recognised for, in up to three levels. A second person publishes and retires.")
    none_yet = (_l("No badge yet"), _l("Members find an empty page until one is published."))
    retiring = _l("Nobody is given another level of it. Who holds it keeps it.")
    columns = (
        _l("Criterion"),
        _l("Group"),
        _l("Levels"),
        _l("Points"),
        _l("Holders of bronze"),
        _l("Holders of silver"),
        _l("Holders of gold"),
    )

    def kinds(self) -> Mapping[str, Kind]:
        offered = {key: Kind.of(measure) for key, measure in publishing.criteria().items()}
        return offered | {GIVEN: BY_CHALLENGE}

    def kind_of(self, plain: Plain) -> str:
        return str(plain["criterion"]["kind"])

    def read(self, filled_: Filled) -> tuple[Reading, Mapping[str, Any]]:
        offered = publishing.criteria()
        measure = offered.get(filled_.counting.kind)
        found, form = reading.read(filled_, measure)
        drawn = {
            "icon_words": icons(offered.values()),
            "form": form,
            "unit": measure.unit if measure is not None else "",
            "criteria": {key: kind.title for key, kind in self.kinds().items()},
            "groups": told.GROUPS,
            "metals": tuple(METALS.values()),
        }
        return found, drawn

    def lines(self, plain: Plain) -> Sequence[Line]:
        return told.lines(read_definition(plain))

    def checklist(self, plain: Plain, key: str, reader_id: int, now: datetime) -> Iterable[Item]:
        return readiness.checklist(read_definition(plain), key, compiled(), reader_id)

    def card(self, plain: Plain, key: str, client: Client, now: datetime) -> Mapping[str, Any]:
        badge = compile_badge(0, key, 0, 0, plain, compiled().pays_for)
        said, verdict = badge.definition, badge.verdict(client.standing)
        levels = [
            {
                "metal": METALS[place + 1],
                "goal": told.goal(said, place + 1),
                "points": said.points_of(place + 1),
                "is_paid": verdict < Verdict.RECOGNITION,
            }
            for place in range(len(said.levels))
        ]
        tile = shown.tile(badge, Badges(None), 0, client.standing, offered=True)
        return {"said": said, "tile": tile, "levels": levels, "law": law_of(badge, client.standing)}

    def row(self, view: View) -> Mapping[str, Any]:
        said, held = read_definition(view.plain), _held(view)
        return {
            "kind": self.kinds().get(said.criterion.kind),
            "icon": said.icon,
            "said": said,
            "group": told.GROUPS[said.group],
            "held": held,
            "share": share(held[0]),
        }

    def cells(self, view: View) -> Sequence[Any]:
        row = self.row(view)
        said = row["said"]
        return (
            say_plainly(Sentence(row["kind"].title)) if row["kind"] else said.criterion.kind,
            say_plainly(Sentence(row["group"])),
            "" if said.criterion.kind == GIVEN else " / ".join(said.levels),
            sum(said.points) or "",
            *row["held"],
        )

    def figures(self, view: View) -> Mapping[str, Any]:
        said, held = read_definition(view.plain), _held(view)
        levels = [
            {"metal": METALS[level], "level": level, "number": number, "share": share(number)}
            for level, number in enumerate(held[: len(said.levels)], start=1)
        ]
        return {"said": said, "held": levels}


def _held(view: View) -> list[int]:
    """How many hold bronze, silver and gold; who holds gold holds all three."""
    found = holders().get(view.id, {}) if view.id is not None else {}
    return [found.get(level, 0) for level in METALS]


bp = blueprint(BadgeShelf(), __name__)
