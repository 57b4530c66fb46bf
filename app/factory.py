"""The application, assembled: every part is installed here, every route and command found by where its file lies."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

from flask import Blueprint, Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map, ValidationError

import app.cli
import app.models
import app.routes
from app.config import Settings
from app.lib import logs
from app.models.base import db, init_database
from app.models.schema import FOLDER as MIGRATIONS
from app.routes import (
    access,
    desk,
    errors,
    formats,
    headers,
    htmx,
    language,
    limits,
    quantities,
    quieting,
    rendering,
    session,
    settings,
    static,
    templates,
    texts,
    tokens,
    viewing,
)
from app.routes.setup import gate
from app.routes.templates import SpeakingEnvironment
from app.tasks.queue import init_queue
from app.tasks.smtp import init_mail

# Addresses of machines: they sign their requests, so that no browser can be tricked into sending them.
MACHINES = "app.routes.api"
# Mailboxes press its button for their owners: the signed address is what lets them (RFC 8058).
BY_ADDRESS = "app.routes.public.unsubscribing"


class RowNumber(IntegerConverter):
    """A number in an address: one that no column holds is an address that does not exist, never a failure."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int = 2**31 - 1) -> None:
        super().__init__(map, fixed_digits, min, max)

    def to_python(self, value: str) -> Any:
        # Thousands of digits are more than Python is willing to read.
        if len(value) > 19:
            raise ValidationError()
        return super().to_python(value)


def create_app(chosen: Settings | None = None) -> Flask:
    """An application with these settings, or those of the environment."""
    chosen = chosen or Settings()
    logs.configure(chosen.log_level, chosen.log_format)
    flask = Flask("app", static_folder=None)
    flask.jinja_environment = SpeakingEnvironment
    flask.url_map.converters["int"] = RowNumber
    flask.config.from_mapping(_configuration(chosen))
    if chosen.trusted_proxies:
        hops = chosen.trusted_proxies
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _report_failures(chosen)
    _install(flask, chosen)
    csrf = tokens.install(flask)
    for module, blueprint in blueprints():
        flask.register_blueprint(blueprint)
        if module.__name__.startswith((MACHINES, BY_ADDRESS)):
            csrf.exempt(blueprint)
    gate.install(flask)
    texts.install(flask)
    access.install(flask)
    quieting.install(flask)
    for command in commands():
        flask.cli.add_command(command)
    return flask


def _configuration(chosen: Settings) -> dict[str, Any]:
    cookies = {"HTTPONLY": True, "SAMESITE": "Lax", "SECURE": chosen.secure_cookies}
    return {
        "ENV": chosen.env,
        "DEBUG": chosen.env == "development",
        "TESTING": chosen.env == "test",
        "SECRET_KEY": chosen.installation_secret,
        "MAX_CONTENT_LENGTH": chosen.max_request_bytes,
        # Forms are small; what is large comes as a file or as JSON and is counted above.
        "MAX_FORM_MEMORY_SIZE": 256 * 1024,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": chosen.secure_cookies,
        "SESSION_COOKIE_NAME": "laurel",
        "REMEMBER_COOKIE_NAME": "laurel_remember",
        "REMEMBER_COOKIE_DURATION": timedelta(days=30),
        "TEMPLATES_AUTO_RELOAD": chosen.env == "development",
        **{f"SESSION_COOKIE_{name}": value for name, value in cookies.items()},
        **{f"REMEMBER_COOKIE_{name}": value for name, value in cookies.items()},
    }


def _install(flask: Flask, chosen: Settings) -> None:
    settings.install(flask, chosen)
    init_database(flask, chosen.sqlalchemy_url)
    Migrate(flask, db, directory=str(MIGRATIONS))
    init_queue(flask, chosen)
    init_mail(flask, chosen)
    # The order of requests: numbered first, then limited; answers are dressed last.
    headers.install(flask, chosen)
    limits.install(flask, chosen)
    htmx.install(flask)
    session.install(flask)
    desk.install(flask)
    viewing.install(flask)
    language.install(flask)
    formats.install(flask)
    quantities.install(flask)
    templates.install(flask)
    rendering.install(flask)
    errors.install(flask)
    static.install(flask, chosen)


def _report_failures(chosen: Settings) -> None:
    if chosen.sentry_dsn:
        import sentry_sdk

        sentry_sdk.init(
            dsn=chosen.sentry_dsn,
            environment=chosen.env,
            send_default_pii=False,
            include_local_variables=False,
            before_send=without_query,
        )


def without_query(event: Any, _hint: Any) -> Any:
    """A report of a failure without what stood behind its address: what opens something carries its token there."""
    event.get("request", {}).pop("query_string", None)
    return event


def blueprints() -> Iterator[tuple[ModuleType, Blueprint]]:
    """Every `bp` of every module below app/routes, with its module."""
    for module in _modules(app.routes):
        blueprint = vars(module).get("bp")
        if isinstance(blueprint, Blueprint) and blueprint.import_name == module.__name__:
            yield module, blueprint


def commands() -> Iterator[Any]:
    """Every command that a module of app/cli lists under `commands`."""
    for module in _modules(app.cli):
        yield from vars(module).get("commands", ())


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in sorted(pkgutil.walk_packages(package.__path__, f"{package.__name__}."), key=lambda one: one.name):
        yield importlib.import_module(found.name)
