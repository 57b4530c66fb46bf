"""The access policy: every route and method there is, and who may use it. What is not listed refuses to start."""

from urllib.parse import urlencode

from flask import Flask, Response, current_app, request

from app.gamification.errors.staff import NotEntitled
from app.gamification.staff.rights import Right
from app.lib import clock
from app.routes import htmx, viewing
from app.routes.admin import confirmation
from app.routes.desk import signed_in_staff
from app.routes.policy import desk, desk_members, machines, members, visitors
from app.routes.policy.audiences import Access, Audience
from app.routes.session import signed_in

READS = ("GET", "HEAD", "OPTIONS")
POLICY: dict[str, Access] = {
    **visitors.LINES,
    **members.LINES,
    **machines.LINES,
    **desk.LINES,
    **desk_members.LINES,
}


class RouteWithoutAccess(RuntimeError):
    """A route that the policy does not name could be open to anybody; the programme refuses to start."""


def needed(method: str, endpoint: str) -> Access | None:
    """What the policy asks for a method of an endpoint; HEAD and OPTIONS are as open as GET."""
    return POLICY.get(f"{'GET' if method in READS else method} {endpoint}")


def routes(app: Flask) -> set[str]:
    """Every `METHOD endpoint` that the application answers."""
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None
    access = needed(request.method, request.endpoint)
    if access is None:
        raise NotEntitled()
    changes = request.method not in READS
    if access.who is Audience.MEMBER or (access.who is Audience.ANYONE and changes):
        elsewhere = viewing.refuse_all_but_reading()
        if elsewhere is not None:
            return elsewhere
    if access.who is Audience.MEMBER:
        if signed_in() is None:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    elif isinstance(access.who, Right):
        return _enforce_right(access, access.who)
    return None


def _enforce_right(access: Access, right: Right) -> Response | None:
    someone = signed_in_staff()
    if someone is None:
        return _to_sign_in()
    if not someone.may(right):
        raise NotEntitled()
    if access.fresh and not someone.is_fresh(clock.now()):
        return confirmation.ask()
    return None


def _to_sign_in() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" and not htmx.is_fragment() else ""
    return htmx.see_other("/admin/sign-in" + (f"?{urlencode({'next': back})}" if back else ""))


def install(app: Flask) -> None:
    """Ask the policy before every view. After the last route is registered; raises RouteWithoutAccess."""
    if missing := sorted(routes(app) - POLICY.keys()):
        raise RouteWithoutAccess(f"Not in app/routes/policy: {', '.join(missing)}")
    if stale := sorted(POLICY.keys() - routes(app)):
        raise RouteWithoutAccess(f"In app/routes/policy, but no such route: {', '.join(stale)}")
    app.before_request(_enforce)
