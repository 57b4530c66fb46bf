"""Sending what is known of a person: one archive by one writer, whether the member takes it or staff hand it out."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, Response, current_app

from app.gamification.members import archive
from app.lib.amounts import plain
from app.lib.i18n import Sentence
from app.routes.formats import say_plainly
from app.routes.language import speaking


def sent(member_id: int, language: str, now: datetime, *, own: bool = False) -> Response:
    """The archive as a download, in that language; it is read while it is sent, with no transaction open.

    `own`: it is the member who takes it, with what nobody else may read.
    """
    application: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    response = Response(_spoken(application, member_id, language, now, own), mimetype="application/zip")
    name = f"member-{member_id}-{now:%Y%m%d-%H%M}.zip"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _spoken(application: Flask, member_id: int, language: str, now: datetime, own: bool) -> Iterator[bytes]:
    # The request is over when this runs, and each piece may be taken elsewhere: nothing stays open between
    # two of them.
    pieces = archive.written(member_id, _worded, now, own=own)
    while True:
        with application.app_context(), speaking(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _worded(value: Any) -> Any:
    if isinstance(value, Sentence):
        return say_plainly(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return plain(value) if isinstance(value, Decimal) else str(value)
