"""No form brings a text that a database cannot hold: PostgreSQL refuses the character zero wherever it stands."""

from flask import Flask, abort, request


def _refuse() -> None:
    # What machines send is read, and judged, by their own routes.
    if request.method != "POST" or (request.blueprint or "").startswith("api"):
        return
    if any("\0" in said for name, values in request.form.lists() for said in (name, *values)):
        abort(400)


def install(app: Flask) -> None:
    """Look at every form before its view does."""
    app.before_request(_refuse)
