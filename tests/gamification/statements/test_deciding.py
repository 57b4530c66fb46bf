"""What staff decide about members' statements: released within one person's limits, proposed above, rejected in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.errors.desk import ProposedAlready
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.staff import NotEntitled
from app.gamification.errors.statements import (
    ImportNotFound,
    MorePointsByNow,
    NotStoredYet,
    NotWaiting,
    SomebodyElsesAccount,
    UnknownRejection,
)
from app.gamification.ledger import adjusting, lapsing
from app.gamification.ledger.verify import verify
from app.gamification.members.erasure import erase
from app.gamification.statements import deciding, work
from app.gamification.statements.dossier import dossier
from app.gamification.statements.listing import Asked, how_many_wait, page
from app.gamification.trading_accounts import linking
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from tests.support import proposals
from tests.support.bringing import (
    ACCOUNT,
    RULE,
    SERVER,
    approve,
    bring,
    brought,
    confirm,
    file_of,
    kept,
    linked,
    look,
    take_back,
    verified,
)
from tests.support.cast import Person, mails, stored
from tests.support.desk import acts
from tests.support.play import balances, trader, wallet
from tests.support.programmes import publish

pytestmark = pytest.mark.usefixtures("lots_pay")


@pytest.fixture
def ann(app: object) -> int:
    return trader(verified=True)


def owner_of(account_id: int | None) -> int | None:
    row = read_one(text("SELECT member_id FROM trading_account WHERE id = :id"), {"id": account_id})
    return None if row is None else row.member_id


def told(member_id: int) -> list[str]:
    rows = read_all(text("SELECT kind FROM message WHERE member_id = :id ORDER BY id"), {"id": member_id})
    return [row.kind for row in rows if row.kind.startswith("statement.")]


def reject(by: int, import_id: int, reason: str = "edited") -> None:
    with transaction():
        deciding.reject(by, import_id, reason, now=clock.now())
    work.drain()


def test_approving_links_the_account_and_makes_the_points_available(ann: int, mia: Person):
    import_id = bring(ann, file_of(1, 2))
    assert approve(mia.id, import_id) is None
    found = brought(ann, import_id)
    assert (found.state, found.pending, found.available) == ("approved", 0, 20)
    assert balances(ann) == (20, 0, 0, 20)
    assert owner_of(found.account_id) == ann
    assert acts()[-2:] == ["member.link", "statement.approve"]
    assert told(ann) == ["statement.approved"]
    assert "20 points are available now" in mails()[-1].body


def test_the_qualifying_points_come_with_the_approval(ann: int, mia: Person):
    import_id = bring(ann, file_of(1, 2))
    assert wallet(ann).qualifying == 0
    approve(mia.id, import_id)
    rows = read_all(
        text("SELECT sum(amount) AS points FROM transfer WHERE wallet_id = :id AND unit_id = 2"), {"id": ann}
    )
    assert rows[0].points == 20


def test_approving_twice_is_approving_once(ann: int, mia: Person):
    import_id = bring(ann, file_of(1, 2))
    approve(mia.id, import_id, drain=False)
    approve(mia.id, import_id)
    approve(mia.id, import_id)
    assert balances(ann) == (20, 0, 0, 20)
    assert acts().count("statement.approve") == 1


def test_what_the_rule_holds_stays_held_until_its_own_day(ann: int, mia: Person):
    publish("held", RULE | {"hold_days": 30, "base": {"kind": "lots", "rate": "5"}})
    import_id = bring(ann, file_of(1, 2))
    assert balances(ann) == (0, 30, 0, 30)
    approve(mia.id, import_id)
    assert balances(ann) == (20, 10, 0, 30), "the rule without a hold pays at once"
    assert brought(ann, import_id).state == "approved"
    lapsing.release_due(clock.now() + timedelta(days=29))
    assert balances(ann) == (20, 10, 0, 30)
    lapsing.release_due(clock.now() + timedelta(days=31))
    assert balances(ann) == (30, 0, 0, 30)


def test_a_hold_that_is_over_by_the_approval_holds_nothing(ann: int, mia: Person, monkeypatch: pytest.MonkeyPatch):
    publish("held", RULE | {"hold_days": 30, "base": {"kind": "lots", "rate": "5"}})
    import_id = bring(ann, file_of(1, 2))
    later = clock.now() + timedelta(days=45)
    with transaction():
        deciding.approve(mia.id, import_id, token="form", now=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    work.drain()
    assert balances(ann) == (30, 0, 0, 30)


def test_above_ones_limit_a_second_person_has_to_agree(ann: int, mia: Person, omar: Person):
    import_id = bring(ann, file_of(1, 2, lots="60"))
    proposal_id = approve(mia.id, import_id)
    assert proposal_id is not None
    assert approve(mia.id, import_id) == proposal_id, "the same form again"
    with transaction(), pytest.raises(ProposedAlready):
        deciding.approve(omar.id, import_id, token="another", now=clock.now())
    assert (balances(ann), brought(ann, import_id).state) == ((0, 1200, 0, 1200), "stored")
    assert dossier(import_id, "en").proposal_id == proposal_id
    proposals.approve(omar, proposal_id)
    work.drain()
    assert (balances(ann), brought(ann, import_id).state) == ((1200, 0, 0, 1200), "approved")
    assert kept(import_id).proposal_id == proposal_id


def test_many_small_approvals_share_the_limit_of_one_day(ann: int, mia: Person):
    proposed = []
    for start in range(1, 8):
        import_id = bring(ann, file_of(start, lots="90"))
        proposed.append(approve(mia.id, import_id) is not None)
    assert proposed == [False] * 5 + [True] * 2, "5,000 a day, 900 each"
    with transaction():
        assert adjusting.left_today(mia.id, clock.now()) == 500


def test_a_proposal_falls_when_its_import_is_undone(ann: int, mia: Person, omar: Person):
    import_id = bring(ann, file_of(1, lots="200"))
    proposal_id = approve(mia.id, import_id)
    assert proposal_id is not None
    take_back(ann, import_id)
    with pytest.raises(NotWaiting):
        proposals.approve(omar, proposal_id)
    assert balances(ann) == (0, 0, 0, 0)


def test_more_points_than_were_proposed_are_not_approved(ann: int, mia: Person, omar: Person):
    import_id = bring(ann, file_of(1, lots="200"))
    proposal_id = approve(mia.id, import_id)
    with transaction():
        connection().execute(text("UPDATE statement_import SET points = 9000 WHERE id = :id"), {"id": import_id})
    assert proposal_id is not None
    with pytest.raises(MorePointsByNow):
        proposals.approve(omar, proposal_id)


def test_somebody_elses_account_is_not_approved(ann: int, eve: int, mia: Person):
    linked(eve)
    import_id = bring(ann, file_of(1))
    with transaction(), pytest.raises(SomebodyElsesAccount):
        deciding.approve(mia.id, import_id, token="form", now=clock.now())
    assert brought(ann, import_id).state == "stored"
    assert f"member {eve}" in said(dossier(import_id, "en").warnings)


def said(warnings: tuple[object, ...]) -> str:
    return " | ".join(one.msgid % one.values for one in warnings)  # type: ignore[attr-defined]


def test_rejecting_takes_everything_back_and_says_why(ann: int, mia: Person):
    import_id = bring(ann, file_of(1, 2))
    reject(mia.id, import_id, "edited")
    found = brought(ann, import_id)
    assert (found.state, found.rejected, balances(ann)) == ("taken_back", True, (0, 0, 0, 0))
    assert found.why is not None
    assert "does not match our books" in found.why.msgid
    assert told(ann) == ["statement.rejected"]
    assert "does not match our books" in mails()[-1].body
    assert acts()[-1] == "statement.reject"


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_what_is_decided_is_decided_once(ann: int, mia: Person, omar: Person, act: str):
    import_id = bring(ann, file_of(1, 2))
    decide: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(mia.id, import_id),
        "reject": lambda: reject(mia.id, import_id),
    }
    decide[act]()
    with transaction(), pytest.raises(NotWaiting):
        deciding.reject(omar.id, import_id, "edited", now=clock.now())
    with transaction(), pytest.raises(NotWaiting):
        deciding.approve(omar.id, import_id, token="form", now=clock.now())


def test_nothing_is_approved_before_all_of_it_is_counted(ann: int, mia: Person):
    import_id = look(ann, file_of(1, 2))
    confirm(ann, import_id, drain=False)
    work.run()
    with transaction(), pytest.raises(NotStoredYet):
        deciding.approve(mia.id, import_id, token="form", now=clock.now())


def test_only_who_looks_after_members_decides(ann: int, vera: Person, mia: Person):
    import_id = bring(ann, file_of(1))
    with transaction(), pytest.raises(NotEntitled):
        deciding.approve(vera.id, import_id, token="form", now=clock.now())
    with transaction(), pytest.raises(NotEntitled):
        deciding.reject(vera.id, import_id, "edited", now=clock.now())
    with transaction(), pytest.raises(UnknownRejection):
        deciding.reject(mia.id, import_id, "because", now=clock.now())
    with transaction(), pytest.raises(ImportNotFound):
        deciding.approve(mia.id, 999, token="form", now=clock.now())
    unconfirmed = look(ann, file_of(9))
    with transaction(), pytest.raises(ImportNotFound):
        deciding.approve(mia.id, unconfirmed, token="form", now=clock.now())


def test_of_somebody_who_was_erased_nothing_is_approved(alice: Person, dana: Person, mia: Person):
    import_id = bring(alice.id, file_of(1))
    with transaction():
        erase(dana.id, alice.id, now=clock.now())
    with transaction(), pytest.raises(MemberNotFound):
        deciding.approve(mia.id, import_id, token="form", now=clock.now())
    work.drain()
    assert stored(alice).erased_at is not None
    assert kept(import_id).state == "taken_back"
    assert balances(alice.id)[:3] == (0, 0, 0)


def test_what_the_broker_reported_in_between_is_released_by_nobody_twice(ann: int, mia: Person):
    linked(ann)
    import_id = bring(ann, file_of(1, 2, 3))
    verified(1)
    assert balances(ann) == (10, 20, 0, 30)
    approve(mia.id, import_id)
    assert balances(ann) == (30, 0, 0, 30)
    verified(2, 3)
    assert balances(ann) == (30, 0, 0, 30)


def test_reports_that_waited_for_the_account_count_with_its_approval(ann: int, mia: Person):
    verified(1, 2, 7)
    import_id = bring(ann, file_of(1, 2))
    assert balances(ann) == (0, 20, 0, 20)
    approve(mia.id, import_id)
    assert balances(ann) == (30, 0, 0, 30)


def test_what_failed_and_is_folded_after_the_approval_is_released_too(
    ann: int, mia: Person, monkeypatch: pytest.MonkeyPatch
):
    fail: list[str] = ["m"]
    step = pipeline.STEPS[1]

    def failing(state: object, activity: object, current: object) -> None:
        if fail and activity.external_id.endswith(".2"):  # type: ignore[attr-defined]
            raise RuntimeError("not today")
        step(state, activity, current)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "STEPS", (pipeline.STEPS[0], failing, pipeline.STEPS[2]))
    import_id = bring(ann, file_of(1, 2))
    assert brought(ann, import_id).not_earning_keys == {"FAILED": 1}
    approve(mia.id, import_id)
    assert balances(ann) == (10, 0, 0, 10)
    fail.clear()
    with transaction():
        pipeline.reprocess()
    work.drain()
    assert balances(ann) == (20, 0, 0, 20)
    assert brought(ann, import_id).state == "approved"


def test_staff_find_what_waits_the_oldest_first(ann: int, eve: int, mia: Person):
    first, second, third = bring(ann, file_of(1)), bring(eve, file_of(2)), bring(ann, file_of(3))
    look(ann, file_of(4))
    assert how_many_wait() == 3
    assert [one.found.id for one in page(Asked("waiting")).rows] == [first, second, third]
    begun = page(Asked("waiting"), 2)
    assert [one.found.id for one in page(Asked("waiting", start=begun.next), 2).rows] == [third]
    approve(mia.id, first)
    reject(mia.id, second)
    assert {state: [one.found.id for one in page(Asked(state)).rows] for state in ("approved", "rejected", "")} == {
        "approved": [first],
        "rejected": [second],
        "": [third, second, first],
    }
    assert [one.found.id for one in page(Asked(words=f"#{eve}")).rows] == [second]
    assert len(page(Asked(words="5001001")).rows) == 3
    assert page(Asked(words="nobody")).rows == ()


def test_the_dossier_says_what_speaks_against_an_import(ann: int, eve: int):
    bring(eve, file_of(1))
    verified(1, lots="3.00")
    verified(8, account=("mt4", f"{SERVER}-2", ACCOUNT[2]))
    bring(ann, file_of(1, 2))
    import_id = bring(ann, file_of(1, 2, lots="8", result="1.00"))
    first = dossier(brought(ann, import_id).id - 1, "en")
    assert (first.reported, first.differing) == (1, 1)
    assert [one.earned for one in first.trades] == [10, 10]
    warnings = said(dossier(import_id, "en").warnings)
    for sign in ("other member sent", "another server", "sent in before with other figures", "do not add up"):
        assert sign in warnings, sign


@pytest.mark.parametrize("was_reported", [True, False])
def test_what_was_counted_for_somebody_else_stays_with_them(ann: int, eve: int, mia: Person, was_reported: bool):
    if was_reported:
        account_id = linked(eve)
        verified(1, 2)
    else:
        theirs = bring(eve, file_of(1, 2))
        approve(mia.id, theirs)
        account_id = kept(theirs).trading_account_id
    import_id = bring(ann, file_of(1, 2, 3))
    with transaction():
        linking.unlink(eve, account_id, now=clock.now(), by=None)
    approve(mia.id, import_id)
    assert brought(ann, import_id).state == "approved"
    assert (balances(eve), balances(ann)) == ((20, 0, 0, 20), (10, 0, 0, 10))
    assert verify().bad is None


def test_what_somebody_else_took_back_or_waits_with_holds_up_nothing(ann: int, eve: int, mia: Person):
    take_back(eve, bring(eve, file_of(1)))
    bring(eve, file_of(2))
    import_id = bring(ann, file_of(1, 2))
    approve(mia.id, import_id)
    assert (balances(eve), balances(ann)) == ((0, 10, 0, 10), (20, 0, 0, 20))
