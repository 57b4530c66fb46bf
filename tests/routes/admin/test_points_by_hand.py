"""Points by hand at the desk: the list, and awards to many that are looked through before they are proposed."""

import io
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.gamification.approvals import reads
from app.gamification.ledger import adjusting
from app.lib import clock
from app.models.base import connection, read_one, transaction
from tests.support.cast import Person, make_member, post, sign_in_staff, words
from tests.support.play import balances
from tests.support.proposals import adjustments, approve

TRIAL, AWARDS = "/admin/points/awards/trial", "/admin/points/awards"
_FIELD = re.compile(r'<input id="carried-[a-z]+" name="(list|note|token)" type="hidden" value="([^"]*)"')


@pytest.fixture
def manager(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def tom(app: Flask) -> Person:
    return make_member(
        "tom@example.com", "Tom Tell", country="AE", client_class=2, entity_key="global", external_id="M-1"
    )


@pytest.fixture
def ann(app: Flask) -> Person:
    return make_member("ann@example.com", "Ann Amber", country="CY", client_class=1, entity_key="eu")


def look_through(
    client: FlaskClient, listed: str | bytes, *, note: str = "Webinar", file: bool = False
) -> TestResponse:
    data: dict[str, Any] = {"note": note, "list": "" if file else listed}
    if file:
        content = listed if isinstance(listed, bytes) else listed.encode()
        data["file"] = (io.BytesIO(content), "list.csv")
    return post(client, TRIAL, data, content_type="multipart/form-data")


def carried(page: TestResponse) -> dict[str, str]:
    """What the form that proposes carries."""
    return {name: unescape(value) for name, value in _FIELD.findall(page.text)}


def test_a_list_is_looked_through_proposed_and_given(
    manager: FlaskClient, tom: Person, ann: Person, omar: Person, mia: Person
):
    assert manager.get("/admin/points/awards/new").status_code == 200
    page = look_through(manager, "Member,Points\nM-1,30\nANN@example.com,12\n")
    said = words(page)
    assert page.status_code == 200 and "2 members get 42 points" in said and "Nothing was changed yet." in said
    assert "For 1 of them the points buy recognition and service alone" in said
    fields = carried(page)
    assert "@" not in fields["list"] and fields["list"].split() == sorted([f"#{tom.id},30", f"#{ann.id},12"])
    assert balances(tom.id)[0] == 0 and not reads.page(decided=False)
    answers = [post(manager, AWARDS, fields, content_type="multipart/form-data") for _ in range(2)]  # sent twice
    assert [answer.status_code for answer in answers] == [303, 303]
    (shown,) = reads.page(decided=False)
    assert answers[1].location == f"/admin/approvals/{shown.id}"
    assert shown.payload["awards"] == sorted([[tom.id, 30], [ann.id, 12]]) and "example.com" not in str(shown.payload)
    approve(omar, shown.id)
    assert (balances(tom.id)[0], balances(ann.id)[0]) == (30, 12)
    listed = words(manager.get("/admin/points"))
    assert "Tom Tell" in listed and "Webinar" in listed and f"#{shown.id}" in listed


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("nobody@example.com,5", "There is no such member."),
        ("#99999,5", "There is no such member."),
        ("99999999999999999999,5", "There is no such member."),
        ("m-1,5", "There is no such member."),
        ("M-1,0", "Write a whole number of points"),
        ("M-1,-5", "Write a whole number of points"),
        ("M-1,+5", "Write a whole number of points"),
        ("M-1,1.5", "Write a whole number of points"),
        ("M-1,NaN", "Write a whole number of points"),
        ("M-1,Infinity", "Write a whole number of points"),
        ("M-1,1e400", "Write a whole number of points"),
        pytest.param("M-1," + "9" * 400, "Write a whole number of points", id="10^400"),
        ("M-1,٥", "Write a whole number of points"),
        ("M-1,", "Write a whole number of points"),
        ("M-1", "Write a whole number of points"),
        ("M-1,=1+1", "Write a whole number of points"),
        ("=cmd|'/c calc'!A0,5", "There is no such member."),
        (",5", "There is no such member."),
        ("\u202eM-1,5", "There is no such member."),
        ("<script>alert(1)</script>,5", "There is no such member."),
    ],
)
def test_a_row_that_is_wrong_is_named_and_nothing_is_proposed(
    manager: FlaskClient, tom: Person, ann: Person, row: str, told: str
):
    page = look_through(manager, f"Member,Points\nann@example.com,7\n{row}\n")
    said = words(page)
    assert page.status_code == 422 and told in said
    assert "Rows that need another look: 1" in said and "Rows that are fine: 1." in said
    assert "<script>alert" not in page.text
    assert not carried(page)
    assert "ann@example.com,7" in page.text  # the list is still there to be mended


def test_the_same_member_twice_is_named_by_whatever_name(manager: FlaskClient, tom: Person):
    page = look_through(manager, f"M-1,5\ntom@example.com,5\n#{tom.id},5\n")
    said = words(page)
    assert said.count("The same member as in row 1.") == 2 and "Rows that need another look: 2" in said


