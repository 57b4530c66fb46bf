"""A badge that is published counts what members did before, once, whatever goes on meanwhile."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import catalogue, pipeline, programme
from app.gamification.activities import Data, LessonPassed
from app.gamification.badges import recounting
from app.gamification.measures.kinds.lots_traded import LotsTraded
from app.gamification.measures.measure import Seen
from app.lib.clock import to_micros
from app.models.base import read_all, read_one, transaction
from app.models.people import ClientClass
from tests.support.examples import examples
from tests.support.play import NOON, Said, play, report, trade, trader, wallet
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge, join, levels_held, messages

NOTHING_WAITS = text("SELECT count(*) AS left FROM badge WHERE recounted_to IS NOT NULL")


def lots(lots: str, hours: int = 0) -> Said:
    at = NOON + timedelta(hours=hours)
    return Said(trade(lots=lots, at=at), at=at)


def value(member: int, badge_id: int) -> int:
    """What is counted, in the measure's smallest unit."""
    row = read_one(text("SELECT counts FROM badge_count WHERE member_id = :m"), {"m": member})
    places = json.loads(row.counts).get(str(badge_id), [0]) if row else [0]
    return int(places[0])


def counted(member: int) -> Any:
    """Every value, every key, every level with its date."""
    keys = read_all(
        text("SELECT badge_id, key, times FROM badge_key WHERE member_id = :m AND times > 0 ORDER BY badge_id, key"),
        {"m": member},
    )
    levels = read_all(
        text(
            "SELECT badge_id, level, awarded_at, points FROM badge_award"
            " WHERE member_id = :m AND fell_at IS NULL ORDER BY badge_id, level"
        ),
        {"m": member},
    )
    row = read_one(text("SELECT counts FROM badge_count WHERE member_id = :m"), {"m": member})
    tallies = {key: places[0] for key, places in json.loads(row.counts).items() if key != "0"} if row else {}
    return {key: found for key, found in tallies.items() if found}, [*map(tuple, keys)], [*map(tuple, levels)]


def again(*badges: int) -> None:
    """Count badges anew for everybody."""
    with transaction() as conn:
        programme.touch(conn)
        for badge_id in badges:
            recounting.request(badge_id)
    recounting.run()


def test_what_was_done_before_a_badge_counts_with_its_dates_and_points(app: Flask):
    member = trader()
    play(member, lots("2.00"))
    play(member, lots("2.00", hours=1))
    before = wallet(member)
    volume = badge(points=[10, 20, 30])
    _, _, levels = counted(member)
    assert [(level, at) for _, level, at, _ in levels] == [
        (1, to_micros(NOON)),
        (2, to_micros(NOON + timedelta(hours=1))),
    ]
    assert wallet(member).available == before.available + 30
    assert wallet(member).qualifying == before.qualifying
    assert levels_held(member) == {volume: 2}
    assert read_one(NOTHING_WAITS).left == 0


def test_what_comes_in_before_the_recount_is_counted_by_it_and_only_by_it(app: Flask):
    member = trader()
    play(member, lots("1.00"))
    volume = badge(counted=False)
    play(member, lots("1.00", hours=1))
    assert value(member, volume) == 0
    recounting.run()
    play(member, lots("1.00", hours=2))
    recounting.run()
    assert value(member, volume) == 3 * 10**8


def test_a_bust_before_the_recount_takes_nothing_out_that_was_not_in(app: Flask):
    member, first = trader(), lots("1.00")
    play(member, first)
    play(member, lots("5.00"))
    volume = badge(counted=False)
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(hours=1))
    recounting.run()
    assert value(member, volume) == 5 * 10**8


def test_an_activity_between_reading_and_locking_is_counted_once(app: Flask, monkeypatch):
    member = trader()
    play(member, lots("1.00"))
    volume = badge(counted=False)
    write = recounting._write

    def slowly(*arguments: Any) -> None:
        monkeypatch.setattr(recounting, "_write", write)
        raise Interrupted

    class Interrupted(BaseException):
        pass

    monkeypatch.setattr(recounting, "_write", slowly)
    looked = recounting._look(programme.current(), 0, 100)[0]
    play(member, lots("1.00", hours=1))
    with transaction() as conn:
        write(conn, programme.current(), looked)
    assert value(member, volume) == 2 * 10**8
    with pytest.raises(Interrupted):
        recounting.run()  # one that is killed …
    recounting.run()  # … is gone on with
    assert value(member, volume) == 2 * 10**8
    assert read_one(NOTHING_WAITS).left == 0


