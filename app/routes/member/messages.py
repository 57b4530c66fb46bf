"""What a member was told, by topic and newest first; reading is noted only when they say so, or open one."""

from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from app.gamification.errors.messages import MessageNotFound
from app.gamification.ledger.outcome import compiled
from app.gamification.messages import reading, reads
from app.gamification.messages.reads import NEWEST, Inbox, Told, Topics
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx
from app.routes.addresses import address_of
from app.routes.language import language
from app.routes.member.asked import asked
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("messages", __name__, url_prefix="/messages")

ONE = "<int:message_id>"


@bp.get("")
def show() -> Response:
    """The page, or its list alone."""
    me = current_member()
    return _listed(me, _topics(me, request.args.get("topic", "")))


@bp.get("/rows")
def rows() -> Response:
    """The messages below those that are shown, to be put under them."""
    me = current_member()
    topics = _topics(me, request.args.get("topic", ""))
    if not htmx.is_fragment():
        return _listed(me, topics)
    return page("member/_messages_rows.html", "member/_messages_rows.html", **_shown(_inbox(me, topics)))


@bp.post("/readings")
def read() -> Response:
    """What is shown was read, up to the newest of it; back to where it was shown."""
    me, shown = current_member(), request.form.get("topic", "")
    topics, newest = _topics(me, shown), asked({"before": request.form.get("newest", "")}).before
    with transaction():
        reading.read_all_of(me.id, topics.kinds, newest or NEWEST, now=clock.now())
    if "newest" not in request.form:
        return htmx.see_other("/home#messages")
    if htmx.is_fragment():
        topics = _topics(me, shown)
        return page("member/_messages_read.html", **_shown(_inbox(me, topics)))
    return htmx.see_other(_here(topics))


@bp.post(f"/{ONE}/reading")
def read_one(message_id: int) -> Response:
    """One message was read; it stays where it is."""
    me = current_member()
    _read(me, message_id)
    topics = _topics(me, request.form.get("topic", ""))
    if not htmx.is_fragment():
        return htmx.see_other(f"{_here(topics)}#message-{message_id}")
    inbox = Inbox(topics, (), None)
    return page("member/_messages_one.html", message=_told(me, message_id), **_shown(inbox))


@bp.post(f"/{ONE}/opening")
def open_one(message_id: int) -> Response:
    """One message was read by following it to where it leads."""
    me = current_member()
    _read(me, message_id)
    return htmx.see_other(address_of(_told(me, message_id).wording))


def _read(me: CurrentMember, message_id: int) -> None:
    with transaction():
        if not reading.read_one(me.id, message_id, now=clock.now()):
            raise MessageNotFound()


def _told(me: CurrentMember, message_id: int) -> Told:
    told = reads.one(me.id, message_id, compiled().ladder, language().code, is_quiet=me.is_quiet)
    if told is None:
        raise MessageNotFound()
    return told


def _topics(me: CurrentMember, shown: str) -> Topics:
    return reads.topics_of(me.id, shown, is_quiet=me.is_quiet)


def _inbox(me: CurrentMember, topics: Topics) -> Inbox:
    place = asked(request.args)
    return reads.inbox(
        me.id,
        topics,
        now=clock.now(),
        zone=me.zone,
        ladder=compiled().ladder,
        language=language().code,
        before=place.before or None,
        day=place.day,
    )


def _listed(me: CurrentMember, topics: Topics) -> Response:
    return page("member/messages.html", "member/_messages_list.html", **_shown(_inbox(me, topics)))


def _shown(inbox: Inbox) -> dict[str, Any]:
    return {"inbox": inbox, "topics": inbox.topics, "address_of": address_of, "unread": inbox.topics.unread_in_all}


def _here(topics: Topics) -> str:
    return url_for("messages.show", topic=topics.shown or None)
