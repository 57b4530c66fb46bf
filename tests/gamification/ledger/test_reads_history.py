"""Everything a member did, in the order it was counted, with what came of it."""

from datetime import timedelta

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.activities import LessonPassed
from app.gamification.ledger import history as reading
from app.gamification.ledger.history import extent, history, waiting
from app.gamification.ledger.search import search
from app.gamification.members.enrolment import link
from app.models.base import transaction
from tests.gamification.ledger.reading import english, lines_of, owner
from tests.support.play import LIVE, NOON, Said, play, report, trade, trader

HOUR = timedelta(hours=1)


@pytest.fixture
def tara(app: Flask) -> int:
    member_id = trader()
    with transaction():
        link(member_id, *LIVE, now=NOON)
    return member_id


def shown(member_id: int, **asked: object) -> list[tuple[str, int, str]]:
    """(title, points, state or reason), newest first."""
    me = owner(member_id)
    narrowed = (
        search("", 0, 0, "en", str)
        if not asked
        else search(**{"words": "", "kind": 0, "account": 0, **asked}, language="en", translate=str)
    )  # type: ignore[arg-type]
    rows = [row for day in history(me, extent(me).decisions, None, narrowed).days for row in day.rows]
    return [
        (english(row.title), row.earned, english(row.state or (row.reason and row.reason.headline))) for row in rows
    ]


def test_each_activity_says_what_it_earned_or_why_not(tara: int):
    play(tara, Said(trade(), id="t1", account=LIVE))
    play(tara, Said(trade(seconds=10)))
    play(tara, Said(None, id="b1", busts="t1", account=LIVE), now=NOON + HOUR)
    play(tara, Said(LessonPassed("risk", 80), "lesson.passed"), now=NOON + 2 * HOUR)
    assert shown(tara) == [
        ("Lesson passed: risk", 50, ""),
        ("Cancellation of an earlier report", 0, "This takes an activity back"),
        ("Euro against dollar, 1 lot closed", 0, "Open 10 s, needs 180 s"),
        ("Euro against dollar, 1 lot closed", 100, "Taken back"),
        ("Joined the programme", 100, ""),
    ]


def test_an_award_leads_to_its_line_and_names_its_account(tara: int):
    play(tara, Said(trade(), account=LIVE, deal="48210553"))
    me = owner(tara)
    (row, *_) = history(me, extent(me).decisions).days[0].rows
    assert (row.line, row.account) == (lines_of(tara)[0].seq, "7001")


def test_what_was_not_counted_yet_waits_in_sight(tara: int):
    report(tara, Said(trade("XAUUSD"), account=LIVE), now=NOON)
    me = owner(tara)
    assert (extent(me).waiting, [english(one.title) for one in waiting(me)]) == (1, ["Gold, 1 lot closed"])
    pipeline.drain()
    assert (extent(me).waiting, waiting(me)) == (0, ())


def test_the_list_narrows_by_kind_account_and_words(tara: int):
    play(tara, Said(trade(seconds=10), account=LIVE))
    play(tara, Said(LessonPassed("risk", 10), "lesson.passed"))
    (account,) = extent(owner(tara)).accounts
    trade_, lesson = (
        ("Euro against dollar, 1 lot closed", 0, "Open 10 s, needs 180 s"),
        (
            "Lesson passed: risk",
            0,
            "Score 10, needs 60",
        ),
    )
    assert shown(tara, kind=5) == [lesson]
    assert shown(tara, account=account[0]) == shown(tara, words="eurusd") == [trade_]
    assert shown(tara, account=account[0] + 1) == []


def test_pages_join_and_days_go_on(tara: int):
    for number in range(30):
        report(tara, Said(LessonPassed(f"l{number}", 10), "lesson.passed"), now=NOON + number * HOUR)
    pipeline.drain()
    me, after, seen, days = owner(tara), None, [], []
    while True:
        page = history(me, extent(me).decisions, after)
        days += [day.day for day in page.days if not day.goes_on]
        seen += [row.seq for day in page.days for row in day.rows]
        if page.older is None:
            break
        after = page.older
    assert seen == [*range(31, 0, -1)]
    assert len(days) == len(set(days)) == 3


def test_a_narrowed_list_looks_at_a_bounded_stretch(tara: int, monkeypatch: pytest.MonkeyPatch):
    for number in range(6):
        play(tara, Said(LessonPassed(f"l{number}", 10), "lesson.passed"))
    monkeypatch.setattr(reading, "SEARCHED", 3)
    me = owner(tara)
    asked = search("", 10, 0, "en", str)
    page = history(me, extent(me).decisions, None, asked)
    assert (page.days, page.looked_through) == ((), True)
    while page.older is not None:
        page = history(me, extent(me).decisions, page.older, asked)
    assert [english(row.title) for day in page.days for row in day.rows] == ["Joined the programme"]


def test_nobody_sees_what_another_did(tara: int):
    other = trader()
    play(other, Said(trade()))
    report(other, Said(trade()), now=NOON)
    assert [title for title, _, _ in shown(tara)] == ["Joined the programme"]
    assert waiting(owner(tara)) == ()
