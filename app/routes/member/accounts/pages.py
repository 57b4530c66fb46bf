"""The page of trading accounts, and one for each statement that a member brings."""

from collections.abc import Callable

from flask import Blueprint, flash, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.gamification.errors import Conflict, Refusal
from app.gamification.errors.statements import LoginNeeded, NoFile
from app.gamification.ledger.words.law import stays_open
from app.gamification.statements import imports, sending
from app.gamification.statements.shown import Import
from app.gamification.statements.told import Told, clean
from app.gamification.trading_accounts import linking, reads, requests
from app.lib import clock
from app.lib.i18n import Sentence, _l
from app.models.base import transaction
from app.platforms.detect import read_statement
from app.platforms.document import MAX_BYTES
from app.platforms.hints import Hints
from app.platforms.unreadable import SENTENCES, UnreadableStatement
from app.routes import htmx
from app.routes.errors import status_of
from app.routes.formats import say, say_plainly
from app.routes.limits import guard_uploads
from app.routes.member.accounts import showing
from app.routes.member.accounts.forms import AskForm, FileForm, ToldForm
from app.routes.rendering import page
from app.routes.session import current_member

bp = Blueprint("accounts", __name__)

IMPORT = "/accounts/imports/<int:import_id>"

TOO_LARGE = Sentence(SENTENCES["too_large"], {"megabytes": MAX_BYTES // 1_000_000})


@bp.get("/accounts")
def show() -> Response:
    """What is linked, what is asked for, and what was brought."""
    return _overview()


# Accounts


@bp.post("/accounts/requests")
def ask() -> Response:
    """Say that an account is theirs; the broker confirms it."""
    form = AskForm()
    try:
        if not form.validate():
            return _overview(ask=form, part="member/_accounts_ask.html", status=422)
        with transaction():
            names = form.platform.data, form.server.data, form.login.data
            requests.request(current_member().id, *names, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _overview(ask=form, part="member/_accounts_ask.html", status=status_of(refusal))
    flash(_l("Your broker was asked. We tell you what it says."))
    return htmx.see_other("/accounts#accounts")


@bp.post("/accounts/requests/<int:request_id>/withdrawal")
def withdraw(request_id: int) -> Response:
    """Ask no longer for an account."""
    with transaction():
        requests.withdraw(current_member().id, request_id, now=clock.now())
    flash(_l("Your request is withdrawn."))
    return htmx.see_other("/accounts#accounts")


@bp.post("/accounts/<int:account_id>/unlinking")
def unlink(account_id: int) -> Response:
    """Let go of an account; what it earned stays."""
    with transaction():
        linking.unlink(current_member().id, account_id, now=clock.now(), by=None)
    flash(_l("The account is not linked to you any more."))
    return htmx.see_other("/accounts#accounts")


# Statements


@bp.post("/accounts/imports")
@guard_uploads
def bring() -> Response:
    """Take a statement in, to be looked through; one that cannot be read gets its answer at once."""
    me, form = current_member(), FileForm()
    told = Told(Hints(currency=form.currency.data or None))
    try:
        content = _content(form)
        told = clean(told)
        read_statement(content, told.hints)
        with transaction():
            import_id = sending.send(me.id, form.file.data.filename or "", content, told, now=clock.now())
    except UnreadableStatement as error:
        field = form.currency if error.reason == "no_currency" else form.file
        form.file.errors = [say(Sentence(error.sentence, error.values))]
        field.errors = field.errors or form.file.errors
        return _overview(form=form, part="member/_accounts_drop.html", status=422)
    except Refusal as refusal:
        form.refuse(refusal)
        return _overview(form=form, part="member/_accounts_drop.html", status=status_of(refusal))
    return _to(import_id)


@bp.get(IMPORT)
def show_import(import_id: int) -> Response:
    """A statement on its way, or what changed of it."""
    return _import(imports.one(current_member().id, import_id))


@bp.post(f"{IMPORT}/answers")
@guard_uploads
def tell(import_id: int) -> Response:
    """Say what the file leaves open; it is looked through again."""
    me, form = current_member(), ToldForm()
    try:
        if not form.validate():
            return _import(imports.one(me.id, import_id), form, 422)
        with transaction():
            sending.tell(me.id, import_id, form.told(), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _import(imports.one(me.id, import_id), form, status_of(refusal))
    return _to(import_id)


@bp.post(f"{IMPORT}/confirmation")
def confirm(import_id: int) -> Response:
    """Store what was looked through."""
    return _act(import_id, lambda me: sending.confirm(me, import_id, now=clock.now()))


@bp.post(f"{IMPORT}/removal")
def drop(import_id: int) -> Response:
    """Forget what was not confirmed."""
    with transaction():
        sending.drop(current_member().id, import_id)
    flash(_l("It is forgotten, the file and all."))
    return htmx.see_other("/accounts")


@bp.post(f"{IMPORT}/undoing")
def take_back(import_id: int) -> Response:
    """Undo what was stored."""
    return _act(import_id, lambda me: sending.take_back(me, import_id, now=clock.now()))


def _act(import_id: int, act: Callable[[int], None]) -> Response:
    me = current_member().id
    try:
        with transaction():
            act(me)
    except (Conflict, LoginNeeded) as refusal:
        # The page shows how far it is meanwhile, or asks for what is missing; why it was not done stands over it.
        flash(say(refusal.sentence), "error")
    return _to(import_id)


def _content(form: FileForm) -> bytes:
    """The bytes of the chosen file, no more than one too many; raises NoFile."""
    chosen = form.file.data
    if not isinstance(chosen, FileStorage) or not chosen.filename:
        raise NoFile()
    return chosen.stream.read(MAX_BYTES + 1)


def _to(import_id: int) -> Response:
    return htmx.see_other(url_for("accounts.show_import", import_id=import_id))


def _overview(
    form: FileForm | None = None, ask: AskForm | None = None, part: str | None = None, status: int = 200
) -> Response:
    me = current_member()
    accounts, brought = reads.of_member(me.id), imports.of_member(me.id)
    return page(
        "member/accounts.html",
        part,
        status=status,
        form=form or FileForm(formdata=None),
        ask=ask or AskForm(formdata=None),
        linked=accounts.linked,
        asked_for=showing.still_said(accounts, clock.now()),
        imports=brought,
        law=stays_open(me),
        most_bytes=MAX_BYTES,
        too_large=say_plainly(TOO_LARGE),
    )


def _import(one: Import, form: ToldForm | None = None, status: int = 200) -> Response:
    part = "member/_import.html" if form is None else "member/_import_questions.html"
    return page(
        "member/accounts_import.html",
        part,
        status=status,
        one=one,
        tell=form or ToldForm.of(one),
        **showing.words(one),
    )
