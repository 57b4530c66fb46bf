"""The explanation of a line: the sum, what was told and checked, the life of the points, and the proof."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline, programme
from app.gamification.accrual.rule import BASE, GIVEN, WANTED
from app.gamification.activities import Custom, LessonPassed
from app.gamification.errors import NotFound
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.explain import explain_line, explain_miss
from app.gamification.ledger.explanation import Explanation
from app.gamification.members.enrolment import link
from app.models.base import connection, transaction
from app.models.people import ClientClass
from tests.gamification.ledger.reading import english, lines_of, owner
from tests.gamification.ledger.tampering import tamper
from tests.support.play import LIVE, NOON, Said, decided, play, report, trade, trader, wallet
from tests.support.programmes import end_all_rules, publish, set_trust

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def tara(app: Flask) -> int:
    member_id = trader(time_zone="Asia/Dubai")
    with transaction():
        link(member_id, *LIVE, now=NOON)
    return member_id


def newest(member_id: int) -> Explanation:
    return explain_line(owner(member_id), lines_of(member_id)[0].seq)


def sum_of(why: Explanation) -> list[str]:
    return [f"{tile.sign}{tile.value} {english(tile.name)} {english(tile.makes)}".strip() for tile in why.tiles]


def life_of(why: Explanation) -> list[tuple[str, str]]:
    return [(english(step.title), step.state) for step in why.life]


# --- the sum ----------------------------------------------------------------------------------------------------------


def test_the_sum_shows_volume_rate_and_every_factor_with_what_it_makes(tara: int):
    play(tara, Said(trade("XAUUSD", "1.53", moved="7.70"), account=LIVE, deal="48210553"))
    why = newest(tara)
    assert sum_of(why) == [
        "1.53 Lots closed",
        "×100 points a lot base 153",
        "×1.2 Metals bonus makes 183.6",
        "=184 points rounded once, half to even",
    ]
    assert [tile.total for tile in why.tiles] == [False, False, False, True]
    assert [english(sentence) for sentence in why.sentences] == [
        "You closed 1.53 lots of XAUUSD after 60 min.",
        "The rule Metals by the lot, revision 1, pays 100 points a lot.",
    ]


def test_the_level_as_it_stood_is_a_factor_with_its_name(tara: int):
    # A whole year's worth at once: the next trade has the factor of the level that this one reached.
    play(tara, Said(trade(lots="20")))
    lapsing.release_due(NOON + 6 * DAY)
    play(tara, Said(trade(lots="1"), at=NOON + 7 * DAY))
    assert sum_of(newest(tara)) == [
        "1 Lots closed",
        "×100 points a lot base 100",
        "×1.1 Silver level makes 110",
        "=110 points",
    ]
    assert english(newest(tara).life[0].under) == "11 Mar 12:00, at Silver level"


@pytest.mark.parametrize(
    ("strategy", "tiles"),
    [
        ("compound", ["×2 Twice makes 20", "×5 Five times makes 100", "=100 points"]),
        ("additive", ["×7 Twice 2 + Five times 5 makes 70", "=70 points"]),
        ("highest", ["×5 Five times the highest of your factors", "=50 points"]),
    ],
)
def test_factors_are_shown_the_way_they_are_joined(tara: int, strategy: str, tiles: list[str]):
    factors = [
        {"kind": "fixed", "factor": "2", "name": {"en": "Twice"}},
        {"kind": "fixed", "factor": "5", "name": {"en": "Five times"}},
    ]
    rule = {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "factors": factors, "strategy": strategy}
    publish("gain", rule)
    play(tara, Said(Custom(count=10), "custom.gain"))
    assert sum_of(newest(tara)) == ["10 Count", "×1 points each base 10", *tiles]


def test_a_cut_by_the_cap_is_part_of_the_sum(tara: int):
    caps = [{"per": "day", "points": 25}]
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "caps": caps})
    play(tara, Said(Custom(count=20), "custom.gain"))
    play(tara, Said(Custom(count=20), "custom.gain"))
    why = newest(tara)
    assert sum_of(why)[2:] == ["=20 points", "−15 over the cap", "=5 points"]
    assert english(why.sentences[-1]) == "Its cap had room for 5 of 20 points."
    assert why.cap is not None and (why.cap.label, why.cap.used, why.cap.limit) == ("Daily cap of this rule", 25, 25)


def test_a_fixed_award_needs_no_multiplication(tara: int):
    play(tara, Said(LessonPassed("risk", 80), "lesson.passed"))
    assert sum_of(newest(tara)) == ["50 points each time", "=50 points"]


@pytest.mark.parametrize("lots", ["0.01", "0.07", "1", "3.335", "12.5"])
def test_the_sum_ends_at_what_was_given(tara: int, lots: str):
    award = play(tara, Said(trade(lots=lots))).entries[1]
    why = newest(tara)
    assert why.tiles[0].value * why.tiles[1].value == Decimal(award[BASE])
    assert why.tiles[-1].value == award[GIVEN] == award[WANTED] == lines_of(tara)[0].points


# --- what was told, checked, and said by the law ----------------------------------------------------------------------


def test_everything_that_was_reported_is_shown_in_the_members_own_time(tara: int):
    play(tara, Said(trade(), account=LIVE, deal="48210553"), now=NOON + HOUR)
    assert [(fact.name, english(fact.value)) for fact in newest(tara).told] == [
        ("Ticket", "48210553"),
        ("Account", "7001"),
        ("Side", "Buy EURUSD"),
        ("Lots", "1"),
        ("Opened", "4 Mar, 15:00:00"),
        ("Closed", "4 Mar, 16:00:00"),
        ("Price", "1.10000 – 1.10500"),
        ("Received", "4 Mar, 17:00:00"),
        ("Reported by", "Your broker's systems"),
    ]


def test_every_condition_stands_with_what_was_found(tara: int):
    play(tara, Said(trade("XAUUSD", moved="7.70")))
    checks = newest(tara).checks
    assert [(english(check.words), english(check.found), check.passed) for check in checks] == [
        ("One of the rule's instruments", "metals", True),
        ("Open at least 180 s", "3600 s", True),
        ("Moved at least 3 pips", "77", True),
        ("Not on bonus funds", "Own funds", True),
        ("Allowed for your client category", "Yes", True),
    ]


def test_of_conditions_joined_by_or_those_are_shown_that_held(tara: int):
    end_all_rules()
    either = [[{"field": "lots", "op": ">=", "value": "5"}], [{"field": "has_stop_loss", "op": "=", "value": True}]]
    publish("either", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "1"}, "conditions": either})
    play(tara, Said(trade(stop_loss="1.09")))
    assert [english(check.words) for check in newest(tara).checks] == [
        "With a stop-loss",
        "Allowed for your client category",
    ]


@pytest.mark.parametrize(
    ("row", "asked", "found"),
    [
        ({"field": "lots", "op": "<", "value": "2"}, "Lots: less than 2", "1"),
        ({"field": "symbol", "op": "in", "value": ["EURUSD", "GBPUSD"]}, "One of the rule's symbols", "EURUSD"),
        (
            {"field": "group", "op": "not in", "value": ["metals", "crypto"]},
            "Instrument group: none of crypto, metals",
            "major pairs",
        ),
        ({"field": "has_stop_loss", "op": "=", "value": False}, "With a stop-loss: Not set", "Not set"),
        ({"field": "bonus_funds", "op": "!=", "value": True}, "Not on bonus funds", "Own funds"),
    ],
)
def test_conditions_of_every_comparison_have_words(tara: int, row: dict[str, Any], asked: str, found: str):
    end_all_rules()
    publish("odd", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "1"}, "conditions": [[row]]})
    play(tara, Said(trade()))
    check = newest(tara).checks[0]
    assert (english(check.words), english(check.found), check.passed) == (asked, found, True)


def test_the_other_rules_that_looked_at_it_say_why_they_did_not_pay(tara: int):
    play(tara, Said(trade("XAUUSD", moved="7.70")))
    (other,) = newest(tara).others
    assert (other.name, english(other.said)) == ("Trades by the lot", "The rule Metals by the lot goes before it")
    play(tara, Said(trade()))
    (other,) = newest(tara).others
    assert (other.name, english(other.said)) == ("Metals by the lot", "The rule is about other instruments")


def test_the_law_of_the_day_is_named(app: Flask):
    eleni = trader("CY", ClientClass.RETAIL, "eu")
    play(eleni, Said(LessonPassed("risk", 80), "lesson.passed"))
    why = newest(eleni)
    assert [english(sentence) for sentence in why.law] == [
        "Judged for your client category, Retail client, under the rules “EU retail”.",
        "Points for this were allowed; they buy recognition and service.",
    ]
    assert (
        english(why.sentences[-1]) == "By the rules of your client category these points buy recognition and service."
    )
    play(eleni, Said(trade()))
    (missed, *_) = [explain_miss(owner(eleni), seq) for seq in range(3, 2, -1)]
    assert english(missed.law[-1]).startswith("It follows from: ESMA Decision (EU) 2019/679")
    assert english(missed.sentences[-1]).startswith("Points stay open to you for lessons and surveys")
    assert missed.tiles == () and missed.proof is None


def test_an_older_law_is_still_the_one_that_is_named(app: Flask):
    eleni = trader("CY", ClientClass.RETAIL, "eu")
    play(eleni, Said(LessonPassed("risk", 80), "lesson.passed"))
    before = newest(eleni).law
    with transaction():
        connection().execute(
            text(
                "INSERT INTO pack_revision (pack_id, number, definition, effective_from, published_at)"
                " SELECT pack_id, 2, replace(CAST(definition AS text), 'EU retail', 'Another name'), effective_from,"
                " published_at FROM pack_revision v JOIN pack p ON p.id = v.pack_id WHERE p.key = 'eu_retail'"
            )
            if connection().dialect.name == "sqlite"
            else text(
                "INSERT INTO pack_revision (pack_id, number, definition, effective_from, published_at)"
                " SELECT pack_id, 2, replace(CAST(definition AS text), 'EU retail', 'Another name')::json,"
                " effective_from, published_at FROM pack_revision v JOIN pack p ON p.id = v.pack_id"
                " WHERE p.key = 'eu_retail'"
            )
        )
        connection().execute(text("UPDATE programme SET revision = revision + 1"))
    assert newest(eleni).law == before


# --- the life of points -----------------------------------------------------------------------------------------------


def test_held_points_are_followed_from_award_to_lapse(tara: int):
    play(tara, Said(trade()))
    assert life_of(newest(tara)) == [
        ("Earned", "done"),
        ("Held until 9 Mar", "now"),
        ("Available", "ahead"),
        ("Lapse", "ahead"),
    ]
    lapsing.release_due(NOON + 6 * DAY)
    award = lines_of(tara)[1].seq
    why = explain_line(owner(tara), award)
    assert life_of(why) == [("Earned", "done"), ("Released", "done"), ("Available", "now"), ("Lapse", "ahead")]
    assert why.life[1].line == award + 1
    with transaction():
        wallets.redeem(tara, 150, 9, NOON + 7 * DAY)
    assert life_of(explain_line(owner(tara), award)) == [
        ("Earned", "done"),
        ("Released", "done"),
        ("Available", "now"),
        ("Spent: 50", "undone"),
        ("Lapse", "ahead"),
    ]


def test_points_of_an_upload_wait_for_staff(tara: int):
    set_trust("review")
    play(tara, Said(trade()), source="uploads")
    why = newest(tara)
    assert life_of(why) == [("Earned", "done"), ("Waiting for review", "now"), ("Lapse", "ahead")]
    assert english(why.sentences[-1]).startswith("The statement was uploaded")


# --- lines that are no award ------------------------------------------------------------------------------------------


def test_a_release_leads_back_to_what_was_earned(tara: int):
    play(tara, Said(trade()))
    lapsing.release_due(NOON + 6 * DAY)
    why = newest(tara)
    assert english(why.sentences[0]).startswith("These points were earned on 4 Mar and held")
    assert [(english(link_.words), link_.line) for link_ in why.related] == [
        ("What had brought these points", lines_of(tara)[1].seq)
    ]


def test_a_reversal_leads_to_both_reports(tara: int):
    play(tara, Said(trade(), id="t1", account=LIVE))
    award = lines_of(tara)[0].seq
    play(tara, Said(trade(lots="0.5"), id="t2", corrects="t1", account=LIVE), now=NOON + HOUR)
    newer, reversal, _, _ = lines_of(tara)
    why = explain_line(owner(tara), reversal.seq)
    assert english(why.sentences[0]).startswith("Your broker corrected this on 4 Mar 13:00")
    assert [(english(link_.words), link_.line) for link_ in why.related] == [
        ("What had brought these points", award),
        ("What was reported instead", newer.seq),
    ]
    assert [(share.line, share.points) for share in why.shares] == [(award, 100)]
    assert [(english(link_.words), link_.line) for link_ in explain_line(owner(tara), newer.seq).related] == [
        ("What was reported first", award)
    ]
    assert life_of(explain_line(owner(tara), award)) == [("Earned", "done"), ("Taken back: 100", "undone")]


def test_a_cancellation_is_a_line_and_an_activity_that_lead_to_each_other(tara: int):
    play(tara, Said(trade(), id="t1", account=LIVE))
    award = lines_of(tara)[0].seq
    play(tara, Said(None, id="b1", busts="t1", account=LIVE), now=NOON + HOUR)
    bust = decided("b1")
    assert bust is not None
    why = newest(tara)
    assert (english(why.related[-1].words), why.related[-1].missed) == ("How it was cancelled", bust.seq)
    (back,) = explain_miss(owner(tara), bust.seq).related
    assert (english(back.words), back.line) == ("What was reported first", award)


def test_what_is_spent_names_the_batches_it_came_from(tara: int):
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}, "expiry": {"mode": "days", "n": 9}})
    for _ in range(10):
        play(tara, Said(Custom(count=10), "custom.gain"))
    with transaction():
        wallets.redeem(tara, 120, 4, NOON)
    why = newest(tara)
    assert (
        english(why.sentences[0]) == "You spent 120 points on a reward. Points that lapse first are always spent first."
    )
    assert (len(why.shares), why.shares_left_out, sum(share.points for share in why.shares)) == (8, 3, 90)
    assert english(why.shares[0].about) == "Joined the programme, 24 Nov"


def test_points_by_hand_name_who_gave_them_and_keep_the_reason_that_staff_wrote(tara: int):
    with transaction():
        wallets.adjust(tara, 1, "For the outage of 3 March", NOON)
    why = newest(tara)
    assert [english(sentence) for sentence in why.sentences] == [
        "Meridian Markets added 1 point by hand.",
        f"Write to {programme.current().support_email} if you want to know why.",
    ]
    assert life_of(why) == [("Added by our staff", "done"), ("Available", "now"), ("Lapse", "ahead")]


def test_lapsed_given_back_owed_and_paid_lines_explain_themselves(tara: int):
    with transaction():
        wallets.redeem(tara, 100, 5, NOON)
    with transaction():
        wallets.refund(tara, 5, NOON + HOUR)
    assert english(newest(tara).sentences[0]) == "100 points came back from a reward that you had paid for."
    lapsing.expire_due(NOON + 800 * DAY)
    assert english(newest(tara).sentences[-1]) == "100 of them had not been spent by then."
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    said = Said(Custom(count=50), "custom.gain", at=NOON + 801 * DAY)
    play(tara, said)
    with transaction():
        wallets.redeem(tara, 50, 6, NOON + 802 * DAY)
    report(tara, Said(None, "custom.gain", busts=said.id, at=said.at), now=NOON + 803 * DAY)
    pipeline.drain()
    assert english(newest(tara).sentences[-1]).startswith("You had spent these points already, so they are owed")
    play(tara, replace(said, id="again", at=NOON + 804 * DAY))
    assert english(newest(tara).sentences[-1]) == "The next points to come paid 50 of them."


# --- proof and privacy ------------------------------------------------------------------------------------------------


def test_the_hash_is_computed_again_and_tells_a_changed_row(tara: int):
    play(tara, Said(trade()))
    line = lines_of(tara)[0].seq
    proof = explain_line(owner(tara), line).proof
    assert proof is not None and (proof.line, proof.holds) == (line, True)
    assert proof.hash.replace(" ", "").startswith(bytes(wallet(tara).head).hex()[:8])
    tamper(f"UPDATE transfer SET amount = amount + 1 WHERE wallet_id = {tara} AND seq = {line}")
    changed = explain_line(owner(tara), line).proof
    assert changed is not None and not changed.holds


def test_every_line_of_a_busy_wallet_is_proved(tara: int):
    play(tara, Said(trade(), id="t1", account=LIVE))
    play(tara, Said(trade(lots="0.5"), id="t2", corrects="t1", account=LIVE), now=NOON + HOUR)
    lapsing.release_due(NOON + 6 * DAY)
    with transaction():
        wallets.redeem(tara, 20, 5, NOON + 7 * DAY)
    for line in lines_of(tara):
        proof = explain_line(owner(tara), line.seq).proof
        assert proof is not None and proof.holds, line


def test_lines_of_others_and_of_nobody_do_not_exist(tara: int):
    other = trader()
    play(other, Said(trade()))
    play(other, Said(trade(seconds=1)))
    me = owner(tara)
    for seq in (2, 3, 99):
        with pytest.raises(NotFound):
            explain_line(me, seq)
        with pytest.raises(NotFound):
            explain_miss(me, seq)


def test_an_award_is_no_miss_and_qualifying_points_have_no_line(tara: int):
    play(tara, Said(LessonPassed("risk", 80), "lesson.passed"))
    me = owner(tara)
    with pytest.raises(NotFound):
        explain_miss(me, 2)
    with pytest.raises(NotFound):
        explain_line(me, 3)
