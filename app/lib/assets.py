"""Static files by content: addresses that change with the file, and the style sheets joined into one answer.

The sheets stay one file a component, in the order and the layers that `css/app.css` imports them. Sent as they are, a
phone would ask fifty times, and for each only after it had read the list; joined they are one compressed answer that
the browser keeps for a year.
"""

import gzip
import hashlib
import re
from pathlib import Path

from flask import Flask, Response, request

JOINED = "css/laurel.css"  # has no file of its own, so that whatever serves the static folder leaves it to us
IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);\n?')
FONT = re.compile(r'url\("\.\./([^"]+)"\)')
YEAR = "public, max-age=31536000, immutable"


def digest(content: bytes) -> str:
    """Twelve hexadecimal digits that stand for the content."""
    return hashlib.sha256(content).hexdigest()[:12]


class Assets:
    """The static folder of an application; read once, or again at every question while developing."""

    def __init__(self, folder: Path, prefix: str = "/static", *, watch: bool = False) -> None:
        self.folder = folder
        self.prefix = prefix
        self.watch = watch
        self._addresses: dict[str, str] = {}

    def address(self, path: str) -> str:
        """Where a browser finds this content; FileNotFoundError for a file that is not there."""
        if self.watch or path not in self._addresses:
            content = self.stylesheet() if path == JOINED else (self.folder / path).read_bytes()
            self._addresses[path] = f"{self.prefix}/{path}?v={digest(content)}"
        return self._addresses[path]

    def stylesheet(self) -> bytes:
        """`css/app.css` with each import replaced by its file, inside its layer."""
        css = self.folder / "css"
        joined = IMPORT.sub(
            lambda found: f"@layer {found[2]} {{\n{(css / found[1]).read_text(encoding='utf-8')}}}\n",
            (css / "app.css").read_text(encoding="utf-8"),
        )
        # A font must have the address by which the page preloads it, or it is fetched twice.
        return FONT.sub(lambda found: f'url("{self.address(found[1])}")', joined).encode()


def init_app(app: Flask) -> Assets:
    """Give templates `asset(path)`, and answer for the joined style sheet."""
    assets = Assets(Path(app.static_folder or ""), app.static_url_path or "/static", watch=app.debug)
    plain = assets.stylesheet()
    packed = gzip.compress(plain, 9, mtime=0)

    def stylesheet() -> Response:
        if assets.watch:
            return Response(assets.stylesheet(), mimetype="text/css", headers={"Cache-Control": "no-cache"})
        headers = {"Cache-Control": YEAR, "Vary": "Accept-Encoding"}
        if not request.accept_encodings.best_match(["gzip"]):
            return Response(plain, mimetype="text/css", headers=headers)
        return Response(packed, mimetype="text/css", headers=headers | {"Content-Encoding": "gzip"})

    app.add_url_rule(f"{assets.prefix}/{JOINED}", "stylesheet", stylesheet)
    app.jinja_env.globals["asset"] = assets.address
    return assets