def test_a_history_that_cannot_be_counted_holds_up_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch):
    members, count = [trader() for _ in range(3)], LotsTraded.count
    for number, member in enumerate(members):
        play(member, lots(f"{4 + number}"))

    def fail(seen: Seen, settings: Any) -> Any:
        if seen.facts.lots == "5":
            raise ArithmeticError("no such figure")
        return count(seen, settings)

    monkeypatch.setattr(LotsTraded, "count", fail)
    volume = badge("volume")
    assert [value(member, volume) for member in members] == [400_000_000, 0, 600_000_000]
    assert [levels_held(member) for member in members] == [{volume: 2}, {}, {volume: 2}]
    assert read_one(NOTHING_WAITS).left == 0
    monkeypatch.undo()
    again(volume)
    assert value(members[1], volume) == 500_000_000


def test_nobody_who_is_gone_is_given_anything(app: Flask):
    member = trader()
    play(member, lots("4.00"))
    with transaction() as conn:
        conn.execute(text("UPDATE member SET erased_at = 1 WHERE id = :m"), {"m": member})
    before = wallet(member).available
    badge(points=[10, 20, 30])
    assert levels_held(member) == {}
    assert wallet(member).available == before
    assert read_one(NOTHING_WAITS).left == 0


def test_who_joins_after_the_publication_needs_no_recount(app: Flask):
    volume = badge(counted=False)
    member = trader()
    play(member, lots("1.00"))
    assert value(member, volume) == 10**8


def test_one_that_does_not_count_from_the_start_counts_from_its_publication(app: Flask):
    member = trader()
    play(member, Said(trade(lots="3.00", at=NOON - timedelta(hours=1)), at=NOON - timedelta(hours=1)))
    volume = badge(from_start=False)
    assert value(member, volume) == 0
    play(member, lots("1.00", hours=1))
    again(volume)
    assert value(member, volume) == 10**8


def test_another_criterion_counts_anew_and_takes_nothing_away(app: Flask):
    member = trader()
    play(member, lots("4.00"))
    play(member, Said(LessonPassed("risk"), kind="lesson.passed"))
    mixed = badge("mixed", LOTS, "1", "3")
    assert levels_held(member) == {mixed: 2}
    badge("mixed", LESSONS, "1", "3")
    assert value(member, mixed) == 1
    assert levels_held(member) == {mixed: 2}


def test_higher_thresholds_take_nothing_and_lower_ones_give(app: Flask):
    member, volume, first = trader(), badge("volume", LOTS, "2", "5"), lots("2.00")
    play(member, first)
    badge("volume", LOTS, "4", "8")
    play(member, lots("1.00", hours=1))
    assert levels_held(member) == {volume: 1}
    badge("volume", LOTS, "1", "3")
    assert levels_held(member) == {volume: 2}
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(hours=2))
    assert levels_held(member) == {volume: 1}


def test_a_level_stands_as_long_as_what_it_was_given_for(app: Flask):
    member, volume = trader(), badge("volume", LOTS, "2", "4")
    first, second, third = (lots("2.00", hours=hours) for hours in range(3))
    for one in (first, second, third):
        play(member, one)
    badge("volume", LOTS, "10", "20")
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(hours=5))
    assert levels_held(member) == {volume: 2}
    play(member, Said(busts=second.id, at=second.at), now=NOON + timedelta(hours=6))
    assert levels_held(member) == {volume: 1}
    play(member, Said(busts=third.id, at=third.at), now=NOON + timedelta(hours=7))
    assert levels_held(member) == {}


def test_one_that_was_retired_counts_what_happened_meanwhile_when_it_is_back(app: Flask):
    member, volume = trader(), badge()
    play(member, lots("1.00"))
    with transaction():
        catalogue.retire(catalogue.BADGES, volume, now=NOON)
    play(member, lots("1.00", hours=1))
    assert levels_held(member) == {volume: 1}
    with transaction():
        catalogue.retire(catalogue.BADGES, volume, now=None)
    recounting.run()
    assert value(member, volume) == 2 * 10**8


