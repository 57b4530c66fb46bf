"""Pages and fragments: one function answers both, one place says what every template may rely on."""

from typing import Any

from flask import Flask, Response, make_response, render_template, request

from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.live.marks import on_page
from app.gamification.setup import checklist
from app.gamification.staff.rights import TITLES
from app.lib import clock
from app.lib.i18n import Sentence
from app.models.base import to_json
from app.routes import htmx, viewing
from app.routes.admin.places import sidebar
from app.routes.desk import at_desk, signed_in_staff
from app.routes.language import Language, language, offered
from app.routes.session import CurrentMember, signed_in
from app.routes.settings import installation

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")


def page(full: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """The full page, or its fragment alone when htmx asked for that; caches keep the two apart."""
    alone = fragment is not None and htmx.is_fragment()
    response: Response = make_response(render_template(fragment if alone and fragment else full, **context), status)
    if fragment is not None:
        response.vary.add("HX-Request")
    return response


def frame() -> dict[str, Any]:
    """What every template may rely on, whoever reads."""
    spoken, house = language(), brand()
    if at_desk() and (staff := signed_in_staff()) is not None:
        common = _common(spoken, house, staff.theme, "green") | {"risk_warning": _warning(house, None, spoken.code)}
        places = {
            "staff_places": sidebar(staff),
            "until_live": checklist.is_open(installation()),
            "staff_title": TITLES[staff.role],
        }
        return common | places | {"me": staff, "home_address": "/admin"}
    member = signed_in()
    common = _common(spoken, house, _theme(member), _up_down(member, spoken.code))
    common |= {"me": member, "home_address": "/home" if member else "/"}
    common["quiet"] = member is not None and member.is_quiet
    common["live"] = to_json(on_page(member)) if member is not None and not member.viewed else ""
    common["visit_due"] = member is not None and not member.viewed and not member.visited_today(clock.now())
    return common | {"risk_warning": _warning(house, member, spoken.code), "viewing": viewing.banner}


def _common(spoken: Language, house: Brand, theme: str, up_down: str) -> dict[str, Any]:
    return {
        "ui_locale": spoken.code,
        "ui_dir": spoken.direction,
        "ui_theme": theme if theme in THEMES else "auto",
        "ui_updown": up_down,
        "languages": offered(),
        "programme": house,
        "nav_key": request.blueprint,
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
    }


def _theme(member: CurrentMember | None) -> str:
    return member.theme if member else request.cookies.get(THEME_COOKIE, "")


def _up_down(member: CurrentMember | None, language_code: str) -> str:
    """The colour that means up: the member's choice, else what traders of that language are used to."""
    if member and member.up_down != "auto":
        return member.up_down
    return "red" if language_code == "zh" else "green"


def _warning(house: Brand, member: CurrentMember | None, language_code: str) -> Sentence:
    if house.policy is None:
        return risk_warning(house, language_code)
    if member is None:
        return risk_warning(house, language_code, pack=house.policy.pack("unknown"))
    entity = house.entity(member.entity_id)
    standing = house.policy.standing(entity.pack_key if entity else "", member.country, member.client_class)
    return risk_warning(house, language_code, pack=standing.strictest, entity_id=member.entity_id)


def install(app: Flask) -> None:
    """Give templates their frame."""
    app.context_processor(frame)
