"""The approvals pages: who sees what, who may press which button, and what a post past the buttons comes to."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.approvals import reads
from app.gamification.ledger import adjusting, awards
from app.lib import clock
from app.models.base import connection, transaction
from tests.support.cast import Person, make_member, post, sign_in, sign_in_staff, words
from tests.support.play import balances
from tests.support.proposals import approve, reject, state_of
from tests.support.queries import counted

Browser = Callable[[], FlaskClient]


@pytest.fixture
def tom(app: Flask) -> Person:
    return make_member("tom@example.com", "Tom Tell", country="AE", client_class=2, entity_key="global")


def propose(by: Person, member: Person, amount: int = 5000, note: str = "Prize of the round table") -> int:
    with transaction():
        made = adjusting.adjust(by.id, member.id, amount, note, f"token-{amount}-{note}", now=clock.now())
    assert made.proposal_id is not None
    return made.proposal_id


def decide(client: FlaskClient, proposal_id: int, verb: str = "approval", **data: str):
    data = {"digest": reads.one(proposal_id).digest, **data}
    return post(client, f"/admin/approvals/{proposal_id}/{verb}", data)


@pytest.fixture
def proposal_id(mia: Person, tom: Person) -> int:
    return propose(mia, tom)


def test_an_approver_reads_what_changes_and_approves(client: FlaskClient, omar: Person, tom: Person, proposal_id: int):
    sign_in_staff(client, omar)
    listed = words(client.get("/admin/approvals"))
    assert "Add 5,000 points to Tom Tell" in listed and "Mia Moreau" in listed
    said = words(client.get(f"/admin/approvals/{proposal_id}"))
    assert "Points available 0 5,000" in said and "Prize of the round table" in said
    assert reads.one(proposal_id).fingerprint in said
    answer = decide(client, proposal_id)
    assert answer.status_code == 303
    said = words(client.get(answer.location))
    assert "Approved" in said and "Omar Rahal" in said and "proposal.approve" in said
    assert balances(tom.id)[0] == 5000


def test_who_proposed_it_is_told_that_somebody_else_decides(client: FlaskClient, mia: Person, proposal_id: int):
    sign_in_staff(client, mia)
    assert "Somebody else has to decide." in words(client.get("/admin/approvals"))
    page = client.get(f"/admin/approvals/{proposal_id}")
    assert "You proposed this." in words(page) and f"/{proposal_id}/approval" not in page.text
    assert post(client, f"/admin/approvals/{proposal_id}/withdrawal").status_code == 303
    assert state_of(proposal_id) == "withdrawn"


def test_an_approver_posting_for_their_own_proposal_is_refused(client: FlaskClient, omar: Person, tom: Person):
    proposal_id = propose(omar, tom)
    sign_in_staff(client, omar)
    for verb in ("approval", "rejection"):
        answer = decide(client, proposal_id, verb, note="Mine")
        assert answer.status_code == 403 and "You proposed this yourself." in words(answer)
    assert state_of(proposal_id) == "open" and balances(tom.id)[0] == 0


@pytest.mark.parametrize("verb", ["approval", "rejection"])
def test_viewers_and_managers_who_post_all_the_same_are_turned_away(
    browser: Browser, vera: Person, omar: Person, mia: Person, tom: Person, verb: str
):
    proposal_id = propose(omar, tom)
    for person in (vera, mia):
        client = sign_in_staff(browser(), person)
        page = client.get(f"/admin/approvals/{proposal_id}")
        assert page.status_code == 200 and "Somebody with the right to approve has to decide." in words(page)
        assert decide(client, proposal_id, verb, note="x").status_code == 403
    assert state_of(proposal_id) == "open"


def test_members_and_keys_of_the_api_reach_none_of_it(browser: Browser, alice: Person, proposal_id: int):
    member = sign_in(browser(), alice)
    machine = browser()
    headers = {"X-Laurel-Key": "k", "X-Laurel-Timestamp": "1", "X-Laurel-Signature": "s", "Authorization": "Bearer k"}
    for path in ("/admin/approvals", f"/admin/approvals/{proposal_id}", "/admin/audit", "/admin/points"):
        for answer in (member.get(path), machine.get(path, headers=headers)):
            assert answer.status_code == 303 and answer.location.startswith("/admin/sign-in")
    data = {"digest": reads.one(proposal_id).digest}
    path = f"/admin/approvals/{proposal_id}/approval"
    assert post(member, path, data).location.startswith("/admin/sign-in")
    assert post(machine, path, data, headers=headers).location.startswith("/admin/sign-in")
    assert machine.post(path, json=data, headers=headers).status_code == 400  # no form of ours
    assert state_of(proposal_id) == "open"


def test_what_was_decided_meanwhile_is_said_and_done_once(
    browser: Browser, omar: Person, dana: Person, tom: Person, proposal_id: int
):
    first, second = sign_in_staff(browser(), omar), sign_in_staff(browser(), dana)
    assert decide(first, proposal_id).status_code == 303
    for client in (first, second):  # sent again, and by another
        answer = decide(client, proposal_id)
        assert answer.status_code == 409 and "This was decided already." in words(answer)
    assert balances(tom.id)[0] == 5000


@pytest.mark.parametrize("digest", ["", "0" * 64, "x", "é\x01"])
def test_a_page_of_something_else_approves_nothing(client: FlaskClient, omar: Person, proposal_id: int, digest: str):
    sign_in_staff(client, omar)
    answer = decide(client, proposal_id, digest=digest, note="Kept in the form")
    assert answer.status_code == 409
    assert "This was changed after you opened it." in words(answer) and "Kept in the form" in answer.text
    assert state_of(proposal_id) == "open"


def test_who_was_demoted_with_the_page_open_approves_nothing(client: FlaskClient, omar: Person, proposal_id: int):
    sign_in_staff(client, omar)
    with transaction():
        connection().execute(text("UPDATE staff SET role = 'manager' WHERE id = :id"), {"id": omar.id})
    assert decide(client, proposal_id).status_code == 403
    assert state_of(proposal_id) == "open"


def test_what_cannot_happen_any_more_says_why(client: FlaskClient, omar: Person, mia: Person, tom: Person):
    with transaction():
        adjusting.adjust(mia.id, tom.id, 500, "First", "first", now=clock.now())
        limits = '{"limits": {"adjustment": 100}}'
        connection().execute(
            text("UPDATE programme SET settings = :limits, revision = revision + 1"), {"limits": limits}
        )
    proposal_id = propose(mia, tom, -450)
    with transaction():
        adjusting.adjust(mia.id, tom.id, -100, "Meanwhile", "meanwhile", now=clock.now())
    sign_in_staff(client, omar)
    page = words(client.get(f"/admin/approvals/{proposal_id}"))
    assert "The member has only 400 points." in page
    answer = decide(client, proposal_id)
    assert answer.status_code == 422 and "The member has 50 points fewer than that." in words(answer)
    assert balances(tom.id)[0] == 400


def test_a_rejection_needs_a_reason(client: FlaskClient, omar: Person, proposal_id: int):
    sign_in_staff(client, omar)
    answer = decide(client, proposal_id, "rejection", note=" \u202e ")
    assert answer.status_code == 422 and "Say in a few words why." in words(answer)
    answer = decide(client, proposal_id, "rejection", note="x" * 1001)
    assert answer.status_code == 422 and state_of(proposal_id) == "open"
    assert decide(client, proposal_id, "rejection", note="Not agreed").status_code == 303
    assert "Not agreed" in words(client.get(f"/admin/approvals/{proposal_id}"))


def test_nobody_withdraws_what_is_somebody_elses(client: FlaskClient, dana: Person, proposal_id: int):
    sign_in_staff(client, dana)
    assert post(client, f"/admin/approvals/{proposal_id}/withdrawal").status_code == 403
    assert state_of(proposal_id) == "open"


def test_there_is_no_such_proposal(client: FlaskClient, omar: Person):
    sign_in_staff(client, omar)
    assert client.get("/admin/approvals/99").status_code == 404
    for verb in ("approval", "rejection", "withdrawal"):
        assert post(client, f"/admin/approvals/99/{verb}", {"note": "x"}).status_code == 404


def test_the_list_is_narrowed_and_turned(client: FlaskClient, omar: Person, mia: Person, tom: Person):
    for number in range(25):
        propose(mia, tom, 2000 + number)
    with transaction():
        awards.propose(mia.id, [(tom.id, 3)], "Webinar", "token", now=clock.now())
    sign_in_staff(client, omar)
    assert "Award 3 points" in words(client.get("/admin/approvals?kind=points.award"))
    assert "Add 2" not in words(client.get("/admin/approvals?kind=points.award"))
    first = client.get("/admin/approvals")
    assert "Add 2,024 points" in words(first) and "Add 2,000 points" not in words(first) and "before=" in first.text
    assert "Add 2,000 points" in words(client.get("/admin/approvals?before=10"))
    reject(omar, 5)
    decided = words(client.get("/admin/approvals?state=decided"))
    assert "Add 2,004 points" in decided and "Rejected" in decided
    assert "Nothing of this kind" in words(client.get("/admin/approvals?state=decided&kind=points.award"))
    for nonsense in ("kind=none&state=x", "before=-1", "before=99999999999999999999", "before=%D9%A1", "kind=%00"):
        assert client.get(f"/admin/approvals?{nonsense}").status_code == 200
    fragment = client.get("/admin/approvals", headers={"HX-Request": "true"})
    assert fragment.text.lstrip().startswith("<section") and 'id="list"' in fragment.text


def test_everything_in_full_can_be_kept_as_a_file(client: FlaskClient, vera: Person, tom: Person, proposal_id: int):
    sign_in_staff(client, vera)
    answer = client.get(f"/admin/approvals/{proposal_id}/payload.json")
    assert answer.mimetype == "application/json" and answer.json["amount"] == 5000
    assert f"laurel-proposal-{proposal_id}.json" in answer.headers["Content-Disposition"]


def test_names_and_notes_are_text(client: FlaskClient, omar: Person, mia: Person):
    evil = "<script>alert(1)</script>"
    tom = make_member("evil@example.com", f"Tom {evil}", country="AE", client_class=2, entity_key="global")
    proposal_id = propose(mia, tom, note=evil)
    sign_in_staff(client, omar)
    for path in ("/admin/approvals", f"/admin/approvals/{proposal_id}"):
        page = client.get(path)
        assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text


def test_a_member_who_was_erased_does_not_hide_the_list(
    client: FlaskClient, omar: Person, tom: Person, proposal_id: int
):
    with transaction():
        connection().execute(text("UPDATE member SET name = '', erased_at = 1 WHERE id = :id"), {"id": tom.id})
    sign_in_staff(client, omar)
    assert f"Member {tom.id}" in words(client.get("/admin/approvals"))
    assert decide(client, proposal_id).status_code == 404  # there is no such member any more
    assert state_of(proposal_id) == "open"


def test_the_list_asks_a_bounded_number_of_times(client: FlaskClient, omar: Person, mia: Person, tom: Person):
    for number in range(22):
        propose(mia, tom, 2000 + number)
    sign_in_staff(client, omar)
    client.get("/admin/approvals")
    with counted() as statements:
        client.get("/admin/approvals")
    # One for the list, one for each summary of the page, and the reader's own.
    assert len(statements) <= reads.PAGE * 2 + 6


def test_a_decision_of_many_is_shown_with_what_it_comes_to(client: FlaskClient, omar: Person, mia: Person, tom: Person):
    strict = make_member("ann@example.com", "Ann Amber", country="CY", client_class=1, entity_key="eu")
    with transaction():
        proposal_id = awards.propose(mia.id, [(tom.id, 30), (strict.id, 12)], "Webinar", "token", now=clock.now())
    sign_in_staff(client, omar)
    said = words(client.get(f"/admin/approvals/{proposal_id}"))
    assert "Award 42 points to 2 members" in said and "Tom Tell: 30" in said
    assert "buy recognition and service alone" in said
    assert decide(client, proposal_id).status_code == 303
    assert (balances(tom.id)[0], balances(strict.id)[0]) == (30, 12)


def test_the_sidebar_counts_what_waits(client: FlaskClient, vera: Person, omar: Person, proposal_id: int):
    sign_in_staff(client, vera)
    assert "Approvals 1" in words(client.get("/admin/approvals"))
    approve(omar, proposal_id)
    assert "Approvals 1" not in words(client.get("/admin/approvals"))
