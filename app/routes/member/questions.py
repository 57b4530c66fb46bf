"""Questions to the broker: one's own threads, one in full beside the decision it is about, and the form that asks."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from app.gamification.errors import NotFound, Refusal
from app.gamification.ledger import explain, missed
from app.gamification.ledger import reads as ledger
from app.gamification.members.sign_ins import SignedIn
from app.gamification.questions import asking, reads
from app.gamification.questions.words import LONGEST, STATES, TONES, TOPICS
from app.gamification.staff.sent import new_token
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.forms import Form, either
from app.routes.member.asked import number_in
from app.routes.member.unchanged import present_version, remembered, version
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("questions", __name__, url_prefix="/questions")

ONE = "<int:question_id>"
_FIELD = {"rows": 5, "maxlength": LONGEST, "dir": "auto"}


class EntryForm(Form):
    """More in a thread."""

    # The domain counts what is left of a text once it is clean.
    text = TextAreaField(_l("Your message"), render_kw=_FIELD)
    token = HiddenField()


class QuestionForm(EntryForm):
    """A new thread."""

    text = TextAreaField(
        _l("Your question"), description=_l("Plain text. Never write a password or a card number."), render_kw=_FIELD
    )


class GeneralForm(QuestionForm):
    """A new thread about nothing that the ledger knows."""

    topic = either(_l("What is it about?"), TOPICS)


@bp.get("")
def show() -> Response:
    """One's own threads."""
    me = current_member()
    listed, older = reads.of_member(me.id, number_in(request.args, "before"))
    return page("member/questions.html", listed=listed, older=older, states=STATES, tones=TONES)


@bp.get("/new")
def new() -> Response:
    """The form; about a line or a decision that was asked about before, the thread about it."""
    me, line, miss = current_member(), *_named(request.args)
    if line is not None or miss is not None:
        before = reads.about(me.id, line, miss)
        if before is not None:
            return htmx.see_other(url_for("questions.thread", question_id=before))
        return _asking(me, QuestionForm(formdata=None, token=new_token()), line, miss)
    topic = request.args.get("topic", "")
    form = GeneralForm(formdata=None, token=new_token(), topic=topic if topic in TOPICS else "")
    return _asking(me, form, None, None)


@bp.post("")
def create() -> Response:
    """Ask."""
    me, line, miss = current_member(), *_named(request.args)
    general = line is None and miss is None
    form = GeneralForm() if general else QuestionForm()
    topic = (form.topic.data or "") if isinstance(form, GeneralForm) else "points"
    try:
        if not form.validate():
            return _asking(me, form, line, miss, 422)
        with transaction():
            text, token = form.text.data or "", form.token.data or ""
            question_id = asking.ask(me.id, text, token, topic=topic, line=line, miss=miss, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _asking(me, form, line, miss, 422)
    flash(_l("Sent. You are told here and by mail once there is an answer."))
    return htmx.see_other(url_for("questions.thread", question_id=question_id, _anchor="newest"))


@bp.get(f"/{ONE}")
def thread(question_id: int) -> Response:
    """One thread."""
    return _thread(question_id, EntryForm(formdata=None, token=new_token()))


@bp.post(f"/{ONE}/entries")
def write(question_id: int) -> Response:
    """Write more; what was answered or closed is open again."""
    me, form = current_member(), EntryForm()
    try:
        with transaction():
            text, token = form.text.data or "", form.token.data or ""
            question_id = asking.write(me.id, question_id, text, token, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _thread(question_id, form, 422)
    flash(_l("Sent. You are told here and by mail once there is an answer."))
    return htmx.see_other(url_for("questions.thread", question_id=question_id, _anchor="newest"))


def decided(me: SignedIn, line: int | None, miss: int | None) -> dict[str, Any]:
    """What a thread is about, as the ledger's own pages explain it; raises NotFound."""
    if line is not None:
        why = explain.explain_line(me, line)
        (day,) = ledger.lines(me, "all", line, limit=1).days
        return {"why": why, "seq": line, "line": day.lines[0], "row": None}
    assert miss is not None
    why = explain.explain_miss(me, miss)
    (row,) = missed.rows(me, [miss])
    return {"why": why, "seq": miss, "line": None, "row": row}


def _named(given: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The line or the decision that an address asks about: at most one of them. Raises NotFound for what is none."""
    line, miss = (number_in(given, name) for name in ("line", "miss"))
    if any(given.get(name) and found is None for name, found in (("line", line), ("miss", miss))):
        raise NotFound()
    return line, miss if line is None else None


def _asking(me: CurrentMember, form: QuestionForm, line: int | None, miss: int | None, status: int = 200) -> Response:
    about = line is not None or miss is not None
    drawn = _drawn(me, present_version(me), line, miss) if about else {}
    return page("member/question_new.html", status=status, form=form, line=line, miss=miss, **drawn)


def _thread(question_id: int, form: EntryForm, status: int = 200) -> Response:
    me = current_member()
    found = reads.own(me.id, question_id, number_in(request.args, "before"))
    drawn = {}
    if found.line is not None or found.miss is not None:
        drawn = _drawn(me, version(me, found.lines, found.decisions), found.line, found.miss)
    return page("member/question.html", status=status, thread=found, form=form, states=STATES, tones=TONES, **drawn)


def _drawn(me: CurrentMember, present: str, line: int | None, miss: int | None) -> dict[str, Markup]:
    """The decision in one line and in full; they change when the ledger does. Points are nothing for the quiet."""
    if me.is_quiet:
        return {}
    facts = cache(lambda: decided(me, line, miss))
    about = f"question about {'miss' if line is None else 'line'} {miss if line is None else line}"
    return {
        name: remembered(present, f"{about} {name}", lambda template=template: render_template(template, **facts()))  # type: ignore[misc]
        for name, template in (("brief", "member/_question_brief.html"), ("decision", "member/_question_decision.html"))
    }
