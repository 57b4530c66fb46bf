"""What a member wants to be told, by which channel and how often; and whether it should be quiet for a while."""

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from app.gamification.errors import Refusal
from app.gamification.errors.messages import UnknownRhythm
from app.gamification.messages import choices
from app.gamification.messages.choices import RHYTHMS, Choices
from app.gamification.messages.quiet import DAYS
from app.gamification.messages.topics import CHANNELS, TOPICS
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.forms import NOT_OFFERED, Form, either
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("choices", __name__)

HERE = "/profile/messages"


class RhythmForm(Form):
    digest = either(
        _l("Summary by mail"),
        RHYTHMS,
        description=_l("In the morning where you live, with what you have not read yet. Never an empty one."),
    )


@bp.get(HERE)
def show() -> Response:
    """What was chosen."""
    chosen = choices.of(current_member().id)
    return _page(chosen, RhythmForm(formdata=None, digest=chosen.digest))


@bp.post(HERE)
def update() -> Response:
    """Keep what was chosen; a box that was not ticked is off."""
    me, form = current_member(), RhythmForm()
    wanted = {(topic.key, way) for topic in TOPICS for way in CHANNELS if request.form.get(f"{topic.key}-{way}")}
    form.validate()
    try:
        if form.errors:
            raise UnknownRhythm()
        with transaction():
            choices.save(me.id, form.digest.data or "", wanted)
    except Refusal:
        form.digest.errors = [NOT_OFFERED]
        off = frozenset((topic.key, way) for topic in TOPICS for way in CHANNELS) - wanted
        return _page(choices.of(me.id)._replace(off=off), form, 422)
    flash(_l("Your choice is saved."))
    return htmx.see_other(HERE)


def _page(chosen: Choices, form: RhythmForm, status: int = 200) -> Response:
    return page(
        "member/choices.html",
        "member/_choices_form.html" if status == 422 else None,
        status=status,
        nav_key="profile",
        chosen=chosen,
        form=form,
        offered=TOPICS,
        quiet_days=DAYS,
    )
