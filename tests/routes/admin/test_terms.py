"""The page of names: what the broker's keys mean, and the proposal of what an own activity counts as."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.gamification import terms
from app.gamification.audit import reads as audit
from app.lib import clock
from app.models.activity import BrokerTerm
from app.models.base import read_all, read_one, transaction
from app.models.desk import Proposal
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import edit, fill, forms

NEW = {
    "kind": "lesson",
    "key": "risk-of-ruin",
    "name_en": "Risk of ruin",
    "name_ar": "خطر الإفلاس",
    "name_zh": "爆仓风险",
}


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def webinar(app: Flask, mia: Person) -> str:
    """The page of an own activity."""
    with transaction():
        term_id = terms.create(mia.id, terms.Settings("custom", "webinar", {"en": "Webinar"}), now=clock.now())
    return f"/admin/terms/{term_id}"


def test_a_key_is_named_in_every_language(manager: FlaskClient, mia: Person):
    answer = post(manager, "/admin/terms", NEW)
    assert answer.status_code == 303
    assert "Risk of ruin" in words(manager.get("/admin/terms"))
    row = read_one(select(BrokerTerm))
    assert (row.kind, row.key, row.name) == (
        "lesson",
        "risk-of-ruin",
        {"en": "Risk of ruin", "ar": "خطر الإفلاس", "zh": "爆仓风险"},
    )
    assert audit.of_subject("term", row.id)[0].staff_id == mia.id


@pytest.mark.parametrize("typed", ["ruin", "risk-of", "خطر", "爆仓"])
def test_it_is_found_by_its_key_and_by_its_name_in_any_language(manager: FlaskClient, typed: str):
    post(manager, "/admin/terms", NEW)
    assert "1 to 1 of 1" in words(manager.get("/admin/terms", query_string={"q": typed}))


def test_the_same_key_of_two_kinds_is_two(manager: FlaskClient):
    assert post(manager, "/admin/terms", NEW).status_code == 303
    assert post(manager, "/admin/terms", NEW | {"kind": "survey"}).status_code == 303
    again = post(manager, "/admin/terms", NEW)
    assert again.status_code == 422
    assert "risk-of-ruin is in use already" in words(again)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name_en": ""}, "Fill this in."),
        ({"key": "two words"}, "Use the key exactly"),
        ({"key": "-x"}, "Use the key exactly"),
        ({"key": "x" * 65}, "too long"),
        ({"kind": "custom", "key": "Webinar"}, "Use the key exactly"),
        ({"kind": "custom", "key": "w" * 41}, "Use the key exactly"),
        ({"kind": "poem"}, "Choose one from the list."),
        ({"name_zh": "长" * 81}, "too long"),
    ],
)
def test_what_cannot_be_a_name_is_said_at_its_field(manager: FlaskClient, wrong: dict[str, str], told: str):
    answer = post(manager, "/admin/terms", NEW | wrong)
    assert answer.status_code == 422
    assert told in words(answer)


def test_kind_and_key_stay_and_the_name_changes(manager: FlaskClient):
    address = post(manager, "/admin/terms", NEW).location
    assert edit(manager, address, {"kind": "survey", "key": "other", "name_en": "Ruin"}).status_code == 303
    row = read_one(select(BrokerTerm))
    assert (row.kind, row.key, row.name["en"]) == ("lesson", "risk-of-ruin", "Ruin")


def test_the_name_is_escaped_wherever_it_stands(manager: FlaskClient):
    address = post(manager, "/admin/terms", NEW | {"name_en": "<i>50% off</i>"}).location
    for page in ("/admin/terms", address, f"{address}/edit", f"{address}/history", f"{address}/retirement"):
        answer = manager.get(page)
        assert answer.status_code == 200
        assert "<i>50%" not in answer.text


class TestClass:
    def test_the_page_says_what_nobody_has_classed(self, manager: FlaskClient, webinar: str):
        assert "So it counts as trading, the strictest" in words(manager.get(webinar))
        assert "Trading" in words(manager.get("/admin/terms"))

    def test_a_lesson_has_nothing_to_class(self, manager: FlaskClient):
        address = post(manager, "/admin/terms", NEW).location
        assert "What it counts as" not in words(manager.get(address))

    def test_a_manager_proposes_and_the_page_says_that_it_waits(self, manager: FlaskClient, webinar: str, mia: Person):
        asked = {"fact": "learning", "note": "One hour with an analyst"}
        assert fill(manager, webinar, f"{webinar}/class", asked).status_code == 303
        [proposal] = read_all(select(Proposal))
        assert (proposal.kind, proposal.payload) == ("term.class", {"from": "trading", "to": "learning"})
        assert (proposal.proposed_by, proposal.note) == (mia.id, "One hour with an analyst")
        said = words(manager.get(webinar))
        assert "Something else was proposed." in said
        assert "Propose it" not in said

    def test_what_cannot_be_proposed_is_said_on_the_page_and_nothing_is_lost(self, manager: FlaskClient, webinar: str):
        answer = post(manager, f"{webinar}/class", {"fact": "chance", "note": "Kept"})
        assert answer.status_code == 422
        assert "Choose what it counts as from the list." in words(answer)
        assert forms(answer)[f"{webinar}/class"]["note"] == "Kept"
        assert post(manager, f"{webinar}/class", {"fact": "learning"}).status_code == 303
        again = post(manager, f"{webinar}/class", {"fact": "habit"})
        assert again.status_code == 422
        assert len(read_all(select(Proposal))) == 1

    def test_a_viewer_reads_and_cannot_propose(self, client: FlaskClient, webinar: str, vera: Person):
        sign_in_staff(client, vera)
        assert "Propose it" not in words(client.get(webinar))
        assert post(client, f"{webinar}/class", {"fact": "learning"}).status_code == 403

    def test_the_approver_reads_it_in_words(self, app: Flask, manager: FlaskClient, webinar: str):
        from app.gamification.approvals.kinds.term_class import TermClass

        fill(manager, webinar, f"{webinar}/class", {"fact": "learning"})
        proposal = read_one(select(Proposal))
        (change,) = TermClass.summary(proposal.subject_id, proposal.payload).changes
        assert (change.before.msgid, change.after.msgid) == ("Trading", "Learning")
