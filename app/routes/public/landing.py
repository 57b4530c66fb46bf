"""The front page, the terms, and the doors of the demo's cast and staff."""

from typing import NamedTuple

from flask import Blueprint, abort, request, url_for
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.gamification.brand import brand
from app.gamification.members import profile, sign_ins
from app.gamification.members.classes import TITLES
from app.gamification.members.credentials import find_cast
from app.gamification.members.names import initials
from app.gamification.staff import sessions
from app.gamification.staff.credentials import find_demo
from app.gamification.staff.rights import ABOUT as ROLE_ABOUT
from app.gamification.staff.rights import ROLES
from app.gamification.staff.rights import TITLES as ROLE_TITLES
from app.lib import clock
from app.lib.i18n import _l
from app.models.base import read_all, transaction
from app.models.people import ClientClass
from app.routes import desk, htmx
from app.routes.countries import country_name
from app.routes.limits import guard_guessing
from app.routes.public import trying
from app.routes.rendering import page
from app.routes.session import begin, browser, seen_from, signed_in

bp = Blueprint("landing", __name__)

_CAST = text(
    "SELECT m.demo_role, m.name, m.country, m.client_class, w.level_id, w.available"
    " FROM member m JOIN wallet w ON w.id = m.id"
    " WHERE m.demo_role IS NOT NULL AND m.erased_at IS NULL ORDER BY m.id"
)
# In the order they are shown in; a role without words comes last.
ABOUT = {
    "middle": _l("In the middle of the ladder: a professional with points earned, held, spent and missed."),
    "new": _l("Joined a few minutes ago: what the programme says before anything has happened."),
    "top": _l("At the highest level: large volumes, the daily cap, rewards redeemed."),
    "cyprus": _l("A retail client in the EU: no points for trades, so learning and habits count instead."),
    "arabic": _l("Reads Arabic, from right to left, and trades gold from Amman."),
    "chinese": _l("Reads Chinese, sees profits in red, and is close to the next level."),
}


_DESK = text("SELECT demo_role, name, role FROM staff WHERE demo_role IS NOT NULL AND left_at IS NULL ORDER BY id")


class Player(NamedTuple):
    """One of the demo cast, whom a visitor may be for a while."""

    role: str
    name: str
    country: str
    client_class: str
    level_id: int
    available: int

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        return initials(self.name)

    @property
    def about(self) -> str:
        """What there is to see as this one."""
        return ABOUT.get(self.role, "")


class DeskPlayer(NamedTuple):
    """One of the demo staff, whose desk a visitor may try."""

    role: str
    name: str
    title: str
    about: str

    @property
    def initials(self) -> str:
        """One or two letters for the round picture."""
        return initials(self.name)


@bp.get("/")
def show() -> Response:
    """What the programme is, before anybody signs in."""
    if signed_in():
        return htmx.see_other("/home")
    entities = sorted((one for one in brand().entities if one.loss), key=lambda one: one.loss or 0, reverse=True)
    cast, desk_cast = (_cast(), _desk_cast()) if brand().demo else ([], [])
    return page("public/landing.html", cast=cast, desk_cast=desk_cast, entities=entities, **trying.blank())


@bp.get("/terms")
def terms() -> Response:
    """The programme's terms in plain words."""
    return page("public/terms.html")


@bp.post("/demo/sign-in")
@guard_guessing
def enter_demo() -> Response:
    """Be one of the cast, by one click, while the demo season is loaded."""
    if not brand().demo:
        abort(404)
    player = find_cast(request.form.get("role", "")) or abort(404)
    now = clock.now()
    with transaction():
        cookie = sign_ins.start(player.id, **browser(), now=now)
        profile.visit(player.id, player.zone, now=now)
    begin(cookie)
    return htmx.see_other(url_for("home.show"))


@bp.post("/demo/desk")
@guard_guessing
def enter_desk() -> Response:
    """Open the desk as one of the demo staff, by one click, while the demo season is loaded."""
    if not brand().demo:
        abort(404)
    person = find_demo(request.form.get("role", "")) or abort(404)
    now = clock.now()
    with transaction():
        carried = sessions.start_demo(person.id, **seen_from(), now=now)
    desk.become(carried)
    return htmx.see_other(url_for("admin.show"))


def _desk_cast() -> list[DeskPlayer]:
    people = read_all(_DESK)
    players = [DeskPlayer(demo_role, name, ROLE_TITLES[role], ROLE_ABOUT[role]) for demo_role, name, role in people]
    return sorted(players, key=lambda player: ROLES.index(player.role) if player.role in ROLES else len(ROLES))


def _cast() -> list[Player]:
    players = [
        Player(role, name, country_name(country), TITLES[ClientClass(client_class)], level_id, available)
        for role, name, country, client_class, level_id, available in read_all(_CAST)
    ]
    order = list(ABOUT)
    return sorted(players, key=lambda player: order.index(player.role) if player.role in ABOUT else len(order))
