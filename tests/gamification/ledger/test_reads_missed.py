"""What did not earn: each reason as a headline, with a meter where it is a figure, never with what was lost."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import AccountEntry, Custom, Data, DepositMade, LessonPassed
from app.gamification.ledger import missed as reading
from app.gamification.ledger.missed import Missed, missed
from app.gamification.ledger.outcome import read_outcome
from app.gamification.ledger.words.reasons import CHIPS, miss
from app.gamification.members.enrolment import link
from app.lib.clock import to_micros
from app.models.activity import Reason
from app.models.base import connection, transaction
from app.models.people import ClientClass
from tests.gamification.ledger.reading import english, owner
from tests.support.play import LIVE, NOON, Said, play, report, trade, trader
from tests.support.programmes import end_all_rules, publish, set_trust

HOUR = timedelta(hours=1)
ONE = {"base": {"kind": "fixed", "rate": "1"}}


@pytest.fixture
def tara(app: Flask) -> int:
    return trader()


def newest(member_id: int) -> Missed:
    return missed(owner(member_id)).rows[0]


@pytest.mark.parametrize(
    ("data", "headline", "note", "meter"),
    [
        (trade(seconds=121), "Open 121 s, needs 180 s", "Trades by the lot, revision 1", (121, 180)),
        # Not a whole second short, and still short.
        (trade(seconds=179.999), "Open 179.99 s, needs 180 s", "Trades by the lot, revision 1", ("179.999", 180)),
        (trade(moved="0.00024"), "Moved 2.4 pips, needs 3", "Trades by the lot, revision 1", ("2.4", 3)),
        (trade("XAUUSD", moved="0.1"), "Moved 1 pips, needs 3", "Metals by the lot, revision 1", (1, 3)),
        (trade(bonus_funds=True), "Traded on bonus funds", "Trades by the lot, revision 1", None),
        (trade(lots="0.001"), "Comes to 0.1, which rounds to 0", "Trades by the lot, revision 1", None),
        (LessonPassed("risk", 59), "Score 59, needs 60", "Lessons passed, revision 1", (59, 60)),
        (
            DepositMade("99.99", "USD"),
            "The amount is 99.99, the rule needs 100",
            "Deposits, revision 1",
            ("99.99", 100),
        ),
        (AccountEntry("interest", "2.11", "USD"), "Interest never earns", "Only closed trades do", None),
        (AccountEntry("balance", "500", "USD"), "Entries of the account never earn", "Only closed trades do", None),
    ],
)
def test_a_reason_is_a_headline_with_its_figures(tara: int, data: Data, headline: str, note: str, meter: Any):
    kinds = {LessonPassed: "lesson.passed", DepositMade: "deposit.made", AccountEntry: "account.entry"}
    play(tara, Said(data, kinds.get(type(data), "trade.closed")))
    reason = newest(tara).reason
    assert (english(reason.headline), english(reason.note)) == (headline, note)
    assert (reason.value, reason.needed) == ((Decimal(meter[0]), Decimal(meter[1])) if meter else (None, None))


def test_a_full_cap_says_how_far_it_was_used(tara: int):
    end_all_rules()
    publish(
        "few", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "caps": [{"per": "week", "points": 5}]}
    )
    for _ in range(2):
        play(tara, Said(Custom(count=5), "custom.gain"))
    reason = newest(tara).reason
    assert english(reason.headline) == "Weekly cap reached: 5 of 5"
    assert (reason.value, reason.needed, reason.key) == (5, 5, "CAP")


def test_a_rule_about_other_instruments_is_the_last_to_be_told(tara: int):
    """The rule for metals looks first at every trade; what a member is told is what the rule for trades asked."""
    play(tara, Said(trade(lots="0.001")))
    assert newest(tara).reason.key == "ROUNDS_TO_ZERO"
    play(tara, Said(trade(seconds=10)))
    assert newest(tara).reason.key == "seconds_open"


@pytest.mark.parametrize(
    ("audience", "headline"),
    [
        ({"levels": ["gold"]}, "Open to other levels than yours at the time"),
        ({"countries": ["JP"]}, "Not open in your country"),
        ({"classes": [1]}, "Not open to your client category"),
    ],
)
def test_a_rule_for_others_says_for_whom(tara: int, audience: dict[str, Any], headline: str):
    publish("others", {"kind": "custom.gain", **ONE, "audience": audience})
    play(tara, Said(Custom(), "custom.gain"))
    assert english(newest(tara).reason.headline) == headline


def test_a_retail_client_of_the_union_reads_words_about_the_category(app: Flask):
    eleni = trader("CY", ClientClass.RETAIL, "eu")
    play(eleni, Said(trade()))
    play(eleni, Said(DepositMade("500", "USD"), "deposit.made"))
    deposit, closed, joined = missed(owner(eleni)).rows
    assert english(closed.reason.headline) == "Not available under your client category"
    assert english(closed.reason.note) == "Your client category gets no points for trades"
    assert english(deposit.reason.note) == "Your client category gets no points for deposits"
    assert english(joined.reason.headline) == "Counts as recognition, without points"


def test_an_unconfirmed_statement_may_count_as_recognition_alone(tara: int):
    set_trust("recognition")
    play(tara, Said(trade()), source="uploads")
    assert english(newest(tara).reason.note) == "The statement was not confirmed by your broker"


def test_what_happened_before_any_rule_or_without_one_is_kept(tara: int):
    publish("late", {"kind": "custom.late", **ONE}, since=NOON)
    play(tara, Said(Custom(), "custom.late", at=NOON - HOUR), now=NOON)
    assert english(newest(tara).reason.headline) == "Before the programme"
    play(tara, Said(Custom(), "custom.other"))
    assert english(newest(tara).reason.headline) == "No rule pays for this"


def test_reports_that_others_replaced_or_cancelled_say_so(tara: int):
    with transaction():
        link(tara, *LIVE, now=NOON)
    report(tara, Said(trade(lots="0.5"), corrects="t1", account=LIVE), now=NOON)
    report(tara, Said(None, busts="t2", account=LIVE), now=NOON)
    pipeline.drain()
    report(tara, Said(trade(), id="t1", account=LIVE), Said(trade(), id="t2", account=LIVE), now=NOON + HOUR)
    pipeline.drain()
    rows = missed(owner(tara)).rows
    assert [(english(row.title), english(row.reason.headline)) for row in rows] == [
        ("Euro against dollar, 1 lot closed", "Cancelled by the broker"),
        ("Euro against dollar, 1 lot closed", "Replaced by a newer report"),
        ("Cancellation of an earlier report", "This takes an activity back"),
    ]


def test_earning_that_staff_paused_says_whom_to_ask(tara: int):
    with transaction():
        connection().execute(text("UPDATE member SET earning_blocked = true WHERE id = :id"), {"id": tara})
    play(tara, Said(trade()))
    assert english(newest(tara).reason.headline) == "Earning is paused for your account"


def test_a_failure_of_ours_is_owned_as_such(tara: int, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "STEPS", (fail,))
    play(tara, Said(trade()))
    assert english(newest(tara).reason.headline) == "We could not count this yet"


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason != Reason.EARNED])
def test_every_reason_has_words_and_a_chip(app: Flask, reason: Reason):
    told = {
        Reason.CONDITION: ["seconds_open", "1", ">=", "180"],
        Reason.CAP: ["day", 5, 5, 0],
        Reason.ROUNDS_TO_ZERO: ["0.4"],
        Reason.AUDIENCE: ["levels"],
        Reason.EXCLUSIVE: [1],
        Reason.REPEATED: [to_micros(NOON)],
    }
    entries = [[1, 0, int(reason), *told[reason]]] if reason in told else []
    outcome = read_outcome('[[0,1,1,"AE",2,1,1]]')._replace(entries=entries)
    found = miss(reason, outcome, 3, AccountEntry("fee", "1", "USD"), "en")
    assert english(found.headline) and found.key in CHIPS


def test_chips_count_reasons_and_narrow_the_list(tara: int):
    tried: list[Callable[[], Any]] = [
        lambda: play(tara, Said(trade(seconds=10))),
        lambda: play(tara, Said(trade(seconds=20))),
        lambda: play(tara, Said(trade(moved="0.0001"))),
        lambda: play(tara, Said(trade())),
    ]
    for attempt in tried:
        attempt()
    page = missed(owner(tara))
    assert [(chip.key, english(chip.words), chip.count.number) for chip in page.chips] == [
        ("seconds_open", "Open too short", 2),
        ("pips_moved", "Moved too little", 1),
    ]
    assert [english(row.reason.headline) for row in missed(owner(tara), "pips_moved").rows] == ["Moved 1 pips, needs 3"]
    assert missed(owner(tara), "nonsense").rows == ()


def test_misses_are_paged_newest_first(tara: int):
    for seconds in range(1, 27):
        report(tara, Said(trade(seconds=seconds)), now=NOON + seconds * HOUR)
    pipeline.drain()
    me, before, seen = owner(tara), None, []
    while True:
        page = missed(me, before=before)
        seen += [int(row.reason.value or 0) for row in page.rows]
        before = page.older
        if before is None:
            break
    assert seen == [*range(26, 0, -1)]


def test_nobody_sees_what_another_missed(tara: int):
    other = trader()
    play(other, Said(trade(seconds=10)))
    me = owner(tara)
    assert missed(me).rows == () and reading.rows(me, [1, 2, 3]) == ()
