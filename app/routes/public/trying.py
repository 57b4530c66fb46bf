"""Trying a statement before joining: what it would have earned, by this programme's rules and the visitor's law.

The file is read, folded and forgotten while the visitor waits, one at a time in each process; nothing of it is stored,
in the log least of all. A statement at its limit of 20,000 rows takes a second or two of one processor.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, request
from structlog import get_logger
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.errors.statements import NoFile
from app.gamification.errors.trying import OthersAreTrying
from app.gamification.policy.bench import Imagined
from app.gamification.statements.clock import NEW_YORK_CLOSE, server_clock
from app.gamification.statements.estimate import Estimate, estimate
from app.gamification.statements.example import example
from app.lib import clock
from app.lib.countries import country_codes
from app.lib.i18n import Sentence, _l
from app.models.base import kept_by_app
from app.models.people import ClientClass
from app.platforms.detect import read_statement
from app.platforms.document import MAX_BYTES
from app.platforms.hints import Hints
from app.platforms.statement import Statement
from app.platforms.unreadable import SENTENCES, UnreadableStatement
from app.routes.countries import LongSelect, countries
from app.routes.formats import say, say_plainly
from app.routes.forms import Form, either, listed
from app.routes.language import language
from app.routes.limits import guard_trying
from app.routes.public import came_to
from app.routes.rendering import page

bp = Blueprint("trying", __name__)
log = get_logger(__name__)

PATIENCE = 2.0  # seconds that a request waits for its turn
TOO_LARGE = Sentence(SENTENCES["too_large"], {"megabytes": MAX_BYTES // 1_000_000})


class TryForm(Form):
    """A statement, and what the law asks about its owner."""

    file = FileField(_l("Statement"))
    example = BooleanField(_l("An example instead"))
    country = listed(
        _l("Country you live in"), country_codes(), widget=LongSelect(countries, _l("Choose your country"))
    )
    client_class = either(
        _l("Client category"),
        {"retail": _l("Retail client"), "professional": _l("Professional client")},
        default="retail",
    )


@bp.get("/try")
def show() -> Response:
    """The form."""
    return page("public/try.html", **blank())


@bp.post("/try")
@guard_trying
def create() -> Response:
    """Look through a statement, and say what it would have earned."""
    form = TryForm()
    try:
        if not form.validate():
            return _page(form, status=422)
        with _alone():
            statement, found = _estimate(form)
    except UnreadableStatement as error:
        form.file.errors = [say(Sentence(error.sentence, error.values))]
        return _page(form, status=422)
    except OthersAreTrying as refusal:
        form.refuse(refusal)
        response = _page(form, status=429)
        response.headers["Retry-After"] = "5"
        return response
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, status=422)
    return _page(form, **came_to.words(statement, found, form.country.data))


def blank() -> dict[str, Any]:
    """What the form needs, here and on the front page: nothing said yet, but the country that the language names."""
    form = TryForm(formdata=None)
    form.country.data = _guessed_country()
    return _frame(form)


def _guessed_country() -> str:
    """GB of en-GB. American English says nothing: most browsers come with it."""
    for tag in request.accept_languages.values():
        region = tag.replace("_", "-").rpartition("-")[2].upper()
        if tag.lower() != "en-us" and region in country_codes() and "-" in tag.replace("_", "-"):
            return region
    return ""


def _page(form: TryForm, *, status: int = 200, **result: Any) -> Response:
    response = page("public/try.html", "public/_try_result.html", status=status, **_frame(form), **result)
    response.headers["Cache-Control"] = "no-store"
    return response


def _frame(form: TryForm) -> dict[str, Any]:
    return {"form": form, "most_bytes": MAX_BYTES, "too_large": say_plainly(TOO_LARGE)}


def _estimate(form: TryForm) -> tuple[Statement, Estimate]:
    started = time.perf_counter()
    statement = example(clock.now().replace(tzinfo=None)) if form.example.data else _read(_content(form.file.data))
    house = brand()
    entity = house.entity_for(form.country.data)
    who = Imagined(form.country.data, ClientClass[form.client_class.data.upper()], entity.id if entity else None)
    found = estimate(statement, who, server_clock(NEW_YORK_CLOSE), language().code, clock.now())
    seconds = time.perf_counter() - started
    log.info("statement.tried", format=statement.format, rows=statement.rows_read, seconds=round(seconds, 3))
    return statement, found


def _content(file: FileStorage | str | None) -> bytes:
    """What was sent, up to a byte more than is read; raises NoFile."""
    if not isinstance(file, FileStorage) or not file.filename:
        raise NoFile()
    return file.stream.read(MAX_BYTES + 1)


def _read(content: bytes) -> Statement:
    try:
        return read_statement(content)
    except UnreadableStatement as error:
        if error.reason != "no_currency":
            raise
        # Here it decides nothing but the names of amounts.
        return read_statement(content, Hints(currency=brand().currency))


@contextmanager
def _alone() -> Iterator[None]:
    """One statement at a time: the others' pages need the processor too, and a large one needs memory."""
    turn = kept_by_app("trying", lambda: BoundedSemaphore(1))
    if not turn.acquire(timeout=PATIENCE):
        raise OthersAreTrying()
    try:
        yield
    finally:
        turn.release()
