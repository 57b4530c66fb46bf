"""The ledger as its owner reads it: each kind of line, the tabs, pages, days, and what a search finds."""

from datetime import timedelta

import pytest
from flask import Flask

from app.gamification import pipeline
from app.gamification.activities import Custom, LessonPassed
from app.gamification.ledger import lapsing, reads, wallets
from app.gamification.ledger.reads import Place
from app.gamification.ledger.search import search
from app.gamification.members.enrolment import link
from app.models.base import transaction
from tests.gamification.ledger.reading import english, lines_of, owner, told
from tests.support.play import LIVE, NOON, Said, play, report, trade, trader
from tests.support.programmes import publish

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEARS = timedelta(days=800)


@pytest.fixture
def tara(app: Flask) -> int:
    member_id = trader(time_zone="Asia/Dubai")
    with transaction():
        link(member_id, *LIVE, now=NOON)
    return member_id


def sold(id: str = "t1", **more: object) -> Said:
    return Said(trade(), id=id, account=LIVE, deal="48210553", **more)  # type: ignore[arg-type]


def gains(*points: int) -> list[Said]:
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    return [Said(Custom(count=n), "custom.gain") for n in points]


def test_a_trade_says_what_was_closed_which_rule_paid_and_until_when_it_is_held(tara: int):
    play(tara, Said(trade("XAUUSD", "1.50", moved="7.70")))
    line, _welcome = lines_of(tara)
    assert (english(line.title), english(line.under)) == ("Gold, 1.5 lots closed", "Metals by the lot")
    assert (line.points, line.way, line.balance) == (180, "earned", 100)
    assert (english(line.state), line.sort) == ("Pending until 9 Mar", "trade.closed")


def test_instruments_without_a_common_name_go_by_their_plain_symbol(tara: int):
    play(tara, Said(trade("NZDCHF.pro", "1")))
    assert english(lines_of(tara)[0].title) == "NZDCHF, 1 lot closed"


def test_a_release_moves_points_and_counts_for_no_day(tara: int):
    play(tara, Said(trade()))
    lapsing.release_due(NOON + 6 * DAY)
    release, award, _ = lines_of(tara)
    assert (english(release.title), english(release.under)) == ("Released from pending", "Euro against dollar, 4 Mar")
    assert (release.points, release.way, release.balance) == (100, "moved", 200)
    assert award.state is None
    me = owner(tara)
    assert [day.total for day in reads.lines(me, "all", reads.tally(me).seq).days] == [0, 100, 100]


@pytest.mark.parametrize(
    ("amended", "words"),
    [
        (Said(None, busts="t1", account=LIVE), "Taken back: cancelled by the broker"),
        (Said(trade(lots="0.50"), corrects="t1", account=LIVE), "Taken back: corrected by the broker"),
    ],
    ids=["bust", "correction"],
)
def test_what_is_taken_back_says_why_and_the_award_shows_it(tara: int, amended: Said, words: str):
    play(tara, sold())
    report(tara, amended, now=NOON + HOUR)
    pipeline.drain()
    lines = lines_of(tara)
    reversal = next(line for line in lines if line.sort == "reversal")
    assert english(reversal.title) == words
    assert english(reversal.under) == "Euro against dollar, ticket 48210553"
    assert (reversal.points, reversal.way) == (-100, "spent")
    award = next(line for line in lines if line.seq == reversal.seq - 1)
    assert (award.undone, english(award.state)) == (True, "Taken back")


def test_an_uploaded_statement_gives_way_to_the_brokers_own_report(tara: int):
    play(tara, sold("u1"), source="uploads")
    assert told(tara)[0] == ("Euro against dollar, 1 lot closed", 100, "Waiting for review")
    play(tara, sold("b1"), now=NOON + HOUR)
    assert told(tara)[1][0] == "Taken back: your broker's own report counts"


def test_spending_giving_back_changing_and_lapsing_have_lines_of_their_own(tara: int):
    with transaction():
        wallets.redeem(tara, 60, 7, NOON)
    with transaction():
        wallets.refund(tara, 7, NOON + HOUR)
    with transaction():
        wallets.adjust(tara, 30, "Goodwill", NOON + 2 * HOUR)
        wallets.adjust(tara, -10, "Counted twice", NOON + 2 * HOUR)
    lapsing.expire_due(NOON + YEARS)
    assert sorted(told(tara)[:2]) == [("Lapsed", -60, ""), ("Lapsed", -30, "")]
    assert told(tara)[2:] == [
        ("Changed by our staff", -10, ""),
        ("Changed by our staff", 30, ""),
        ("Given back from a reward", 60, ""),
        ("Spent on a reward", -60, ""),
        ("Joined the programme", 100, ""),
    ]
    assert [line.way for line in lines_of(tara)][:2] == ["lapsed", "lapsed"]


def test_what_was_spent_before_it_was_taken_back_is_owed_and_paid_by_the_next_points(tara: int):
    (gain,) = gains(50)
    play(tara, gain)
    with transaction():
        wallets.redeem(tara, 150, 8, NOON + HOUR)
    report(tara, Said(None, "custom.gain", busts=gain.id), now=NOON + 2 * HOUR)
    pipeline.drain()
    assert told(tara)[0] == ("Taken back: cancelled by the broker", -50, "Owed")
    play(tara, Said(Custom(count=20), "custom.gain", at=NOON + 3 * HOUR))
    assert told(tara)[0] == ("Paid towards what was owed", 20, "")


