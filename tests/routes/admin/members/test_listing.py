"""The list of members: found as one types, narrowed, turned, taken away as a file."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gamification.audit import reads as audit
from app.gamification.members import erasure, search
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import Person, make_member, post, sign_in_staff, words
from tests.support.queries import counted


@pytest.fixture
def viewer(app: Flask, client: FlaskClient, vera: Person) -> FlaskClient:
    return sign_in_staff(client, vera)


def test_the_newest_members_stand_first(viewer: FlaskClient, alice: Person, bob: Person):
    said = words(viewer.get("/admin/members"))
    assert said.index("Bob Bakkar") < said.index("Alice Amari")
    assert "alice@example.com" in said
    assert "United Arab Emirates" in said


@pytest.mark.parametrize("typed", ["amari", "alice%40ex", "5012345", "M-1001"])
def test_a_search_finds_by_name_address_login_and_id(viewer: FlaskClient, alice: Person, bob: Person, typed: str):
    said = words(viewer.get(f"/admin/members?q={typed}"))
    assert "Alice Amari" in said
    assert "Bob Bakkar" not in said


@pytest.mark.parametrize(
    "typed", ["%25", "_", "'", "%22", "%00", "%E2%80%AE", "%F0%9F%92%A9", "9223372036854775808", "x" * 4000]
)
def test_a_search_for_anything_is_answered(viewer: FlaskClient, alice: Person, typed: str):
    answer = viewer.get(f"/admin/members?q={typed}")
    assert answer.status_code == 200
    assert typed == "%00" or "Nobody like that" in words(answer)


@pytest.mark.parametrize(
    "asked",
    [
        "before=99999999999", "before=-1", "before=x", "before=9223372036854775808", "level=nope", "country=ZZZ",
        "class=9", "state=DROP", "pack=none", "level=&country=&class=",
    ],
)  # fmt: skip
def test_what_makes_no_sense_counts_as_not_asked(viewer: FlaskClient, alice: Person, asked: str):
    assert "Alice Amari" in words(viewer.get(f"/admin/members?{asked}"))


def test_filters_narrow_the_list(viewer: FlaskClient, alice: Person, bob: Person, charlie: Person):
    assert "Bob Bakkar" not in words(viewer.get("/admin/members?country=AE"))
    said = words(viewer.get("/admin/members?class=retail&country=CY&pack=eu_retail"))
    assert "Bob Bakkar" in said
    assert "Alice Amari" not in said
    assert "Charlie Chen" in words(viewer.get("/admin/members?state=unverified"))
    assert "Nobody like that" in words(viewer.get("/admin/members?country=NO"))


def test_the_list_is_turned_by_its_last_member(viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "PAGE", 2)
    people = [make_member(f"m{n}@example.com", f"Member {'ABC'[n]}") for n in range(3)]
    first = viewer.get("/admin/members")
    assert f"/admin/members?before={people[1].id}" in first.text
    assert "Member A" in words(viewer.get(f"/admin/members?before={people[1].id}"))


def test_htmx_gets_the_list_alone(viewer: FlaskClient, alice: Person):
    answer = viewer.get("/admin/members?q=alice", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith("<section")
    assert "HX-Request" in answer.headers["Vary"]


def test_a_name_is_never_markup(viewer: FlaskClient):
    make_member("mallory@example.com", "<script>alert(1)</script> Mallory")
    assert "<script>alert" not in viewer.get("/admin/members").text


def test_an_erased_member_is_listed_as_such(viewer: FlaskClient, alice: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, alice.id, now=clock.now())
    said = words(viewer.get("/admin/members"))
    assert "Erased member" in said
    assert "Alice" not in said


def test_the_search_at_the_top_of_every_page_leads_here(viewer: FlaskClient):
    page = viewer.get("/admin").text
    assert 'action="/admin/members"' in page
    assert "data-seek" in page


@pytest.mark.parametrize("asked", ["", "?q=alice", "?country=AE&state=unverified"])
def test_a_page_costs_few_statements(viewer: FlaskClient, alice: Person, bob: Person, asked: str):
    viewer.get("/admin/members")
    with counted() as sent:
        assert viewer.get(f"/admin/members{asked}").status_code == 200
    assert len(sent) <= 5


def test_the_list_leaves_as_a_file_and_the_log_says_so(client: FlaskClient, alice: Person, bob: Person, omar: Person):
    make_member("mallory@example.com", '=HYPERLINK("http://evil")A')
    sign_in_staff(client, omar)
    answer = post(client, "/admin/members/export", {"country": "AE"})
    assert answer.mimetype == "text/csv"
    assert "Alice Amari" in answer.text
    assert "Bob" not in answer.text
    assert "'=HYPERLINK" in post(client, "/admin/members/export").text
    entries = [row for row in read_all(audit.ENTRIES) if row.action == "member.export_list"]
    assert [entry.staff_id for entry in entries] == [omar.id, omar.id]


def test_only_who_may_takes_the_list_away(client: FlaskClient, alice: Person, mia: Person):
    sign_in_staff(client, mia)
    assert post(client, "/admin/members/export").status_code == 403
    assert "Export as CSV" not in words(client.get("/admin/members"))
