"""Staff at their desks: a phone that makes codes, and the steps of signing in by the form."""

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import Row, select, text, update
from werkzeug.test import TestResponse

from app.gamification.staff import recovery
from app.gamification.staff.second_factor import code_at, new_secret
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.base import connection, read_all, read_one, transaction
from app.models.desk import AuditEntry
from app.models.people import Staff
from app.routes.settings import second_factor, settings
from tests.support.cast import PASSWORD, Person, post

_GROUPS = re.compile(r'<code id="phone-secret" dir="ltr">([A-Z2-7 ]+)</code>')
_CODES = re.compile(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b")


def give_phone(person: Person, *, codes: tuple[str, ...] | None = None) -> str:
    """Let a phone make somebody's codes, with recovery codes kept; returns its secret."""
    secret = new_secret()
    sealed = Sealer(settings().installation_secret).seal(secret)
    with transaction():
        values = {"totp_secret": sealed, "totp_since": clock.now(), "totp_step": None}
        connection().execute(update(Staff).where(Staff.id == person.id).values(**values))
        second_factor().keep_codes(person.id, codes or recovery.new_codes())
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the phone shows now, or some steps of half a minute later."""
    return code_at(secret, clock.now() + timedelta(seconds=30 * steps))


def give_password(client: FlaskClient, person: Person, password: str = PASSWORD, **more: str) -> TestResponse:
    """The first step of signing in."""
    return post(client, "/admin/sign-in", {"email": person.email, "password": password, **more})


def give_code(client: FlaskClient, code: str, **more: str) -> TestResponse:
    """The second step of signing in."""
    return post(client, "/admin/sign-in/code", {"code": code, **more})


def sign_in_by_form(client: FlaskClient, person: Person, secret: str) -> FlaskClient:
    """Sign in as people do, with a phone that makes codes already."""
    assert give_password(client, person).location == "/admin/sign-in/code"
    assert give_code(client, code_of(secret)).location == "/admin"
    return client


def secret_on(page: TestResponse) -> str:
    """The secret that a page shows to a phone."""
    found = _GROUPS.search(page.text)
    assert found, "the page shows no secret"
    return found[1].replace(" ", "")


def codes_on(page: TestResponse) -> list[str]:
    """The recovery codes on a page."""
    return _CODES.findall(page.text)


def make_stale(person: Person) -> None:
    """Let it be a while since somebody gave password and code, without being idle."""
    long_ago = clock.now() - timedelta(minutes=11)
    with transaction():
        statement = text("UPDATE sign_in SET confirmed_at = :at WHERE staff_id = :id AND confirmed_at IS NOT NULL")
        connection().execute(statement, {"at": clock.to_micros(long_ago), "id": person.id})


def stored_staff(person: Person) -> Row:
    """Somebody's row as it is now."""
    row: Row = read_one(select(Staff).where(Staff.id == person.id))
    return row


def acts() -> list[str]:
    """What the audit log says was done, in order."""
    return [row.action for row in read_all(select(AuditEntry.action).order_by(AuditEntry.seq))]
