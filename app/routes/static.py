"""Static files, served by WhiteNoise before Flask is asked: for ever where the address names the content."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from app.config import Settings
from app.lib import assets
from app.routes.headers import security_headers

FOLDER = Path(__file__).resolve().parent.parent / "static"
PREFIX = "/static"
SECONDS = 60


def install(app: Flask, settings: Settings) -> None:
    """Serve `app/static`, and give templates `asset(path)`, the address that changes with the file."""
    app.static_folder, app.static_url_path = str(FOLDER), PREFIX
    assets.init_app(app)
    app.static_folder = None
    dressing = security_headers(settings)

    def dress(headers: Headers, _path: str, _url: str) -> None:
        for name, value in dressing.items():
            headers[name] = value

    options: dict[str, Any] = {
        "root": str(FOLDER),
        "prefix": f"{PREFIX}/",
        "autorefresh": settings.env == "development",
        "allow_all_origins": False,
        "add_headers_function": dress,
    }
    briefly = WhiteNoise(app.wsgi_app, max_age=SECONDS, **options)
    for_ever = WhiteNoise(app.wsgi_app, immutable_file_test=lambda _path, _url: True, **options)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = environ.get("QUERY_STRING", "").startswith("v=") and settings.env != "development"
        answer: Iterable[bytes] = (for_ever if named else briefly)(environ, start_response)
        return answer

    app.wsgi_app = serve  # type: ignore[method-assign]
