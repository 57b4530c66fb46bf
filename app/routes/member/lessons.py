"""Lessons: the list, one to read, and its questions, which are answered with or without a script."""

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.lessons import LessonChanged
from app.gamification.lessons import passing
from app.gamification.lessons.definition import MOST_ANSWERS, MOST_QUESTIONS
from app.gamification.lessons.reads import LessonPage, lesson_page, shelf
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.member.asked import number_in
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("lessons", __name__, url_prefix="/lessons")

_PASSED = _l("Passed. Well read.")


@bp.get("")
def show() -> Response:
    """Every lesson, with what is passed and what the others bring."""
    return page("member/lessons.html", shelf=shelf(current_member(), clock.now()))


@bp.get("/<key>")
def one(key: str) -> Response:
    """One lesson; with what a try came to where the address names one."""
    attempt = number_in(request.args, "attempt")
    return _page(lesson_page(current_member(), key, clock.now(), attempt), again="again" in request.args)


@bp.post("/<key>/attempts")
def attempt(key: str) -> Response:
    """Answer the questions."""
    me, now = current_member(), clock.now()
    revision_id, number = (number_in(request.form, name) or 0 for name in ("revision", "number"))
    chosen = _chosen()
    try:
        with transaction():
            made = passing.answer(me.id, me.zone, key, revision_id, number, list(chosen.values()), now=now)
    except NotFound:
        raise
    except Refusal as refusal:
        # Of a lesson that says something else by now the answers mean nothing any more.
        kept = {} if isinstance(refusal, LessonChanged) else chosen
        return _page(lesson_page(me, key, now), refusal=refusal, chosen=kept, again=True)
    if not htmx.is_fragment():
        if made.is_first:
            flash(_PASSED)
        return htmx.see_other(url_for("lessons.one", key=key, attempt=made.id, _anchor="questions"))
    return _page(lesson_page(me, key, clock.now(), made.id))


def _chosen() -> dict[int, int | None]:
    """The chosen answers by question; what is no answer counts as none."""
    places = {str(place): place for place in range(MOST_ANSWERS)}
    return {number: places.get(request.form.get(f"answer{number}", "")) for number in range(MOST_QUESTIONS)}


def _page(
    lesson: LessonPage,
    *,
    refusal: Refusal | None = None,
    chosen: dict[int, int | None] | None = None,
    again: bool = False,
) -> Response:
    return page(
        "member/lesson.html",
        "member/_lesson_answered.html",
        status=200 if refusal is None else 422,
        lesson=lesson,
        refusal=refusal,
        chosen=chosen or {},
        again=again,
    )
