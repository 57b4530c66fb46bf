"""What holds for everything that is configured, whatever it is: each resource there is goes through all of this."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.factory import blueprints
from app.gamification.staff.rights import may
from app.lib.spreadsheet import restored
from app.models.base import read_one
from app.routes.access import needed
from app.routes.admin.resource import PER_PAGE, Resource, registered
from app.routes.admin.resource.files import settable
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import edit, fill, forms, upload
from tests.support.handoff import Site
from tests.support.queries import counted

# What is made of a resource, by its own form, where an installation starts without any.
SAMPLES: dict[str, dict[str, Any]] = {
    "terms": {"kind": "custom", "key": "round-table", "name_en": "Round table", "name_ar": "طاولة"},
    "keys": {"name": "MT5 bridge", "source": "broker", "scopes": ["send"]},
    "handoff-keys": {"name": "Client portal", "public_key": Site().jwk},
}
list(blueprints())  # imports every page, which registers the resources
RESOURCES = registered()
WRITABLE = [resource for resource in RESOURCES if resource.Settings is not None]
each = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)


def those(**wanted: bool) -> Any:
    """The resources that have Settings and can do this."""
    found = [one for one in WRITABLE if all(getattr(one, name) == value for name, value in wanted.items())]
    return pytest.mark.parametrize("resource", found, ids=lambda resource: resource.key)


def at(resource: Resource, rest: str = "") -> str:
    return f"/admin/{resource.key}{rest}"


def count(resource: Resource) -> int:
    total: int = read_one(select(func.count()).select_from(resource.rows.order_by(None).subquery()))[0]
    return total


def first_id(resource: Resource) -> int:
    """The oldest there is."""
    row = read_one(resource.rows.order_by(resource.id_column).limit(1))
    assert row is not None, f"there is no {resource.key}: give SAMPLES one"
    return int(row[0])


def exported(client: FlaskClient, resource: Resource, query: str = "") -> list[list[str]]:
    answer = client.get(at(resource, f"/export.csv{query}"))
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    return [[restored(cell) for cell in row] for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person, request: pytest.FixtureRequest) -> FlaskClient:
    """The owner's browser; of the resource that a test is about there is at least one."""
    sign_in_staff(client, dana)
    resource = request.node.callspec.params.get("resource") if hasattr(request.node, "callspec") else None
    if resource is not None and resource.key in SAMPLES and not count(resource):
        assert post(client, at(resource), SAMPLES[resource.key]).status_code in (200, 303)
    return client


@pytest.fixture
def viewer(app: Flask, browser: Callable[[], FlaskClient], vera: Person) -> FlaskClient:
    return sign_in_staff(browser(), vera)


class TestReading:
    @each
    def test_the_list_counts_what_there_is(self, owner: FlaskClient, resource: Resource):
        answer, total = owner.get(at(resource)), count(resource)
        assert answer.status_code == 200
        assert (f"1 to {min(total, PER_PAGE)} of {total}" in words(answer)) is bool(total)

    @each
    def test_the_list_asks_little_of_the_database(self, owner: FlaskClient, resource: Resource):
        owner.get(at(resource))
        with counted() as statements:
            owner.get(at(resource))
        assert len(statements) <= 8, statements

    @each
    def test_every_column_sorts_both_ways_and_says_so(self, owner: FlaskClient, resource: Resource):
        for column in resource.columns:
            for sort, way in ((column.key, "ascending"), (f"-{column.key}", "descending")):
                answer = owner.get(at(resource, f"?sort={sort}"))
                assert answer.status_code == 200
                if count(resource):
                    assert (f'aria-sort="{way}"' in answer.text) is (column.sort is not None)

    @each
    def test_every_choice_of_every_filter_answers(self, app: Flask, owner: FlaskClient, resource: Resource):
        for choice in resource.filters:
            for value in [*choice.choices(), "no such value", ""]:
                assert owner.get(at(resource, f"?{choice.key}={value}")).status_code == 200
                assert owner.get(at(resource, f"/export.csv?{choice.key}={value}")).status_code == 200

    @each
    @pytest.mark.parametrize("typed", ["a", "%", "_", "\\", "'", '"', "zzzz-nothing-zzzz", "مرحبا", "\x00", "a" * 500])
    def test_any_search_is_answered(self, owner: FlaskClient, resource: Resource, typed: str):
        answer = owner.get(at(resource), query_string={"q": typed})
        assert answer.status_code == 200
        if typed.startswith("zzzz") and resource.search:
            assert "Nothing matches" in words(answer)

    @each
    @pytest.mark.parametrize("number", ["0", "-1", "2", "999999", "9999999999999", "x", "٣"])
    def test_any_page_is_answered(self, owner: FlaskClient, resource: Resource, number: str):
        assert owner.get(at(resource), query_string={"page": number, "sort": "no such column"}).status_code == 200

    @each
    def test_the_fragment_is_the_list_alone_under_an_address_of_its_own(self, owner: FlaskClient, resource: Resource):
        answer = owner.get(at(resource, "?q=a&page=1&sort="), headers={"HX-Request": "true"})
        assert answer.text.lstrip().startswith('<div class="results" id="list">')
        assert answer.headers["HX-Push-Url"] == at(resource, "?q=a")
        assert "HX-Request" in answer.headers["Vary"]

    @each
    def test_the_export_holds_every_row(self, owner: FlaskClient, resource: Resource):
        headings, *rows = exported(owner, resource)
        assert len(rows) == count(resource)
        assert all(len(row) == len(headings) for row in rows)
        assert set(settable(resource)) <= set(headings)

    @each
    def test_each_has_a_page_and_a_history(self, owner: FlaskClient, resource: Resource):
        row_id = first_id(resource)
        assert owner.get(at(resource, f"/{row_id}")).status_code == 200
        assert owner.get(at(resource, f"/{row_id}/history")).status_code == 200

    @each
    def test_what_there_is_not_is_not_found(self, owner: FlaskClient, resource: Resource):
        for rest in ("/999999", "/999999/history"):
            assert owner.get(at(resource, rest)).status_code == 404


