"""Invitations: a link that is good once, for three days, and never more than its inviter may give."""

import hashlib
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from time_machine import travel

from app.gamification.approvals import proposals
from app.gamification.approvals.registry import kind_of
from app.gamification.audit import reads as audit
from app.gamification.errors.members import BadEmail, BadName, PasswordTooCommon
from app.gamification.errors.staff import (
    InvitationDead,
    InvitationNotFound,
    InvitationOpen,
    NotEntitled,
    StaffEmailTaken,
)
from app.gamification.staff import invitations, invited, people
from app.gamification.staff.invitations import Invited
from app.gamification.staff.invited import State
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.support.cast import PASSWORD, Person, link_in, mails
from tests.support.together import together

PAT = "pat@example.com"


def invite(by: Person, role: str = "viewer", email: str = PAT) -> Invited:
    with transaction():
        return invitations.invite(by.id, email, "Pat Park", role, now=clock.now())


def accept(token: str | None, password: str = PASSWORD) -> int:
    with transaction():
        return invitations.accept(token or "", "Pat Park", password, language="en", now=clock.now())


def states() -> list[State]:
    return [one.state for one in invited.newest(clock.now())]


def test_it_is_mailed_and_lets_somebody_join_once(dana: Person):
    made = invite(dana)
    [mail] = mails()
    assert mail.recipient == PAT and link_in(mail) == f"/admin/invitation?token={made.token}"
    staff_id = accept(made.token)
    row = read_one(text("SELECT email, role, name FROM staff WHERE id = :id"), {"id": staff_id})
    assert tuple(row) == (PAT, "viewer", "Pat Park")
    with pytest.raises(InvitationDead):
        accept(made.token)
    assert states() == [State.JOINED]
    assert [entry.action for entry in audit.of_subject("staff", staff_id)] == ["staff.join"]


def test_of_two_who_join_by_one_link_one_does(app: Flask, dana: Person):
    token = invite(dana).token
    made = together(app, [lambda: accept(token), lambda: accept(token)])
    assert sum(isinstance(one, InvitationDead) for one in made) == 1, made


def test_only_a_hash_is_kept(dana: Person):
    made = invite(dana)
    assert made.token and len(made.token) >= 43
    [row] = read_all(text("SELECT token_hash FROM staff_invitation"))
    assert bytes(row.token_hash) == hashlib.sha256(made.token.encode()).digest()


def test_it_lasts_three_days(dana: Person):
    made = invite(dana)
    with travel(clock.now() + timedelta(days=3, seconds=1), tick=False):
        with pytest.raises(InvitationDead):
            accept(made.token)
        assert states() == [State.EXPIRED]
        again = invite(dana)
        assert states() == [State.OPEN, State.REVOKED]
        accept(again.token)


def test_it_can_be_revoked(dana: Person):
    made = invite(dana)
    with transaction():
        invitations.revoke(dana.id, made.id, now=clock.now())
    with pytest.raises(InvitationDead):
        accept(made.token)
    with pytest.raises(InvitationNotFound), transaction():
        invitations.revoke(dana.id, made.id, now=clock.now())
    assert states() == [State.REVOKED]


def test_a_new_link_kills_the_old_one(dana: Person):
    made = invite(dana)
    with transaction():
        token = invitations.send_again(dana.id, made.id, now=clock.now())
    with pytest.raises(InvitationDead):
        accept(made.token)
    accept(token)
    assert len(mails()) == 2


def test_an_address_has_one_at_a_time(dana: Person):
    invite(dana)
    with pytest.raises(InvitationOpen):
        invite(dana, email=" PAT@example.com ")


def test_whoever_is_there_is_not_invited(dana: Person, vera: Person):
    with pytest.raises(StaffEmailTaken):
        invite(dana, email=vera.email)


def test_whoever_left_may_be_invited_again(dana: Person, vera: Person):
    with transaction():
        people.leave(dana.id, vera.id, now=clock.now())
    assert accept(invite(dana, email=vera.email).token) == vera.id


