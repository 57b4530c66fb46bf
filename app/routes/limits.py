"""How often one address, one account or one key may try."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter

from app.config import Settings
from app.routes.desk import half_signed_in, signed_in_staff
from app.routes.session import signed_in
from app.routes.settings import settings

COPIES = "6/hour"
TOLD = "12/day"
CODES_A_DAY = "50/day"  # of a million: whoever stole a password needs decades to guess a code


def client_address() -> str:
    """Whom a request is counted against: an IPv4 address, or the /64 that a household has of IPv6."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return address.exploded[:19]
    return str(address)


# A page that is read by HEAD is made all the same.
READING = ["GET", "HEAD"]

View = Callable[..., Any]
limiter = Limiter(key_func=client_address, strategy="moving-window")


def _named_account() -> str:
    named = request.form.get("email", "").strip().lower()[:254]
    # Who names none is not counted with all others who do so.
    return f"account:{named or client_address()}"


def _person_at_desk() -> str:
    someone = half_signed_in() or signed_in_staff()
    return f"staff:{someone.id if someone else client_address()}"


def _member() -> str:
    someone = signed_in()
    return f"member:{someone.id if someone else client_address()}"


def _failed(response: Response) -> bool:
    return response.status_code == 422


def _missed(response: Response) -> bool:
    return response.status_code == 404


def _succeeded(response: Response) -> bool:
    return response.status_code < 400


def _refused(response: Response) -> bool:
    return response.status_code >= 400


def _drawn(response: Response) -> bool:
    return response.status_code == 200


def _rate() -> str:
    return settings().sign_in_rate


def guard_guessing(view: View) -> View:
    """Count posts that fail, by who sends them and by the account they try; all such pages share one count."""
    return _by_both(view, scope="guessing", deduct_when=_failed)


def guard_link(view: View) -> View:
    """Count tries of a one-time link that open nothing, by who makes them."""
    return limiter.shared_limit(
        _rate, scope="links", key_func=client_address, methods=[*READING, "POST"], deduct_when=_missed
    )(view)


def guard_handoff(view: View) -> View:
    """Count links of the broker's that sign nobody in, by who brings them."""
    return limiter.shared_limit(
        _rate, scope="handoff", key_func=client_address, methods=[*READING, "POST"], deduct_when=_refused
    )(view)


def guard_codes(view: View) -> View:
    """Count posts that fail, by who sends them and by the person of the staff whose code or password they guess."""
    view = limiter.shared_limit(_rate, key_func=client_address, methods=["POST"], scope="codes", deduct_when=_failed)(
        view
    )
    return limiter.shared_limit(
        lambda: f"{_rate()};{CODES_A_DAY}",
        key_func=_person_at_desk,
        methods=["POST"],
        scope="codes",
        deduct_when=_failed,
    )(view)


def guard_own_password(view: View) -> View:
    """Count posts that fail, by who sends them and by the member who is signed in: a browser that was left open."""
    for key in (client_address, _member):
        view = limiter.shared_limit(_rate, key_func=key, methods=["POST"], scope="own", deduct_when=_failed)(view)
    return view


def guard_taking(view: View) -> View:
    """Count the copies that a member takes of everything: each keeps a thread busy, and writes a mail."""
    return limiter.limit(COPIES, key_func=_member, methods=["POST"], deduct_when=_succeeded)(view)


def guard_telling(view: View) -> View:
    """Count what a member does that a mail tells them of: nobody fills a mailbox by going to and fro."""
    return limiter.shared_limit(TOLD, key_func=_member, methods=["POST"], scope="telling", deduct_when=_succeeded)(view)


def guard_mailing(view: View) -> View:
    """Count posts that send a mail, by who sends them and by whom the mail reaches."""
    return _by_both(view, scope="mailing", deduct_when=_succeeded)


def guard_uploads(view: View) -> View:
    """Count files that are read, by whose they are: reading one may take a second of a processor."""
    return limiter.shared_limit(lambda: settings().upload_rate, key_func=_member, methods=["POST"], scope="uploads")(
        view
    )


def guard_trying(view: View) -> View:
    """Count statements of visitors, by who sends them."""
    return limiter.shared_limit(lambda: settings().try_rate, key_func=client_address, methods=["POST"], scope="trying")(
        view
    )


def guard_pictures(view: View) -> View:
    """Count pictures that are drawn, by who asks for them: one takes a sixth of a second of a processor."""
    return limiter.shared_limit(
        lambda: settings().picture_rate, key_func=client_address, methods=READING, scope="pictures", deduct_when=_drawn
    )(view)


def _by_both(view: View, **options: Any) -> View:
    for key in (client_address, _named_account):
        view = limiter.shared_limit(_rate, key_func=key, methods=["POST"], **options)(view)
    return view


def install(app: Flask, chosen: Settings) -> None:
    """Count in Redis where there is one, so that several processes count together; else in this process."""
    app.config.update(
        RATELIMIT_STORAGE_URI=chosen.redis_url or "memory://",
        RATELIMIT_HEADERS_ENABLED=False,
        RATELIMIT_KEY_PREFIX="laurel",
        # Without its store the programme goes on, counting in this process.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(chosen.redis_url),
    )
    limiter.init_app(app)
    # All limits here stand on views, which ask for themselves; asking before every request costs each page 90 µs.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
