"""Lessons: the list in the order of reading, one with how it does, and the drafts of the next ones."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, cast

from flask import Response, flash, g, request

from app.gamification import programme
from app.gamification.approvals.checklist import Item
from app.gamification.catalogue import LESSONS
from app.gamification.catalogue.icons import ICONS
from app.gamification.catalogue.reads import View
from app.gamification.catalogue.told import Line
from app.gamification.errors import NotFound
from app.gamification.lessons import publishing, told, worth
from app.gamification.lessons.definition import MOST_ANSWERS, MOST_QUESTIONS, read_definition
from app.gamification.lessons.figures import Tried, right_answers, tried
from app.gamification.lessons.readiness import checklist
from app.gamification.lessons.reads import words
from app.lib import clock
from app.lib.i18n import DEFAULT_LANGUAGE, LANGUAGES, _l
from app.lib.markdown import render
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.catalogue.pages import blueprint
from app.routes.admin.catalogue.seen import Client
from app.routes.admin.catalogue.shelf import FormModule, Kind, Plain, Publishing, Reading, Shelf
from app.routes.admin.lessons import filled, reading
from app.routes.admin.lessons.filled import Filled
from app.routes.desk import current_staff
from app.routes.language import language

KINDS = {
    publishing.ALL: Kind(_l("Every answer must be right"), "check-check"),
    publishing.SOME: Kind(_l("Some answers may be wrong"), "list-checks"),
}
LAST = 1 << 30  # the place of what is not offered, or not yet


class LessonShelf(Shelf):
    """Lessons at the desk."""

    noun, folder, icon = LESSONS, "lessons", "graduation-cap"
    publishing: ClassVar[Publishing] = publishing
    form: ClassVar[FormModule] = filled
    cards = 3
    title, new, asks = _l("Lessons"), _l("New lesson"), _l("What passes it")
    about = _l("A text to read and a few questions. Passing one earns, under every law. A second person publishes.")
    none_yet = (_l("No lesson yet"), _l("Members find an empty page until one is published."))
    retiring = _l("Nobody finds it any more but who has passed it. What it brought stays.")
    columns = (_l("Minutes"), _l("Questions"), _l("Tried by"), _l("Passed by"), _l("Tries"))

    def kinds(self) -> Mapping[str, Kind]:
        return KINDS

    def kind_of(self, plain: Plain) -> str:
        return publishing.kind_of(plain)

    def read(self, filled_: Filled) -> tuple[Reading, Mapping[str, Any]]:
        found = reading.read(filled_)
        most = {"most_questions": MOST_QUESTIONS, "most_answers": MOST_ANSWERS}
        return found, {"icon_words": ICONS, "spoken": _spoken(), **most}

    def lines(self, plain: Plain) -> Sequence[Line]:
        # Of the questions those that the reader understands: all three languages would be a wall of text.
        said, code = read_definition(plain), language().code
        asked = {n: code if one.text.get(code) else DEFAULT_LANGUAGE for n, one in enumerate(said.questions, start=1)}
        shown = {f"questions.{number}.{spoken}" for number, spoken in asked.items()}
        return [line for line in told.lines(said) if not line.key.startswith("questions.") or line.key in shown]

    def checklist(self, plain: Plain, key: str, reader_id: int, now: datetime) -> Iterable[Item]:
        return checklist(read_definition(plain), programme.current(), reader_id)

    def card(self, plain: Plain, key: str, client: Client, now: datetime) -> Mapping[str, Any]:
        said, code = read_definition(plain), _spoken()
        body = words(said.body, code)
        return {
            "said": said,
            "title": words(said.title, code),
            "about": words(said.about, code),
            "body": body,
            "rendered": render(body.text),
            "questions": [
                (words(one.text, code), [words(answer, code) for answer in one.answers]) for one in said.questions
            ],
            "worth": worth.of_lessons(client.member, now)(key),
        }

    def row(self, view: View) -> Mapping[str, Any]:
        said, order = read_definition(view.plain), _order()
        return {
            "icon": said.icon,
            "said": said,
            "place": order.get(view.id, LAST) if view.id is not None else LAST,
            "last": len(order) - 1,
            "languages": [code for code in LANGUAGES if said.body.get(code)],
            "tried": tried().get(view.id, Tried()) if view.id is not None else Tried(),
        }

    def cells(self, view: View) -> Sequence[Any]:
        row = self.row(view)
        said, found = row["said"], row["tried"]
        return said.minutes, len(said.questions), found.members, found.passed, found.tries

    def figures(self, view: View) -> Mapping[str, Any]:
        said, live = read_definition(view.plain), view.live
        assert view.id is not None and live is not None, "what is stored has a revision"
        number, right = right_answers(live.id, said)
        code = language().code
        asked = [(words(one.text, code), share) for one, share in zip(said.questions, right, strict=True)]
        return {"tried": tried().get(view.id, Tried()), "looked_at": number, "asked": asked}


def _order() -> dict[int, int]:
    """Where each lesson on offer stands; asked once a request, however long the list."""
    if "lesson_order" not in g:
        g.lesson_order = {one.lesson_id: place for place, one in enumerate(programme.current().play.live_lessons)}
    order: dict[int, int] = g.lesson_order
    return order


def _spoken() -> str:
    """The language that the preview is read in."""
    chosen = request.form.get("spoken", "")
    return chosen if chosen in LANGUAGES else language().code


shelf = LessonShelf()
bp = blueprint(shelf, __name__)


@bp.post("/<int:thing_id>/place")
def move(thing_id: int) -> Response:
    """Let it stand one place earlier or later."""
    way = request.form.get("way", "")
    if way not in ("up", "down"):
        raise NotFound()
    with transaction():
        publishing.move(current_staff().id, thing_id, cast(Literal["up", "down"], way), now=clock.now())
    flash(_l("The order is saved."))
    return htmx.see_other(shelf.address("index"))
