"""The access policy: every route and method there is, and who may use it. What is not listed refuses to start."""

from enum import Enum
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request

from app.gamification.errors import NotEntitled
from app.gamification.staff.rights import Right
from app.lib import clock
from app.routes import htmx, viewing
from app.routes.admin import confirmation
from app.routes.desk import signed_in_staff
from app.routes.session import signed_in

READS = ("GET", "HEAD", "OPTIONS")


class Audience(Enum):
    """Who a route is for, beside the rights of staff."""

    ANYONE = "anyone"
    MEMBER = "a signed-in member, about themselves"
    MACHINE = "whoever signs the request with a key of the API"


class Access(NamedTuple):
    """Who may use a route: an audience, or staff with a right; `fresh`: who gave password and code minutes ago."""

    who: Audience | Right
    fresh: bool = False


ANYONE, MEMBER, MACHINE = (Access(audience) for audience in Audience)
READ, CONFIGURE, CARE, APPROVE, PRIVACY, OWN = (Access(right) for right in Right)


def fresh(access: Access) -> Access:
    """The same, for somebody who has just given password and code again."""
    return access._replace(fresh=True)


def _resource(
    blueprint: str,
    *,
    read: Access = READ,
    write: Access = CONFIGURE,
    edit: bool = True,
    retire: bool = True,
    imports: bool = False,
) -> dict[str, Access]:
    """The lines of one resource: what routes/admin/resource gives each that can be written; as its can_… say."""
    verbs = dict.fromkeys(("GET index", "GET export", "GET show", "GET history"), read)
    writing = ["GET new", "POST create"]
    writing += ["GET edit", "POST update"] if edit else []
    writing += ["GET retiring", "POST retire"] if retire else []
    writing += ["GET imports", "POST look_through", "POST bring_in"] if imports else []
    verbs |= dict.fromkeys(writing, write)
    return {line.replace(" ", f" {blueprint}."): access for line, access in verbs.items()}


