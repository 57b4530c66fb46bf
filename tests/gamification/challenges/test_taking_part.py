"""Joining, leaving, coming back, and beginning again: which run somebody is in, and whose the places are."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.challenges.entry import EntryState
from app.gamification.errors.challenges import (
    ChallengeFull,
    ChallengeNotForYou,
    ChallengeNotFound,
    ChallengeNotOpen,
    JoinedAlready,
    NothingToClaim,
    NotJoined,
)
from app.gamification.errors.members import MemberNotFound
from app.gamification.members import erasure
from app.models.base import connection, read_one, transaction
from tests.support.play import NOON, Said, play, trade, trader
from tests.support.playing import challenge, claim, entry, join, leave, progress, state

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
VISITS = {"kind": "visits", "settings": {"target": 2}}
WEEKLY = {"kind": "fixed", "first": "2026-03-02", "last": "2026-03-08"}


def visit(member: int, at: datetime, now: datetime | None = None) -> None:
    play(member, Said(kind="visit", at=at), now=now or at)


def taken(challenge_id: int, run: int = 0) -> int:
    found = read_one(
        text("SELECT taken FROM challenge_run WHERE challenge_id = :c AND run = :r"), {"c": challenge_id, "r": run}
    )
    return 0 if found is None else int(found.taken)


def set_zone(member: int, zone: str) -> None:
    with transaction():
        connection().execute(text("UPDATE member SET time_zone = :z WHERE id = :m"), {"z": zone, "m": member})


def test_what_there_is_not_and_what_is_for_others(app: Flask):
    member = trader()
    with pytest.raises(ChallengeNotFound):
        join(member, 999)
    for audience in ({"countries": ["JP"]}, {"levels": ["platinum"]}, {"classes": [1]}):
        with pytest.raises(ChallengeNotForYou):
            join(member, challenge("others", VISITS, audience=audience))
    with pytest.raises(NotJoined):
        leave(member, challenge("visits", VISITS))
    with pytest.raises(NothingToClaim):
        claim(member, challenge("visits", VISITS))


def test_a_fixed_window_is_joined_while_it_is_open(app: Flask):
    member = trader()
    march = challenge("march", VISITS, window={"kind": "fixed", "first": "2026-03-05", "last": "2026-03-06"})
    for early in (NOON, NOON + 11 * HOUR):
        with pytest.raises(ChallengeNotOpen):
            join(member, march, early)
    join(member, march, NOON + 12 * HOUR)
    assert (found := entry(member, march)) is not None
    assert found.ends_at == round((NOON + 2.5 * DAY).timestamp() * 1e6)
    with pytest.raises(ChallengeNotOpen):
        join(trader(), march, NOON + 2.5 * DAY)


def test_who_leaves_gives_the_place_back_and_starts_from_nothing_when_they_return(app: Flask):
    first, second, visits = trader(), trader(), challenge("visits", VISITS, places=1)
    join(first, visits)
    visit(first, NOON + HOUR)
    assert (progress(first, visits), taken(visits)) == ([1], 1)
    leave(first, visits, NOON + 2 * HOUR)
    assert (state(first, visits), taken(visits)) == (EntryState.LEFT, 0)
    visit(first, NOON + DAY)
    assert progress(first, visits) == [1]  # as it was when they left
    join(second, visits, NOON + DAY)
    with pytest.raises(ChallengeFull):
        join(first, visits, NOON + DAY + HOUR)
    leave(second, visits, NOON + DAY + HOUR)
    join(first, visits, NOON + DAY + 2 * HOUR)
    assert (state(first, visits), progress(first, visits), taken(visits)) == (EntryState.JOINED, [0], 1)
    visit(first, NOON + 2 * DAY)
    visit(first, NOON + 3 * DAY)
    assert state(first, visits) == EntryState.COMPLETED


def test_what_never_repeats_is_played_once(app: Flask):
    member, visits = trader(), challenge("visits", VISITS, window={"kind": "personal", "days": 3})
    join(member, visits)
    with pytest.raises(JoinedAlready):
        join(member, visits, NOON + 4 * DAY)
    assert state(member, visits) == EntryState.JOINED  # reports of the last day may still come
    with pytest.raises(JoinedAlready):
        join(member, visits, NOON + 5 * DAY)


def test_what_repeats_when_completed_is_joined_again_and_each_run_has_its_reward(app: Flask):
    member, visits = trader(), challenge("visits", VISITS, recurrence="completion", reward={"points": 10})
    for run in range(2):
        join(member, visits, NOON + 10 * run * DAY)
        with pytest.raises(JoinedAlready):
            join(member, visits, NOON + 10 * run * DAY + HOUR)
        for day in (1, 2):
            visit(member, NOON + (10 * run + day) * DAY)
        assert state(member, visits, run) == EntryState.COMPLETED
    claim(member, visits, NOON + 20 * DAY)
    assert [state(member, visits, run) for run in (0, 1)] == [EntryState.CLAIMED, EntryState.COMPLETED]
    claim(member, visits, NOON + 20 * DAY)
    with pytest.raises(NothingToClaim):
        claim(member, visits, NOON + 20 * DAY)


def test_what_repeats_when_it_ends_waits_for_the_end_and_has_places_of_its_own(app: Flask):
    member, other = trader(), trader()
    weekly = challenge("weekly", VISITS, window=WEEKLY, recurrence="end", places=1)
    join(member, weekly)
    for day in (1, 2):
        visit(member, NOON + day * DAY)
    assert state(member, weekly) == EntryState.COMPLETED
    with pytest.raises(JoinedAlready):
        join(member, weekly, NOON + 3 * DAY)
    with pytest.raises(ChallengeFull):
        join(other, weekly, NOON + 3 * DAY)
    join(other, weekly, NOON + 5 * DAY)
    assert (state(other, weekly, 1), taken(weekly, 1)) == (EntryState.JOINED, 1)
    with pytest.raises(ChallengeFull):
        join(member, weekly, NOON + 5 * DAY)


def test_a_personal_window_that_repeats_begins_again_when_it_is_over(app: Flask):
    member = trader()
    days = challenge("days", VISITS, window={"kind": "personal", "days": 2}, recurrence="end")
    join(member, days)
    for hours in (1, 35):
        with pytest.raises(JoinedAlready):
            join(member, days, NOON + hours * HOUR)
    join(member, days, NOON + 36 * HOUR)
    # Reports of the first run may still come, and each run counts its own days.
    visit(member, NOON + HOUR, NOON + 37 * HOUR)
    visit(member, NOON + 37 * HOUR)
    assert (progress(member, days), progress(member, days, 1)) == ([1], [1])


def test_a_day_is_of_the_zone_in_which_the_challenge_was_joined(app: Flask):
    member = trader()
    set_zone(member, "Pacific/Kiritimati")
    visits = challenge("visits", VISITS, window={"kind": "personal", "days": 5})
    join(member, visits)  # 2:00 on the fifth, there
    visit(member, NOON + HOUR)
    set_zone(member, "Etc/GMT+12")
    visit(member, NOON + 21.5 * HOUR)  # 23:30 of the same day in Kiritimati, half a day before in the new zone
    assert progress(member, visits) == [1]
    visit(member, NOON + 22 * HOUR)
    assert state(member, visits) == EntryState.COMPLETED


def test_a_week_joined_across_the_date_line_is_not_joined_twice(app: Flask):
    member, weekly = trader(), challenge("weekly", VISITS, window=WEEKLY, recurrence="end")
    sunday = NOON + 4 * DAY
    set_zone(member, "Pacific/Kiritimati")
    join(member, weekly, sunday)
    assert state(member, weekly, 1) == EntryState.JOINED  # Monday, there
    set_zone(member, "Etc/GMT+12")
    with pytest.raises(JoinedAlready):
        join(member, weekly, sunday + HOUR)  # Sunday here, but their week runs
    visit(member, sunday + HOUR)
    assert progress(member, weekly, 1) == [1]


def test_what_is_reported_a_day_late_finds_it_as_if_it_were_not_over(app: Flask):
    member, visits = trader(), challenge("visits", VISITS, window={"kind": "personal", "days": 2})
    join(member, visits)
    ends = NOON + 36 * HOUR
    visit(member, NOON + HOUR, ends + 23 * HOUR)
    assert progress(member, visits) == [1]
    visit(member, ends, ends + 23 * HOUR)  # occurred after the end
    assert state(member, visits) == EntryState.JOINED
    visit(member, ends, ends + DAY)
    assert (state(member, visits), progress(member, visits)) == (EntryState.EXPIRED, [1])
    assert (found := entry(member, visits)) is not None and found.ended_at == round(ends.timestamp() * 1e6)


def test_a_revision_that_nobody_knows_is_left_alone_and_holds_up_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch):
    member, visits, lots = trader(), challenge("visits", VISITS), challenge()
    for one in (visits, lots):
        join(member, one)
    known = programme.current()
    left = {id_: one for id_, one in known.play.challenges.items() if one.challenge_id != visits}
    with monkeypatch.context() as patched:
        patched.setattr(programme, "current", lambda: replace(known, play=replace(known.play, challenges=left)))
        at = NOON + HOUR
        play(member, Said(trade(lots="3", at=at), at=at))
        visit(member, at)
        assert state(member, lots) == EntryState.COMPLETED
        assert (state(member, visits), progress(member, visits)) == (EntryState.JOINED, [0])
        with transaction():
            assert erasure.erase(None, member, now=at)
    assert state(member, visits) is None


def test_who_is_erased_keeps_the_place_of_what_they_completed(app: Flask):
    member = trader()
    visits, weekly = challenge("visits", VISITS, places=1), challenge("weekly", VISITS, window=WEEKLY, recurrence="end")
    join(member, visits)
    for day in (1, 2):
        visit(member, NOON + day * DAY)
    join(member, weekly, NOON + 6 * DAY)
    assert (state(member, visits), taken(weekly, 1)) == (EntryState.COMPLETED, 1)
    with transaction():
        erasure.erase(None, member, now=NOON + 6 * DAY)
    assert (taken(visits), taken(weekly, 1)) == (1, 0)


def test_days_that_change_make_a_new_run_with_places_of_its_own(app: Flask):
    """For who was in a run that had the same place among the earlier ones, too."""
    weekly = challenge("weekly", VISITS, window=WEEKLY, recurrence="end", places=1)
    early, late = trader(), trader()
    join(early, weekly)
    join(late, weekly, NOON + 7 * DAY)
    may = NOON + 60 * DAY
    days = {"kind": "fixed", "first": "2026-05-01", "last": "2026-05-31"}
    challenge("weekly", VISITS, window=days, recurrence="end", places=2, now=NOON + 8 * DAY)
    for member in (early, late):
        join(member, weekly, may)
    assert [taken(weekly, run) for run in range(4)] == [1, 1, 2, 0]
    assert (state(early, weekly), state(early, weekly, 2)) == (EntryState.EXPIRED, EntryState.JOINED)
    with pytest.raises(ChallengeFull):
        join(trader(), weekly, may)
    challenge("weekly", VISITS, window={"kind": "personal", "days": 7}, places=1, now=may + DAY)
    join(trader(), weekly, may + DAY)
    assert [taken(weekly, run) for run in range(4)] == [1, 1, 2, 1]


def test_who_is_erased_gives_the_place_back_and_takes_part_no_more(app: Flask):
    member, other = trader(), trader()
    visits, automatic = challenge("visits", VISITS, places=1), challenge("automatic", VISITS, automatic=True)
    join(member, visits)
    visit(member, NOON)
    assert (taken(visits), state(member, automatic)) == (1, EntryState.JOINED)
    with transaction():
        erasure.erase(None, member, now=NOON)
    assert (taken(visits), taken(automatic)) == (0, 0)
    for act in (join, leave, claim):
        with pytest.raises(MemberNotFound):
            act(member, visits)
    join(other, visits)
    assert (taken(visits), state(member, visits)) == (1, None)
