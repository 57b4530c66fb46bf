"""The brand: names, links, logo and colours, each colour checked while it is chosen."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional

from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.branding import keeping
from app.gamification.branding.palette import OWN, Colours, palette
from app.gamification.branding.pictures import MOST_BYTES
from app.gamification.branding.stylesheet import stylesheet
from app.gamification.errors import Refusal
from app.gamification.errors.programme import BadPicture
from app.gamification.members.names import LONGEST_EMAIL, LONGEST_NAME, clean_email, clean_name
from app.lib import clock
from app.lib.colour import BadColour
from app.lib.i18n import _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.versioned import VersionedForm
from app.routes.desk import current_staff
from app.routes.forms import TOO_LONG, needed
from app.routes.language import language
from app.routes.rendering import page

bp = Blueprint("admin_brand", __name__, url_prefix="/admin/brand")

LINK = [Optional(), Length(max=keeping.LONGEST_LINK, message=TOO_LONG)]
AS_LINK = {"type": "url", "placeholder": "https://", "inputmode": "url", "autocomplete": "off"}
AS_COLOUR = {"spellcheck": "false", "autocomplete": "off", "dir": "ltr", "maxlength": "7"}
PREVIEW = ".brand-preview"


class NamesForm(VersionedForm):
    brand_name = StringField(_l("Name of your brand"), needed(LONGEST_NAME))
    programme_name = StringField(_l("Name of the programme"), needed(LONGEST_NAME))
    support_email = StringField(
        _l("Address for questions"),
        [Optional(), Length(max=LONGEST_EMAIL, message=TOO_LONG)],
        description=_l("Members write there from every page."),
        render_kw={"type": "email", "autocomplete": "off"},
    )
    help = StringField(_l("Help page"), LINK, render_kw=AS_LINK)
    terms = StringField(_l("Full terms"), LINK, render_kw=AS_LINK)
    complaints = StringField(_l("Complaints"), LINK, render_kw=AS_LINK)

    def settle(self) -> None:
        """Ask the domain about each field."""
        self.check("brand_name", clean_name)
        self.check("programme_name", clean_name)
        if self.support_email.data:
            self.check("support_email", clean_email)
        for name in keeping.LINKS:
            self.check(name, keeping.clean_link)


class ColoursForm(VersionedForm):
    brand = StringField(_l("Brand colour"), needed(7), render_kw=AS_COLOUR)
    hero = StringField(
        _l("Hero colour"),
        [Optional(), Length(max=7, message=TOO_LONG)],
        description=_l("The deep ground of the first card. Empty: made from the brand colour."),
        render_kw=AS_COLOUR,
    )


class LogoForm(VersionedForm):
    logo = FileField(
        _l("Picture"),
        description=_l("PNG, JPEG or WebP of up to 1 MB. It is drawn anew; nothing but what is seen is kept."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    has_name = BooleanField(_l("The picture says our name, so that pages need not repeat it"))


@bp.get("")
def index() -> Response:
    """Everything of the brand; colours named in the address are tried on."""
    return _page()


@bp.post("")
def update() -> Response:
    """Store names and links."""
    form = NamesForm()
    form.validate()
    form.settle()
    if form.errors:
        return _page(names=form, status=422)
    names = keeping.Names(**{name: form[name].data or "" for name in keeping.Names.__dataclass_fields__})
    return _stored(form, lambda by, now: keeping.save_names(by, names, version=form.drawn_from, now=now), "names")


@bp.post("/colours")
def dress() -> Response:
    """Store the colours, or go back to the product's own."""
    form, chosen = ColoursForm(), None
    if not request.form.get("own"):
        if not form.validate():
            return _page(colours=form, status=422)
        chosen = Colours(form.brand.data or "", (form.hero.data or "").strip())
    return _stored(form, lambda by, now: keeping.save_colours(by, chosen, version=form.drawn_from, now=now), "colours")


@bp.post("/logo")
def show_logo() -> Response:
    """Store an uploaded logo."""
    form = LogoForm()
    form.validate()
    sent = form.logo.data
    data = sent.stream.read(MOST_BYTES + 1) if sent else b""
    if not data:
        form.refuse(BadPicture())
        return _page(logo=form, status=422)
    has_name = bool(form.has_name.data)
    return _stored(
        form,
        lambda by, now: keeping.save_logo(by, data, has_name=has_name, version=form.drawn_from, now=now),
        "logo",
    )


@bp.post("/logo/removal")
def drop_logo() -> Response:
    """Show the product's own mark again."""
    form = LogoForm()
    return _stored(form, lambda by, now: keeping.drop_logo(by, version=form.drawn_from, now=now), "logo")


@bp.get("/contrast")
def contrast() -> Response:
    """How colours read, while they are being chosen."""
    return page("admin/brand/_contrast.html", **_tried(request.args.get("brand", ""), request.args.get("hero", "")))


@bp.get("/preview.css")
def preview() -> Response:
    """The sheet of colours that are tried on, for the preview alone."""
    try:
        sheet = stylesheet(Colours(request.args.get("brand", "")[:12], request.args.get("hero", "")[:12]), PREVIEW)
    except BadColour:
        abort(404)
    return Response(sheet, mimetype="text/css", headers={"Cache-Control": "no-store"})


def _stored(form: VersionedForm, act: Any, part: str) -> Response:
    try:
        with transaction():
            act(current_staff().id, clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(**{part: form}, status=422)
    flash(_l("Saved. Every page follows within a second."))
    return htmx.see_other(url_for("admin_brand.index"))


def _page(
    *,
    names: NamesForm | None = None,
    colours: ColoursForm | None = None,
    logo: LogoForm | None = None,
    status: int = 200,
) -> Response:
    house = brand()
    chosen = colours or _colours_of(house)
    context: dict[str, Any] = {
        "names": names or _names_of(house),
        "colours": chosen,
        "logo": logo
        or LogoForm(formdata=None, version=house.version, has_name=bool(house.logo and house.logo.has_name)),
        "warnings": _warnings(house),
    }
    context |= _tried(chosen.brand.data or "", chosen.hero.data or "")
    return page("admin/brand/index.html", status=status, **context)


def _names_of(house: Brand) -> NamesForm:
    named = {"brand_name": house.brand_name, "programme_name": house.name, "support_email": house.support_email}
    return NamesForm(formdata=None, version=house.version, **named, **house.links)


def _colours_of(house: Brand) -> ColoursForm:
    present = house.colours or OWN
    tried = request.args if request.method == "GET" else {}
    asked = {"brand": tried.get("brand", present.brand)[:7], "hero": tried.get("hero", present.hero)[:7]}
    return ColoursForm(formdata=None, version=house.version, **asked)


def _tried(chosen: str, hero: str) -> dict[str, Any]:
    """What the fragment of the contrast needs; nothing is made of what is no colour."""
    tried = Colours(chosen.strip()[:12], hero.strip()[:12])
    try:
        made = palette(tried)
    except BadColour:
        return {"tried": tried, "made": None}
    return {"tried": tried, "made": made}


def _warnings(house: Brand) -> list[dict[str, Any]]:
    """The warning of each law pack that a company stands under, with that company's figure."""
    found: dict[str, dict[str, Any]] = {}
    for entity in house.entities:
        pack = house.policy.pack(entity.pack_key) if house.policy else None
        if pack is not None:
            said = risk_warning(house, language().code, pack=pack, entity_id=entity.id)
            told = {"pack": pack, "entities": [], "said": said, "missing": pack.retail and entity.loss is None}
            found.setdefault(pack.key, told)["entities"].append(entity.name)
    return list(found.values())
