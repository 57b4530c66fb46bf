"""The journal: what a member wrote, day by day, and the form for more. Staff who look on see none of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from app.gamification.errors import NotFound, Refusal
from app.gamification.errors.habits import NotToWriteAbout
from app.gamification.journal import reads, writing
from app.gamification.journal.reads import Entry
from app.gamification.journal.words import LONGEST, LONGEST_KEEP, MOODS, NOT_SAID, Note
from app.gamification.journal.writing import DAYS_BACK
from app.gamification.staff.sent import new_token
from app.lib import clock
from app.lib.clock import to_day
from app.lib.i18n import _l
from app.lib.periods import day_of
from app.lib.texts import cleaned
from app.models.base import transaction
from app.routes import htmx
from app.routes.forms import Form
from app.routes.member.asked import month_in, number
from app.routes.member.bars import month_name
from app.routes.member.days import month_of, weekday_letters
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("journal", __name__, url_prefix="/journal")

ONE = "<int:entry_id>"
DAYS_OFFERED = 7
DAY, TRADE = "day", "trade"
NO_MOOD = -1  # of what was tampered with
LAST_ACTIVITY = 2**63 - 1
WEATHER = {1: "cloud-lightning", 2: "cloud-rain", 3: "cloud", 4: "cloud-sun", 5: "sun"}


class EntryForm(Form):
    """What is written; the domain counts what is left of it once it is clean."""

    body = TextAreaField(
        _l("What happened, and why did you act as you did?"),
        render_kw={"rows": 6, "maxlength": LONGEST, "dir": "auto"},
    )
    mood = RadioField(
        _l("How clear was your head?"),
        choices=[SelectChoice(str(mood), words) for mood, words in MOODS.items()],
        validate_choice=False,
    )
    lesson = StringField(
        _l("What do you keep or change?"),
        description=_l("One line you want to find again."),
        render_kw={"maxlength": LONGEST_KEEP, "dir": "auto", "autocomplete": "off"},
    )

    @property
    def note(self) -> Note:
        """What was written."""
        mood = number(self.mood.data or str(NOT_SAID))
        return Note(self.body.data or "", NO_MOOD if mood is None else mood, self.lesson.data or "")


class NewForm(EntryForm):
    """An entry that is to be: on a day, or on a closed trade."""

    about = SelectField(_l("What do you write about?"), validate_choice=False)
    token = HiddenField()


@dataclass(frozen=True)
class Asked:
    """What the address narrows the list to; what makes no sense counts as not asked."""

    month: date | None = None
    words: str = ""
    before: tuple[int, int] | None = None

    def address(self, **changes: Any) -> str:
        """The list with some of it changed."""
        values = {"month": f"{self.month:%Y-%m}" if self.month else "", "q": self.words, **changes}
        told = {name: value for name, value in values.items() if value}
        return f"{url_for('journal.show')}?{urlencode(told)}" if told else url_for("journal.show")


@bp.get("")
def show() -> Response:
    """What was written, the latest day first, and the form for more."""
    me = current_member()
    if me.viewed:
        return page("member/journal_private.html")
    about = request.args.get("about", "")
    return _page(me, NewForm(formdata=None, token=new_token(), about=about, mood=""))


@bp.post("")
def create() -> Response:
    """Write an entry."""
    me, form, now = current_member(), NewForm(), clock.now()
    try:
        day, activity_id = _about(form.about.data or "")
        with transaction():
            writing.write(
                me.id, form.note, form.token.data or "", zone=me.zone, now=now, day=day, activity_id=activity_id
            )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(me, form, 422)
    flash(_l("Written. The first entry of a day counts as practice."))
    return htmx.see_other(url_for("journal.show"))


@bp.get(f"/{ONE}")
def edit(entry_id: int) -> Response:
    """One entry, to be written anew."""
    me = current_member()
    if me.viewed:
        return page("member/journal_private.html")
    entry = reads.own(me.id, entry_id)
    form = EntryForm(formdata=None, body=entry.body, mood=str(entry.mood or ""), lesson=entry.lesson)
    return _edit(entry, form)


@bp.post(f"/{ONE}")
def update(entry_id: int) -> Response:
    """Store what an entry says now."""
    me, form = current_member(), EntryForm()
    try:
        with transaction():
            writing.change(me.id, entry_id, form.note, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _edit(reads.own(me.id, entry_id), form, 422)
    flash(_l("Saved."))
    return htmx.see_other(url_for("journal.show", _anchor=f"entry-{entry_id}"))


@bp.post(f"/{ONE}/removal")
def remove(entry_id: int) -> Response:
    """Delete an entry for good."""
    me = current_member()
    with transaction():
        writing.drop(me.id, entry_id)
    flash(_l("Deleted. The practice of that day still counts."))
    return htmx.see_other(url_for("journal.show"))


def _page(me: CurrentMember, form: NewForm, status: int = 200) -> Response:
    question = _asked(request.args)
    today = day_of(clock.now(), me.zone)
    found = reads.journal(me.id, question.month, question.words, question.before)
    trades = reads.trades(me.id)
    days = _days(form.about.data or "", today)
    offered = {f"{DAY}:{day}" for day in days} | {f"{TRADE}:{trade.activity_id}" for trade in trades}
    if (form.about.data or "") not in offered:
        form.about.data = f"{DAY}:{today}"
    drawn = month_of(to_day(question.month) if question.month else today, set(found.days), today)
    return page(
        "member/journal.html",
        status=status,
        form=form,
        asked=question,
        journal=found,
        days=days,
        today=today,
        trades=trades,
        drawn=drawn,
        letters=weekday_letters(),
        month_names={month.key: month_name(month.first) for month in found.months},
        moods=MOODS,
        weather=WEATHER,
    )


def _edit(entry: Entry, form: EntryForm, status: int = 200) -> Response:
    return page("member/journal_entry.html", status=status, entry=entry, form=form, moods=MOODS, weather=WEATHER)


def _asked(given: Mapping[str, str]) -> Asked:
    day, _, id_ = given.get("before", "").partition(".")
    below = number(day), number(id_)
    before = (below[0], below[1]) if below[0] is not None and below[1] is not None else None
    words = cleaned(given.get("q", "")[: 2 * reads.LONGEST_SEARCH])[: reads.LONGEST_SEARCH]
    return Asked(month_in(given.get("month", "")), words, before)


def _about(written: str) -> tuple[int | None, int | None]:
    """(day, activity) that a form names; raises NotToWriteAbout."""
    kind, _, which = written.partition(":")
    found = number(which, LAST_ACTIVITY)
    if kind not in (DAY, TRADE) or found is None:
        raise NotToWriteAbout(days=DAYS_BACK)
    return (found, None) if kind == DAY else (None, found)


def _days(about: str, today: int) -> list[int]:
    """The days that are offered: the last ones, and an older one that was asked for."""
    days = [today - back for back in range(DAYS_OFFERED)]
    kind, _, which = about.partition(":")
    asked_for = number(which) if kind == DAY else None
    if asked_for is not None and today - DAYS_BACK <= asked_for < days[-1]:
        days.append(asked_for)
    return days
