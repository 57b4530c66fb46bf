"""Many at once: the last place goes once, a reward is given once, and nobody counts in between."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import backlog, pipeline
from app.gamification.challenges import sweep
from app.gamification.challenges.entry import EntryState
from app.gamification.errors.challenges import ChallengeFull, JoinedAlready, NothingToClaim, NotJoined
from app.gamification.errors.members import MemberNotFound
from app.gamification.ledger.verify import verify
from app.gamification.members import erasure
from app.models.base import read_one, transaction
from tests.support.play import NOON, Said, balances, play, report, trade, trader, transfers
from tests.support.playing import badge, challenge, claim, entry, join, leave, levels_held, progress, state
from tests.support.together import no_errors, together

AT_ONCE = 8
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
VISITS = {"kind": "visits", "settings": {"target": 2}}


def traded(member: int, **more: Any) -> Said:
    return Said(trade(lots="3.00", at=NOON + HOUR), at=NOON + HOUR, **more)


def given(member: int) -> list[int]:
    return [row.amount for row in transfers(member) if row.cause == 9]


def taken(challenge_id: int) -> int:
    return int(read_one(text("SELECT taken FROM challenge_run WHERE challenge_id = :c"), {"c": challenge_id})[0])


def fold_everything() -> None:
    while backlog.read().queued:
        pipeline.run(40)


def test_the_last_places_go_once(app: Flask):
    members, visits = [trader() for _ in range(AT_ONCE)], challenge("visits", VISITS, places=3)
    made = together(app, [lambda one=one: join(one, visits) for one in members])
    assert [type(one) for one in made if one is not None] == [ChallengeFull] * (AT_ONCE - 3)
    assert (taken(visits), sum(entry(one, visits) is not None for one in members)) == (3, 3)


def test_one_member_takes_one_place_however_often_the_button_is_pressed(app: Flask):
    member, visits = trader(), challenge("visits", VISITS, places=5)
    made = together(app, [lambda: join(member, visits)] * AT_ONCE)
    assert [type(one) for one in made if one is not None] == [JoinedAlready] * (AT_ONCE - 1)
    assert taken(visits) == 1
    made = together(app, [lambda: leave(member, visits, NOON + HOUR)] * AT_ONCE)
    assert [type(one) for one in made if one is not None] == [NotJoined] * (AT_ONCE - 1)
    assert taken(visits) == 0


def test_leaving_and_joining_at_once_leave_the_places_right(app: Flask):
    members, visits = [trader() for _ in range(AT_ONCE)], challenge("visits", VISITS, places=AT_ONCE // 2)
    for member in members[: AT_ONCE // 2]:
        join(member, visits)
    works = [lambda one=one: leave(one, visits, NOON + HOUR) for one in members[: AT_ONCE // 2]]
    works += [lambda one=one: join(one, visits, NOON + HOUR) for one in members[AT_ONCE // 2 :]]
    together(app, works)
    assert taken(visits) == [state(one, visits) for one in members].count(EntryState.JOINED)


def test_who_is_erased_while_they_join_holds_no_place(app: Flask):
    members, visits = [trader() for _ in range(AT_ONCE)], challenge("visits", VISITS, places=AT_ONCE)

    def erase(member: int) -> None:
        with transaction():
            erasure.erase(None, member, now=NOON)

    works = [lambda one=one: join(one, visits) for one in members]
    made = together(app, works + [lambda one=one: erase(one) for one in members[::2]])
    assert {type(one) for one in made} <= {type(None), MemberNotFound}
    assert [entry(one, visits) is not None for one in members] == [False, True] * (AT_ONCE // 2)
    assert taken(visits) == AT_ONCE // 2


def test_a_reward_is_claimed_once(app: Flask):
    badge("medal", {"kind": "given"}, "1", counted=False)
    member, trades = trader(), challenge(reward={"points": 70, "badge": "medal"})
    join(member, trades)
    play(member, traded(member))
    made = together(app, [lambda: claim(member, trades, NOON + 2 * HOUR)] * AT_ONCE)
    assert [type(one) for one in made if one is not None] == [NothingToClaim] * (AT_ONCE - 1)
    assert (given(member), len(levels_held(member))) == ([70], 1)
    assert verify().bad is None


def test_joining_beside_rounds_counts_what_comes_after_and_nothing_twice(app: Flask):
    members, visits = [trader() for _ in range(6)], challenge("visits", {"kind": "visits", "settings": {"target": 300}})
    for number in range(10):
        for member in members:
            at = NOON + timedelta(days=number)
            report(member, Said(kind="visit", at=at), now=at)
    join_at = NOON + timedelta(days=4, hours=1)
    works = [lambda one=one: join(one, visits, join_at) for one in members]
    no_errors(together(app, [*works, fold_everything, fold_everything]))
    fold_everything()
    # Whether a day's visit was folded before or after somebody joined, what counts is what occurred since.
    for member in members:
        assert progress(member, visits) <= [5]
    late = NOON + timedelta(days=20)
    for member in members:
        report(member, Said(kind="visit", at=late), now=late)
    before = [progress(member, visits) for member in members]
    fold_everything()
    assert [progress(member, visits) for member in members] == [[value + 1] for (value,) in before]


def test_claiming_beside_a_bust_comes_to_nothing_either_way(app: Flask):
    members, trades = [trader() for _ in range(AT_ONCE)], challenge(reward={"points": 70})
    for member in members:
        join(member, trades)
        said = traded(member)
        before = balances(member)
        play(member, said)
        report(member, Said(busts=said.id, at=said.at), now=NOON + 2 * HOUR)
        assert balances(member)[3] > before[3]
    made = together(app, [*(lambda one=one: claim(one, trades, NOON + 2 * HOUR) for one in members), fold_everything])
    assert {type(one) for one in made} <= {type(None), NothingToClaim}
    fold_everything()
    for member in members:
        assert (state(member, trades), progress(member, trades)) == (EntryState.JOINED, [0])
        available, _, debt, _ = balances(member)
        assert available - debt == balances(members[0])[0] - balances(members[0])[2]
    assert verify().bad is None


def test_the_clock_beside_rounds_and_claims_gives_each_reward_once(app: Flask):
    window = {"kind": "personal", "days": 2}
    visits = challenge("visits", VISITS, window=window, claim=False, reward={"points": 10})
    members, stop = [trader() for _ in range(6)], threading.Event()
    for member in members:
        join(member, visits)
        for day in (0, 1):
            report(member, Said(kind="visit", at=NOON + timedelta(days=day)), now=NOON + timedelta(days=day))

    def keep_sweeping() -> None:
        while not stop.is_set():
            sweep.settle_due(NOON + timedelta(days=30))

    def fold() -> None:
        fold_everything()
        stop.set()

    no_errors(together(app, [keep_sweeping, keep_sweeping, fold]))
    assert [given(member) for member in members] == [[10]] * 6
    assert verify().bad is None


@pytest.mark.postgres
def test_a_member_in_other_hands_is_waited_for(app: Flask):
    member, visits = trader(), challenge("visits", VISITS)
    joined = threading.Event()

    def join_then_tell() -> None:
        join(member, visits)
        joined.set()

    with transaction() as conn:
        conn.execute(text("SELECT id FROM wallet WHERE id = :id FOR NO KEY UPDATE"), {"id": member})
        thread = threading.Thread(target=lambda: together(app, [join_then_tell]))
        thread.start()
        assert not joined.wait(0.2)
    thread.join(30)
    assert state(member, visits) == EntryState.JOINED
