"""The pages of a resource: its list, each one's own page and history, its file, and its forms where it has any."""

from flask import Blueprint, Response

from app.gamification.audit import reads as audit
from app.routes import htmx
from app.routes.admin.growing import names_of
from app.routes.admin.resource.described import Resource, register
from app.routes.admin.resource.files import export_of
from app.routes.admin.resource.importing import import_pages
from app.routes.admin.resource.listing import listing
from app.routes.admin.resource.writing import writing_pages
from app.routes.rendering import page


def blueprint(resource: Resource, import_name: str) -> Blueprint:
    """The pages of a resource under /admin/<key>; routes/access.py opens them."""
    bp = Blueprint(resource.blueprint_name, import_name, url_prefix=f"/admin/{resource.key}")
    register(resource)

    @bp.get("")
    def index() -> Response:
        found = listing(resource, resource.address())
        answer = page(resource.list_template, "admin/resource/_list.html", resource=resource, listing=found)
        return htmx.pushing(answer, found.link())

    @bp.get("/export.csv")
    def export() -> Response:
        return export_of(resource)

    @bp.get("/<int:row_id>")
    def show(row_id: int) -> Response:
        row = resource.find(row_id)
        return page(resource.show_template, resource=resource, row=row, **resource.context(row))

    @bp.get("/<int:row_id>/history")
    def history(row_id: int) -> Response:
        row = resource.find(row_id)
        entries = audit.of_subject(resource.subject, row_id)
        labels = (
            {}
            if resource.Settings is None
            else {f.name: f.metadata["label"] for _, f, _ in names_of(resource.Settings)}
        )
        return page("admin/resource/history.html", resource=resource, row=row, entries=entries, labels=labels)

    if resource.Settings is not None:
        writing_pages(bp, resource, resource.Settings)
        if resource.can_import:
            import_pages(bp, resource, resource.Settings)
    return bp


def labels(resource: Resource) -> dict[str, str]:
    """What the fields that can be set are called: what an entry of the audit log names by its key."""
    if resource.Settings is None:
        return {}
    return {field.name: field.metadata["label"] for _, field, _ in names_of(resource.Settings)}
