"""Habits: the streak, rest days that are planned, and what members set themselves: a limit of risk, a trading plan."""

from datetime import time
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.habits import limits, plans, reads, rest
from app.gamification.habits.limits import DECIMALS
from app.gamification.habits.limits import MOST as MOST_RISK
from app.gamification.habits.own import Limit, Plan
from app.gamification.habits.plans import MOST_LOTS, MOST_MINUTES
from app.lib import clock
from app.lib.i18n import _l
from app.lib.periods import day_of
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.fields import Asked, Between, Exact, Whole
from app.routes.countries import LongSelect, currencies
from app.routes.forms import TOO_LONG, Form
from app.routes.member.asked import number
from app.routes.member.days import weekday_letters, weekday_names
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("habits", __name__, url_prefix="/habits")

WEEKS_SHOWN = 14
LATEST_DAY = 999_999  # of any calendar
NO_TIME = _l("Write a time such as 08:30.")
LEAST = Decimal("0.01")


class LimitForm(Form):
    """The most a member wants to lose in one trade."""

    amount = Exact(
        _l("At most, in one trade"),
        [Asked(), Between(LEAST, MOST_RISK)],
        decimals=DECIMALS,
        render_kw={"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"},
    )
    currency = SelectField(_l("Currency"), validate_choice=False, widget=LongSelect(currencies))


class Hour(StringField):
    """A time of day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        written = valuelist[0].strip()[:8] if valuelist else ""
        self.data = None
        if written:
            try:
                self.data = time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
            except ValueError:
                raise ValueError(NO_TIME) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data else ""


class PlanForm(Form):
    """A trading plan; what is left empty is not checked."""

    symbols = StringField(
        _l("Instruments"),
        [Length(max=600, message=TOO_LONG)],
        description=_l("As your platform writes them, with commas: EURUSD, XAUUSD. Empty: any."),
        render_kw={"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    opens = Hour(_l("Open trades from"), render_kw={"type": "time"})
    closes = Hour(_l("until"), render_kw={"type": "time"})
    max_lots = Exact(
        _l("At most, in lots"),
        [Optional(), Between(LEAST, MOST_LOTS)],
        render_kw={"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"},
    )
    hold_minutes = Whole(
        _l("Hold for at least, in minutes"),
        [Optional(), Between(0, MOST_MINUTES)],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "dir": "ltr"},
    )
    needs_stop = BooleanField(_l("Every trade has a stop-loss"))

    @classmethod
    def of(cls, plan: Plan | None) -> "PlanForm":
        """The form with what stands."""
        if plan is None:
            return cls(formdata=None)
        return cls(
            formdata=None,
            symbols=", ".join(plan.symbols),
            opens=plan.opens,
            closes=plan.closes,
            max_lots=Decimal(plan.max_lots) if plan.max_lots else None,
            hold_minutes=plan.hold_minutes or None,
            needs_stop=plan.needs_stop,
        )

    def plan(self, zone: str) -> Plan:
        """What was filled in; raises what plans.sound refuses."""
        return plans.sound(
            symbols=self.symbols.data or "",
            opens=self.opens.data,
            closes=self.closes.data,
            zone=zone,
            max_lots=self.max_lots.data,
            needs_stop=bool(self.needs_stop.data),
            hold_minutes=self.hold_minutes.data or 0,
        )


@bp.get("")
def show() -> Response:
    """The page."""
    return _page(current_member())


@bp.post("/rest")
def rest_on() -> Response:
    """Plan a rest day."""
    me, day = current_member(), _day()
    try:
        with transaction():
            rest.plan(me.id, day, zone=me.zone, now=clock.now())
    except Refusal as refusal:
        return _page(me, refused=refusal, status=422)
    return _back(f"rest-{day}")


@bp.post("/rest/cancellation")
def cancel_rest() -> Response:
    """Let a rest day go that has not begun."""
    me, day = current_member(), _day()
    try:
        with transaction():
            rest.cancel(me.id, day, now=clock.now())
    except Refusal as refusal:
        return _page(me, refused=refusal, status=422)
    return _back(f"rest-{day}")


@bp.post("/limit")
def set_limit() -> Response:
    """Set a limit of risk, from now on."""
    me, form = current_member(), LimitForm()
    try:
        if not form.validate() or form.amount.data is None:
            return _page(me, limit_form=form, status=422)
        with transaction():
            changed = limits.put(me.id, form.amount.data, form.currency.data or "", now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(me, limit_form=form, status=422)
    flash(_l("Your limit stands. It judges trades you open from now on.") if changed else _l("Nothing was changed."))
    return _back("limit")


@bp.post("/limit/removal")
def end_limit() -> Response:
    """Set no limit any more."""
    me = current_member()
    with transaction():
        limits.end(me.id, now=clock.now())
    flash(_l("There is no limit from now on. Trades before keep being judged by the one they were opened under."))
    return _back("limit")


@bp.post("/plan")
def write_plan() -> Response:
    """Let a trading plan stand from now on."""
    me, form = current_member(), PlanForm()
    try:
        if not form.validate():
            return _page(me, plan_form=form, status=422)
        plan = form.plan(me.time_zone)
        with transaction():
            changed = plans.write(me.id, plan, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(me, plan_form=form, status=422)
    flash(_l("Your plan stands. It judges trades you open from now on.") if changed else _l("Nothing was changed."))
    return _back("plan")


@bp.post("/plan/removal")
def end_plan() -> Response:
    """Let no trading plan stand any more."""
    me = current_member()
    with transaction():
        plans.end(me.id, now=clock.now())
    flash(_l("There is no plan from now on. Trades before keep being judged by the one they were opened under."))
    return _back("plan")


def _day() -> int:
    """The day a form names; one that is long gone for what names none."""
    return number(request.form.get("day", ""), LATEST_DAY) or 0


def _limit_form(limit: Limit | None) -> LimitForm:
    if limit is None:
        return LimitForm(formdata=None, currency=brand().currency)
    return LimitForm(formdata=None, amount=limit.amount, currency=limit.currency)


def _back(part: str) -> Response:
    return htmx.see_other(url_for("habits.show", _anchor=part))


def _page(
    me: CurrentMember,
    *,
    limit_form: LimitForm | None = None,
    plan_form: PlanForm | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> Response:
    now = clock.now()
    found = reads.habits(me, now)
    context: dict[str, Any] = {
        "habits": found,
        "today": day_of(now, me.zone),
        "weeks": found.streak.latest(WEEKS_SHOWN),
        "letters": weekday_letters(),
        "weekdays": weekday_names(),
        "refused": refused.sentence if refused else None,
        "limit_form": limit_form or _limit_form(found.limit),
        "plan_form": plan_form or PlanForm.of(found.plan),
        "most_rest": rest.MOST_A_WEEK,
        "days_ahead": rest.DAYS_AHEAD,
    }
    return page("member/habits.html", status=status, **context)
