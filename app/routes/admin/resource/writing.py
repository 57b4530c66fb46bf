"""The forms of a resource: new, duplicate, edit, retire.

A form of something stored carries a digest of the values it was opened with, so that nobody overwrites what somebody
else has just saved; a form of something new carries a token, so that sent twice it makes one.
"""

from typing import Any

from flask import Blueprint, Response, flash, request

from app.gamification.errors import Forbidden, NotFound, Refusal
from app.gamification.errors.desk import StaleForm
from app.gamification.staff import sent
from app.lib import clock
from app.lib.i18n import Sentence, _l
from app.models.base import transaction
from app.routes import htmx
from app.routes.admin.growing import cells_of, form_of, names_of, settings_of, version_of
from app.routes.admin.resource.described import SAVED, WAITS, Resource
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.forms import Form
from app.routes.rendering import page

SENT_BEFORE = _l("You sent this form twice. It was saved once.")
STORED_NOW = _l("Stored now: %(value)s")
STORED_EMPTY = _l("Stored now: nothing")


def writing_pages(bp: Blueprint, resource: Resource, settings: type) -> None:
    """Add the pages that write to a resource's blueprint."""
    _creating(bp, resource, settings)
    if resource.can_edit:
        _editing(bp, resource, settings)
    if resource.can_retire:
        _retiring(bp, resource)


def _creating(bp: Blueprint, resource: Resource, settings: type) -> None:
    @bp.get("/new")
    def new() -> Response:
        source = request.args.get("from", "")
        values = None
        if resource.can_duplicate and source.isdecimal() and len(source) < 10:
            values = resource.copy_of(resource.find(int(source)))
        return _form(resource, form_of(settings, values))

    @bp.post("")
    def create() -> Response:
        form, token, by = form_of(settings), request.form.get("form_token", ""), current_staff().id
        try:
            if not form.validate():
                return _form(resource, form, status=422)
            with transaction():
                answered = sent.take(by, token, now=clock.now())
                if answered is None:
                    made = resource.create(by, settings_of(form, settings))
                    sent.answer(by, token, resource.page_of(made))
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return _form(resource, form, status=422)
        if answered is not None:
            flash(SENT_BEFORE)
            return htmx.see_other(answered)
        return resource.made(made)


def _editing(bp: Blueprint, resource: Resource, settings: type) -> None:
    @bp.get("/<int:row_id>/edit")
    def edit(row_id: int) -> Response:
        row = resource.find(row_id)
        values = resource.values_of(row)
        return _form(resource, form_of(settings, values, stored=values), row)

    @bp.post("/<int:row_id>")
    def update(row_id: int) -> Response:
        row = resource.find(row_id)
        form = form_of(settings, stored=resource.values_of(row))
        try:
            if not form.validate():
                return _form(resource, form, row, version=request.form.get("version", ""), status=422)
            with transaction():
                by = current_staff().id
                stored = resource.values_of(resource.locked(by, row_id))
                if request.form.get("version") != version_of(stored):
                    raise StaleForm()
                proposed = resource.update(by, row_id, settings_of(form, settings))
        except StaleForm as stale:
            form.refuse(stale)
            return _stale(resource, form, row_id)
        except (NotFound, Forbidden):
            raise
        except Refusal as refusal:
            form.refuse(refusal)
            return _form(resource, form, row, version=request.form.get("version", ""), status=422)
        flash(SAVED if proposed is None else WAITS)
        return htmx.see_other(resource.address("show", row_id=row_id))


def _retiring(bp: Blueprint, resource: Resource) -> None:
    @bp.get("/<int:row_id>/retirement")
    def retiring(row_id: int) -> Response:
        row = resource.find(row_id)
        return page("admin/resource/retire.html", resource=resource, row=row)

    @bp.post("/<int:row_id>/retirement")
    def retire(row_id: int) -> Response:
        with transaction():
            by = current_staff().id
            # What the form was shown for: sent twice, it does not take back what it did.
            if bool(resource.locked(by, row_id).retired_at) == bool(request.form.get("retired")):
                resource.retire(by, row_id)
        flash(SAVED)
        return htmx.see_other(resource.address("show", row_id=row_id))


def _stale(resource: Resource, form: Form, row_id: int) -> Response:
    """The form with what was typed and, beside what differs, what is stored by now; saving again overwrites that."""
    row = resource.find(row_id)
    stored = resource.values_of(row)
    typed, cells = cells_of(settings_of(form, type(stored))), cells_of(stored)
    for name, _, _ in names_of(type(stored)):
        if typed[name] != cells[name]:
            told = Sentence(STORED_NOW, {"value": cells[name]}) if cells[name] else Sentence(STORED_EMPTY)
            form[name].errors = [*form[name].errors, say(told)]
    return _form(resource, form, row, version=version_of(stored), status=409)


def _form(resource: Resource, form: Form, row: Any = None, *, version: str = "", status: int = 200) -> Response:
    context = {} if row is None else resource.context(row)
    if row is None:
        context["form_token"] = request.form.get("form_token") or sent.new_token()
    else:
        context["version"] = version or version_of(resource.values_of(row))
    return page(resource.form_template, resource=resource, form=form, row=row, status=status, **context)
