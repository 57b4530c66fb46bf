"""A badge that a member shows to others: the page that a link leads to, and its picture."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, url_for

from app.gamification.badges.definition import METALS
from app.gamification.badges.reads import Held
from app.gamification.badges.sharing import Shared, Sharing
from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.members.sign_ins import SignedIn
from app.gamification.pictures import badge as drawing
from app.lib.i18n import Sentence, _l, best_language, pick
from app.models.base import kept_by_app
from app.routes.formats import say_plainly
from app.routes.language import language, speaking
from app.routes.limits import guard_pictures
from app.routes.public.pictured import answered, mark
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("shared_badges", __name__)

AN_HOUR = "public, max-age=3600"  # no longer: the link may end
# As Open Graph writes them.
LOCALES = {"en": "en_GB", "ar": "ar_AR", "zh": "zh_CN"}
_NAMED = _l("%(badge)s · %(level)s")
_SAID = _l("%(alias)s holds this badge at %(brand)s.")
_HELD = _l("holds this badge at %(brand)s")
_SOMEBODY = _l("A member of %(brand)s holds this badge.")
_FOOT = _l("%(programme)s: %(address)s")


@bp.get("/shared/badges/<token>")
def show(token: str) -> Response:
    """Whose badge it is, by alias alone, and the way to badges of one's own."""
    shared = _sharing().read(token)
    house = brand()
    title = _title(shared)
    said = say_plainly(Sentence(_SAID, {"alias": shared.alias, "brand": house.brand_name}))
    return page(
        "public/shared_badge.html",
        shared=shared,
        title=title,
        name=pick(dict(shared.badge.definition.name), language().code),
        said=said,
        metal=METALS[shared.level] if shared.badge.levels > 1 else "",
        locale=LOCALES[language().code],
        **addresses(token),
    )


@bp.get("/og/badges/<token>.png")
@guard_pictures
def picture(token: str) -> Response:
    """The picture, in the language of whoever shows it; other sites show it too."""
    shared = _sharing().read(token)
    card = _card(shared, brand())
    return answered(card, AN_HOUR, lambda: drawing.draw(card))


def token(me: SignedIn, key: str, held: Held) -> str:
    """The part of the address that shows a badge of the member's; raises what Sharing.token does."""
    return _sharing().token(me, key, held, language().code)


def addresses(token: str) -> dict[str, Any]:
    """Where the page and its picture are, within the site and from outside."""
    outside = settings().public_url.rstrip("/")
    here, drawn = (url_for(f"shared_badges.{view}", token=token) for view in ("show", "picture"))
    return {
        "shared_here": here,
        "shared_outside": outside + here,
        "picture": drawn,
        "picture_outside": outside + drawn,
    }


def _sharing() -> Sharing:
    return kept_by_app("sharing_badges", lambda: Sharing(settings().installation_secret))


def _title(shared: Shared) -> str:
    name = {"badge": shared.badge.definition.name}
    if shared.badge.levels == 1:
        return pick(dict(shared.badge.definition.name), language().code)
    return say_plainly(Sentence(_NAMED, name | {"level": Sentence(METALS[shared.level])}))


def _card(shared: Shared, house: Brand) -> drawing.Card:
    said = shared.badge.definition
    with speaking(best_language(shared.language, offered=house.languages)) as spoken:
        assert house.policy is not None, "no page is shown without a programme"
        warning = risk_warning(house, spoken.code, pack=house.policy.pack("unknown"))
        alias = drawing.alias_or_nothing(shared.alias)
        held = Sentence(_HELD if alias else _SOMEBODY, {"brand": house.brand_name})
        foot = {"programme": house.name, "address": urlsplit(settings().public_url).netloc}
        return drawing.Card(
            right_to_left=spoken.direction == "rtl",
            brand=house.brand_name,
            programme=house.name if house.name != house.brand_name else "",
            icon=said.icon,
            level=shared.level,
            name=pick(dict(said.name), spoken.code),
            metal=say_plainly(Sentence(METALS[shared.level])) if shared.badge.levels > 1 else "",
            whose=alias,
            under=(say_plainly(held),),
            risk=say_plainly(warning),
            foot=say_plainly(Sentence(_FOOT, foot)),
            colours=house.colours,
            mark=mark(house),
        )