class TestWriting:
    @those()
    def test_a_viewer_reads_and_cannot_write(self, owner: FlaskClient, viewer: FlaskClient, resource: Resource):
        assert viewer.get(at(resource)).status_code == 200
        before, row_id = exported(viewer, resource), first_id(resource)
        assert viewer.get(at(resource, "/new")).status_code == 403
        for rest in ("", f"/{row_id}", f"/{row_id}/retirement", "/import", "/import/1"):
            assert post(viewer, at(resource, rest)).status_code in (403, 404, 405)
        assert exported(viewer, resource) == before

    @those()
    def test_a_viewer_is_shown_no_way_to_write(self, owner: FlaskClient, viewer: FlaskClient, resource: Resource):
        for page in (at(resource), at(resource, f"/{first_id(resource)}")):
            answer = viewer.get(page)
            assert not [address for address in forms(answer) if address.startswith("/admin/" + resource.key + "/")]
            assert f'href="{at(resource, "/new")}' not in answer.text

    @those()
    def test_every_field_is_labelled_and_an_empty_form_says_what_is_missing(
        self, owner: FlaskClient, resource: Resource
    ):
        opened = owner.get(at(resource, "/new"))
        assert opened.status_code == 200
        for name in settable(resource):
            assert f'for="{name}"' in opened.text or f'id="{name}"' in opened.text
        answer = post(owner, at(resource), {"form_token": "0" * 32})
        assert answer.status_code == 422
        assert "Fill this in." in words(answer)

    @those(can_edit=True)
    def test_saving_what_was_opened_changes_nothing(self, owner: FlaskClient, resource: Resource):
        row_id = first_id(resource)
        before = exported(owner, resource)
        assert edit(owner, at(resource, f"/{row_id}"), {}).status_code == 303
        assert exported(owner, resource) == before

    @those(can_edit=True)
    def test_a_form_without_its_version_is_stale(self, owner: FlaskClient, resource: Resource):
        row_id = first_id(resource)
        answer = fill(owner, at(resource, f"/{row_id}/edit"), at(resource, f"/{row_id}"), {"version": "0" * 32})
        assert answer.status_code == 409
        assert "Somebody else changed this" in words(answer)

    @those(can_duplicate=True)
    def test_a_duplicate_starts_with_the_original(self, owner: FlaskClient, resource: Resource):
        row_id = first_id(resource)
        original = forms(owner.get(at(resource, f"/{row_id}/edit")))[at(resource, f"/{row_id}")]
        copy = forms(owner.get(at(resource, f"/new?from={row_id}")))[at(resource)]
        shared = set(original) & set(copy) - {"csrf_token", "version", "form_token"}
        assert shared
        assert {name: copy[name] for name in shared} == {name: original[name] for name in shared}

    @those(can_retire=True)
    def test_it_is_retired_once_and_brought_back_once(self, owner: FlaskClient, resource: Resource):
        row_id = first_id(resource)
        address = at(resource, f"/{row_id}/retirement")
        for retired in (True, False):
            asked = forms(owner.get(address))[address]
            for _ in range(2):  # sent twice
                assert post(owner, address, asked).status_code == 303
                assert bool(read_one(resource.rows.where(resource.id_column == row_id)).retired_at) is retired

    @those(can_import=True)
    def test_what_was_exported_is_nothing_to_do_when_it_comes_back(self, owner: FlaskClient, resource: Resource):
        content = owner.get(at(resource, "/export.csv")).data
        for encoded in (content, content.removeprefix(b"\xef\xbb\xbf"), content.decode("utf-8-sig").encode("utf-16")):
            answer = upload(owner, at(resource, "/import"), encoded)
            said = words(answer)
            assert f"{count(resource)} Unchanged" in said or "No rows" in said
            assert "0 With a fault" in said or "No rows" in said
            assert "Bring in all of it" not in said


def test_every_resource_is_in_the_policy_as_it_says(app: Flask):
    for resource in RESOURCES:
        assert needed("GET", f"{resource.blueprint_name}.index") is not None
        if resource.Settings is None:
            continue
        access = needed("POST", f"{resource.blueprint_name}.create")
        assert access is not None
        assert access.who == resource.write, f"{resource.key}: the policy and the domain ask for different rights"
        assert not may("viewer", resource.write)


def test_moments_of_a_file_are_exact(owner: FlaskClient, dana: Person):
    asked = forms(owner.get("/admin/entities/1/retirement"))["/admin/entities/1/retirement"]
    post(owner, "/admin/entities/1/retirement", asked)
    headings, *rows = exported(owner, next(one for one in RESOURCES if one.key == "entities"), "?state=retired")
    assert len(rows) == 1
    assert datetime.fromisoformat(rows[0][headings.index("retired_at")]).tzinfo is not None
