"""Writing in the journal: once for a form, practice once a day, about one's own trades only, and private."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.errors.habits import (
    EnoughWritten,
    EntryNotFound,
    EntryTooShort,
    JournalledAlready,
    NotToWriteAbout,
)
from app.gamification.errors.members import MemberNotFound
from app.gamification.journal import reads, writing
from app.gamification.journal.words import Note
from app.gamification.members import erasure
from app.lib.clock import to_day
from app.lib.periods import day_of, start_of
from app.models.base import read_all, read_one, transaction
from tests.support.play import NOON, Said, decided, play, report, trade, trader
from tests.support.together import no_errors, together

UTC_ZONE, EAST, WEST = ZoneInfo("UTC"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")
NOTE = Note("I waited for the level I had marked.", 4, "Mark levels before the session")
TODAY = day_of(NOON, UTC_ZONE)


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def write(
    member_id: int, note: Note = NOTE, token: str = "", *, zone: ZoneInfo = UTC_ZONE, now: datetime = NOON, **about: int
) -> int:
    about = about or {"day": day_of(now, zone)}
    with transaction():
        return writing.write(member_id, note, token, zone=zone, now=now, **about)


def practice(member_id: int) -> list[int]:
    """The days of practice that the pipeline has noted."""
    pipeline.drain()
    rows = read_all(text("SELECT day FROM habit_day WHERE member_id = :m ORDER BY day"), {"m": member_id})
    return [row.day for row in rows]


def moved(member_id: int, zone: ZoneInfo) -> None:
    with transaction() as conn:
        conn.execute(text("UPDATE member SET time_zone = :z WHERE id = :m"), {"z": zone.key, "m": member_id})


def closed(member_id: int, **more: object) -> int:
    """A closed trade of the member's; its activity."""
    said = Said(trade(**more))  # type: ignore[arg-type]
    play(member_id, said)
    return int(read_one(text("SELECT id FROM activity WHERE external_id = :id"), {"id": said.id}).id)


def test_the_first_entry_of_a_day_is_practice_and_the_others_are_not(tara: int):
    write(tara)
    write(tara, day=TODAY - 1)
    write(tara, now=NOON + timedelta(hours=3), day=TODAY)
    assert practice(tara) == [TODAY]
    assert len(reads.journal(tara).entries) == 3
    found = decided(f"journal:{tara}:2026-03-04", "app")
    assert found is not None


def test_writing_about_yesterday_is_todays_practice(tara: int):
    write(tara, day=TODAY - 1)
    assert practice(tara) == [TODAY]


def test_a_form_sent_twice_writes_once(tara: int):
    token = "a" * 32
    assert write(tara, token=token) == write(tara, Note("Something else that is long enough"), token)
    assert len(reads.journal(tara).entries) == 1
    other = trader()
    write(other, token=token)
    assert len(reads.journal(other).entries) == 1


def test_a_form_sent_twice_at_once_writes_once(app: Flask, tara: int):
    no_errors(together(app, [lambda: write(tara, token="b" * 32)] * 3))
    assert len(reads.journal(tara).entries) == 1


def test_whoever_lives_a_day_again_in_the_west_practises_once(tara: int):
    """Monday in Kiritimati, then the Sunday and the Saturday before it on the other side of the world."""
    write(tara, zone=EAST, now=NOON)
    write(tara, zone=WEST, now=NOON + timedelta(minutes=5))
    write(tara, zone=UTC_ZONE, now=NOON + timedelta(minutes=9))
    assert len(practice(tara)) == 1
    write(tara, zone=WEST, now=NOON + timedelta(hours=49))
    assert len(practice(tara)) == 2


def test_whoever_goes_round_the_zones_lives_no_more_days_than_the_clock_has(tara: int):
    """Tuesday, Wednesday and Thursday at eleven o'clock of a Wednesday."""
    eleven = NOON - timedelta(hours=1)
    for minutes, zone in enumerate((WEST, UTC_ZONE, EAST)):
        moved(tara, zone)
        write(tara, zone=zone, now=eleven + timedelta(minutes=minutes))
        pipeline.drain()
    assert practice(tara) == [TODAY - 1, TODAY]
    # The Thursday counts once there was a Wednesday before it.
    write(tara, zone=EAST, now=eleven + timedelta(hours=22, minutes=59))
    assert practice(tara) == [TODAY - 1, TODAY]
    moved(tara, UTC_ZONE)
    write(tara, zone=UTC_ZONE, now=eleven + timedelta(hours=23))
    assert practice(tara) == [TODAY - 1, TODAY, TODAY + 1]


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_evening_and_midnight_beside_a_night_of_daylight_saving_are_days(tara: int, night: str):
    zone = ZoneInfo("Europe/Nicosia")
    moved(tara, zone)
    day = to_day(date.fromisoformat(night))
    evening, morning = start_of(day, zone) - timedelta(seconds=1), start_of(day + 1, zone)
    for now in (evening, evening + timedelta(hours=12), morning):
        write(tara, zone=zone, now=now)
    assert practice(tara) == [day - 1, day, day + 1]


