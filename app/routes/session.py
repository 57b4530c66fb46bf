"""Who is behind the request: Flask-Login over sign-in rows, read in one statement with all a page's frame needs."""

from urllib.parse import urlencode

from flask import Flask, Request, Response, abort, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer

from app.gamification.brand import brand
from app.gamification.members import marks, sign_ins
from app.lib import clock
from app.models.base import transaction
from app.routes import htmx
from app.routes.tokens import NAME as CSRF

# What the session holds for the staff area begins so (routes/desk.py): a member's sign-in neither ends it nor reads it.
DESK = "desk"
MARK = "laurel_browser"
MARK_SECONDS = 400 * 86_400  # no browser keeps a cookie for longer


class Sessions(SecureCookieSessionInterface):
    """Flask's own, less what it does for every request: machines bring no cookie, and the signer is made once."""

    _signer: URLSafeTimedSerializer | None = None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.vary.add("Cookie")

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class CurrentMember(sign_ins.SignedIn):
    """The signed-in member, as pages show them."""

    __slots__ = ()

    viewed = False  # by staff, see routes/viewing.py

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the cookie carries: the sign-in's id, and nothing about the member."""
        return sign_ins.to_cookie(self.sign_in_id)

    @property
    def tier_name(self) -> str:
        """The member's level, in the member's language."""
        return brand().tier_name(self.level_id, self.language)


def signed_in() -> CurrentMember | None:
    """The member behind this request, or None."""
    # Where Flask-Login keeps whom it has loaded; asking through `current_user` costs ten times as much.
    reader = g.get("_login_user") or current_user._get_current_object()
    return reader if isinstance(reader, CurrentMember) else None


def current_member() -> CurrentMember:
    """The member behind a request to a page that only members see."""
    return signed_in() or abort(401)


def begin(cookie: str, *, remember: bool = False) -> None:
    """Make this browser the one that was just signed in; what the session held before is gone, but for the desk's."""
    _clear()
    _forget_reader()
    member = load(cookie)
    if member is not None:
        login_user(member, remember=remember)
        g.keeps_mark = True
        # Flask-Login's hash of address and browser: nobody reads it, and it says more than the sign-in's id.
        session.pop("_id", None)


def finish() -> None:
    """Let this browser forget who it was as a member; whoever is signed in at the desk stays so."""
    _clear()
    logout_user()
    _forget_reader()


def seen_from() -> dict[str, str | None]:
    """Where a request comes from, as a sign-in row keeps it so that its owner can tell it from others."""
    return {"address": request.remote_addr, "browser": request.user_agent.string}


def browser() -> dict[str, str | None]:
    """The same for a member's sign-in, with the mark by which the browser is known again."""
    mark = request.cookies.get(MARK, "")
    g.mark = mark if marks.is_mark(mark) else marks.new()
    return {**seen_from(), "mark": g.mark}


def _clear() -> None:
    # The token of forms goes too: one that was planted in the browser must be worth nothing afterwards.
    for name in [name for name in session if not name.startswith(DESK)]:
        session.pop(name)
    g.pop(CSRF, None)


def _forget_reader() -> None:
    for kept in ("language", "reader_zone"):
        g.pop(kept, None)


def load(cookie: str) -> CurrentMember | None:
    """The member who signed in under this id, or None."""
    found = sign_ins.read(cookie, clock.now())
    return None if found is None else CurrentMember._make(found)


def _unauthorized() -> Response:
    # What asks by itself wants a plain word, and no page to sign in at.
    if request.blueprint and request.blueprint.startswith(("api", "live")):
        abort(401)
    back = request.full_path.rstrip("?") if request.method == "GET" and not htmx.is_fragment() else ""
    return htmx.see_other("/login" + (f"?{urlencode({'next': back})}" if back else ""))


def _see_browser(response: Response) -> Response:
    """Write at most every five minutes that the browser is in use; never because a page was read."""
    member = g.get("_login_user")
    if request.method not in ("GET", "HEAD", "OPTIONS") and isinstance(member, CurrentMember):
        now = clock.now()
        if member.is_due(now) and response.status_code < 400:
            with transaction():
                sign_ins.see(member.sign_in_id, now=now)
    return response


def _keep_mark(response: Response) -> Response:
    """Let a browser that signs in be known the next time; whoever signs in again has it kept for longer."""
    if g.get("keeps_mark") and (mark := g.get("mark")):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(MARK, mark, max_age=MARK_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response


def install(app: Flask) -> None:
    """Wire sessions and Flask-Login; `current_user` is kept out of templates, which know `me`."""
    app.session_interface = Sessions()
    manager = LoginManager()
    # A sign-in is a row that can be ended; guessing from address and browser would only sign travellers out.
    manager.session_protection = None
    manager.login_message = None
    manager.user_loader(load)
    manager.unauthorized_handler(_unauthorized)
    manager.init_app(app, add_context_processor=False)
    app.after_request(_see_browser)
    app.after_request(_keep_mark)
