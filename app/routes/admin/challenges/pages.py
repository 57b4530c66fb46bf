"""Challenges: the list, one with who takes part, and the drafts of the next ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from app.gamification.approvals.checklist import Item
from app.gamification.badges.definition import METALS
from app.gamification.catalogue import CHALLENGES
from app.gamification.catalogue.figures import Taking, taking_part
from app.gamification.catalogue.reads import View
from app.gamification.catalogue.told import Line
from app.gamification.challenges import publishing, readiness, shown, told
from app.gamification.challenges.compiled import compile_challenge
from app.gamification.challenges.definition import read_definition
from app.gamification.challenges.entry import Entries
from app.gamification.challenges.law import law_of
from app.gamification.ledger.outcome import compiled
from app.lib import clock
from app.lib.clock import to_micros
from app.lib.i18n import Sentence, _l
from app.routes.admin.catalogue.pages import blueprint
from app.routes.admin.catalogue.seen import Client
from app.routes.admin.catalogue.shelf import FormModule, Kind, Plain, Publishing, Reading, Shelf, icons
from app.routes.admin.challenges import drawing, filled
from app.routes.admin.challenges.filled import Filled
from app.routes.admin.challenges.reading import read
from app.routes.formats import say_plainly

QUEST = Kind(_l("Quest of several steps"), "route")


class ChallengeShelf(Shelf):
    """Challenges at the desk."""

    noun, folder, icon = CHALLENGES, "challenges", "target"
    publishing: ClassVar[Publishing] = publishing
    form: ClassVar[FormModule] = filled
    cards = 5
    title, new, asks = _l("Challenges"), _l("New challenge"), _l("What members do")
    about = _l("What members can take on, and what it brings. A second person publishes, retires and reopens.")
    none_yet = (_l("No challenge yet"), _l("Members find an empty page until one is published."))
    retiring = _l("Nobody can join it any more. Who takes part goes on, and is given what they complete.")
    columns = (
        _l("Kind"),
        _l("Window"),
        _l("Places"),
        _l("Places taken"),
        _l("Joined"),
        _l("Completed"),
        _l("Claimed"),
        _l("Reward"),
    )

    def kinds(self) -> Mapping[str, Kind]:
        offered = {key: Kind.of(measure) for key, measure in filled.kinds().items()}
        return offered | {publishing.QUEST: QUEST}

    def kind_of(self, plain: Plain) -> str:
        steps = plain["steps"]
        return publishing.QUEST if len(steps) > 1 else str(steps[0]["kind"])

    def read(self, filled_: Filled) -> tuple[Reading, Mapping[str, Any]]:
        offered, forms = filled.kinds(), []
        for place, step in enumerate(filled_.steps):
            measure = offered.get(step.counting.kind)
            forms.append(step.counting.form(measure, f"steps.{place}.settings.") if measure is not None else None)
        drawn = {
            "icon_words": icons(offered.values()),
            "step_forms": forms,
            "measures": {key: measure.title for key, measure in offered.items()},
            "recurrences": told.RECURRENCES,
            "badge_choices": {badge.key: badge.definition for badge in compiled().play.live_badges},
            "metals": METALS,
        }
        return read(filled_, forms), drawn

    def lines(self, plain: Plain) -> Sequence[Line]:
        return told.lines(read_definition(plain), compiled())

    def checklist(self, plain: Plain, key: str, reader_id: int, now: datetime) -> Iterable[Item]:
        return readiness.checklist(read_definition(plain), compiled(), reader_id, now)

    def card(self, plain: Plain, key: str, client: Client, now: datetime) -> Mapping[str, Any]:
        current, at = compiled(), to_micros(now)
        challenge = compile_challenge(0, key, 0, 0, plain, current.pays_for)
        seat = shown.seat(challenge, None, Entries(current.zone.key), client.standing, 0, at)
        card = shown.card(challenge, seat, client.standing, 0, at, current.zone)
        member = client.member
        is_for = challenge.is_for(member.level_key or "", member.country or "", member.client_class)
        # A card says how many steps there are; whoever writes them reads each, and what it waits for.
        words = [shown.step_title(step) if step.said.name else shown.step_goal(step) for step in challenge.steps]
        steps = [(said, step.after) for said, step in zip(words, challenge.steps, strict=True)]
        quest = steps if challenge.definition.is_quest else ()
        return {"card": card, "is_for": is_for, "law": law_of(challenge, client.standing), "steps": quest}

    def row(self, view: View) -> Mapping[str, Any]:
        said, taking = read_definition(view.plain), _taking(view)
        return {
            "kind": self.kinds()[kind] if (kind := self.kind_of(view.plain)) in self.kinds() else None,
            "icon": said.icon,
            "steps": len(said.steps),
            "window": told.runs(said.window),
            "places": said.places,
            "taken": _taken(view, taking),
            "reward": told.rewarded(said.reward, compiled()),
            "entered": taking.total,
        }

    def cells(self, view: View) -> Sequence[Any]:
        row = self.row(view)
        entered = row["entered"]
        return (
            say_plainly(Sentence(row["kind"].title)) if row["kind"] else self.kind_of(view.plain),
            say_plainly(row["window"]),
            row["places"] or "",
            row["taken"],
            entered.joined,
            entered.completed,
            entered.claimed,
            say_plainly(row["reward"]),
        )

    def figures(self, view: View) -> Mapping[str, Any]:
        said, taking = read_definition(view.plain), _taking(view)
        return {"taking": taking, "taken": _taken(view, taking), "said": said, "funnel": drawing.funnel(taking)}


def _taking(view: View) -> Taking:
    return taking_part().get(view.id, Taking()) if view.id is not None else Taking()


def _taken(view: View, taking: Taking) -> int:
    """The places taken in the run that is on."""
    current = compiled()
    challenge = current.play.challenges.get(view.live.id) if view.live is not None else None
    if challenge is None:
        return 0  # a draft, or published within the last second
    return taking.taken.get(challenge.places_at(to_micros(clock.now()), current.zone), 0)


bp = blueprint(ChallengeShelf(), __name__)