def test_deleting_takes_no_practice_back(tara: int):
    entry = write(tara)
    with transaction():
        writing.drop(tara, entry)
        writing.drop(tara, entry)
    assert reads.journal(tara).is_empty and practice(tara) == [TODAY]


@pytest.mark.parametrize("day", [TODAY + 1, TODAY - 32, -1, 10**6])
def test_only_days_of_late_are_written_about(tara: int, day: int):
    with pytest.raises(NotToWriteAbout):
        write(tara, day=day)
    assert practice(tara) == []


def test_a_trade_has_one_entry_on_the_day_it_was_closed(tara: int):
    activity = closed(tara, symbol="XAUUSD", at=NOON - timedelta(days=3))
    assert [one.activity_id for one in reads.trades(tara)] == [activity]
    write(tara, activity_id=activity)
    (entry,) = reads.journal(tara).entries
    assert entry.day == TODAY - 3 and entry.trade is not None and reads.trades(tara) == ()
    with pytest.raises(JournalledAlready):
        write(tara, activity_id=activity)


def test_nobody_writes_about_anothers_trade_or_what_is_no_trade(tara: int):
    other = trader()
    theirs = closed(other)
    play(tara, Said(None, "visit"))
    visit = int(read_one(text("SELECT max(id) AS id FROM activity")).id)
    for activity in (theirs, visit, 10**15):
        with pytest.raises(NotToWriteAbout):
            write(tara, activity_id=activity)
    assert reads.trades(tara) == ()


def test_a_trade_that_was_cancelled_is_not_offered(tara: int):
    said = Said(trade())
    play(tara, said)
    play(tara, Said(None, busts=said.id))
    assert reads.trades(tara) == ()


def test_twenty_entries_are_enough_for_a_day(tara: int):
    for _ in range(writing.MOST_A_DAY):
        write(tara)
    with pytest.raises(EnoughWritten):
        write(tara)
    write(tara, now=NOON + timedelta(days=1))


def test_an_entry_is_changed_by_who_wrote_it_alone(tara: int):
    entry, other = write(tara), trader()
    for change in (lambda: writing.change(other, entry, NOTE, now=NOON), lambda: reads.own(other, entry)):
        with pytest.raises(EntryNotFound), transaction():
            change()
    with transaction():
        writing.drop(other, entry)
    later = NOON + timedelta(hours=1)
    with transaction():
        writing.change(tara, entry, Note("What I think of it by now, an hour later."), now=later)
    found = reads.own(tara, entry)
    assert (found.body[:7], found.mood, found.lesson, found.changed_at) == ("What I ", 0, "", later)
    with pytest.raises(EntryTooShort), transaction():
        writing.change(tara, entry, Note("."), now=later)


def test_entries_come_by_day_then_by_writing_and_page_by_page(tara: int):
    for back in reversed(range(13)):
        for _ in range(2):
            with transaction():
                writing.write(tara, NOTE, "", zone=UTC_ZONE, now=NOON - timedelta(days=back), day=TODAY - back)
    first = reads.journal(tara)
    assert len(first.entries) == reads.PAGE and first.older is not None
    second = reads.journal(tara, before=first.older)
    third = reads.journal(tara, before=second.older)
    shown = [(one.day, one.id) for page in (first, second, third) for one in page.entries]
    assert shown == sorted(shown, reverse=True) and len(set(shown)) == 26 and third.older is None
    assert [month.key for month in first.months] == ["2026-03", "2026-02"]
    february = reads.journal(tara, month=first.months[1].first)
    assert len(february.entries) == reads.PAGE and all(one.day < TODAY - 3 for one in february.entries)
    assert sum(month.entries for month in first.months) == 26


def test_search_finds_ones_own_words_as_they_stand(tara: int):
    write(tara, Note("A gain of 100% is nothing I look for.", 0, "Patience"))
    write(tara, Note("A gain of 1000 is nothing I look for."))
    write(trader(), Note("A gain of 100% is nothing I look for."))
    assert [len(reads.journal(tara, words=words).entries) for words in ("100%", "GAIN", "patience", "_", "\\")] == [
        1,
        2,
        1,
        0,
        0,
    ]


def test_nothing_is_written_for_who_was_erased(tara: int):
    write(tara)
    with transaction():
        erasure.erase(None, tara, now=NOON)
    assert read_one(text("SELECT count(*) AS n FROM journal_entry")).n == 0
    with pytest.raises(MemberNotFound):
        write(tara)


def test_a_decision_says_nothing_of_the_words(tara: int):
    """What leaves the journal is that something was written, and nothing of it."""
    write(tara)
    pipeline.drain()
    rows = read_all(text("SELECT data FROM activity WHERE external_id LIKE 'journal:%'"))
    assert [row.data for row in rows] == ["[]"]
    assert report(tara, Said(None, "visit"), now=datetime(2026, 3, 5, tzinfo=UTC)) == ["accepted"]
