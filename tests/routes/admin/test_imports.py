"""Files that are brought in: looked through first, then all of it or nothing."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.gamification import terms
from app.gamification.audit import reads as audit
from app.lib import clock
from app.lib.spreadsheet import restored
from app.models.activity import BrokerTerm
from app.models.base import read_all, read_one, transaction
from app.models.desk import Proposal, StagedFile
from app.models.people import LegalEntity
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms, upload

TERMS, ENTITIES = "/admin/terms/import", "/admin/entities/import"
HEAD = ("kind", "key", "name_en", "name_ar", "name_zh")


def sheet(*rows: Sequence[str], head: Sequence[str] = HEAD) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([head, *rows])
    return buffer.getvalue()


def named(kind: str = "lesson") -> dict[str, Any]:
    rows = read_all(select(BrokerTerm.key, BrokerTerm.name).where(BrokerTerm.kind == kind))
    return {key: dict(name) for key, name in rows}


def confirm(client: FlaskClient, seen: TestResponse, changes: Mapping[str, str] | None = None) -> TestResponse:
    """Press the button that brings the file in."""
    (address,) = [one for one in forms(seen) if re.fullmatch(r"/admin/[a-z]+/import/\d+", one)]
    carried = {name: value for name, value in forms(seen)[address].items() if name != "csrf_token"}
    return post(client, address, {**carried, **(changes or {})})


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def owner(app: Flask, browser: Callable[[], FlaskClient], dana: Person) -> FlaskClient:
    return sign_in_staff(browser(), dana)


@pytest.fixture
def two_names(app: Flask, mia: Person) -> None:
    with transaction():
        for key, name in (("a-plan", {"en": "A plan", "ar": "خطة"}), ("gaps", {"en": "Gaps"})):
            terms.create(mia.id, terms.Settings("lesson", key, name), now=clock.now())


def test_it_says_row_by_row_what_it_would_do_and_does_nothing(manager: FlaskClient, two_names: None):
    content = sheet(
        ("lesson", "a-plan", "A better plan", "خطة", ""),
        ("lesson", "gaps", "Gaps", "", ""),
        ("lesson", "new-one", "New one", "", "新"),
    )
    seen = upload(manager, TERMS, content)
    said = words(seen)
    assert seen.status_code == 200
    assert "1 New" in said and "1 Changed" in said and "1 Unchanged" in said and "0 With a fault" in said
    assert "A plan A better plan" in said
    assert "new-one" not in named()


def test_one_press_brings_all_of_it_in_and_each_row_has_its_history(manager: FlaskClient, mia: Person, two_names: None):
    seen = upload(manager, TERMS, sheet(("lesson", "gaps", "Gaps!", "", "缺口"), ("lesson", "new-one", "New", "", "")))
    assert confirm(manager, seen).status_code == 303
    assert named()["gaps"] == {"en": "Gaps!", "zh": "缺口"}
    assert named()["new-one"] == {"en": "New"}
    gaps = read_one(select(BrokerTerm.id).where(BrokerTerm.key == "gaps"))[0]
    entry = audit.of_subject("term", gaps)[0]
    assert (entry.action, entry.staff_id, entry.before, entry.after) == (
        "term.update",
        mia.id,
        {"name": {"en": "Gaps"}},
        {"name": {"en": "Gaps!", "zh": "缺口"}},
    )


def test_sent_twice_it_is_brought_in_once(manager: FlaskClient):
    seen = upload(manager, TERMS, sheet(("lesson", "one", "One", "", "")))
    assert confirm(manager, seen).status_code == 303
    assert confirm(manager, seen).status_code == 404
    assert list(named()) == ["one"]
    assert read_one(select(func.count()).select_from(StagedFile))[0] == 0


def test_an_export_with_formulas_in_it_comes_back_as_it_was(manager: FlaskClient, mia: Person):
    nasty = {"en": "=HYPERLINK(1)", "ar": "+966", "zh": "'=2"}
    with transaction():
        terms.create(mia.id, terms.Settings("survey", "q1", nasty), now=clock.now())
    content = manager.get("/admin/terms/export.csv").text
    cells = next(row for row in csv.reader(io.StringIO(content.removeprefix("\ufeff"))) if "q1" in row)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    assert [restored(cell) for cell in cells][2:5] == list(nasty.values())
    assert "1 Unchanged" in words(upload(manager, TERMS, content))


def test_a_column_that_is_missing_leaves_what_is_stored(manager: FlaskClient, two_names: None):
    seen = upload(manager, TERMS, sheet(("lesson", "a-plan", "Renamed"), head=("kind", "key", "name_en")))
    assert confirm(manager, seen).status_code == 303
    assert named()["a-plan"] == {"en": "Renamed", "ar": "خطة"}


def test_columns_that_nobody_knows_are_named_and_left_out(manager: FlaskClient):
    said = words(upload(manager, TERMS, sheet(("lesson", "x", "X", "42"), head=("kind", "key", "name_en", "price"))))
    assert "left out: price" in said
    assert "Bring in all of it" in said


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("lesson", "x", "", "", "")], "Name (English) Fill this in."),
        ([("lesson", "no spaces", "X", "", "")], "Use the key exactly as your systems report it"),
        ([("poem", "x", "X", "", "")], "Choose one from the list."),
        ([("lesson", "x", "X" * 81, "", "")], "too long"),
        ([("lesson", "x", "X", "", ""), ("lesson", "x", "Y", "", "")], "This is in row 3 already."),
        ([("lesson", "x", "X", "", "", "more")], "This row has 6 cells, but there are 5 columns."),
        ([("lesson", "", "X", "", "")], "Fill this in."),
    ],
)
def test_a_row_with_a_fault_stops_the_whole_file(manager: FlaskClient, rows: list[tuple[str, ...]], told: str):
    seen = upload(manager, TERMS, sheet(("lesson", "good", "Good", "", ""), *rows))
    said = words(seen)
    assert seen.status_code == 422
    assert told in said
    assert "Nothing of it is saved" in said
    assert "Bring in all of it" not in said
    assert not named()


def test_faults_are_told_in_the_readers_language(app: Flask, manager: FlaskClient):
    manager.set_cookie("lang", "ar")
    assert upload(manager, TERMS, sheet(("lesson", "x", "", "", ""))).status_code == 422


def test_markup_in_a_cell_is_text(manager: FlaskClient):
    seen = upload(manager, TERMS, sheet(("lesson", "x", "<script>alert(1)</script>", "", ""), head=HEAD))
    assert "<script>alert(1)" not in seen.text
    assert "&lt;script&gt;alert(1)" in seen.text
    heading = upload(manager, TERMS, sheet(("lesson", "x", "X", ""), head=("kind", "key", "name_en", "<img src=x>")))
    assert "<img src=x>" not in heading.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04" + b"\0" * 50, "Excel workbook"),
        (b"name_en\nX\n", "The column kind is missing."),
        (b"kind,key,key\nlesson,x,y\n", "The column key stands there twice."),
        (b"kind,key\n" + b"a" * 1_000_001, "larger than 1 MB"),
        (b'kind,key\nlesson,"' + b"x" * 150_000, "quotation mark"),
        (b"kind,key\n" + b"lesson,x\n" * 10_001, "more than 10,000 rows"),
        (b"kind,key,name_en\n", "No rows"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(manager: FlaskClient, content: bytes, told: str):
    assert told in words(upload(manager, TERMS, content))
    assert read_one(select(func.count()).select_from(StagedFile))[0] == 0


def test_without_a_file_it_asks_for_one(manager: FlaskClient):
    assert "Choose a file first." in words(post(manager, TERMS, {}))
    assert "Choose a file first." in words(upload(manager, TERMS, b"kind,key\n", name=""))


def test_what_was_changed_meanwhile_is_looked_at_again(manager: FlaskClient, mia: Person, two_names: None):
    seen = upload(manager, TERMS, sheet(("lesson", "gaps", "Mine", "", "")))
    with transaction():
        gaps = read_one(select(BrokerTerm.id).where(BrokerTerm.key == "gaps"))[0]
        terms.update(mia.id, gaps, terms.Settings("lesson", "gaps", {"en": "Theirs"}), now=clock.now())
    again = confirm(manager, seen)
    assert again.status_code == 409
    assert "Something was changed since you looked through this file." in words(again)
    assert "Theirs Mine" in words(again)
    assert named()["gaps"] == {"en": "Theirs"}
    assert confirm(manager, again).status_code == 303
    assert named()["gaps"] == {"en": "Mine"}


def test_nobody_brings_in_what_they_have_not_seen(manager: FlaskClient):
    seen = upload(manager, TERMS, sheet(("lesson", "x", "X", "", "")))
    assert confirm(manager, seen, {"seen": "0" * 64}).status_code == 409
    assert not named()


def test_somebody_elses_file_is_not_there(manager: FlaskClient, owner: FlaskClient):
    seen = upload(manager, TERMS, sheet(("lesson", "x", "X", "", "")))
    assert confirm(owner, seen).status_code == 404
    assert not named()


def test_a_file_of_one_page_is_nothing_on_another(owner: FlaskClient):
    seen = upload(owner, TERMS, sheet(("lesson", "x", "X", "", "")))
    (address,) = [one for one in forms(seen) if re.search(r"import/\d+", one)]
    assert post(owner, address.replace("terms", "entities"), {"seen": "x"}).status_code == 404


def test_a_long_file_is_brought_in_though_not_all_of_it_is_shown(manager: FlaskClient):
    content = sheet(*((("lesson", f"lesson-{number}", f"L{number}")) for number in range(1_500)), head=HEAD[:3])
    seen = upload(manager, TERMS, content)
    assert "1,500 New" in words(seen)
    assert "1,000 more rows are not shown." in words(seen)
    assert confirm(manager, seen).status_code == 303
    assert len(named()) == 1_500


def entity_rows(*changes: Mapping[str, str]) -> str:
    names = ("key", "name", "country", "pack_key", "loss_percentage")
    return sheet(*([one[name] for name in names] for one in changes), head=names)


EU = {
    "key": "eu",
    "name": "Meridian Markets Europe Ltd",
    "country": "CY",
    "pack_key": "eu_retail",
    "loss_percentage": "74.2",
}


def test_what_needs_a_second_person_is_marked_and_proposed(owner: FlaskClient, dana: Person):
    seen = upload(
        owner,
        ENTITIES,
        entity_rows(
            EU | {"name": "Meridian EU Ltd", "pack_key": "professional"},
            EU | {"key": "za", "name": "Meridian ZA", "country": "ZA", "pack_key": "offshore"},
            EU | {"key": "mt", "name": "Meridian MT", "country": "MT"},
        ),
    )
    assert words(seen).count("Needs approval") == 2
    assert confirm(owner, seen).status_code == 303
    stored = {row.key: row for row in read_all(select(LegalEntity))}
    assert (stored["eu"].name, stored["eu"].pack_key) == ("Meridian EU Ltd", "eu_retail")
    assert "za" not in stored
    assert "mt" in stored
    waiting = [(row.subject_id, row.payload) for row in read_all(select(Proposal).order_by(Proposal.id))]
    assert waiting[0] == (stored["eu"].id, {"from": "eu_retail", "to": "professional"})
    assert waiting[1][1]["new"]["key"] == "za"


def test_a_row_that_is_refused_when_it_is_stored_undoes_the_rest(owner: FlaskClient, dana: Person):
    first = upload(owner, ENTITIES, entity_rows(EU | {"pack_key": "professional"}))
    assert confirm(owner, first).status_code == 303
    second = upload(owner, ENTITIES, entity_rows(EU | {"key": "aa", "name": "AA"}, EU | {"pack_key": "offshore"}))
    refused = confirm(owner, second)
    assert refused.status_code == 422
    assert "waits for a decision" in words(refused)
    assert "aa" not in {row.key for row in read_all(select(LegalEntity.key))}