@pytest.mark.parametrize("who", ["omar", "mia", "vera"])
def test_only_owners_invite(who: str, request: pytest.FixtureRequest):
    with pytest.raises(NotEntitled):
        invite(request.getfixturevalue(who))


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\x00", "é" * 43, "x" * 100_000])
def test_what_is_no_token_opens_nothing(dana: Person, token: str):
    invite(dana)
    with pytest.raises(InvitationDead):
        invitations.opened_by(token, now=clock.now())
    with pytest.raises(InvitationDead):
        accept(token)


def test_a_weak_password_leaves_the_link_as_it_is(dana: Person):
    made = invite(dana)
    with pytest.raises(PasswordTooCommon):
        accept(made.token, "1q2w3e4r5t")
    accept(made.token)


def test_names_and_addresses_are_checked(dana: Person):
    with pytest.raises(BadEmail):
        invite(dana, email="pat")
    with pytest.raises(BadName), transaction():
        invitations.invite(dana.id, PAT, "\u202e", "viewer", now=clock.now())


class TestASecondPerson:
    @pytest.mark.parametrize("role", ["manager", "approver", "owner"])
    def test_agrees_before_there_is_a_link(self, dana: Person, omar: Person, role: str):
        made = invite(dana, role)
        assert made.token is None and not mails()
        assert states() == [State.WAITING]
        digest = read_one(text("SELECT digest FROM proposal"))[0]
        with transaction():
            proposals.approve(omar.id, made.proposal_id or 0, bytes(digest).hex(), now=clock.now())
        assert states() == [State.OPEN]
        [mail] = mails()
        token = link_in(mail).partition("token=")[2]
        assert read_one(text("SELECT role FROM staff WHERE id = :id"), {"id": accept(token)})[0] == role

    def test_is_not_needed_for_a_reader(self, dana: Person, omar: Person):
        assert invite(dana, "viewer").token

    def test_is_noted_where_there_is_none(self, dana: Person, mia: Person):
        made = invite(dana, "owner")
        assert made.token
        [entry] = audit.of_subject("invitation", made.id)
        assert entry.after == {"role": "owner", "alone": True}

    def test_cannot_be_gone_round_by_a_new_link(self, dana: Person, omar: Person):
        made = invite(dana, "owner")
        with pytest.raises(InvitationNotFound), transaction():
            invitations.send_again(dana.id, made.id, now=clock.now())

    def test_may_refuse_and_the_owner_clears_it_away(self, dana: Person, omar: Person):
        made = invite(dana, "owner")
        with transaction():
            proposals.reject(omar.id, made.proposal_id or 0, now=clock.now(), note="Who is that?")
        assert states() == [State.REFUSED]
        with pytest.raises(InvitationOpen):
            invite(dana, "viewer")
        with transaction():
            invitations.revoke(dana.id, made.id, now=clock.now())
        assert invite(dana, "viewer").token

    def test_agrees_to_nothing_that_was_revoked(self, dana: Person, omar: Person):
        made = invite(dana, "manager")
        with transaction():
            invitations.revoke(dana.id, made.id, now=clock.now())
        digest = read_one(text("SELECT digest FROM proposal"))[0]
        with pytest.raises(InvitationNotFound), transaction():
            proposals.approve(omar.id, made.proposal_id or 0, bytes(digest).hex(), now=clock.now())

    def test_reads_who_it_is(self, dana: Person, omar: Person):
        made = invite(dana, "manager")
        summary = kind_of(invitations.KIND).summary(made.id, {"role": "manager"})
        assert summary.title.values["name"] == "Pat Park"
        assert summary.changes[0].after == PAT


def test_neither_proposal_nor_log_names_anybody(dana: Person, omar: Person):
    invite(dana, "manager")
    written = " ".join(
        str(tuple(row))
        for table in ("SELECT payload FROM proposal", "SELECT before, after FROM audit_entry")
        for row in read_all(text(table))
    )
    assert "pat" not in written.lower()
