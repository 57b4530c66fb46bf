"""What a challenge brings, as far as the law and staff allow it on the day; and what is left when it is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.challenges import sweep
from app.gamification.challenges.entry import EntryState
from app.gamification.errors.challenges import ChallengeForbidden, ClaimsPaused
from app.gamification.ledger.verify import verify
from app.lib.periods import day_of
from app.models.base import connection, transaction
from app.models.people import ClientClass
from tests.support.play import NOON, Said, balances, batches, play, trade, trader, transfers, wallet
from tests.support.playing import badge, challenge, claim, entry, join, levels_held, messages, progress, state
from tests.support.programmes import set_ladder

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TRADE = {"kind": "first_trade"}
VISITS = {"kind": "visits", "settings": {"target": 1}}
JOURNAL = {"kind": "journal_entries", "settings": {"target": 1}}


def traded(member: int, hours: float = 1, **more: Any) -> Said:
    at = NOON + hours * HOUR
    said = Said(trade(at=at), at=at, **more)
    play(member, said)
    return said


def bust(member: int, said: Said, at: timedelta = DAY) -> None:
    play(member, Said(busts=said.id, at=said.at), now=NOON + at)


def change(member: int, **values: Any) -> None:
    sets = ", ".join(f"{name} = :{name}" for name in values)
    with transaction():
        connection().execute(text(f"UPDATE member SET {sets} WHERE id = :m"), {"m": member, **values})


def given(member: int, unit: int = 1) -> list[int]:
    return [row.amount for row in transfers(member) if row.cause == 9 and row.unit_id == unit]


def today() -> int:
    return day_of(NOON, programme.current().zone)


# --- the law ----------------------------------------------------------------------------------------------------------


def test_points_for_habits_are_marked_where_the_law_asks_for_it(app: Flask):
    member = trader("CY", ClientClass.RETAIL, "eu")
    journal = challenge("journal", JOURNAL, claim=False, reward={"points": 30})
    join(member, journal)
    play(member, Said(kind="journal.written"))
    assert batches(member)[-1].service_only
    assert given(member) == [30]


def test_recognition_gives_badge_and_progress_but_no_points(app: Flask):
    badge("medal", {"kind": "given"}, "1")
    welcome = challenge(
        "welcome", {"kind": "joined"}, automatic=True, claim=False, reward={"points": 30, "badge": "medal"}
    )
    member = trader("CY", ClientClass.RETAIL, "eu")
    assert state(member, welcome) == EntryState.CLAIMED
    assert given(member) == []
    assert len(levels_held(member)) == 1


def test_what_the_law_forbids_by_then_is_not_completed_until_it_allows_it_again(app: Flask):
    member = trader()
    both = challenge("both", TRADE, JOURNAL, claim=False, reward={"points": 30})
    join(member, both)
    traded(member)
    change(member, country="CY", client_class=int(ClientClass.RETAIL))
    play(member, Said(kind="journal.written", at=NOON + 2 * HOUR))
    assert (state(member, both), progress(member, both)) == (EntryState.JOINED, [1, 1])
    change(member, country="AE", client_class=int(ClientClass.PROFESSIONAL))
    play(member, Said(kind="journal.written", at=NOON + DAY))
    assert state(member, both) == EntryState.CLAIMED


def test_what_was_forbidden_when_it_was_done_counts_for_nothing_later(app: Flask):
    member, trades = trader(), challenge("trades", {"kind": "stop_loss", "settings": {"target": 2}})
    join(member, trades)

    def stopped(hours: int) -> Said:
        at = NOON + hours * HOUR
        said = Said(trade(at=at, stop_loss="1.0"), at=at)
        play(member, said)
        return said

    stopped(1)
    change(member, country="CY", client_class=int(ClientClass.RETAIL))
    forbidden = stopped(2)
    change(member, country="AE", client_class=int(ClientClass.PROFESSIONAL))
    assert progress(member, trades) == [1]
    bust(member, forbidden)
    assert progress(member, trades) == [1]
    bust(member, stopped(30), 2 * DAY)
    assert (state(member, trades), progress(member, trades)) == (EntryState.JOINED, [1])


def test_a_claim_waits_where_law_or_staff_forbid_it(app: Flask):
    member, trades = trader(), challenge("trades", TRADE, reward={"points": 30})
    join(member, trades)
    traded(member)
    change(member, country="CY", client_class=int(ClientClass.RETAIL))
    with pytest.raises(ChallengeForbidden):
        claim(member, trades, NOON + DAY)
    change(member, country="AE", client_class=int(ClientClass.PROFESSIONAL), earning_blocked=True)
    with pytest.raises(ClaimsPaused):
        claim(member, trades, NOON + DAY)
    assert state(member, trades) == EntryState.COMPLETED
    change(member, earning_blocked=False)
    claim(member, trades, NOON + DAY)
    assert given(member) == [30]


def test_who_is_blocked_completes_nothing_until_they_are_not(app: Flask):
    member, visits = trader(), challenge("visits", VISITS, claim=False, reward={"points": 30})
    join(member, visits)
    change(member, earning_blocked=True)
    play(member, Said(kind="visit"))
    assert (state(member, visits), progress(member, visits)) == (EntryState.JOINED, [1])
    change(member, earning_blocked=False)
    play(member, Said(kind="visit", at=NOON + DAY))
    assert (state(member, visits), given(member)) == (EntryState.CLAIMED, [30])


@pytest.mark.parametrize(("blocked", "ends"), [(True, EntryState.EXPIRED), (False, EntryState.CLAIMED)])
def test_what_was_done_while_somebody_was_blocked_is_completed_at_its_end(app: Flask, blocked: bool, ends: EntryState):
    window = {"kind": "personal", "days": 3}
    member, visits = trader(), challenge("visits", VISITS, window=window, claim=False, reward={"points": 30})
    join(member, visits)
    change(member, earning_blocked=True)
    for days in range(2):
        play(member, Said(kind="visit", at=NOON + days * DAY))
    change(member, earning_blocked=blocked)
    sweep.settle_due(NOON + 4 * DAY)
    assert (state(member, visits), given(member)) == (ends, [] if blocked else [30])


# --- qualifying -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [False, True])
def test_qualifying_points_of_a_reward_leave_the_window_they_came_into(app: Flask, claimed: bool):
    levels = [
        {"key": "bronze", "name": {"en": "B"}, "threshold": 0},
        {"key": "silver", "name": {"en": "S"}, "threshold": 50_000},
    ]
    set_ladder({"period": {"kind": "month"}, "promotion": "at_once", "levels": levels})
    member = trader()
    trades = challenge("trades", TRADE, claim=claimed, reward={"points": 60_000, "qualifying": True})
    join(member, trades)
    said = traded(member)
    if claimed:
        assert wallet(member).qualifying == 0
        claim(member, trades, NOON + 40 * DAY)
    assert "tier.reached" in messages(member)
    assert wallet(member).qualifying == 60_000
    at = 41 * DAY if claimed else DAY
    bust(member, said, at)
    assert wallet(member).qualifying == 0
    assert given(member, unit=2) == [60_000]
    assert verify().bad is None


# --- a level that is kept ---------------------------------------------------------------------------------------------


def test_a_level_is_kept_for_as_long_as_the_rewards_that_are_left_say(app: Flask):
    member, names = trader(), ("one", "two", "three")
    said = {}
    for place, name in enumerate(names):
        window = {"kind": "personal", "days": 1}
        one = challenge(name, TRADE, window=window, claim=False, reward={"keep_days": 10 * (place + 1)})
        join(member, one, NOON + place * DAY)
        said[name] = (one, traded(member, 24 * place + 1))
    assert wallet(member).kept_until == today() + 60

    def until(name: str) -> Any:
        found = entry(member, said[name][0])
        return found and found.kept_until

    bust(member, said["two"][1], 5 * DAY)
    assert wallet(member).kept_until == today() + 40
    assert [until(name) for name in names] == [today() + 10, None, today() + 40]
    bust(member, said["three"][1], 6 * DAY)
    bust(member, said["one"][1], 7 * DAY)
    assert wallet(member).kept_until is None


def test_a_grace_time_that_a_reward_made_longer_ends_with_it(app: Flask):
    member, kept = trader(), challenge("kept", TRADE, claim=False, reward={"keep_days": 90})
    join(member, kept)
    with transaction():
        connection().execute(text("UPDATE wallet SET grace_until = :d WHERE id = :m"), {"d": today() + 20, "m": member})
    said = traded(member)
    assert wallet(member).grace_until == today() + 90
    bust(member, said)
    assert (wallet(member).kept_until, wallet(member).grace_until) == (
        None,
        today() + 1 + programme.current().ladder.grace_days,
    )


# --- many times -------------------------------------------------------------------------------------------------------


def test_each_reward_that_is_given_again_has_a_reference_of_its_own(app: Flask):
    member, trades = trader(), challenge("trades", TRADE, claim=False, reward={"points": 30})
    join(member, trades)
    before = balances(member)
    for day in range(4):
        bust(member, traded(member, 24 * day + 1), day * DAY + 2 * HOUR)
    assert given(member) == [30] * 4
    assert balances(member) == before
    assert (found := entry(member, trades)) is not None
    assert (found.awards, found.points, found.points_seq) == (4, 0, None)
    assert messages(member).count("challenge.withdrawn") == 4
    assert verify().bad is None
