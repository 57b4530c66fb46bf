"""What is corrected, busted or reported again by a system: a challenge comes to what it would be without the mistake."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.challenges.entry import EntryState
from app.gamification.ledger import wallets
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import link
from app.models.base import transaction
from tests.support.play import LIVE, NOON, Said, balances, play, report, trade, trader, transfers
from tests.support.playing import LOTS, challenge, entry, join, levels_held, messages, progress, state
from tests.support.playing import badge as publish_badge

LOT = 10**8
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JOURNAL = {"kind": "journal_entries", "settings": {"target": 1}}
ROW = {"kind": "stop_loss_row", "settings": {"target": 3}}
NOW = {"claim": False, "reward": {"points": 100}}


def lots(lots: str, minutes: float = 5, **more: Any) -> Said:
    at = NOON + minutes * MINUTE
    figures = {"stop_loss": more.pop("stop_loss", None)}
    return Said(trade(lots=lots, at=at, **figures), at=at, **more)


def given(member: int) -> list[int]:
    """The points that challenges gave, taken back or not."""
    return [row.amount for row in transfers(member) if row.cause == 9]


def test_a_correction_counts_instead_of_what_it_corrects(app: Flask):
    member, volume = trader(), challenge()
    join(member, volume)
    first = lots("2.00")
    play(member, first)
    play(member, lots("0.50", corrects=first.id), now=NOON + HOUR)
    assert progress(member, volume) == [LOT // 2]
    play(member, lots("0.75", corrects=first.id), now=NOON + 2 * HOUR)
    assert progress(member, volume) == [3 * LOT // 4]


def test_a_correction_that_leaves_it_done_takes_nothing_back(app: Flask):
    member, volume = trader(), challenge(**NOW)
    join(member, volume)
    first = lots("3.00")
    play(member, first)
    before = balances(member)
    play(member, lots("3.50", corrects=first.id), now=NOON + HOUR)
    assert (state(member, volume), progress(member, volume)) == (EntryState.CLAIMED, [7 * LOT // 2])
    assert given(member) == [100]
    assert "challenge.withdrawn" not in messages(member)
    play(member, lots("2.00", corrects=first.id), now=NOON + 2 * HOUR)
    assert (state(member, volume), progress(member, volume)) == (EntryState.JOINED, [2 * LOT])
    assert balances(member)[3] < before[3]
    assert verify().bad is None


def test_a_correction_stands_in_a_quest_where_its_original_stood(app: Flask):
    member, quest = trader(), challenge("quest", LOTS, {**JOURNAL, "after": [0]}, **NOW)
    join(member, quest)
    first = lots("3.00")
    play(member, first)
    play(member, Said(kind="journal.written", at=NOON + HOUR))
    assert state(member, quest) == EntryState.CLAIMED
    second = lots("4.00", corrects=first.id, id="second")
    play(member, second, now=NOON + 2 * HOUR)
    play(member, lots("5.00", corrects="second", id="third"), now=NOON + 3 * HOUR)
    assert (state(member, quest), progress(member, quest)) == (EntryState.CLAIMED, [5 * LOT, 1])
    assert given(member) == [100]
    # Of too few the journal was written before its step was open.
    play(member, lots("1.00", corrects="third"), now=NOON + 4 * HOUR)
    assert (state(member, quest), progress(member, quest)) == (EntryState.JOINED, [LOT, 0])


def test_a_bust_of_a_correction_leaves_nothing_and_a_later_correction_counts_again(app: Flask):
    member, volume = trader(), challenge()
    join(member, volume)
    first = lots("1.00", id="x1")
    play(member, first)
    play(member, lots("2.00", corrects="x1", id="x2"), now=NOON + HOUR)
    play(member, Said(busts="x2", at=first.at), now=NOON + 2 * HOUR)
    assert progress(member, volume) == [0]
    play(member, lots("1.50", corrects="x1", id="x3"), now=NOON + 3 * HOUR)
    assert progress(member, volume) == [3 * LOT // 2]


def test_a_correction_before_its_original(app: Flask):
    member, volume = trader(), challenge()
    join(member, volume)
    play(member, lots("2.00", corrects="y1", id="y2"))
    play(member, lots("1.00", id="y1"), now=NOON + HOUR)
    assert progress(member, volume) == [2 * LOT]
    play(member, lots("0.50", corrects="y1", id="y3"), now=NOON + 2 * HOUR)
    assert progress(member, volume) == [LOT // 2]


def test_what_breaks_a_row_breaks_it_no_more_when_it_is_taken_back(app: Flask):
    member, row = trader(), challenge("row", ROW, **NOW)
    join(member, row)
    for minutes in (1, 2):
        play(member, lots("1.00", minutes, stop_loss="1.0"))
    none = lots("1.00", 3)
    play(member, none)
    play(member, lots("1.00", 4, stop_loss="1.0"))
    assert progress(member, row) == [1]
    play(member, Said(busts=none.id, at=none.at), now=NOON + HOUR)
    assert state(member, row) == EntryState.CLAIMED
    assert (found := entry(member, row)) is not None
    assert found.completed_at == round((NOON + 4 * MINUTE).timestamp() * 1e6)


def test_a_correction_that_had_no_stop_after_all_breaks_the_row_where_it_stood(app: Flask):
    member, row = trader(), challenge("row", ROW, **NOW)
    join(member, row)
    first = [lots("1.00", minutes, stop_loss="1.0") for minutes in (1, 2, 3)]
    for one in first:
        play(member, one)
    assert state(member, row) == EntryState.CLAIMED
    play(member, lots("1.00", 1, corrects=first[0].id), now=NOON + HOUR)
    assert (state(member, row), progress(member, row)) == (EntryState.JOINED, [2])


def test_what_was_done_before_joining_is_baseline_however_it_is_corrected(app: Flask):
    member, volume = trader(), challenge()
    early = lots("1.00", -5)
    play(member, early)
    join(member, volume)
    play(member, lots("3.00", 5, corrects=early.id), now=NOON + HOUR)
    assert progress(member, volume) == [0]


def test_what_is_corrected_out_of_the_window_counts_no_more(app: Flask):
    member, volume = trader(), challenge()
    join(member, volume)
    first = lots("1.00")
    play(member, first)
    play(member, lots("1.00", -5, corrects=first.id), now=NOON + HOUR)
    assert progress(member, volume) == [0]


@pytest.mark.parametrize(("days", "after_all"), [(10, True), (40, False)])
def test_a_correction_that_comes_when_all_is_over_completes_for_a_month_and_judges_a_completion_for_ever(
    app: Flask, days: int, after_all: bool
):
    done, short = trader(), trader()
    volume = challenge(window={"kind": "personal", "days": 2}, **NOW)
    said = {}
    for member, size in ((done, "3.00"), (short, "2.00")):
        join(member, volume)
        said[member] = lots(size)
        play(member, said[member])
    late = NOON + days * DAY
    play(short, lots("3.00", corrects=said[short].id, id="more"), now=late)
    ended = (EntryState.CLAIMED, [3 * LOT]) if after_all else (EntryState.EXPIRED, [2 * LOT])
    assert (state(short, volume), progress(short, volume)) == ended
    play(short, lots("1.00", corrects="more"), now=late + MINUTE)
    ended = (EntryState.WITHDRAWN, [LOT]) if after_all else ended
    assert (state(short, volume), progress(short, volume)) == ended
    play(done, lots("3.50", corrects=said[done].id, id="bigger"), now=late)
    assert (state(done, volume), progress(done, volume)) == (EntryState.CLAIMED, [7 * LOT // 2])
    play(done, Said(busts="bigger", at=NOON), now=late + HOUR)
    assert (state(done, volume), progress(done, volume)) == (EntryState.WITHDRAWN, [0])
    assert given(done) == [100]
    assert balances(done)[0] + balances(done)[1] == balances(short)[0]  # all that is left is for having joined
    assert verify().bad is None


def test_an_upload_counts_once_a_system_reports_it(app: Flask):
    member, volume = trader(), challenge()
    with transaction():
        link(member, *LIVE, now=NOON)
    join(member, volume)
    uploaded = lots("2.00", account=LIVE, deal="77")
    play(member, uploaded, source="uploads")
    assert progress(member, volume) == [0]
    play(member, lots("2.00", account=LIVE, deal="77"), now=NOON + HOUR)
    assert progress(member, volume) == [2 * LOT]
    report(member, lots("2.00", account=LIVE, deal="77"), source="uploads", now=NOON + 2 * HOUR)
    pipeline.drain()
    assert progress(member, volume) == [2 * LOT]


def test_points_that_are_spent_already_are_owed(app: Flask):
    member, volume = trader(), challenge(claim=False, reward={"points": 5000})
    join(member, volume)
    first = lots("3.00")
    play(member, first)
    with transaction():
        wallets.redeem(member, balances(member)[0], 1, NOON + MINUTE)
    play(member, Said(busts=first.id, at=first.at), now=NOON + HOUR)
    assert state(member, volume) == EntryState.JOINED
    available, _, debt, _ = balances(member)
    assert (available, debt) == (0, 5000)
    assert verify().bad is None


def test_one_of_two_challenges_that_gave_a_badge_leaves_it(app: Flask):
    member = trader()
    medal = publish_badge("medal", {"kind": "given"}, "1", "2")
    one = challenge("one", claim=False, reward={"badge": "medal", "badge_level": 2})
    other = challenge("other", {**LOTS, "settings": {"target": "1"}}, claim=False, reward={"badge": "medal"})
    for each in (one, other):
        join(member, each)
    play(member, lots("1.00", 1))
    last = lots("2.00", 2)
    play(member, last)
    assert levels_held(member) == {medal: 2}
    play(member, Said(busts=last.id, at=last.at), now=NOON + HOUR)
    assert levels_held(member) == {medal: 1}


def test_a_completed_run_is_not_taken_up_again_beside_the_next(app: Flask):
    member, volume = trader(), challenge(recurrence="completion", **NOW)
    join(member, volume)
    first = lots("3.00")
    play(member, first)
    join(member, volume, NOON + 10 * MINUTE)
    play(member, Said(busts=first.id, at=first.at), now=NOON + HOUR)
    assert (state(member, volume), state(member, volume, 1)) == (EntryState.WITHDRAWN, EntryState.JOINED)
    play(member, lots("1.00", 90))
    assert (progress(member, volume), progress(member, volume, 1)) == ([0], [LOT])


@pytest.mark.parametrize("limit", [1, 100])
def test_within_one_round_as_one_by_one(app: Flask, limit: int):
    member, volume = trader(), challenge(**NOW)
    join(member, volume)
    first = lots("3.00", 1, id="r1")
    report(member, first, now=NOON + MINUTE)
    report(member, lots("1.00", 2, id="r2"), now=NOON + 2 * MINUTE)
    report(member, Said(busts="r1", at=first.at), now=NOON + 3 * MINUTE)
    report(member, lots("2.50", 2, corrects="r2"), now=NOON + 4 * MINUTE)
    report(member, lots("0.50", 5), now=NOON + 5 * MINUTE)
    while pipeline.run(limit):
        pass
    assert (state(member, volume), progress(member, volume)) == (EntryState.CLAIMED, [3 * LOT])
    assert given(member) == [100, 100]
    assert verify().bad is None


@pytest.mark.parametrize("step", [LOTS, {"kind": "instruments", "settings": {"target": 3}}, ROW])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4, 5, 6, 7), (7, 4, 1, 0, 2, 6, 5, 3), (2, 3, 8, 0, 5)])
def test_a_long_history_taken_back_at_once_comes_to_the_same_as_one_by_one(
    app: Flask, step: dict[str, Any], order: tuple[int, ...]
):
    it = challenge("it", step, **NOW)
    members = trader(), trader()
    symbols = ("EURUSD", "EURUSD", "XAUUSD", "US30", "XAUUSD", "GBPUSD", "EURUSD", "US30", "GBPUSD")
    for member in members:
        join(member, it)
        for number, symbol in enumerate(symbols):
            at = NOON + (number + 1) * MINUTE
            play(member, Said(trade(symbol, "1.00", at=at, stop_loss="1.0"), at=at, id=f"{member}:{number}"))
        assert state(member, it) == EntryState.CLAIMED
    for member in members:
        busts = [Said(busts=f"{member}:{number}", at=NOON + HOUR, id=f"no:{member}:{number}") for number in order]
        # Not the last of them alone: what comes between is counted in its turn.
        busts.insert(3, Said(trade("USDJPY", "1.00", at=NOON + HOUR, stop_loss="1.0"), at=NOON + HOUR))
        report(member, *busts, now=NOON + 2 * HOUR)
        while pipeline.run(1 if member == members[0] else 0):
            pass
    one_by_one, at_once = (entry(member, it) for member in members)
    assert one_by_one is not None and at_once is not None
    assert tuple(one_by_one)[1:] == tuple(at_once)[1:]
    assert messages(members[0]) == messages(members[1])
    assert [given(member) for member in members] == [given(members[0])] * 2
    assert verify().bad is None
