"""Roles: less at once, more with a second person, and never without an owner."""

import threading

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification.approvals import proposals
from app.gamification.audit import reads as audit
from app.gamification.errors.desk import OwnProposal, ProposalChanged, SecondPersonNeeded
from app.gamification.errors.staff import LastOwner, NotEntitled, OwnRole, SameRole, StaffNotFound
from app.gamification.staff import people, roles
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from tests.support.cast import Person, mails, make_staff
from tests.support.desk import stored_staff
from tests.support.patience import wait_until
from tests.support.together import together


def change(by: Person, whom: Person, role: str) -> int | None:
    with transaction():
        return roles.change(by.id, whom.id, role, now=clock.now())


def approve(by: Person, proposal_id: int | None) -> None:
    digest = read_one(text("SELECT digest FROM proposal WHERE id = :id"), {"id": proposal_id})[0]
    with transaction():
        proposals.approve(by.id, proposal_id or 0, bytes(digest).hex(), now=clock.now())


def leave(by: Person, whom: Person) -> None:
    with transaction():
        people.leave(by.id, whom.id, now=clock.now())


def sign_in_row(person: Person) -> None:
    from app.gamification.staff import sessions

    with transaction():
        sessions.start(person.id, address=None, browser=None, now=clock.now(), confirmed=True)


def open_sign_ins(person: Person) -> int:
    statement = text("SELECT count(*) FROM sign_in WHERE staff_id = :id AND ended_at IS NULL")
    return int(read_one(statement, {"id": person.id})[0])


class TestLess:
    def test_it_counts_at_once_and_ends_the_sign_ins(self, dana: Person, omar: Person):
        sign_in_row(omar)
        assert change(dana, omar, "viewer") is None
        assert stored_staff(omar).role == "viewer"
        assert open_sign_ins(omar) == 0
        [entry] = audit.of_subject("staff", omar.id)
        assert (entry.staff_id, entry.before, entry.after) == (dana.id, {"role": "approver"}, {"role": "viewer"})
        [mail] = mails()
        assert mail.recipient == omar.email and "Your role is now: Viewer." in mail.body

    def test_the_last_owner_stays_one(self, dana: Person):
        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        assert change(dana, inge, "manager") is None
        with pytest.raises(OwnRole):
            change(dana, dana, "viewer")
        with pytest.raises(LastOwner):
            leave(dana, dana)
        assert stored_staff(dana).role == "owner"

    def test_of_two_owners_who_lower_each_other_one_stays(self, app: Flask, dana: Person):
        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        made = together(app, [lambda: change(dana, inge, "viewer"), lambda: change(inge, dana, "viewer")])
        assert sum(isinstance(one, NotEntitled) for one in made) == 1, made
        assert sorted(row.role for row in read_all(text("SELECT role FROM staff"))) == ["owner", "viewer"]

    def test_of_two_owners_who_leave_one_stays(self, app: Flask, dana: Person):
        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        made = together(app, [lambda: leave(dana, dana), lambda: leave(inge, inge)])
        assert sum(isinstance(one, LastOwner) for one in made) == 1, made


class TestMore:
    def test_it_waits_for_a_second_person(self, dana: Person, omar: Person, vera: Person):
        proposal_id = change(dana, vera, "manager")
        assert stored_staff(vera).role == "viewer"
        with pytest.raises(OwnProposal):
            approve(dana, proposal_id)
        approve(omar, proposal_id)
        assert stored_staff(vera).role == "manager"
        assert [entry.action for entry in audit.of_subject("staff", vera.id)] == ["staff.role"]
        assert "alone" not in audit.of_subject("staff", vera.id)[0].after

    @pytest.mark.parametrize("unentitled", ["mia", "vera"])
    def test_who_may_not_approve_does_not(
        self, dana: Person, omar: Person, unentitled: str, request: pytest.FixtureRequest
    ):
        bea = make_staff("bea@example.com", "Bea Bloom", "viewer")
        proposal_id = change(dana, bea, "owner")
        with pytest.raises(NotEntitled):
            approve(request.getfixturevalue(unentitled), proposal_id)

    def test_nobody_else_to_ask_is_noted(self, dana: Person, vera: Person):
        assert change(dana, vera, "approver") is None
        [entry] = audit.of_subject("staff", vera.id)
        assert entry.after == {"role": "approver", "alone": True}

    def test_an_owner_cannot_raise_a_second_account_alone(self, dana: Person, omar: Person, vera: Person):
        """Vera is Dana's other self: with Omar in the house she gets nothing without him."""
        proposal_id = change(dana, vera, "approver")
        with pytest.raises(NotEntitled):
            approve(vera, proposal_id)
        assert stored_staff(vera).role == "viewer"

    def test_nobody_decides_on_their_own_role(self, dana: Person, omar: Person):
        ines = make_staff("ines@example.com", "Ines", "approver")
        proposal_id = change(dana, omar, "owner")
        with pytest.raises(OwnRole):
            approve(omar, proposal_id)
        approve(ines, proposal_id)
        assert stored_staff(omar).role == "owner"

    def test_what_was_proposed_falls_with_the_role_it_started_from(self, dana: Person, omar: Person, mia: Person):
        proposal_id = change(dana, mia, "approver")
        change(dana, mia, "viewer")
        with pytest.raises(ProposalChanged):
            approve(omar, proposal_id)

    def test_whoever_left_is_not_raised(self, dana: Person, omar: Person, mia: Person):
        proposal_id = change(dana, mia, "approver")
        leave(dana, mia)
        with pytest.raises(StaffNotFound):
            approve(omar, proposal_id)

    def test_a_proposer_who_was_lowered_meanwhile_takes_the_proposal_down(
        self, dana: Person, omar: Person, mia: Person
    ):
        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        proposal_id = change(inge, mia, "approver")
        change(dana, inge, "manager")
        with pytest.raises(SecondPersonNeeded):
            approve(omar, proposal_id)


