"""Bringing a file into a resource: look through it, see what each row would do, then all of it or nothing."""

from typing import Any

from flask import Blueprint, Response, flash, request

from app.gamification.errors import FileStale, Refusal
from app.gamification.staff import staged
from app.gamification.staff.rights import hold
from app.lib import clock
from app.lib.i18n import _l
from app.lib.spreadsheet import LARGEST, Sheet, Unreadable, read
from app.models.base import read_all, transaction
from app.routes import htmx
from app.routes.admin.resource.described import WAITS, Resource
from app.routes.admin.resource.files import settable
from app.routes.admin.resource.plan import Plan, Row, labels_of, plan_of
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.rendering import page

NO_FILE = _l("Choose a file first.")
BROUGHT_IN = _l("The file was brought in.")


class RowRefused(Exception):
    """A row that could not be stored, though it looked as if it could; undoes all of the file."""

    def __init__(self, plan: Plan, row: Row, refusal: Refusal) -> None:
        super().__init__(f"row {row.number}: {refusal}")
        self.plan, self.row, self.refusal = plan, row, refusal


def import_pages(bp: Blueprint, resource: Resource, settings: type) -> None:
    """Add the pages of the import to a resource's blueprint."""

    @bp.get("/import")
    def imports() -> Response:
        return _page(resource)

    @bp.post("/import")
    def look_through() -> Response:
        upload = request.files.get("file")
        content = b"" if upload is None else upload.stream.read(LARGEST + 1)
        if upload is None or not upload.filename:
            return _page(resource, fault=say(NO_FILE), status=422)
        try:
            plan = plan_of(resource, settings, read(content), read_all(resource.rows))
        except Unreadable as unreadable:
            return _page(resource, fault=say(unreadable.sentence), status=422)
        file_id = None
        if plan.is_ready:
            with transaction():
                hold({current_staff().id: resource.write})
                file_id = staged.stage(current_staff().id, resource.key, content, now=clock.now())
        return _page(resource, plan=plan, file_id=file_id, status=200 if file_id else 422 if plan.rows else 200)

    @bp.post("/import/<int:file_id>")
    def bring_in(file_id: int) -> Response:
        by, seen = current_staff().id, request.form.get("seen", "")
        try:
            with transaction():
                hold({by: resource.write})
                sheet = read(staged.take(by, resource.key, file_id, now=clock.now()))
                proposed = _store(resource, settings, sheet, seen, by)
        except RowRefused as refused:
            plan = refused.plan.with_fault(refused.row.number, refused.refusal, labels_of(settings))
            return _page(resource, plan=plan, status=422)
        except _Changed as changed:
            return _page(resource, plan=changed.plan, file_id=file_id, fault=say(FileStale.msgid), status=409)
        flash(WAITS if proposed else BROUGHT_IN)
        return htmx.see_other(resource.address())


class _Changed(Exception):
    """What is stored is not what it was when the file was looked through."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("looked through again")
        self.plan = plan


def _store(resource: Resource, settings: type, sheet: Sheet, seen: str, by: int) -> bool:
    """Write all rows, or raise; whether a part of it waits for a second person. Inside an open transaction."""
    plan = plan_of(resource, settings, sheet, resource.locked_rows())
    if plan.digest != seen or not plan.is_ready:
        raise _Changed(plan)
    proposed = False
    for row in plan.writes:
        try:
            if row.row_id is None:
                resource.create(by, row.settings)
            else:
                resource.update(by, row.row_id, row.settings)
        except Refusal as refusal:
            raise RowRefused(plan, row, refusal) from refusal
        proposed |= row.waits
    return proposed


def _page(
    resource: Resource, *, plan: Plan | None = None, file_id: int | None = None, fault: Any = None, status: int = 200
) -> Response:
    columns = settable(resource)
    return page(
        "admin/resource/import.html",
        resource=resource,
        plan=plan,
        file_id=file_id,
        fault=fault,
        columns=columns,
        status=status,
    )
