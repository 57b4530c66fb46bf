"""The programme's settings: zone, money, languages, and how much one person may do alone."""

from typing import Any

from flask import Blueprint, Response, flash, url_for
from sqlalchemy import bindparam, select
from wtforms import BooleanField, StringField
from wtforms.validators import Optional

from app.gamification import programme as compiled
from app.gamification.approvals.kinds.programme_limits import TRUST_WORDS
from app.gamification.approvals.kinds.programme_zone import WARNING, ProgrammeZone
from app.gamification.errors import Refusal
from app.gamification.errors.programme import NoLanguage
from app.gamification.programme_settings import bounds, saving
from app.gamification.programme_settings.bounds import MOST_MONEY, MOST_POINTS, Bounds
from app.gamification.programme_settings.limits import Limits
from app.gamification.programme_settings.limits import read as read_limits
from app.gamification.setup.founding import clean_point_cost
from app.lib import clock
from app.lib.countries import time_zones
from app.lib.currencies import currency_codes
from app.lib.i18n import LANGUAGES, _l
from app.models.base import read_all, transaction
from app.models.desk import Proposal
from app.routes import htmx
from app.routes.admin.fields import Asked, Between, Exact, Whole
from app.routes.admin.versioned import VersionedForm
from app.routes.countries import LongSelect, currencies, zones
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.forms import either, listed, needed
from app.routes.rendering import page

bp = Blueprint("admin_programme", __name__, url_prefix="/admin/brand/programme")

_WAITING = (
    select(Proposal.id, Proposal.kind)
    .where(Proposal.state == "open", Proposal.kind.in_(bindparam("kinds", expanding=True)))
    .order_by(Proposal.id)
)


class MoneyForm(VersionedForm):
    currency = listed(_l("Currency"), currency_codes(), widget=LongSelect(currencies))
    point_cost = StringField(
        _l("What one point costs you"),
        needed(12),
        description=_l("In that currency. It is the measure of your liability; members never see it."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    en = BooleanField(LANGUAGES["en"])
    ar = BooleanField(LANGUAGES["ar"])
    zh = BooleanField(LANGUAGES["zh"])

    @property
    def languages(self) -> list[str]:
        """The languages that were ticked."""
        return [code for code in LANGUAGES if self[code].data]

    def settle(self) -> None:
        """Ask the domain about each field."""
        self.check("point_cost", clean_point_cost)
        if not self.languages:
            self.en.errors = [say(NoLanguage().sentence)]


class ZoneForm(VersionedForm):
    time_zone = listed(_l("Time zone of the programme"), time_zones(), widget=LongSelect(zones))


class LimitsForm(VersionedForm):
    adjustment = Whole(
        _l("Points one person may adjust at once"),
        [Asked(), Between(0, MOST_POINTS)],
        description=_l("What is more waits for a second person."),
        render_kw={"inputmode": "numeric"},
    )
    adjustment_day = Whole(
        _l("Points one person may adjust a day"), [Asked(), Between(0, MOST_POINTS)], render_kw={"inputmode": "numeric"}
    )
    liability = Exact(
        _l("What outstanding points may cost"),
        [Optional(), Between(0, MOST_MONEY)],
        decimals=2,
        description=_l("In the programme’s currency. Empty: no cap."),
        render_kw={"inputmode": "decimal"},
    )
    statement_trust = either(_l("Statements that members upload"), TRUST_WORDS)

    def bounds(self) -> Bounds:
        """What was filled in."""
        limits = Limits(self.adjustment.data or 0, self.adjustment_day.data or 0, self.liability.data)
        return Bounds(limits, self.statement_trust.data)


@bp.get("")
def index() -> Response:
    """All settings of the programme."""
    return _page()


@bp.post("")
def update() -> Response:
    """Store currency, the cost of a point and the languages."""
    form = MoneyForm()
    form.validate()
    form.settle()
    if form.errors:
        return _page(money=form, status=422)
    try:
        with transaction():
            saving.save_money(
                current_staff().id,
                currency=form.currency.data,
                point_cost=form.point_cost.data or "",
                languages=form.languages,
                version=form.drawn_from,
                now=clock.now(),
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(money=form, status=422)
    flash(_l("Saved. Every page follows within a second."))
    return _back()


@bp.post("/zone")
def move() -> Response:
    """Ask a second person to move the programme to another time zone."""
    form = ZoneForm()
    if not form.validate():
        return _page(zone=form, status=422)
    try:
        with transaction():
            proposed = saving.propose_zone(
                current_staff().id, form.time_zone.data, version=form.drawn_from, now=clock.now()
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(zone=form, status=422)
    flash(_l("Proposed. It changes once a second person approves.") if proposed else _l("Nothing was changed."))
    return _back()


@bp.post("/limits")
def bound() -> Response:
    """Draw limits tighter at once; propose what is looser."""
    form = LimitsForm()
    if not form.validate():
        return _page(limits=form, status=422)
    try:
        with transaction():
            outcome = bounds.change(current_staff().id, form.bounds(), version=form.drawn_from, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(limits=form, status=422)
    if outcome.proposal_id and outcome.tightened:
        flash(_l("What is tighter holds now; what is looser waits for a second person."))
    elif outcome.proposal_id:
        flash(_l("Proposed. It changes once a second person approves."))
    else:
        flash(_l("Saved.") if outcome.tightened else _l("Nothing was changed."))
    return _back()


def _back() -> Response:
    return htmx.see_other(url_for("admin_programme.index"))


def _page(
    *,
    money: MoneyForm | None = None,
    zone: ZoneForm | None = None,
    limits: LimitsForm | None = None,
    status: int = 200,
) -> Response:
    now = compiled.current()
    version, stored = now.settings_version, read_limits(dict(now.settings.get("limits", {})))
    waiting = {row.kind: row.id for row in read_all(_WAITING, {"kinds": [bounds.KIND, ProgrammeZone.key]})}
    offered = dict.fromkeys(now.settings.get("languages", LANGUAGES), True)
    context: dict[str, Any] = {
        "money": money
        or MoneyForm(
            formdata=None,
            version=version,
            currency=now.currency,
            point_cost=str(now.point_cost),
            **{code: code in offered for code in LANGUAGES},
        ),
        "zone": zone or ZoneForm(formdata=None, version=version, time_zone=now.zone.key),
        "limits": limits
        or LimitsForm(formdata=None, version=version, statement_trust=now.statement_trust, **stored._asdict()),
        "waiting_limits": waiting.get(bounds.KIND),
        "waiting_zone": waiting.get(ProgrammeZone.key),
        "zone_warning": WARNING,
        "known_languages": LANGUAGES,
        "currency": now.currency,
        "nav_key": "admin_brand",
    }
    return page("admin/brand/programme.html", status=status, **context)
