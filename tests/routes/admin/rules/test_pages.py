"""The list of rules, a rule with its revisions, and the buttons that begin drafts."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gamification.accrual.publishing import revisions
from app.lib import clock
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.queries import counted
from tests.support.rules import publish, rule_id, view, write


@pytest.fixture
def manager(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def test_the_list_says_where_each_rule_stands(manager: FlaskClient, mia: Person, omar: Person):
    write(mia, "metals", hold_days=1)
    publish(mia, omar, "journal", first=(clock.now() + timedelta(days=9)).date(), hold_days=1)
    said = words(manager.get("/admin/rules"))
    assert "Metals by the lot Trade closed Live Draft" in said
    assert "Next on" in said and "trades, 10" in said
    with counted() as statements:
        manager.get("/admin/rules")
    assert len(statements) <= 7, statements


def test_the_list_narrows(manager: FlaskClient):
    assert "Lessons passed" not in words(manager.get("/admin/rules?q=metal"))
    assert "Nothing matches" in words(manager.get("/admin/rules?q=%25"))
    assert "Nothing matches" in words(manager.get("/admin/rules?state=retired"))
    assert "Metals by the lot" in words(manager.get("/admin/rules?state=nonsense"))


def test_the_file_carries_the_sentences(manager: FlaskClient):
    answer = manager.get("/admin/rules/export.csv")
    assert answer.mimetype == "text/csv"
    assert "When a member closes a trade in metals" in answer.text


def test_a_new_rule_starts_from_what_happens(manager: FlaskClient):
    assert "Lesson passed" in words(manager.get("/admin/rules/new"))
    answer = post(manager, "/admin/rules", {"name": "Weekend lessons", "kind": "lesson.passed"})
    assert answer.status_code == 303 and "/admin/rules/drafts/" in answer.location
    assert "When a member passes a lesson" in words(manager.get(answer.location))
    assert "Weekend lessons" in words(manager.get("/admin/rules"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "kind": "visit"},
        {"name": "!", "kind": "visit"},
        {"name": "x" * 100, "kind": "visit"},
        {"name": "A", "kind": "custom"},
        {"name": "A", "kind": "account.entry"},
        {"name": "A"},
        {},
    ],
)
def test_a_rule_about_nothing_is_not_begun(manager: FlaskClient, wrong: dict[str, str]):
    answer = post(manager, "/admin/rules", wrong)
    assert answer.status_code == 422
    assert "Something needs another look" in words(answer)


def test_a_rule_shows_its_revisions_and_what_each_changed(manager: FlaskClient, mia: Person, omar: Person):
    publish(mia, omar, "trades", hold_days=7)
    publish(mia, omar, "trades", hold_days=9, base={"kind": "lots", "rate": "15"})
    address = f"/admin/rules/{rule_id('trades')}"
    said = words(manager.get(address))
    assert "Revision 3 Live" in said
    assert "hold 7 days 9 days" in said and "rate 100 points a lot 15 points a lot" in said
    both = words(manager.get(f"{address}?of=1&with=3"))
    assert "hold 5 days 9 days" in both
    for odd in ("of=9&with=8", "of=x", "of=-1&with=1", "with=99999999999999999999"):
        assert manager.get(f"{address}?{odd}").status_code == 200


def test_a_rule_is_revised_duplicated_and_retired_from_its_page(manager: FlaskClient, mia: Person):
    address = f"/admin/rules/{rule_id('trades')}"
    first = post(manager, f"{address}/draft")
    assert post(manager, f"{address}/draft").location == first.location
    copy = post(manager, f"{address}/copy")
    assert "Trades by the lot (copy)" in words(manager.get(copy.location))
    assert [one.key for one in revisions.every(clock.now()) if one.id is None] == ["trades_2"]
    answer = post(manager, f"{address}/retirement", {"note": "No more"}, follow_redirects=True)
    assert "Its retirement waits for a second person" in words(answer) and "No more" in words(answer)
    assert view("trades").retirement is not None
    assert post(manager, f"{address}/retirement", {}).status_code == 409


@pytest.mark.parametrize("day", ["2020-01-01", "soon", "9999-99-99"])
def test_a_rule_does_not_retire_in_the_past(manager: FlaskClient, day: str):
    answer = post(manager, f"/admin/rules/{rule_id('trades')}/retirement", {"starts": day})
    assert answer.status_code == 422
    assert "Choose a day from tomorrow on" in words(answer)
    assert view("trades").retirement is None


def test_history_tells_who_published(manager: FlaskClient, mia: Person, omar: Person):
    publish(mia, omar, "trades", hold_days=7)
    said = words(manager.get(f"/admin/rules/{rule_id('trades')}/history"))
    assert "Omar Rahal" in said and "rule.publish" in said


def test_what_is_not_there_is_not_found(manager: FlaskClient):
    for address in ("/admin/rules/999", "/admin/rules/999/history", "/admin/rules/drafts/999"):
        assert manager.get(address).status_code == 404
    for address in ("/admin/rules/999/draft", "/admin/rules/999/copy", "/admin/rules/999/retirement"):
        assert post(manager, address).status_code == 404


def test_a_viewer_reads_and_begins_nothing(app: Flask, client: FlaskClient, vera: Person):
    sign_in_staff(client, vera)
    address = f"/admin/rules/{rule_id('trades')}"
    page = client.get(address)
    assert page.status_code == 200
    assert "Revise" not in words(page) and "Propose to retire it" not in words(page)
    assert client.get("/admin/rules/new").status_code == 403
    for path in ("/draft", "/copy", "/retirement"):
        assert post(client, address + path).status_code == 403
    assert post(client, "/admin/rules", {"name": "A", "kind": "visit"}).status_code == 403
