"""Reading a lesson's form: the definition that follows from it, or what is wrong, each at its place."""

from typing import Any

from app.gamification.catalogue.icons import ICONS
from app.gamification.errors.programme import NotSound
from app.gamification.lessons.definition import (
    LONGEST_LINE,
    LONGEST_TITLE,
    MOST_ANSWERS,
    MOST_MINUTES,
    sound,
)
from app.lib.i18n import Sentence, _l
from app.lib.markdown import LONGEST as LONGEST_TEXT
from app.routes.admin.catalogue.shelf import Reading
from app.routes.admin.catalogue.typed import Reader
from app.routes.admin.lessons.filled import Asked, Filled
from app.routes.forms import NOT_OFFERED

_RIGHT = _l("Choose which answer is right.")


def read(filled: Filled) -> Reading:
    """The definition that follows, or what is wrong with it."""
    reader = Reader()
    read_ = _plain(filled, reader)
    try:
        stored = sound(read_)
    except NotSound as unsound:
        for flaw in unsound.flaws:
            reader.errors.setdefault(_place(flaw.place), flaw.sentence)
        stored = {}
    return Reading(None if reader.errors else stored, reader.errors)


def _plain(filled: Filled, reader: Reader) -> dict[str, Any]:
    if filled.icon not in ICONS:
        reader.errors["icon"] = Sentence(NOT_OFFERED)
    return {
        "title": reader.text("name", filled.name, LONGEST_TITLE),
        "about": reader.text("about", filled.about, LONGEST_LINE),
        "body": reader.text("body", filled.body, LONGEST_TEXT),
        "icon": filled.icon if filled.icon in ICONS else "graduation-cap",
        "minutes": reader.whole("minutes", filled.minutes, 1, MOST_MINUTES),
        "needed": reader.whole("needed", filled.needed, 1, len(filled.questions) or 1, 0),
        "questions": [_question(f"questions.{place}", one, reader) for place, one in enumerate(filled.questions)],
    }


def _question(at: str, asked: Asked, reader: Reader) -> dict[str, Any]:
    right = {str(place): place for place in range(min(len(asked.answers), MOST_ANSWERS))}.get(asked.right)
    if right is None:
        reader.errors[f"{at}.right"] = Sentence(_RIGHT)
    return {
        "text": reader.text(f"{at}.text", asked.text, LONGEST_LINE),
        "answers": [
            reader.text(f"{at}.answers.{place}", answer, LONGEST_LINE) for place, answer in enumerate(asked.answers)
        ],
        "right": right or 0,
        "why": reader.text(f"{at}.why", asked.why, LONGEST_LINE),
    }


def _place(place: str) -> str:
    """Where a flaw is shown."""
    return "name" + place.removeprefix("title") if place.startswith("title.") else place or "form"