def test_what_the_law_forbade_counts_for_nothing_though_it_allows_it_later(app: Flask):
    member = trader("CY", ClientClass.RETAIL, "eu")
    volume = badge()
    play(member, lots("4.00"))
    with transaction() as conn:
        conn.execute(
            text("UPDATE member SET client_class = :c, country = 'AE', entity_id = NULL WHERE id = :m"),
            {"c": int(ClientClass.PROFESSIONAL), "m": member},
        )
    play(member, lots("0.50", hours=1))
    assert levels_held(member) == {}
    again(volume)
    assert levels_held(member) == {}


def test_completed_challenges_are_counted_and_a_bust_takes_one_out(app: Flask):
    member, volume, first = trader(), challenge(), lots("3.00")
    join(member, volume)
    play(member, first)
    finisher = badge("finisher", {"kind": "challenges_completed"}, "1", "2", points=[5, 5])
    assert levels_held(member) == {finisher: 1}
    journal = challenge("journal", JOURNAL)
    join(member, journal)
    for day in range(2):
        at = NOON + timedelta(days=day)
        play(member, Said(Data(), kind="journal.written", at=at), now=NOON + timedelta(days=3))
    assert levels_held(member) == {finisher: 2}
    before = wallet(member).available
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(days=4))
    assert levels_held(member) == {finisher: 1}
    assert wallet(member).available == before - 5


def test_badges_for_badges_look_at_the_others_and_go_with_them(app: Flask):
    member, first = trader(), lots("1.00")
    scholar, volume = badge("scholar", LESSONS, "1"), badge("volume", LOTS, "1")
    collector = badge("collector", {"kind": "badges_held"}, "1", "2")
    play(member, first)
    assert levels_held(member) == {volume: 1, collector: 1}
    play(member, Said(LessonPassed("risk"), kind="lesson.passed"))
    assert levels_held(member) == {scholar: 1, volume: 1, collector: 2}
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(hours=1))
    assert levels_held(member) == {scholar: 1, collector: 1}


def test_of_two_challenges_that_give_a_badge_the_other_one_still_does(app: Flask):
    member, medal = trader(), badge("medal", {"kind": "given"}, "1", "2")
    one = challenge("one", claim=False, reward={"badge": "medal", "badge_level": 2})
    other = challenge("other", JOURNAL, claim=False, reward={"badge": "medal"})
    join(member, one)
    join(member, other)
    first = lots("3.00")
    play(member, first)
    for day in range(2):
        at = NOON + timedelta(days=day)
        play(member, Said(Data(), kind="journal.written", at=at), now=NOON + timedelta(days=3))
    assert levels_held(member) == {medal: 2}
    play(member, Said(busts=first.id, at=first.at), now=NOON + timedelta(days=4))
    assert levels_held(member) == {medal: 1}
    assert messages(member).count("badge.taken") == 1


done = st.tuples(
    st.sampled_from(["trade.closed", "trade.closed", "lesson.passed", "journal.written"]),
    st.integers(1, 300),
    st.integers(0, 24 * 5),
    st.one_of(st.none(), st.integers(0, 9)),
)


@settings(max_examples=examples(12), phases=(Phase.explicit, Phase.generate))
@given(st.lists(done, min_size=1, max_size=14))
def test_counted_anew_is_the_same_as_one_by_one(app, history):
    if not programme.current().play.badges:
        badge("volume", LOTS, "1", "3", "6")
        badge("scholar", LESSONS, "1", "2", "3")
        badge("writer", JOURNAL, "1", "2", "4")
    member, said = trader(), []
    for place, (kind, size, hours, busts) in enumerate(history):
        at = NOON + timedelta(hours=hours)
        if busts is not None and busts < len(said):
            one = Said(busts=said[busts].id, at=said[busts].at)
        elif kind == "trade.closed":
            one = Said(trade(lots=f"{size / 100:.2f}", at=at), at=at)
        else:
            data = LessonPassed(f"lesson{size % 4}") if kind == "lesson.passed" else Data()
            one = Said(data, kind=kind, at=at)
        said.append(one)
        report(member, one, now=NOON + timedelta(days=6, minutes=place))
    pipeline.drain()
    before = counted(member)
    again(*programme.current().play.badges)
    assert counted(member) == before
