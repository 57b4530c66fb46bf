"""How often one address, one account or one key may try."""

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter

from app.config import Settings
from app.routes.settings import settings


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


View = Callable[..., Any]
limiter = Limiter(key_func=client_address, strategy="moving-window")


def _named_account() -> str:
    return f"account:{request.form.get('email', '').strip().lower()[:254]}"


def _failed(response: Response) -> bool:
    return response.status_code == 422


def _succeeded(response: Response) -> bool:
    return response.status_code < 400


def _rate() -> str:
    return settings().sign_in_rate


def guard_guessing(view: View) -> View:
    """Count posts that fail, by who sends them and by the account they try; all such pages share one count."""
    return _by_both(view, scope="guessing", deduct_when=_failed)


def guard_mailing(view: View) -> View:
    """Count posts that send a mail, by who sends them and by whom the mail reaches."""
    return _by_both(view, scope="mailing", deduct_when=_succeeded)


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