POLICY: dict[str, Access] = {
    # Visitors
    **dict.fromkeys(
        (
            "GET landing.show",
            "POST landing.enter_demo",
            "GET password.forgot",
            "POST password.ask",
            "GET password.sent",
            "GET probes.alive",
            "GET join.show",
            "POST join.create",
            "GET join.sent",
            "POST preferences.speak",
            "GET login.show",
            "POST login.create",
            "POST login.destroy",
            "POST preferences.dress",
            "GET probes.ready",
            "GET password.show",
            "POST password.reset",
            "GET stylesheet",
            "GET landing.terms",
            "GET join.verify",
            "POST join.confirm",
            "GET api_reference.show",
            "GET api_openapi.show",
            "GET brand.picture",
            "GET brand.sheet",
            "GET setup.show",
            "POST setup.answer",
            "POST landing.enter_desk",
            # Staff who are not signed in yet
            "GET admin_sign_in.show",
            "POST admin_sign_in.create",
            "GET admin_sign_in.ask_code",
            "POST admin_sign_in.take_code",
            "GET admin_sign_in.show_setup",
            "POST admin_sign_in.set_up",
            "GET admin_sign_in.show_codes",
            "POST admin_sign_in.keep_codes",
            "POST admin_sign_in.destroy",
            "GET admin_invitation.show",
            "POST admin_invitation.accept",
        ),
        ANYONE,
    ),
    # Members
    **dict.fromkeys(
        (
            "GET activity.show",
            "GET activity.rows",
            "GET home.show",
            "GET points.show",
            "GET points.line",
            "GET points.lines",
            "GET points.miss",
            "GET points.chart",
            "GET points.table",
            "GET profile.show",
            "POST profile.update",
            "POST profile.change",
            "GET tiers.show",
            "POST messages.read",
            "POST visits.create",
        ),
        MEMBER,
    ),
    # Machines
    **dict.fromkeys(
        ("POST api_activities.create_delivery",),
        MACHINE,
    ),
    # Staff
    "GET admin.show": READ,
    "GET admin.export": READ,
    "POST admin_confirmation.create": READ,
    "GET admin_me.show": READ,
    "POST admin_me.update": READ,
    "POST admin_me.change_password": READ,
    "POST admin_me.speak": READ,
    "POST admin_me.dress": READ,
    "POST admin_me.end_sign_in": READ,
    "POST admin_me.start_phone": fresh(READ),
    "GET admin_me.show_phone": fresh(READ),
    "POST admin_me.change_phone": fresh(READ),
    "POST admin_me.start_codes": fresh(READ),
    "GET admin_me.show_codes": fresh(READ),
    "POST admin_me.keep_codes": fresh(READ),
    **dict.fromkeys(("GET admin_people.index", "GET admin_people.export", "GET admin_people.show"), READ),
    "GET admin_people.history": READ,
    "POST admin_people.change_role": fresh(OWN),
    "POST admin_people.leave": fresh(OWN),
    "POST admin_people.end_sign_ins": OWN,
    "GET admin_invitations.index": OWN,
    "POST admin_invitations.create": fresh(OWN),
    "POST admin_invitations.send_again": fresh(OWN),
    "POST admin_invitations.revoke": OWN,
    "GET admin_approvals.index": READ,
    "GET admin_approvals.show": READ,
    "GET admin_approvals.payload": READ,
    "POST admin_approvals.approve": fresh(APPROVE),
    "POST admin_approvals.reject": APPROVE,
    "POST admin_approvals.withdraw": READ,
    "GET admin_points.index": CARE,
    "GET admin_points.export": CARE,
    "GET admin_points.new": CARE,
    "POST admin_points.look_through": CARE,
    "POST admin_points.create": CARE,
    "GET admin_audit.index": READ,
    "GET admin_audit.export": PRIVACY,
    **dict.fromkeys(
        (
            "GET admin_rules.index",
            "GET admin_rules.export",
            "GET admin_rules.show",
            "GET admin_rules.history",
            "GET admin_rule_drafts.show",
            "POST admin_rule_drafts.preview",
            "POST admin_rule_drafts.verdict",
        ),
        READ,
    ),
    **dict.fromkeys(
        (
            "GET admin_rules.new",
            "POST admin_rules.create",
            "POST admin_rules.begin",
            "POST admin_rules.duplicate",
            "POST admin_rules.retire",
            "POST admin_rule_drafts.save",
            "POST admin_rule_drafts.propose",
            "POST admin_rule_drafts.discard",
        ),
        CONFIGURE,
    ),
    **dict.fromkeys(
        (
            "GET admin_brand.index",
            "GET admin_brand.contrast",
            "GET admin_brand.preview",
            "GET admin_programme.index",
            "GET admin_start.index",
        ),
        READ,
    ),
    **dict.fromkeys(
        (
            "POST admin_brand.update",
            "POST admin_brand.dress",
            "POST admin_brand.show_logo",
            "POST admin_brand.drop_logo",
            "POST admin_programme.update",
            "POST admin_programme.move",
            "POST admin_programme.bound",
            "POST admin_start.dismiss",
        ),
        OWN,
    ),
    **dict.fromkeys(("GET admin_tiers.index", "GET admin_tiers.revisions"), READ),
    **dict.fromkeys(
        (
            "POST admin_tier_draft.create",
            "GET admin_tier_draft.show",
            "GET admin_tier_draft.movement",
            "POST admin_tier_draft.update",
            "POST admin_tier_draft.propose",
            "POST admin_tier_draft.discard",
        ),
        CONFIGURE,
    ),
    **dict.fromkeys(
        (
            "GET admin_packs.index",
            "GET admin_packs.show",
            "GET admin_packs.revisions",
            "GET admin_bench.show",
            "GET admin_bench.preview",
        ),
        READ,
    ),
    **dict.fromkeys(
        (
            "GET admin_pack_draft.new",
            "POST admin_pack_draft.create_new",
            "POST admin_pack_draft.create",
            "GET admin_pack_draft.show",
            "POST admin_pack_draft.update",
            "POST admin_pack_draft.propose",
            "POST admin_pack_draft.discard",
        ),
        CONFIGURE,
    ),
    **_resource("admin_entities", write=OWN, imports=True),
    **_resource("admin_terms", imports=True),
    "POST admin_terms.propose_class": CONFIGURE,
    **dict.fromkeys(
        ("GET admin_system.index", "GET admin_system.mails", "GET admin_system.mail", "GET admin_system.conflict"), READ
    ),
    **dict.fromkeys(
        (
            "POST admin_system.resend",
            "POST admin_system.resend_all",
            "POST admin_system.dismiss",
            "POST admin_system.reprocess",
        ),
        CONFIGURE,
    ),
    # The form is asked for freshly too, so that what was typed into it is never lost to a sign-in.
    **_resource("admin_keys", write=fresh(OWN), edit=False, retire=False),
    **dict.fromkeys(("POST admin_keys.rotate", "GET admin_keys.revoking", "POST admin_keys.revoke"), fresh(OWN)),
    # Members, as staff look after them
    **dict.fromkeys(
        (
            "GET admin_members.index",
            "GET admin_member.show",
            "GET admin_member.lines",
            "GET admin_member.decisions",
            "GET admin_member.rows",
            "GET admin_member.tiers",
            "GET admin_member.accounts",
            "GET admin_member.messages",
            "GET admin_member.log",
            "GET admin_line.line",
            "GET admin_line.miss",
        ),
        READ,
    ),
    **dict.fromkeys(
        (
            "POST admin_line.reverse",
            "GET admin_care.show",
            "POST admin_care.adjust",
            "POST admin_care.block",
            "POST admin_care.unblock",
            "POST admin_care.link",
            "GET admin_care.unlinking",
            "POST admin_care.unlink",
            "POST admin_care.sign_out",
            "POST admin_care.mail_reset",
        ),
        CARE,
    ),
    "POST admin_view.start": CARE,
    "POST admin_view.stop": READ,
    "POST admin_members.export": PRIVACY,
    "GET admin_privacy.show": fresh(PRIVACY),
    "POST admin_privacy.export": fresh(PRIVACY),
    "POST admin_privacy.erase": fresh(PRIVACY),
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
        raise RouteWithoutAccess(f"Not in app/routes/access.py: {', '.join(missing)}")
    if stale := sorted(POLICY.keys() - routes(app)):
        raise RouteWithoutAccess(f"In app/routes/access.py, but no such route: {', '.join(stale)}")
    app.before_request(_enforce)
