"""The legal entities: kept by the owner, and their law by two people."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.gamification import programme
from app.gamification.approvals import proposals
from app.gamification.audit import reads as audit
from app.gamification.brand import brand, forget
from app.gamification.errors.desk import ProposalChanged
from app.gamification.errors.members import UnknownEntity
from app.gamification.members.enrolment import enrol
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from app.models.desk import Proposal
from app.models.people import LegalEntity, Member
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import edit, fill, forms

NEW = {
    "key": "za",
    "name": "Meridian ZA (Pty) Ltd",
    "country": "ZA",
    "pack_key": "eu_retail",
    "loss_percentage": "70.1",
}


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def entity(key: str) -> LegalEntity | None:
    return read_one(select(LegalEntity).where(LegalEntity.key == key))


def open_proposals() -> list[Proposal]:
    return list(read_all(select(Proposal).where(Proposal.state == "open").order_by(Proposal.id)))


def approve(by: Person, proposal: Proposal) -> None:
    with transaction():
        proposals.approve(by.id, proposal.id, bytes(proposal.digest).hex(), now=clock.now())
    forget()


def test_the_list_shows_what_there_is(owner: FlaskClient):
    said = words(owner.get("/admin/entities"))
    assert "Meridian Markets Europe Ltd" in said
    assert "1 to 4 of 4" in said


def test_a_search_narrows_the_list(owner: FlaskClient):
    assert "1 to 1 of 1" in words(owner.get("/admin/entities?q=europe"))
    assert "Nothing matches" in words(owner.get("/admin/entities?q=%25_"))


def test_a_filter_narrows_it_further(owner: FlaskClient):
    assert "1 to 1 of 1" in words(owner.get("/admin/entities?pack=offshore"))
    assert "Nothing matches" in words(owner.get("/admin/entities?state=retired"))
    assert "1 to 4 of 4" in words(owner.get("/admin/entities?state=open&pack="))


def test_a_new_one_is_stored_and_told(owner: FlaskClient, dana: Person):
    answer = post(owner, "/admin/entities", NEW)
    assert answer.status_code == 303
    assert "Meridian ZA (Pty) Ltd" in words(owner.get(answer.location))
    assert any(one.key == "za" for one in brand().entities)
    [entry] = audit.of_subject("entity", int(answer.location.rsplit("/", 1)[1]))
    assert (entry.action, entry.staff_id, entry.after["country"]) == ("entity.create", dana.id, "ZA")


def test_a_form_that_is_sent_twice_makes_one(owner: FlaskClient):
    carried = forms(owner.get("/admin/entities/new"))["/admin/entities"]
    first, second = (post(owner, "/admin/entities", carried | NEW) for _ in range(2))
    assert first.location == second.location
    assert "It was saved once." in words(owner.get(second.location))
    assert len(read_all(select(LegalEntity.id))) == 5


def test_a_form_that_was_refused_can_be_mended_and_sent_again(owner: FlaskClient):
    carried = forms(owner.get("/admin/entities/new"))["/admin/entities"]
    refused = post(owner, "/admin/entities", carried | NEW | {"country": "XX"})
    assert refused.status_code == 422
    again = forms(refused)["/admin/entities"]
    assert again["form_token"] == carried["form_token"]
    assert again["name"] == NEW["name"]
    assert post(owner, "/admin/entities", again | {"country": "ZA"}).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Fill this in."),
        ({"name": "\u202e\u200b"}, "Fill this in."),
        ({"country": "XX"}, "There is no country with the code XX"),
        ({"pack_key": "none"}, "Choose one from the list."),
        ({"loss_percentage": "1e3"}, "Write a percentage"),
        ({"loss_percentage": "NaN"}, "Write a percentage"),
        ({"key": "eu"}, "eu is in use already"),
        ({"key": "../x"}, "Use up to 30 small letters"),
    ],
)
def test_what_cannot_be_stored_is_said_at_its_field(owner: FlaskClient, wrong: dict[str, str], told: str):
    answer = post(owner, "/admin/entities", NEW | wrong)
    assert answer.status_code == 422
    assert told in words(answer)


def test_a_change_is_kept_with_before_and_after(owner: FlaskClient):
    assert edit(owner, "/admin/entities/1", {"loss_percentage": "75.5"}).status_code == 303
    [entry] = audit.of_subject("entity", 1)
    assert (entry.before, entry.after) == ({"loss_percentage": "74.2"}, {"loss_percentage": "75.5"})
    assert "Retail accounts that lose money, percent 74.2 75.5" in words(owner.get("/admin/entities/1/history"))


def test_the_key_of_a_stored_one_stays(owner: FlaskClient):
    assert edit(owner, "/admin/entities/1", {"key": "other"}).status_code == 303
    assert entity("eu") is not None


def test_nobody_overwrites_what_somebody_else_has_just_saved(owner: FlaskClient):
    mine = forms(owner.get("/admin/entities/1/edit"))["/admin/entities/1"]
    assert edit(owner, "/admin/entities/1", {"loss_percentage": "75.5"}).status_code == 303
    stale = post(owner, "/admin/entities/1", mine | {"name": "Mine Ltd"})
    assert stale.status_code == 409
    said = words(stale)
    assert "Somebody else changed this while you were writing." in said
    assert "Stored now: 75.5" in said
    assert "Stored now: Meridian Markets Europe Ltd" in said
    kept = forms(stale)["/admin/entities/1"]
    assert (kept["name"], kept["loss_percentage"]) == ("Mine Ltd", "74.2")
    assert post(owner, "/admin/entities/1", kept | {"loss_percentage": "75.5"}).status_code == 303
    assert entity("eu").name == "Mine Ltd"


def test_a_manager_reads_but_does_not_write(client: FlaskClient, mia: Person):
    sign_in_staff(client, mia)
    assert client.get("/admin/entities").status_code == 200
    assert client.get("/admin/entities/new").status_code == 403
    assert post(client, "/admin/entities", NEW).status_code == 403


class TestLaw:
    def test_another_pack_waits_for_a_second_person_and_nothing_else_does(
        self, owner: FlaskClient, dana: Person, omar: Person
    ):
        saved = edit(owner, "/admin/entities/1", {"pack_key": "professional", "loss_percentage": "75.5"})
        assert saved.status_code == 303
        assert "Somebody else has to approve this." in words(owner.get(saved.location))
        assert (entity("eu").pack_key, entity("eu").loss_percentage) == ("eu_retail", "75.5")
        assert "Another law pack was proposed." in words(owner.get("/admin/entities/1"))
        [proposal] = open_proposals()
        approve(omar, proposal)
        assert entity("eu").pack_key == "professional"
        assert programme.current().entity_packs[1] == "professional"
        assert audit.of_subject("entity", 1)[0].after == {"pack_key": "professional"}
        assert "Another law pack was proposed." not in words(owner.get("/admin/entities/1"))

    def test_the_same_is_not_proposed_twice(self, owner: FlaskClient):
        assert edit(owner, "/admin/entities/1", {"pack_key": "professional"}).status_code == 303
        again = edit(owner, "/admin/entities/1", {"pack_key": "offshore", "name": "Other Ltd"})
        assert again.status_code == 422
        assert "waits for a decision" in words(again)
        assert len(open_proposals()) == 1
        assert entity("eu").name == "Meridian Markets Europe Ltd"

    def test_what_was_changed_meanwhile_is_not_what_was_proposed(
        self, app: Flask, owner: FlaskClient, dana: Person, omar: Person
    ):
        edit(owner, "/admin/entities/1", {"pack_key": "professional"})
        [proposal] = open_proposals()
        with transaction() as conn:
            conn.execute(LegalEntity.__table__.update().where(LegalEntity.id == 1).values(pack_key="uk_retail"))
        with pytest.raises(ProposalChanged):
            approve(omar, proposal)
        assert entity("eu").pack_key == "uk_retail"

    @pytest.mark.parametrize("pack", ["eu_retail", "uk_retail", "au_retail", "unknown"])
    def test_a_new_one_under_a_strict_pack_is_stored_at_once(self, owner: FlaskClient, pack: str):
        assert post(owner, "/admin/entities", NEW | {"pack_key": pack}).status_code == 303
        assert entity("za") is not None

    @pytest.mark.parametrize("pack", ["offshore", "professional"])
    def test_a_new_one_under_any_other_waits(self, owner: FlaskClient, omar: Person, pack: str):
        assert post(owner, "/admin/entities", NEW | {"pack_key": pack}).status_code == 303
        assert entity("za") is None
        assert "waits for a decision" in words(post(owner, "/admin/entities", NEW | {"pack_key": pack}))
        [proposal] = open_proposals()
        approve(omar, proposal)
        assert entity("za").pack_key == pack

    def test_the_approver_reads_what_changes(self, owner: FlaskClient):
        from app.gamification.approvals.registry import kind_of

        edit(owner, "/admin/entities/1", {"pack_key": "professional"})
        post(owner, "/admin/entities", NEW | {"pack_key": "offshore"})
        change, new = open_proposals()
        kind = kind_of("entity.update")
        (line,) = kind.summary(change.subject_id, change.payload).changes
        assert (line.before, line.after) == ("EU retail", "Professional")
        assert {line.after for line in kind.summary(None, new.payload).changes} >= {"za", "ZA", "International"}


class TestRetired:
    @pytest.fixture(autouse=True)
    def retire_global(self, owner: FlaskClient):
        address = "/admin/entities/4/retirement"
        assert fill(owner, address, address).status_code == 303

    def test_it_takes_no_new_members(self, app: Flask):
        assert brand().entity_for("AE") is None
        assert brand().entity_for("CY").key == "eu"
        with pytest.raises(UnknownEntity), transaction():
            enrol("new@example.com", "New", now=clock.now(), entity_key="global")

    def test_its_members_stay(self, app: Flask):
        assert brand().entity(4).name == "Meridian Markets Global Ltd"

    def test_brought_back_it_takes_them_again(self, app: Flask, owner: FlaskClient):
        address = "/admin/entities/4/retirement"
        assert fill(owner, address, address).status_code == 303
        assert brand().entity_for("AE").key == "global"
        with transaction():
            member_id = enrol("new@example.com", "New", now=clock.now(), entity_key="global")
        assert read_one(select(Member.entity_id).where(Member.id == member_id))[0] == 4

    def test_the_last_one_in_use_is_everybodys(self, app: Flask, owner: FlaskClient):
        for number in (2, 3):
            address = f"/admin/entities/{number}/retirement"
            assert fill(owner, address, address).status_code == 303
        with transaction():
            member_id = enrol("new@example.com", "New", now=clock.now())
        assert read_one(select(Member.entity_id).where(Member.id == member_id))[0] == 1


def test_the_page_says_what_is_done_in_whose_name(owner: FlaskClient, browser: Callable[[], FlaskClient], vera: Person):
    viewer = sign_in_staff(browser(), vera)
    page = viewer.get("/admin/entities/1")
    assert not re.search(r'href="/admin/entities/1/(edit|retirement)"', page.text)
    assert 'href="/admin/entities/1/edit"' in owner.get("/admin/entities/1").text
