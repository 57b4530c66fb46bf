"""Bringing a file into a resource: look through it, see what each row would do, then all of it or nothing."""

from typing import Any

from flask import Blueprint, Response, flash, request

from app.gamification.errors import Refusal
from app.gamification.errors.desk import FileStale
from app.gamification.staff import staged
from app.gamification.staff.rights import hold
from app.lib import clock
from app.lib.i18n import _l
from app.lib.spreadsheet import LARGEST, Sheet, Unreadable, read
from app.models.base import read_all, transaction
from app.routes import htmx
from app.routes.admin.resource.described import WAITS, Resource, RowRefused
from app.routes.admin.resource.files import settable
from app.routes.admin.resource.plan import Plan, labels_of, plan_of
from app.routes.desk import current_staff
from app.routes.formats import say
from app.routes.rendering import page

NO_FILE = _l("Choose a file first.")
BROUGHT_IN = _l("The file was brought in.")


class NotStored(Exception):
    """The file was not brought in; the plan says of each row how it stands now."""

    def __init__(self, plan: Plan, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.plan, self.refusal = plan, refusal


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
                plan = _store(resource, settings, sheet, seen, by)
        except NotStored as refused:
            if isinstance(refused.refusal, FileStale):
                fault = say(refused.refusal.sentence)
                return _page(resource, plan=refused.plan, file_id=file_id, fault=fault, status=409)
            return _page(resource, plan=refused.plan, status=422)
        flash(WAITS if plan.waiting else BROUGHT_IN)
        return htmx.see_other(resource.address())


def _store(resource: Resource, settings: type, sheet: Sheet, seen: str, by: int) -> Plan:
    """Write what was seen, all of it; raises NotStored. Inside an open transaction."""
    plan = plan_of(resource, settings, sheet, resource.locked_rows())
    if plan.digest != seen or not plan.is_ready:
        raise NotStored(plan, FileStale())
    try:
        resource.bring_in(by, [(row.row_id, row.settings) for row in plan.writes])
    except RowRefused as refused:
        number = plan.writes[refused.place].number
        raise NotStored(plan.with_fault(number, refused.refusal, labels_of(settings)), refused.refusal) from refused
    return plan


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