def test_the_figures_of_all_lines_make_what_a_member_has(tara: int):
    play(tara, sold())
    with transaction():
        wallets.redeem(tara, 60, 7, NOON)
        wallets.adjust(tara, 25, "Goodwill", NOON)
    report(tara, Said(None, busts="t1", account=LIVE), now=NOON + HOUR)
    pipeline.drain()
    me = owner(tara)
    has = me.available + me.pending - me.debt
    assert sum(line.points for line in lines_of(tara) if line.way != "moved") == has == 65


def test_tabs_hold_what_they_name_and_count_it(tara: int):
    play(tara, Said(trade()))
    play(tara, Said(LessonPassed("risk", 40), "lesson.passed"))
    with transaction():
        wallets.redeem(tara, 60, 7, NOON)
    counts = reads.tally(owner(tara)).counts
    assert {name: count.number for name, count in counts.items()} == {
        "all": 3,
        "earned": 2,
        "spent": 1,
        "pending": 1,
        "missed": 1,
    }
    assert {tab: [title for title, _, _ in told(tara, tab)] for tab in reads.TABS} == {
        "all": ["Spent on a reward", "Euro against dollar, 1 lot closed", "Joined the programme"],
        "earned": ["Euro against dollar, 1 lot closed", "Joined the programme"],
        "spent": ["Spent on a reward"],
        "pending": ["Euro against dollar, 1 lot closed"],
    }


def test_counting_stops_at_a_thousand(tara: int):
    assert report(tara, *gains(*[1] * 1000)) == ["accepted"] * 1000
    pipeline.drain()
    counts = reads.tally(owner(tara)).counts
    assert (counts["all"], counts["missed"]) == ((1000, True), (0, False))


def test_pages_join_without_gap_or_repetition_and_days_go_on(tara: int):
    for number, gain in enumerate(gains(*range(1, 31))):
        report(tara, gain, now=NOON + number // 10 * DAY)
    pipeline.drain()
    me = owner(tara)
    newest, after, seen, days = reads.tally(me).seq, None, [], []
    while True:
        page = reads.lines(me, "all", newest, after)
        days += [(day.day, day.total, day.goes_on) for day in page.days]
        seen += [line.points for day in page.days for line in day.lines]
        if page.older is None:
            break
        after = page.older
    assert seen == [*range(30, 0, -1), 100]
    # Twelve lines a page: the second day and the first are cut, and only whole days have a sum.
    assert [(total, goes_on) for _, total, goes_on in days] == [
        (255, False),
        (None, False),
        (None, True),
        (None, False),
        (None, True),
        (100, False),
    ]


def test_a_page_looks_at_a_bounded_stretch_and_says_that_the_chain_goes_on(tara: int, monkeypatch: pytest.MonkeyPatch):
    with transaction():
        wallets.redeem(tara, 60, 7, NOON)
    for gain in gains(*[1] * 6):
        play(tara, gain)
    monkeypatch.setattr(reads, "STRETCH", 4)
    me = owner(tara)
    newest = reads.tally(me).seq
    page = reads.lines(me, "spent", newest)
    assert (page.days, page.looked_through) == ((), True)
    while page.older is not None and not page.days:
        page = reads.lines(me, "spent", newest, page.older)
    assert [line.points for day in page.days for line in day.lines] == [-60]


def test_a_search_finds_symbols_rules_tickets_kinds_and_accounts(tara: int):
    play(tara, sold())
    play(tara, Said(trade("XAUUSD", moved="7.70"), at=NOON + HOUR))
    play(tara, Said(LessonPassed("risk-and-reward", 90), "lesson.passed"))
    lapsing.release_due(NOON + 6 * DAY)

    def found(words: str, kind: int = 0, account: int = 0) -> list[str]:
        asked = search(words, kind, account, "en", lambda name: name)
        return sorted({english(line.title) for line in lines_of(tara, search=asked)})

    euro, gold, lesson = "Euro against dollar, 1 lot closed", "Gold, 1 lot closed", "Lesson passed: risk and reward"
    assert found("eur/usd") == [euro, "Released from pending"]
    assert found("gold") == [gold, "Released from pending"]
    assert found("METALS by") == [gold, "Released from pending"]
    assert found("482105") == [euro, "Released from pending"]
    assert found("lessons") == [lesson]
    assert found("", kind=5) == [lesson]
    (account,) = reads.tally(owner(tara)).accounts
    assert found("", account=account[0]) == [euro, "Released from pending"]
    assert (
        found("%")
        == found("")
        == ["Euro against dollar, 1 lot closed", gold, "Joined the programme", lesson, "Released from pending"]
    )
    assert found("%%") == found("_______") == found("';--") == []


def test_nobody_sees_the_lines_of_another(tara: int):
    other = trader()
    for gain in gains(1, 2, 3):
        play(other, gain)
    assert [title for title, _, _ in told(tara)] == ["Joined the programme"]
    me = owner(tara)
    assert reads.lines(me, "all", 10, Place(1000)).days == reads.lines(me, "all", 1).days
