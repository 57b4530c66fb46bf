"""Bringing a statement as a browser does, with the worker's part done in between."""

import io
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.gamification.statements import imports, work
from app.gamification.statements.shown import Import
from app.models.base import read_one
from tests.support.cast import Person, post, words


def send(client: FlaskClient, content: bytes, name: str = "Statement.htm", **options: Any) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), **options.pop("data", {})}
    return post(client, "/accounts/imports", data, content_type="multipart/form-data", **options)


def look(client: FlaskClient, content: bytes, **options: Any) -> str:
    """Send a file and let the worker look it through; the address of its page."""
    sent = send(client, content, **options)
    assert sent.status_code == 303, words(sent)
    work.drain()
    return str(sent.location)


def bring(client: FlaskClient, content: bytes) -> str:
    """The same, confirmed, stored and counted."""
    page = look(client, content)
    assert post(client, f"{page}/confirmation").location == page
    work.drain()
    return page


def shown(client: FlaskClient, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return words(answer)


def brought(member: Person, page: str) -> Import:
    return imports.one(member.id, int(page.rpartition("/")[2]))


def files() -> int:
    return int(read_one(text("SELECT count(*) AS n FROM statement_import")).n)
