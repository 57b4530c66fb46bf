"""Points by hand: alone within the limits, with a second person above them, and never past the law or the balance."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import insert, text

from app.gamification import pipeline, programme
from app.gamification.activities import Custom
from app.gamification.audit import reads as audit
from app.gamification.errors import Refusal
from app.gamification.errors.desk import NoteMissing, NoteTooLong, ProposedAlready
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.points import (
    AlreadyReversed,
    AwardNotPossible,
    BadAmount,
    BadAward,
    ForbiddenByLaw,
    FormSentAlready,
    NotReversible,
    NotThatManyPoints,
    TransferNotFound,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.ledger import adjusting, awards, by_hand, wallets
from app.gamification.ledger.adjusting import Made
from app.gamification.ledger.explain import explain_line
from app.gamification.ledger.verify import verify, verify_wallet
from app.gamification.members.enrolment import link
from app.gamification.programme_settings import limits
from app.models.base import connection, read_all, read_one, transaction
from app.models.ledger import Code, Wallet
from app.models.people import ClientClass, Member
from app.models.rules import PackRevision
from tests.gamification.ledger.reading import english, lines_of, owner
from tests.support.cast import Person
from tests.support.examples import examples
from tests.support.play import NOON, Said, balances, batches, play, report, trade, trader, transfers, wallet
from tests.support.programmes import end_all_rules, publish
from tests.support.proposals import adjustments, approve, reject, state_of
from tests.support.together import no_errors, together

tokens = count(1)


@pytest.fixture
def tara(app: Flask) -> int:
    """Joined long ago, and holds nothing."""
    end_all_rules()
    return trader()


def adjust(by: Person, member_id: int, amount: int, *, token: str = "", at: datetime = NOON, note: str = "Why") -> Made:
    with transaction():
        return adjusting.adjust(by.id, member_id, amount, note, token or f"t{next(tokens)}", now=at)


def reverse(by: Person, member_id: int, seq: int, *, token: str = "", at: datetime = NOON) -> int:
    with transaction():
        made = adjusting.reverse(by.id, member_id, seq, "Why", token or f"t{next(tokens)}", now=at)
    assert made.adjustment_id is None and made.proposal_id is not None
    return made.proposal_id


def award(by: Person, *given: tuple[int, int], token: str = "") -> int:
    with transaction():
        return awards.propose(by.id, given, "Webinar", token or f"t{next(tokens)}", now=NOON)


def pack_forbids(member_id: int) -> None:
    """Put the member under a pack that allows nothing for service."""
    definition = {"name": {"en": "Nothing"}, "facts": {}}
    with transaction() as conn:
        pack_id = conn.execute(text("SELECT id FROM pack WHERE key = 'unknown'")).scalar_one()
        conn.execute(insert(PackRevision).values(pack_id=pack_id, number=99, definition=definition, **SINCE))
        conn.execute(text("UPDATE member SET country = '' WHERE id = :id"), {"id": member_id})
        programme.touch(conn)


# --- alone ------------------------------------------------------------------------------------------------------------


def test_within_the_limit_it_is_made_at_once(tara: int, mia: Person):
    made = adjust(mia, tara, 1000)
    assert made.proposal_id is None and balances(tara) == (1000, 0, 0, 0)
    (row,) = adjustments()
    assert (row.id, row.wallet_id, row.staff_id, row.amount) == (made.adjustment_id, tara, mia.id, 1000)
    (entry,) = audit.of_subject("member", tara)
    assert (entry.action, entry.staff_id) == ("points.adjust", mia.id)
    assert entry.after == {"amount": 1000, "adjustment": made.adjustment_id}


def test_points_are_taken_too_but_never_more_than_there_are(tara: int, mia: Person):
    adjust(mia, tara, 30)
    adjust(mia, tara, -10)
    with pytest.raises(NotThatManyPoints) as refused:
        adjust(mia, tara, -25)
    assert refused.value.sentence.values["short_by"] == 5
    assert balances(tara)[0] == 20 and len(adjustments()) == 2


def test_a_form_sent_twice_counts_once(tara: int, mia: Person):
    first, second = (adjust(mia, tara, 50, token="once") for _ in range(2))
    assert first == second and balances(tara)[0] == 50
    assert len(audit.of_subject("member", tara)) == 1
    # Back in the browser, other figures, sent again: that is not what the person was told had happened.
    with pytest.raises(FormSentAlready):
        adjust(mia, tara, 60, token="once")
    assert balances(tara)[0] == 50


def test_a_proposal_sent_twice_is_one(tara: int, mia: Person, omar: Person):
    first, second = (adjust(mia, tara, 5000, token="once") for _ in range(2))
    assert first == second
    with pytest.raises(FormSentAlready):
        adjust(mia, tara, 6000, token="once")
    approve(omar, first.proposal_id or 0)
    again = adjust(mia, tara, 5000, token="once")
    assert again.proposal_id == first.proposal_id and again.adjustment_id is not None
    assert balances(tara)[0] == 5000


def test_one_form_used_for_two_members_is_refused_when_it_is_approved(tara: int, mia: Person, omar: Person):
    proposal_id = adjust(mia, tara, 5000, token="once").proposal_id
    line = reverse(mia, tara, transfers_after_an_adjustment(mia, tara), token="once")
    adjust(mia, trader(), 50, token="once")
    for waiting in (proposal_id, line):
        with pytest.raises(FormSentAlready):
            approve(omar, waiting or 0)
    assert balances(tara)[0] == 20


def transfers_after_an_adjustment(by: Person, member_id: int) -> int:
    """The number of a line that can be taken back."""
    adjust(by, member_id, 20)
    return int(read_one(text("SELECT max(seq) FROM transfer WHERE wallet_id = :id"), {"id": member_id})[0])


@pytest.mark.parametrize("amount", [0, 10**9 + 1, -(10**9) - 1, 10**400, -(10**400)])
def test_what_is_no_amount_is_refused(tara: int, mia: Person, amount: int):
    with pytest.raises(BadAmount):
        adjust(mia, tara, amount)


def test_a_reason_has_to_be_given(tara: int, mia: Person):
    with pytest.raises(NoteMissing):
        adjust(mia, tara, 5, note=" \u202e ")
    with pytest.raises(NoteTooLong):
        adjust(mia, tara, 5, note="x" * 1001)


def test_nobody_is_given_points_who_is_not_there(tara: int, mia: Person):
    with pytest.raises(MemberNotFound):
        adjust(mia, 99_999, 5)
    with transaction():
        connection().execute(text("UPDATE member SET erased_at = 1 WHERE id = :id"), {"id": tara})
    with pytest.raises(MemberNotFound):
        adjust(mia, tara, 5)


def test_a_viewer_adjusts_nothing(tara: int, vera: Person):
    for attempt in (lambda: adjust(vera, tara, 5), lambda: reverse(vera, tara, 1), lambda: award(vera, (tara, 5))):
        with pytest.raises(NotEntitled):
            attempt()
    assert not adjustments() and not transfers(tara)


# --- the limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [1001, -1001])
def test_above_the_limit_a_second_person_decides(tara: int, mia: Person, omar: Person, amount: int):
    adjust(mia, tara, 1000)
    adjust(mia, tara, 500)
    made = adjust(mia, tara, amount)
    assert made.adjustment_id is None and made.proposal_id is not None
    assert balances(tara)[0] == 1500
    approve(omar, made.proposal_id)
    assert balances(tara)[0] == 1500 + amount
    row = adjustments()[-1]
    assert (row.staff_id, row.proposal_id, row.amount) == (mia.id, made.proposal_id, amount)


def test_many_small_ones_come_to_the_limit_of_the_day(tara: int, mia: Person, omar: Person):
    for sign in (1, -1, 1, -1, 1):
        assert adjust(mia, tara, sign * 1000).proposal_id is None
    # Five thousand moved, though only one of them stayed.
    assert adjust(mia, tara, 1).proposal_id is not None
    assert adjust(mia, trader(), 1).proposal_id is not None
    assert adjust(omar, tara, 1).proposal_id is None
    # The programme's day ends at 22:00 UTC.
    assert adjust(mia, tara, 1, at=NOON.replace(hour=21, minute=59)).proposal_id is not None
    assert adjust(mia, tara, 1, at=NOON.replace(hour=22)).proposal_id is None


def test_what_two_people_agreed_on_does_not_use_up_the_day(tara: int, mia: Person, omar: Person):
    approve(omar, adjust(mia, tara, 50_000).proposal_id or 0)
    with transaction():
        assert adjusting.left_today(mia.id, NOON) == 5000
    assert adjust(mia, tara, 1000).proposal_id is None


def test_the_limits_are_the_programmes(tara: int, mia: Person):
    assert limits.current() == (1000, 5000, None)
    with transaction() as conn:
        settings = '{"limits": {"adjustment": 10, "adjustment_day": 15, "liability": "250.50"}}'
        conn.execute(text("UPDATE programme SET settings = :settings, revision = revision + 1"), {"settings": settings})
    assert str(limits.current().liability) == "250.50"
    assert adjust(mia, tara, 11).proposal_id is not None
    assert adjust(mia, tara, 10).proposal_id is None
    assert adjust(mia, tara, 6).proposal_id is not None


def test_two_forms_at_the_same_moment_do_not_share_one_days_limit(app: Flask, tara: int, mia: Person):
    members = [tara, *(trader() for _ in range(7))]
    works = [lambda member=member: adjust(mia, member, 1000) for member in members]
    made = no_errors(together(app, works))
    assert Counter(one.proposal_id is None for one in made) == {True: 5, False: 3}
    assert sum(row.amount for row in adjustments()) == 5000


def test_one_form_sent_by_eight_at_the_same_moment_counts_once(app: Flask, tara: int, mia: Person):
    made = no_errors(together(app, [lambda: adjust(mia, tara, 100, token="once")] * 8))
    assert len(set(made)) == 1 and balances(tara)[0] == 100


# --- the law ----------------------------------------------------------------------------------------------------------


def test_a_strict_pack_lets_points_buy_recognition_and_service_alone(tara: int, mia: Person, omar: Person):
    strict = trader("CY", ClientClass.RETAIL, "eu")
    adjust(mia, strict, 10)
    approve(omar, adjust(mia, strict, 2000).proposal_id or 0)
    approve(omar, award(mia, (strict, 5), (tara, 5)))
    assert [bool(batch.service_only) for batch in batches(strict)] == [True, True, True]
    assert [bool(batch.service_only) for batch in batches(tara)] == [False]
    adjust(mia, strict, -15)
    assert balances(strict)[0] == 2000


def test_a_pack_that_allows_nothing_allows_no_points_by_hand(tara: int, mia: Person, omar: Person):
    adjust(mia, tara, 40)
    waiting = [adjust(mia, tara, 4000).proposal_id or 0, award(mia, (tara, 5))]
    pack_forbids(tara)
    with pytest.raises(ForbiddenByLaw):
        adjust(mia, tara, 5)
    for proposal_id, refusal in zip(waiting, (ForbiddenByLaw, AwardNotPossible), strict=True):
        with pytest.raises(refusal):
            approve(omar, proposal_id)
        assert state_of(proposal_id) == "open"
    # What was wrongly given can be taken all the same.
    adjust(mia, tara, -40)
    assert balances(tara)[0] == 0


# --- taking a line back -----------------------------------------------------------------------------------------------


def test_a_line_is_taken_back_once_two_agree(tara: int, mia: Person, omar: Person):
    publish("trades", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}})
    play(tara, trade(lots="2.00"))
    assert (balances(tara), wallet(tara).qualifying) == ((20, 0, 0, 20), 20)
    line = next(row.seq for row in transfers(tara) if row.code == Code.ACCRUAL and row.unit_id == 1)
    proposal_id = reverse(mia, tara, line)
    assert balances(tara)[0] == 20
    with pytest.raises(ProposedAlready):
        reverse(mia, tara, line)
    approve(omar, proposal_id)
    assert (balances(tara), wallet(tara).qualifying) == ((0, 0, 0, 0), 0)
    assert read_one(text("SELECT sum(sum) FROM qualifying_day"))[0] == 0
    (row,) = adjustments()
    assert (row.amount, row.reverses, row.staff_id, row.proposal_id) == (-20, line, mia.id, proposal_id)
    with pytest.raises(AlreadyReversed):
        reverse(mia, tara, line)
    assert verify().bad is None


def test_what_was_taken_back_by_hand_is_not_taken_back_again_by_the_broker(tara: int, mia: Person, omar: Person):
    publish("trades", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}, "caps": CAPS})
    account = ("mt5", "Meridian-Live", "7001")
    with transaction():
        link(tara, *account, now=NOON)
    play(tara, Said(trade(lots="2.00"), id="t1", account=account))
    line = next(row.seq for row in transfers(tara) if row.unit_id == 1)
    approve(omar, reverse(mia, tara, line))
    report(None, Said(None, id="b1", busts="t1", account=account), now=NOON + timedelta(hours=1))
    pipeline.drain()
    assert balances(tara) == (0, 0, 0, 0) and wallet(tara).qualifying == 0
    assert verify().bad is None


SINCE = {"published_at": NOON - timedelta(days=900), "effective_from": NOON - timedelta(days=900)}
CAPS = [{"per": "day", "points": 100}]


def test_points_that_were_spent_are_owed_when_their_line_is_taken_back(tara: int, mia: Person, omar: Person):
    adjust(mia, tara, 100)
    adjust(mia, tara, -70)
    approve(omar, reverse(mia, tara, 1))
    assert balances(tara) == (0, 0, 70, 0)
    adjust(mia, tara, 100)
    assert balances(tara) == (30, 0, 0, 0)
    assert verify().bad is None


def test_held_points_are_taken_back_before_they_are_released(tara: int, mia: Person, omar: Person):
    publish("held", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "hold_days": 3})
    play(tara, Said(Custom(count=9), "custom.gain"))
    approve(omar, reverse(mia, tara, 1))
    assert balances(tara) == (0, 0, 0, 0)
    assert verify().bad is None


def test_only_lines_that_brought_points_are_taken_back(tara: int, mia: Person):
    adjust(mia, tara, 10)
    adjust(mia, tara, -10)
    with pytest.raises(NotReversible):
        reverse(mia, tara, 2)
    with pytest.raises(TransferNotFound):
        reverse(mia, tara, 3)
    with pytest.raises(TransferNotFound):
        reverse(mia, 99_999, 1)


def test_a_line_undone_since_it_was_proposed_is_not_undone_twice(tara: int, mia: Person, omar: Person, dana: Person):
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    play(tara, Said(Custom(count=9), "custom.gain", id="x"))
    proposal_id = reverse(mia, tara, 1)
    report(tara, Said(None, "custom.gain", busts="x"), now=NOON + timedelta(hours=1))
    pipeline.drain()
    with pytest.raises(AlreadyReversed):
        approve(omar, proposal_id)
    reject(dana, proposal_id)
    assert balances(tara) == (0, 0, 0, 0)


# --- many at once -----------------------------------------------------------------------------------------------------


def test_many_are_given_points_once_two_agree(tara: int, mia: Person, omar: Person):
    other = trader()
    proposal_id = award(mia, (other, 7), (tara, 5), token="once")
    assert award(mia, (tara, 5), (other, 7), token="once") == proposal_id
    assert balances(tara)[0] == balances(other)[0] == 0
    approve(omar, proposal_id)
    assert (balances(tara)[0], balances(other)[0]) == (5, 7)
    assert {(row.wallet_id, row.amount, row.proposal_id, row.staff_id) for row in adjustments()} == {
        (tara, 5, proposal_id, mia.id),
        (other, 7, proposal_id, mia.id),
    }
    entries = audit.of_subject("proposal", proposal_id)
    assert [entry.action for entry in entries] == ["proposal.approve", "points.award", "proposal.open"]
    assert entries[1].after == {"members": 2, "points": 12}


@pytest.mark.parametrize(
    "given", [[], [(1, 0)], [(1, -5)], [(1, 5), (1, 6)], [(1, 10**10)], [(n, 1) for n in range(1, 10_002)]]
)
def test_what_is_no_list_of_awards_is_refused(tara: int, mia: Person, given: list[tuple[int, int]]):
    with pytest.raises(BadAward):
        award(mia, *given)


def test_a_list_that_names_nobody_is_refused(tara: int, mia: Person):
    with pytest.raises(AwardNotPossible) as refused:
        award(mia, (tara, 5), (88_888, 5), (99_999, 5))
    assert refused.value.sentence.values == {"count": 2, "member": 88_888}


def test_an_award_that_fails_near_its_end_leaves_nothing(
    app: Flask, tara: int, mia: Person, omar: Person, monkeypatch: pytest.MonkeyPatch
):
    first = crowd(10_000)
    proposal_id = award(mia, *((first + n, 1 + n % 7) for n in range(10_000)))
    adjust_one, made = wallets._adjust, count(1)

    def fail_late(*place: object) -> None:
        if next(made) == 9_999:
            raise Interrupted
        adjust_one(*place)

    with monkeypatch.context() as patch:
        patch.setattr("app.gamification.ledger.wallets._adjust", fail_late)
        with pytest.raises(Interrupted):
            approve(omar, proposal_id)
    assert state_of(proposal_id) == "open"
    assert not adjustments() and read_one(text("SELECT count(*) FROM transfer"))[0] == 0
    assert not audit.page(audit.Asked(action="points.award"), 10)
    approve(omar, proposal_id)
    assert read_one(text("SELECT count(*), sum(amount) FROM adjustment")) == (
        10_000,
        sum(1 + n % 7 for n in range(10_000)),
    )
    assert read_one(text("SELECT sum(available) FROM wallet"))[0] == sum(1 + n % 7 for n in range(10_000))


class Interrupted(Exception):
    """Something went wrong that nobody thought of."""


def crowd(size: int) -> int:
    """Many members at once, without any history; the id of the first, the others follow."""
    first: int = read_one(text("SELECT coalesce(max(id), 0) + 1 FROM member"))[0]
    members = [{"id": first + n, "name": "Tara", "country": "AE", "client_class": 2} for n in range(size)]
    with transaction() as conn:
        level: int = conn.execute(text("SELECT min(id) FROM tier_level")).scalar_one()
        conn.execute(insert(Member), [one | {"joined_at": NOON} for one in members])
        conn.execute(insert(Wallet), [{"id": one["id"], "level_id": level, "level_since": NOON} for one in members])
    return first


def test_an_award_and_the_pipeline_never_wait_for_each_other_in_a_circle(app: Flask, mia: Person, omar: Person):
    end_all_rules()
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    members = [trader() for _ in range(20)]
    waiting = [award(mia, *((member, 3) for member in members)) for _ in range(3)]

    def earn() -> None:
        for part in range(5):
            for member in members:
                report(member, Said(Custom(count=1), "custom.gain", id=f"{part}-{member}"))
            pipeline.run(50)

    no_errors(together(app, [earn, *(lambda one=one: approve(omar, one) for one in waiting)]))
    pipeline.drain()
    assert {balances(member) for member in members} == {(14, 0, 0, 5)}
    assert verify().bad is None


# --- what staff read --------------------------------------------------------------------------------------------------


def test_the_list_tells_awards_reversals_and_single_ones_apart(tara: int, mia: Person, omar: Person):
    adjust(mia, tara, 10)
    approve(omar, award(mia, (tara, 5)))
    approve(omar, reverse(mia, tara, 1))
    adjust(omar, tara, 1)
    with transaction():
        wallets.adjust(tara, 3, "At the console", NOON)
    found = {sort: [row.amount for row in by_hand.lately(by_hand.Asked(sort=sort))] for sort in ("", *by_hand.SORTS)}
    assert found == {"": [3, 1, -10, 5, 10], "single": [3, 1, 10], "award": [5], "reversal": [-10]}
    assert [row.amount for row in by_hand.lately(by_hand.Asked(staff_id=omar.id))] == [1]
    assert by_hand.lately(by_hand.Asked(member_id=99_999)) == []
    assert by_hand.adjusters() == [(mia.id, mia.name), (omar.id, omar.name)]


# --- whatever happens, in whatever order ------------------------------------------------------------------------------


class PointsByHand(RuleBasedStateMachine):
    """Staff who adjust, award and take back, in any order; the ledger adds up after each."""

    mia: Person
    omar: Person

    def __init__(self) -> None:
        super().__init__()
        self.members = [trader() for _ in range(3)]
        self.at = datetime(2026, 3, 4, tzinfo=UTC)

    @rule(place=st.integers(0, 2), amount=st.integers(-3000, 3000).filter(bool))
    def adjust(self, place: int, amount: int) -> None:
        self.at += timedelta(hours=7)
        try:
            made = adjust(self.mia, self.members[place], amount, at=self.at)
            if made.proposal_id is not None:
                approve(self.omar, made.proposal_id)
        except NotThatManyPoints:
            assert wallet(self.members[place]).available < -amount

    @rule(points=st.lists(st.integers(1, 500), min_size=1, max_size=3))
    def award(self, points: list[int]) -> None:
        approve(self.omar, award(self.mia, *zip(self.members, points, strict=False)))

    @rule(place=st.integers(0, 2), data=st.data())
    def take_back(self, place: int, data: st.DataObject) -> None:
        lines = [row.seq for row in transfers(self.members[place])]
        if lines:
            try:
                approve(self.omar, reverse(self.mia, self.members[place], data.draw(st.sampled_from(lines))))
            except Refusal as refusal:
                assert isinstance(refusal, NotReversible | AlreadyReversed)

    @invariant()
    def the_ledger_adds_up(self) -> None:
        for member_id in self.members:
            assert verify_wallet(member_id) is None
            total = read_one(text("SELECT sum(amount) FROM adjustment WHERE wallet_id = :id"), {"id": member_id})[0]
            available, pending, debt, lifetime = balances(member_id)
            assert (available - debt, pending, lifetime) == (total or 0, 0, 0)

    @invariant()
    def every_act_is_in_the_log(self) -> None:
        said = read_all(text("SELECT count(*) FROM audit_entry WHERE action IN ('points.adjust', 'points.reverse')"))
        made = read_all(text("SELECT count(*) FROM adjustment WHERE token IS NOT NULL"))
        assert said[0][0] == made[0][0]


def test_the_ledger_adds_up_after_every_sequence(app: Flask, mia: Person, omar: Person):
    end_all_rules()
    PointsByHand.mia, PointsByHand.omar = mia, omar
    run_state_machine_as_test(PointsByHand, settings=settings(max_examples=examples(20), stateful_step_count=20))
    assert verify().bad is None


def test_a_line_taken_back_by_hand_says_so_to_its_member(tara: int, mia: Person, omar: Person):
    adjust(mia, tara, 10, note="Secret of the staff")
    approve(omar, reverse(mia, tara, 1))
    me = owner(tara)
    assert english(lines_of(tara)[0].title) == "Taken back by our staff"
    said = [english(sentence) for seq in (1, 2) for sentence in explain_line(me, seq).sentences]
    assert any("took this back by hand" in sentence for sentence in said)
    assert not any("Secret" in sentence for sentence in said)
