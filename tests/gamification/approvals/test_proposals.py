"""Four eyes, and every way round them that somebody might try."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.gamification import drafts
from app.gamification.approvals import proposals, reads
from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.audit import log
from app.gamification.audit import reads as audit
from app.gamification.errors import Refusal
from app.gamification.errors.desk import (
    AlreadyDecided,
    DraftChanged,
    DraftNotFound,
    KeyTaken,
    NoteTooLong,
    OwnProposal,
    ProposalChanged,
    ProposalNotFound,
    ProposedAlready,
    SecondPersonNeeded,
    UnknownProposal,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.staff.rights import Right
from app.lib import clock
from app.lib.i18n import Sentence
from app.models.base import connection, db, is_sqlite, read_all, read_one, transaction
from tests.support.cast import Person
from tests.support.proposals import approve, reject, state_of
from tests.support.together import together

applied: list[tuple[Any, int, int]] = []


@pytest.fixture(autouse=True)
def kind() -> Iterator[type]:
    """Something that needs a second person, known to these tests alone."""

    class Paint:
        key = "wall.paint"
        title = "Paint a wall"
        proposes, approves = Right.CONFIGURE, Right.APPROVE
        possible = True

        @staticmethod
        def check(subject_id: int | None, payload: Any) -> None:
            if not Paint.possible:
                raise Refusal()

        @staticmethod
        def apply(subject_id: int | None, payload: Any, proposal_id: int, by: int, now: Any) -> None:
            applied.append((payload, proposal_id, by))
            log.record(by, "wall.paint", "wall", subject_id, now=now, after=payload)

        @staticmethod
        def summary(subject_id: int | None, payload: Any) -> Summary:
            return Summary(Sentence("Paint it"), (Change("Colour", "white", payload["colour"]),))

    reads.kinds()  # the product's own first, or discovering them later would find these among them
    proposal_kinds._kinds["wall.paint"] = Paint
    applied.clear()
    yield Paint
    del proposal_kinds._kinds["wall.paint"]


def propose(by: Person, colour: Any = "red", **options: Any) -> int:
    with transaction():
        return proposals.propose(by.id, "wall.paint", 7, {"colour": colour}, now=clock.now(), **options)


def begin(by: Person, key: str = "wall") -> int:
    with transaction():
        return drafts.begin(by.id, "rule", None, key, {"colour": "red"}, 0, now=clock.now())


def save(by: Person, draft_id: int, colour: str, version: int = 1) -> int:
    with transaction():
        return drafts.save(by.id, draft_id, {"colour": colour}, version, now=clock.now())


def give_role(person: Person, role: str) -> None:
    with transaction():
        connection().execute(text("UPDATE staff SET role = :role WHERE id = :id"), {"role": role, "id": person.id})


def leave(person: Person) -> None:
    with transaction():
        connection().execute(text("UPDATE staff SET left_at = 1 WHERE id = :id"), {"id": person.id})


# --- as it should be --------------------------------------------------------------------------------------------------


def test_what_one_proposes_happens_once_another_approves(mia: Person, omar: Person):
    proposal_id = propose(mia, note=" Please \u202e ")
    assert not applied and state_of(proposal_id) == "open"
    approve(omar, proposal_id)
    assert applied == [({"colour": "red"}, proposal_id, omar.id)]
    shown = reads.one(proposal_id)
    assert (shown.state, shown.proposer, shown.decider, shown.note) == ("approved", mia.name, omar.name, "Please")
    acts = [(entry.action, entry.staff_id) for entry in audit.page(audit.Asked(), 3)]
    assert acts == [("proposal.approve", omar.id), ("wall.paint", omar.id), ("proposal.open", mia.id)]
    assert audit.of_subject("proposal", proposal_id)[0].after == {"digest": shown.digest}


def test_a_rejection_changes_nothing(mia: Person, omar: Person):
    proposal_id = propose(mia)
    reject(omar, proposal_id, "Too loud")
    assert (state_of(proposal_id), reads.one(proposal_id).decision_note) == ("rejected", "Too loud")
    with pytest.raises(AlreadyDecided):
        approve(omar, proposal_id)
    assert not applied


def test_who_proposed_it_takes_it_back(mia: Person, omar: Person):
    proposal_id = propose(mia)
    with pytest.raises(NotEntitled), transaction():
        proposals.withdraw(omar.id, proposal_id, now=clock.now())
    with transaction():
        proposals.withdraw(mia.id, proposal_id, now=clock.now())
    assert state_of(proposal_id) == "withdrawn"
    with pytest.raises(AlreadyDecided):
        approve(omar, proposal_id)


# --- one person -------------------------------------------------------------------------------------------------------


def test_nobody_decides_on_their_own_proposal_not_even_the_owner(dana: Person, omar: Person):
    for person in (dana, omar):
        proposal_id = propose(person)
        with pytest.raises(OwnProposal):
            approve(person, proposal_id)
        with pytest.raises(OwnProposal):
            reject(person, proposal_id)
        assert state_of(proposal_id) == "open"
    assert not applied


@pytest.mark.parametrize("decided_by", ["proposed_by", "NULL"])
def test_the_database_itself_refuses_an_approval_by_one_person_or_by_nobody(mia: Person, decided_by: str):
    proposal_id = propose(mia)
    with pytest.raises(IntegrityError), transaction() as conn:
        conn.execute(
            text(f"UPDATE proposal SET state = 'approved', decided_at = 1, decided_by = {decided_by} WHERE id = :id"),
            {"id": proposal_id},
        )


def test_nothing_is_put_into_the_database_as_approved(mia: Person, omar: Person):
    columns = "kind, subject_id, draft_id, payload, digest, note, proposed_by, proposed_at, state, decided_by"
    columns += ", decided_at, decision_note"
    nothing = "x''" if is_sqlite(db.engine) else "''"
    values = f"'wall.paint', 7, NULL, '{{}}', {nothing}, '', {mia.id}, 1, 'approved', {omar.id}, 1, ''"
    with pytest.raises(IntegrityError), transaction() as conn:
        conn.exec_driver_sql(f"INSERT INTO proposal ({columns}) VALUES ({values})")


# --- rights -----------------------------------------------------------------------------------------------------------


def test_roles_do_what_they_may_and_no_more(vera: Person, mia: Person, omar: Person):
    with pytest.raises(NotEntitled):
        propose(vera)
    proposal_id = propose(omar)
    for person in (vera, mia):
        with pytest.raises(NotEntitled):
            approve(person, proposal_id)
        with pytest.raises(NotEntitled):
            reject(person, proposal_id)
    assert state_of(proposal_id) == "open" and not applied


@pytest.mark.parametrize("lose", [leave, lambda person: give_role(person, "viewer")], ids=["left", "demoted"])
def test_who_lost_the_right_since_the_page_was_opened_approves_nothing(mia: Person, omar: Person, lose: Any):
    proposal_id = propose(mia)
    digest = reads.one(proposal_id).digest
    lose(omar)
    with pytest.raises(NotEntitled):
        approve(omar, proposal_id, digest)
    assert not applied and state_of(proposal_id) == "open"


@pytest.mark.parametrize("lose", [leave, lambda person: give_role(person, "viewer")], ids=["left", "demoted"])
def test_what_somebody_proposed_who_may_not_any_more_needs_another_proposer(mia: Person, omar: Person, lose: Any):
    proposal_id = propose(mia)
    lose(mia)
    with pytest.raises(SecondPersonNeeded):
        approve(omar, proposal_id)
    assert not applied
    reject(omar, proposal_id)


def test_a_demotion_waits_for_the_approval_under_way_or_comes_before_it(app: Flask, mia: Person, omar: Person):
    proposal_id = propose(mia)
    outcome = together(app, [lambda: approve(omar, proposal_id), lambda: give_role(omar, "viewer")])
    assert (outcome[0] is None) == bool(applied)
    assert outcome[0] is None or isinstance(outcome[0], NotEntitled)


# --- exactly what was proposed ----------------------------------------------------------------------------------------


def test_an_approval_is_of_the_bytes_that_were_shown(mia: Person, omar: Person):
    proposal_id, other = propose(mia, "red"), propose(mia, "blue")
    for seen in ("", "00", reads.one(other).digest, reads.one(proposal_id).digest.upper()):
        with pytest.raises(ProposalChanged):
            approve(omar, proposal_id, seen)
    assert not applied


@pytest.mark.parametrize("column", ["payload", "kind", "subject_id", "digest", "note", "proposed_by", "proposed_at"])
def test_the_database_refuses_to_change_what_was_proposed(mia: Person, omar: Person, column: str):
    proposal_id = propose(mia)
    value = {"payload": "'{}'", "kind": "'x'", "note": "'x'", "digest": "digest"}.get(column, str(omar.id))
    with pytest.raises(IntegrityError), transaction() as conn:
        conn.exec_driver_sql(f"UPDATE proposal SET {column} = {value} WHERE id = {proposal_id}")


def test_notes_are_blanked_for_who_is_erased_and_never_changed(mia: Person, omar: Person):
    proposal_id = propose(mia, note="Because of Alice")
    reject(omar, proposal_id, "Not for Alice")
    for column in ("note", "decision_note"):
        with pytest.raises(IntegrityError), transaction() as conn:
            conn.exec_driver_sql(f"UPDATE proposal SET {column} = 'x' WHERE id = {proposal_id}")
    with transaction() as conn:
        conn.exec_driver_sql(f"UPDATE proposal SET note = '', decision_note = '' WHERE id = {proposal_id}")
    shown = reads.one(proposal_id)
    assert (shown.state, shown.note, shown.decision_note) == ("rejected", "", "")


def test_whoever_gets_past_the_database_does_not_get_past_the_digest(app: Flask, mia: Person, omar: Person):
    proposal_id = propose(mia)
    digest = reads.one(proposal_id).digest
    with db.engine.connect() as connection_:
        if is_sqlite(connection_):
            connection_.exec_driver_sql("DROP TRIGGER proposal_refuses_update")
        else:
            connection_.exec_driver_sql("SET LOCAL session_replication_role = replica")
        changed = '\'{"colour": "gold"}\''
        connection_.exec_driver_sql(f"UPDATE proposal SET payload = {changed} WHERE id = {proposal_id}")
        connection_.commit()
    with pytest.raises(ProposalChanged):
        approve(omar, proposal_id, digest)
    assert not applied


def test_decided_is_decided_in_the_database_too(mia: Person, omar: Person):
    proposal_id = propose(mia)
    reject(omar, proposal_id)
    for statement in (
        f"UPDATE proposal SET state = 'open', decided_at = NULL WHERE id = {proposal_id}",
        f"UPDATE proposal SET state = 'approved' WHERE id = {proposal_id}",
        f"DELETE FROM proposal WHERE id = {proposal_id}",
    ):
        with pytest.raises(IntegrityError), transaction() as conn:
            conn.exec_driver_sql(statement)


def test_what_cannot_be_done_any_more_is_not_done(mia: Person, omar: Person, kind: Any):
    proposal_id = propose(mia)
    kind.possible = False
    with pytest.raises(Refusal):
        approve(omar, proposal_id)
    assert state_of(proposal_id) == "open"
    with pytest.raises(Refusal):
        propose(mia)


def test_what_fails_half_way_is_not_approved(mia: Person, omar: Person, kind: Any, monkeypatch: pytest.MonkeyPatch):
    proposal_id = propose(mia)

    def fail(*_: Any) -> None:
        with_effect = text("UPDATE staff SET name = 'Half done' WHERE id = :id")
        connection().execute(with_effect, {"id": mia.id})
        raise ZeroDivisionError

    monkeypatch.setattr(kind, "apply", fail)
    with pytest.raises(ZeroDivisionError):
        approve(omar, proposal_id)
    shown = reads.one(proposal_id)
    assert (shown.state, shown.proposer) == ("open", mia.name)


@pytest.mark.parametrize("colour", [float("nan"), float("inf")])
def test_what_no_database_can_keep_is_not_proposed(mia: Person, colour: float):
    with pytest.raises(ValueError, match="JSON"):
        propose(mia, colour)


def test_figures_of_any_size_and_names_in_any_script_are_approved_as_proposed(mia: Person, omar: Person):
    colours = [
        10**400,
        {"2": "b", "10": "a"},
        {2: "b", 10: "a"},
        "أحمر \u2067 红",
        "\x00",
        [None, True, -0.5],
        ("a", 1),
    ]
    for colour in colours:
        approve(omar, propose(mia, colour))
    assert applied[0][0] == {"colour": 10**400} and applied[2][0] == applied[1][0]


def test_a_note_is_of_a_length_that_somebody_reads(mia: Person, omar: Person):
    with pytest.raises(NoteTooLong):
        propose(mia, note="x" * 1001)
    proposal_id = propose(mia)
    with pytest.raises(NoteTooLong):
        reject(omar, proposal_id, "x" * 1001)
    assert state_of(proposal_id) == "open"


# --- twice ------------------------------------------------------------------------------------------------------------


def test_two_who_approve_at_the_same_moment_make_it_happen_once(app: Flask, mia: Person, omar: Person, dana: Person):
    proposal_id = propose(mia)
    people = [omar, dana] * 4
    made = together(app, [lambda person=person: approve(person, proposal_id) for person in people])
    assert Counter(type(one) for one in made) == {type(None): 1, AlreadyDecided: 7}
    assert len(applied) == 1


def test_of_approving_rejecting_and_withdrawing_at_the_same_moment_one_counts(
    app: Flask, mia: Person, omar: Person, dana: Person
):
    def withdraw(proposal_id: int) -> None:
        with transaction():
            proposals.withdraw(mia.id, proposal_id, now=clock.now())

    for _ in range(5):
        proposal_id = propose(mia)
        works = [lambda: approve(omar, proposal_id), lambda: reject(dana, proposal_id), lambda: withdraw(proposal_id)]  # noqa: B023
        made = together(app, works)
        assert Counter(type(one) for one in made) == {type(None): 1, AlreadyDecided: 2}
    assert len(applied) == read_one(text("SELECT count(*) FROM proposal WHERE state = 'approved'"))[0]


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_a_change_of_the_draft_voids_its_proposal(mia: Person, omar: Person):
    draft_id = begin(mia)
    proposal_id = propose(mia, draft_id=draft_id)
    digest = reads.one(proposal_id).digest
    save(omar, draft_id, "gold")
    assert state_of(proposal_id) == "void"
    with pytest.raises(AlreadyDecided):
        approve(omar, proposal_id, digest)
    approve(omar, propose(mia, "gold", draft_id=draft_id))
    assert [payload for payload, _, _ in applied] == [{"colour": "gold"}]


def test_a_draft_thrown_away_takes_its_proposal_along(mia: Person, omar: Person):
    draft_id = begin(mia)
    proposal_id = propose(mia, draft_id=draft_id)
    with transaction():
        drafts.discard(mia.id, draft_id, now=clock.now())
    assert state_of(proposal_id) == "void"
    with pytest.raises(DraftNotFound):
        propose(mia, draft_id=draft_id)


def test_saving_the_same_again_voids_nothing(mia: Person):
    draft_id = begin(mia)
    proposal_id = propose(mia, draft_id=draft_id)
    assert save(mia, draft_id, "red") == 1
    assert state_of(proposal_id) == "open"
    with pytest.raises(DraftChanged):
        save(mia, draft_id, "gold", version=2)
    assert state_of(proposal_id) == "open"


def test_a_draft_is_proposed_once_at_a_time(app: Flask, mia: Person, omar: Person):
    draft_id = begin(mia)
    works = [lambda person=person: propose(person, draft_id=draft_id) for person in (mia, omar, mia, omar)]
    made = together(app, works)
    assert Counter(type(one) for one in made) == {int: 1, ProposedAlready: 3}


def test_an_edit_and_an_approval_at_the_same_moment_come_one_after_the_other(app: Flask, mia: Person, omar: Person):
    for number in range(5):
        draft_id = begin(mia, f"wall{number}")
        proposal_id = propose(mia, draft_id=draft_id)
        digest = reads.one(proposal_id).digest
        saved, approved = together(
            app,
            [lambda: save(mia, draft_id, "gold"), lambda: approve(omar, proposal_id, digest)],  # noqa: B023
        )
        assert saved == 2
        assert (approved is None) == (state_of(proposal_id) == "approved")
        assert approved is None or isinstance(approved, AlreadyDecided)
    assert {payload["colour"] for payload, _, _ in applied} <= {"red"}


def test_a_save_is_not_refused_because_the_proposal_is_withdrawn_at_the_same_moment(app: Flask, mia: Person):
    def withdraw(proposal_id: int) -> None:
        with transaction():
            proposals.withdraw(mia.id, proposal_id, now=clock.now())

    for number in range(8):
        draft_id = begin(mia, f"wall{number}")
        proposal_id = propose(mia, draft_id=draft_id)
        saved, withdrawn = together(app, [lambda: save(mia, draft_id, "gold"), lambda: withdraw(proposal_id)])  # noqa: B023
        assert saved == 2
        assert withdrawn is None or isinstance(withdrawn, AlreadyDecided)
        assert state_of(proposal_id) == ("withdrawn" if withdrawn is None else "void")


def test_a_save_waits_for_a_proposal_under_way_and_then_voids_it(app: Flask, mia: Person, omar: Person):
    for number in range(5):
        draft_id = begin(mia, f"wall{number}")

        def propose_what_stands_there(draft_id: int = draft_id) -> int:
            with transaction():
                draft = drafts.locked(draft_id)
                return proposals.propose(mia.id, "wall.paint", 7, draft.definition, now=clock.now(), draft_id=draft_id)

        proposed, _ = together(app, [propose_what_stands_there, lambda: save(omar, draft_id, "gold")])  # noqa: B023
        assert isinstance(proposed, int)
        shown = reads.one(proposed)
        assert (shown.state, shown.payload["colour"]) in (("void", "red"), ("open", "gold"))


def test_two_who_begin_the_same_draft_at_the_same_moment(app: Flask, mia: Person, omar: Person):
    made = together(app, [lambda person=person: begin(person) for person in (mia, omar, mia, omar)])
    assert Counter(type(one) for one in made) == {int: 1, KeyTaken: 3}


# --- what is not known any more ---------------------------------------------------------------------------------------


def test_what_this_version_does_not_know_is_shown_rejected_and_withdrawn_but_never_approved(
    mia: Person, omar: Person, kind: Any
):
    first, second = propose(mia), propose(mia)
    del proposal_kinds._kinds["wall.paint"]
    try:
        shown = reads.one(first)
        assert (shown.kind_title, shown.summary.title.values) == ("wall.paint", {"kind": "wall.paint"})
        with pytest.raises(UnknownProposal):
            approve(omar, first)
        with pytest.raises(NotEntitled):
            reject(mia_s_colleague(), first)
        reject(omar, first)
        with transaction():
            proposals.withdraw(mia.id, second, now=clock.now())
    finally:
        proposal_kinds._kinds["wall.paint"] = kind
    assert (state_of(first), state_of(second)) == ("rejected", "withdrawn")


def mia_s_colleague() -> Person:
    from tests.support.cast import make_staff

    return make_staff("max@example.com", "Max Moreau", "manager")


def test_a_proposal_that_cannot_be_summed_up_hides_no_other(mia: Person, kind: Any):
    propose(mia)
    with transaction():
        proposals.propose(mia.id, "wall.paint", 8, {}, now=clock.now())
    broken, whole = reads.page(decided=False)
    assert broken.summary.warnings and not broken.summary.changes
    assert whole.summary.changes[0].after == "red"


def test_there_is_no_such_proposal(omar: Person):
    for attempt in (lambda: approve(omar, 99, "00"), lambda: reject(omar, 99), lambda: reads.one(99)):
        with pytest.raises(ProposalNotFound):
            attempt()


def test_every_decision_stands_in_the_log_in_order(mia: Person, omar: Person):
    proposal_id = propose(mia)
    approve(omar, proposal_id)
    rows = read_all(text("SELECT seq, hash FROM audit_entry ORDER BY seq"))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
