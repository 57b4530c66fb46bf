"""Questions of members: who waits for an answer, and each thread beside the decision that it is about."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from wtforms import HiddenField, TextAreaField

from app.gamification.errors import NotFound, Refusal
from app.gamification.ledger import particulars
from app.gamification.ledger.outcome import compiled
from app.gamification.members.dossier import Dossier
from app.gamification.questions import answering, queue, reads
from app.gamification.questions.reads import Thread
from app.gamification.questions.words import LONGEST, STATES, TONES, TOPICS
from app.gamification.staff.sent import new_token
from app.lib import clock
from app.lib.i18n import LANGUAGES, _l, pick
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin import asked
from app.routes.admin.members import address_of, dossier_of
from app.routes.desk import current_staff
from app.routes.errors import status_of
from app.routes.forms import Form
from app.routes.language import language
from app.routes.member.questions import decided
from app.routes.rendering import page

bp = Blueprint("admin_questions", __name__, url_prefix="/admin/questions")

ONE = "<int:question_id>"


class AnswerForm(Form):
    """An answer to what the page showed: `seen` says how much that was."""

    text = TextAreaField(_l("Your answer"), render_kw={"rows": 6, "maxlength": LONGEST, "dir": "auto"})
    seen = HiddenField()
    token = HiddenField()


@bp.get("")
def index() -> Response:
    """Who waits, the longest first; or what was answered."""
    state = asked.choice("state", (*STATES, queue.EVERY)) or "open"
    topic = asked.choice("topic", TOPICS)
    typed = asked.typed()
    found, after = queue.page(state, topic, typed, request.args.get("after", ""))
    address = url_for("admin_questions.index")
    shown = "" if state == "open" else state
    return page(
        "admin/questions/index.html",
        "admin/questions/_list.html",
        found=found,
        state=state,
        topic=topic,
        typed=typed,
        tabs=[
            (words, asked.link(address, q=typed, topic=topic, state="" if key == "open" else key), key)
            for key, words in (*STATES.items(), (queue.EVERY, _l("All of them")))
        ],
        older=asked.link(address, q=typed, topic=topic, state=shown, after=after) if after else "",
        paged="after" in request.args,
        states=STATES,
        tones=TONES,
        topics=TOPICS,
        spoken=LANGUAGES,
    )


@bp.get(f"/{ONE}")
def show(question_id: int) -> Response:
    """One thread, and the form that answers."""
    return _page(reads.anyones(question_id, asked.number("before")), AnswerForm(formdata=None, token=new_token()))


@bp.post(f"/{ONE}/answers")
def answer(question_id: int) -> Response:
    """Answer, and leave the thread to the member."""

    def act(form: AnswerForm, seen: int) -> None:
        by, token = current_staff().id, form.token.data or ""
        answering.answer(by, question_id, form.text.data or "", token, seen, now=clock.now())

    return _done(question_id, act, _l("Sent. The member is told on the page and by mail."))


@bp.post(f"/{ONE}/closing")
def close(question_id: int) -> Response:
    """Close the thread, with an answer where one was written."""

    def act(form: AnswerForm, seen: int) -> None:
        by, token, text = current_staff().id, form.token.data or "", form.text.data or ""
        if text.strip():
            answering.answer(by, question_id, text, token, seen, close=True, now=clock.now())
        else:
            answering.close(by, question_id, seen, now=clock.now())

    return _done(question_id, act, _l("Closed. If the member writes again, it is open again."))


def _done(question_id: int, act: Callable[[AnswerForm, int], None], said: str) -> Response:
    """Act, and show the thread; or as it stands by now, with what was typed and why it was not sent."""
    form = AnswerForm()
    seen = form.seen.data or ""
    try:
        with transaction():
            act(form, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(reads.anyones(question_id), form, status_of(refusal))
    flash(said)
    return htmx.see_other(url_for("admin_questions.show", question_id=question_id, _anchor="newest"))


def _page(thread: Thread, form: AnswerForm, status: int = 200) -> Response:
    found = dossier_of(thread.member_id)
    # What stands on this page, not what stood on the one that was sent.
    form.seen.data = str(thread.replies)
    base = address_of(thread.member_id)
    return page(
        "admin/questions/show.html",
        status=status,
        thread=thread,
        form=form,
        base=base,
        at=f"{base}/points",
        for_staff=True,
        dossier=found,
        member=found.me,
        level=pick(dict(compiled().ladder.level(found.me.level_id).name), language().code),
        speaks=LANGUAGES.get(found.spoken, found.spoken),
        states=STATES,
        tones=TONES,
        **_decided(found, thread),
    )


def _decided(found: Dossier, thread: Thread) -> dict[str, Any]:
    """The decision as the member reads it, and what only staff see of it."""
    if thread.line is None and thread.miss is None:
        return {}
    shown = decided(found.me, thread.line, thread.miss)
    if thread.line is not None:
        return shown | {"facts": particulars.of_line(found.me, thread.line)}
    return shown | {"facts": particulars.of_miss(found.me, shown["seq"])}