@pytest.mark.parametrize("who", ["omar", "mia", "vera"])
def test_only_owners_change_roles_and_let_go(dana: Person, who: str, request: pytest.FixtureRequest):
    someone: Person = request.getfixturevalue(who)
    bea = make_staff("bea@example.com", "Bea Bloom", "manager")
    with pytest.raises(NotEntitled):
        change(someone, bea, "viewer")
    with pytest.raises(NotEntitled):
        leave(someone, bea)


def test_the_same_role_is_no_change(dana: Person, mia: Person):
    with pytest.raises(SameRole):
        change(dana, mia, "manager")


def test_who_is_not_there_is_not_changed(dana: Person):
    with pytest.raises(StaffNotFound):
        change(dana, Person(999, "", ""), "viewer")
    with pytest.raises(StaffNotFound):
        leave(dana, Person(999, "", ""))


class TestLeaving:
    def test_everything_of_theirs_ends(self, dana: Person, omar: Person):
        from tests.support.desk import give_phone

        give_phone(omar)
        sign_in_row(omar)
        leave(dana, omar)
        row = stored_staff(omar)
        assert row.left_at is not None and row.totp_secret is None
        assert open_sign_ins(omar) == 0
        assert not read_all(text("SELECT id FROM recovery_code"))
        [entry] = audit.of_subject("staff", omar.id)
        assert (entry.action, entry.before) == ("staff.leave", {"role": "approver"})
        [mail] = mails()
        assert "Your access to" in mail.subject

    def test_who_comes_back_is_the_same_person_to_the_log(self, dana: Person, omar: Person):
        leave(dana, omar)
        again = make_staff(omar.email, "Omar R.", "viewer")
        assert again.id == omar.id
        row = stored_staff(omar)
        assert (row.role, row.left_at, row.totp_since, row.name) == ("viewer", None, None, "Omar R.")

    def test_the_role_of_an_owner_who_is_lowered_takes_their_invitations_along(self, dana: Person):
        from app.gamification.staff import invitations

        inge = make_staff("inge@example.com", "Inge Ihle", "owner")
        with transaction():
            made = invitations.invite(inge.id, "pat@example.com", "Pat", "viewer", now=clock.now())
        change(dana, inge, "approver")
        ended = read_one(text("SELECT ended_at FROM staff_invitation WHERE id = :id"), {"id": made.id})[0]
        assert ended is not None


def test_the_log_names_nobody(dana: Person, omar: Person, vera: Person):
    change(dana, vera, "manager")
    leave(dana, omar)
    with transaction():
        rows = connection().execute(text("SELECT before, after FROM audit_entry")).all()
    written = " ".join(f"{row.before}{row.after}" for row in rows)
    assert not any(person.name in written or person.email in written for person in (dana, omar, vera))


@pytest.mark.postgres
def test_who_approves_a_role_locks_its_holder_with_the_other_two(app: Flask, vera: Person, dana: Person, omar: Person):
    """In order of id: whoever holds the one it is about gets at the others, and the two never wait for each other."""
    proposal_id, has_first = change(dana, vera, "manager"), threading.Event()

    def take_both() -> None:
        with transaction():
            people.lock_one(vera.id)
            has_first.set()
            wait_until(lambda: read_one(text("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")))
            people.lock_one(dana.id)

    def agree() -> None:
        has_first.wait(20)
        approve(omar, proposal_id)

    assert together(app, [take_both, agree]) == [None, None]
    assert stored_staff(vera).role == "manager"


def test_who_joins_again_is_no_part_of_the_demo(dana: Person, vera: Person):
    with transaction():
        connection().execute(text("UPDATE staff SET demo_role = 'viewer' WHERE id = :id"), {"id": vera.id})
    leave(dana, vera)
    with transaction():
        people.create(vera.email, "Vera Voss", "owner", "another horse battery staple", now=clock.now())
    assert stored_staff(vera).demo_role is None