def test_a_number_that_means_two_members_is_not_guessed(manager: FlaskClient, tom: Person, ann: Person):
    with transaction():
        connection().execute(
            text("UPDATE member SET external_id = :number WHERE id = :id"), {"number": str(tom.id), "id": ann.id}
        )
    said = words(look_through(manager, f"{tom.id},5\n"))
    assert "This is the broker's id of one member and our number of another." in said
    assert "1 member gets 5 points" in words(look_through(manager, f"#{tom.id},5\n"))


def test_whoever_was_erased_is_nobody(manager: FlaskClient, ann: Person):
    with transaction():
        connection().execute(text("UPDATE member SET erased_at = 1 WHERE id = :id"), {"id": ann.id})
    assert "There is no such member." in words(look_through(manager, "ann@example.com,5"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Fill this in."),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"PK\x03\x04rest", "This is an Excel workbook."),
        (b"M-1,5\n" * 200_000, "larger than 1 MB"),
        (b'M-1,"5\n', "quotation mark"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(manager: FlaskClient, tom: Person, content: bytes, told: str):
    page = look_through(manager, content, file=True)
    said = words(page)
    assert page.status_code == 422
    assert told in said or (content == b"" and "The file is empty." in said)


@pytest.mark.parametrize("content", ["\ufeffEmail;Points\r\ntom@example.com;5\r\n", "M-1\t5\n", "M-1,5"])
def test_files_of_every_spreadsheet_are_read(manager: FlaskClient, tom: Person, content: str):
    assert "1 member gets 5 points" in words(look_through(manager, content, file=True))
    assert "1 member gets 5 points" in words(look_through(manager, content.encode("utf-16"), file=True))


def test_a_reason_has_to_be_given(manager: FlaskClient, tom: Person):
    page = look_through(manager, "M-1,5", note=" ")
    assert page.status_code == 422 and "Say in a few words why." in words(page) and not carried(page)


def test_a_proposal_past_the_page_is_looked_through_again(manager: FlaskClient, tom: Person, ann: Person):
    fields = carried(look_through(manager, "M-1,5"))
    for wrong in (
        {"list": f"#{tom.id},5\n#{tom.id},5"},
        {"list": "#99999,5"},
        {"list": ""},
        {"list": f"#{tom.id},1e9"},
        {"note": ""},
        {"note": "x" * 1001},
        {"token": ""},
        {"token": "x" * 65},
    ):
        assert post(manager, AWARDS, fields | wrong, content_type="multipart/form-data").status_code == 422
    assert not reads.page(decided=False)


def test_ten_thousand_go_through_and_one_more_does_not(manager: FlaskClient, tom: Person):
    page = look_through(manager, "Member,Points\n" + "M-1,5\n" * 10_001)
    assert page.status_code == 422 and "more than 10,000 rows" in words(page)
    page = look_through(manager, "Member,Points\n" + "M-1,5\n" * 10_000)
    assert "Rows that need another look: 9,999" in words(page) and "Only the first 100 are shown." in words(page)


def test_a_viewer_has_no_such_page(client: FlaskClient, vera: Person, tom: Person):
    sign_in_staff(client, vera)
    assert "Points by hand" not in words(client.get("/admin"))
    for path in ("/admin/points", "/admin/points/export.csv", "/admin/points/awards/new"):
        assert client.get(path).status_code == 403
    assert look_through(client, "M-1,5").status_code == 403
    assert post(client, AWARDS, {"list": "M-1,5", "note": "x", "token": "x" * 20}).status_code == 403
    assert read_one(text("SELECT count(*) FROM proposal"))[0] == 0


def test_what_was_adjusted_lately_is_listed_narrowed_and_kept(
    manager: FlaskClient, tom: Person, ann: Person, mia: Person, omar: Person
):
    for by, member, amount, note in ((mia, tom, 10, "=1+1"), (mia, tom, -4, "Twice"), (omar, ann, 7, "Thanks")):
        with transaction():
            adjusting.adjust(by.id, member.id, amount, note, f"token {note}", now=clock.now())
    said = words(manager.get("/admin/points"))
    assert "1,000 points at once" in said and "5,000 a day" in said
    assert "Tom Tell" in said and "−4" in said and "+7" in said
    assert "Ann Amber" not in words(manager.get(f"/admin/points?by={mia.id}&sort=single"))
    assert "Nothing matches" in words(manager.get("/admin/points?sort=reversal"))
    assert "Ann Amber" in words(manager.get(f"/admin/points?member={ann.id}&sort=nonsense&by=x&before=-1"))
    file = manager.get(f"/admin/points/export.csv?member={tom.id}")
    assert file.mimetype == "text/csv" and "'=1+1" in file.text and "Thanks" not in file.text
    assert len(adjustments()) == 3


def test_a_long_list_is_turned(manager: FlaskClient, tom: Person, mia: Person):
    for number in range(55):
        with transaction():
            adjusting.adjust(mia.id, tom.id, 1, f"Round {number:02}", f"token {number}", now=clock.now())
    page = manager.get("/admin/points")
    assert "Round 54" in words(page) and "Round 04" not in words(page) and "before=6" in page.text
    assert "Round 04" in words(manager.get("/admin/points?before=6"))
