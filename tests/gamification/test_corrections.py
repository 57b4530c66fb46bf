"""Corrections, busts and second reports of a deal: whatever comes in whatever order, each deal counts once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import link
from app.models.activity import Reason
from app.models.base import read_all, reader, transaction
from tests.support.play import LIVE, NOON, Said, balances, batches, decided, play, report, trade, trader, wallet
from tests.support.programmes import end_all_rules, publish, set_ladder, set_trust

SECOND = timedelta(seconds=1)
OTHER = ("mt5", "Meridian-Live", "7002")


@pytest.fixture(autouse=True)
def rules(app: Flask) -> None:
    """A point for each one counted, ten points for each lot."""
    end_all_rules()
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    publish("trades", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}})


@pytest.fixture
def tara(rules: None) -> int:
    member_id = trader()
    with transaction():
        link(member_id, *LIVE, now=NOON)
        link(member_id, *OTHER, now=NOON)
    return member_id


def gain(points: int, id: str, **more: Any) -> Said:
    return Said(Custom(count=points), "custom.gain", id=id, **more)


def bust(target: str, id: str) -> Said:
    return Said(None, "custom.gain", id=id, busts=target)


ORIGINAL, FIRST, SECOND_CORRECTION = gain(100, "x"), gain(70, "c1", corrects="x"), gain(40, "c2", corrects="c1")


def came(member_id: int, said: Sequence[Said], *, fold_each: bool, source: str = "broker") -> None:
    """Let reports come in this order, a second apart."""
    for place, one in enumerate(said):
        assert report(member_id, one, now=NOON + place * SECOND, source=source) == ["accepted"]
        if fold_each:
            pipeline.drain()
    pipeline.drain()


def ledger_of(member_id: int) -> dict[str, list[Any]]:
    """Everything that was written about a member, apart from hashes and the ids, which differ from member to member."""
    wanted = {
        "transfer": "SELECT seq, unit_id, code, debit, credit, amount, balance, part, occurred_at, recorded_at FROM transfer"
        " WHERE wallet_id = :id ORDER BY seq",
        "decision": "SELECT d.seq, a.external_id, d.earned, d.reason, d.outcome FROM decision d"
        " JOIN activity a ON a.id = d.activity_id WHERE d.member_id = :id AND a.external_id NOT LIKE 'joined:%' ORDER BY d.seq",
        "batch": "SELECT seq, amount, remaining FROM batch WHERE wallet_id = :id ORDER BY seq",
        "qualifying_day": "SELECT day, sum FROM qualifying_day WHERE member_id = :id ORDER BY day",
        "cap_use": "SELECT rule_id, day, used FROM cap_use WHERE member_id = :id ORDER BY rule_id, day",
    }
    with reader().connect() as conn:
        return {
            table: [tuple(row) for row in conn.execute(text(sql), {"id": member_id})] for table, sql in wanted.items()
        }


CHAINS = {
    "one correction": ([ORIGINAL, FIRST], 70),
    "a chain of two": ([ORIGINAL, FIRST, SECOND_CORRECTION], 40),
    "a bust": ([ORIGINAL, bust("x", "b")], 0),
    "a correction that is busted": ([ORIGINAL, FIRST, bust("c1", "b")], 0),
    "a chain of three": ([ORIGINAL, FIRST, SECOND_CORRECTION, gain(25, "c3", corrects="c2")], 25),
}


@pytest.mark.parametrize("fold_each", [True, False], ids=["folded each", "folded at once"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_end_of_the_chain_counts_in_any_order_of_arrival(rules: None, name: str, fold_each: bool):
    chain, points = CHAINS[name]
    for order in permutations(chain):
        member_id = trader()
        mine = f"{member_id}-"
        said = [
            replace(
                one,
                id=mine + one.id,
                corrects=one.corrects and mine + one.corrects,
                busts=one.busts and mine + one.busts,
            )
            for one in order
        ]
        came(member_id, said, fold_each=fold_each)
        assert (balances(member_id), wallet(member_id).qualifying) == ((points, 0, 0, points), points), order
    assert verify().bad is None


@pytest.mark.parametrize("name", CHAINS)
def test_folding_at_once_writes_the_same_rows_as_folding_each(rules: None, name: str):
    for order in permutations(CHAINS[name][0]):
        written = []
        for fold_each in (True, False):
            member_id = trader()
            mine = f"{member_id}-"
            said = [
                replace(
                    one,
                    id=mine + one.id,
                    corrects=one.corrects and mine + one.corrects,
                    busts=one.busts and mine + one.busts,
                )
                for one in order
            ]
            came(member_id, said, fold_each=fold_each)
            rows = ledger_of(member_id)
            rows["decision"] = [(seq, id_.removeprefix(mine), *rest) for seq, id_, *rest in rows["decision"]]
            written.append(rows)
        assert written[0] == written[1], order


def test_of_two_corrections_of_one_original_the_later_recorded_wins(tara: int):
    for one in (ORIGINAL, gain(70, "c1", corrects="x"), gain(40, "c2", corrects="x")):
        play(tara, one)
    assert balances(tara)[0] == 40
    second = trader()
    came(second, [gain(40, "d2", corrects="y"), gain(70, "d1", corrects="y"), gain(100, "y")], fold_each=True)
    assert balances(second)[0] == 70


def test_what_was_replaced_says_so(tara: int):
    assert play(tara, gain(70, "c1", corrects="x")).reason == Reason.EARNED
    assert play(tara, ORIGINAL).reason == Reason.SUPERSEDED
    assert play(tara, bust("y", "b")).reason == Reason.BUST
    assert play(tara, gain(5, "y")).reason == Reason.BUSTED


def test_a_bust_that_comes_twice_takes_back_once(tara: int):
    play(tara, ORIGINAL)
    play(tara, bust("x", "b1"))
    play(tara, bust("x", "b2"))
    assert balances(tara) == (0, 0, 0, 0)


def test_what_does_not_earn_and_is_corrected_to_earn(tara: int):
    publish(
        "far",
        {
            "kind": "custom.far",
            "base": {"kind": "count", "rate": "1"},
            "conditions": [[{"field": "amount", "op": ">=", "value": "10"}]],
        },
    )
    play(tara, Said(Custom(count=5, amount="1"), "custom.far", id="x"))
    play(tara, Said(Custom(count=5, amount="10"), "custom.far", id="c", corrects="x"))
    assert balances(tara)[0] == 5


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_a_correction_of_another_accounts_trade_is_rejected(tara: int):
    assert report(tara, Said(trade(), id="x", account=LIVE, deal="1")) == ["accepted"]
    assert report(tara, Said(trade(lots="9"), id="c", account=OTHER, deal="1", corrects="x")) == ["rejected"]
    assert report(tara, Said(None, id="b", account=OTHER, busts="x")) == ["rejected"]
    pipeline.drain()
    assert balances(tara)[0] == 10


def test_within_one_delivery_it_is_decided_as_a_correction_of_another_account(tara: int):
    wrong = Said(None, id="b", account=OTHER, busts="x")
    report(tara, Said(trade(), id="x", account=LIVE, deal="1"), wrong)
    pipeline.drain()
    found = decided("b")
    assert found is not None
    assert found.reason == Reason.OTHER_ACCOUNT
    assert balances(tara)[0] == 10


def test_a_strangers_bust_that_still_waits_does_not_spoil_the_owners_correction(tara: int):
    stranger = trader()
    theirs = ("mt5", "Meridian-Live", "9000")
    # The stranger's account is nobody's yet; the bust was stored before the trade it names.
    assert report(None, Said(None, id="b", account=theirs, busts="x")) == ["waiting"]
    play(tara, Said(trade(), id="x", account=LIVE, deal="1"), now=NOON + SECOND)
    with transaction():
        link(stranger, *theirs, now=NOON + 2 * SECOND)
    report(tara, Said(trade(lots="3"), id="c", account=LIVE, corrects="x"), now=NOON + 3 * SECOND)
    pipeline.drain()
    found = decided("c")
    assert found is not None
    assert found.reason == Reason.EARNED
    assert balances(tara)[0] == 30


# --- the same deal by a source of other trust -------------------------------------------------------------------------

UPLOADED, REPORTED = (Said(trade(lots="5"), id=name, account=LIVE, deal="77") for name in ("uploaded", "reported"))


def upload(*said: Said, now: timedelta = SECOND) -> list[str]:
    return report(None, *said, now=NOON + now, source="uploads")


def test_an_upload_waits_for_review_and_the_brokers_report_replaces_it(tara: int):
    assert upload(UPLOADED) == ["accepted"]
    pipeline.drain()
    assert balances(tara) == (0, 50, 0, 50)
    assert lapsing.release_due(NOON + timedelta(days=400)) == 0
    assert report(None, REPORTED, now=NOON + 2 * SECOND) == ["accepted"]
    pipeline.drain()
    assert balances(tara) == (50, 0, 0, 50)
    assert wallet(tara).qualifying == 50


def test_an_upload_of_what_the_broker_reported_is_known_already(tara: int):
    report(None, REPORTED)
    assert upload(UPLOADED) == ["duplicate"]
    pipeline.drain()
    assert upload(UPLOADED) == ["duplicate"]
    assert balances(tara) == (50, 0, 0, 50)


def test_an_upload_stored_at_the_same_moment_but_folded_later_earns_nothing(tara: int, monkeypatch: pytest.MonkeyPatch):
    from app.gamification import ingest

    report(None, REPORTED)
    # As two deliveries that do not see each other yet.
    monkeypatch.setattr(ingest, "_refuse_known_deals", lambda *_: None)
    assert upload(UPLOADED) == ["accepted"]
    pipeline.drain()
    assert balances(tara) == (50, 0, 0, 50)
    found = decided("uploaded", "uploads")
    assert found is not None
    assert found.reason == Reason.SUPERSEDED


@pytest.mark.parametrize(
    ("trust", "before"), [("review", (0, 50, 0, 50)), ("recognition", (0, 0, 0, 0)), ("trusted", (50, 0, 0, 50))]
)
def test_how_far_an_upload_is_trusted(tara: int, trust: str, before: tuple[int, int, int, int]):
    set_trust(trust)
    upload(UPLOADED)
    pipeline.drain()
    assert balances(tara) == before
    found = decided("uploaded", "uploads")
    assert found is not None
    assert found.reason == (Reason.RECOGNITION if trust == "recognition" else Reason.EARNED)
    assert wallet(tara).qualifying == (50 if trust == "trusted" else 0)
    report(None, REPORTED, now=NOON + 2 * SECOND)
    pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((50, 0, 0, 50), 50)


def test_staff_release_what_they_have_approved(tara: int):
    upload(UPLOADED)
    pipeline.drain()
    (batch,) = batches(tara)
    with transaction():
        assert lapsing.release({tara: [batch.seq]}, NOON + timedelta(days=3)) == 1
    assert (balances(tara), wallet(tara).qualifying) == ((50, 0, 0, 50), 50)
    report(None, REPORTED, now=NOON + timedelta(days=4))
    pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((50, 0, 0, 50), 50)


AMENDED_UPLOAD = Said(trade(lots="7"), id="uploaded again", account=LIVE, deal="77", corrects="uploaded")


@pytest.mark.parametrize("with_deal", [True, False])
@pytest.mark.parametrize("order", list(permutations("ucr")), ids="".join)
def test_a_deal_counts_once_though_its_upload_was_corrected(tara: int, order: tuple[str, ...], with_deal: bool):
    set_trust("trusted")
    correction = AMENDED_UPLOAD if with_deal else replace(AMENDED_UPLOAD, deal=None)
    for place, letter in enumerate(order):
        if letter == "r":
            report(None, REPORTED, now=NOON + place * SECOND)
        else:
            upload({"u": UPLOADED, "c": correction}[letter], now=place * SECOND)
        pipeline.drain()
    stored = {row.external_id for row in read_all(text("SELECT external_id FROM activity"))}
    if "uploaded" in stored or with_deal:  # else it was refused, and nothing says what the correction was of
        assert (balances(tara), wallet(tara).qualifying) == ((50, 0, 0, 50), 50)
    assert verify().bad is None


def test_the_brokers_correction_replaces_an_upload_before_its_original_is_known(tara: int):
    set_trust("trusted")
    upload(UPLOADED)
    report(None, Said(trade(lots="3"), id="c", account=LIVE, deal="77", corrects="reported"), now=NOON + 2 * SECOND)
    pipeline.drain()
    assert balances(tara)[0] == 30
    report(None, REPORTED, now=NOON + 3 * SECOND)
    pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((30, 0, 0, 30), 30)


def test_two_verified_sources_report_a_deal_once(tara: int):
    report(None, REPORTED)
    assert report(None, replace(REPORTED, id="from a statement"), source="statements") == ["duplicate"]


@pytest.mark.parametrize("order", list(permutations("vwc")), ids="".join)
def test_a_correction_by_the_other_of_two_sources_is_of_the_same_deal(tara: int, order: tuple[str, ...]):
    """The deal is what both have in common: of the second source the original is known already, and never stored."""
    said = {
        "v": (REPORTED, "broker"),
        "w": (replace(REPORTED, id="mine"), "statements"),
        "c": (Said(trade(lots="3"), id="my correction", account=LIVE, deal="77", corrects="mine"), "statements"),
    }
    for place, letter in enumerate(order):
        one, source = said[letter]
        report(None, one, now=NOON + place * SECOND, source=source)
        pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((30, 0, 0, 30), 30)
    report(None, Said(None, id="bust", account=LIVE, busts="reported", deal="77"), now=NOON + 5 * SECOND)
    pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((0, 0, 0, 0), 0)


# --- what a reversal does to the rest ---------------------------------------------------------------------------------


def test_a_correction_after_spending_leaves_a_debt_that_the_next_points_pay(tara: int):
    play(tara, ORIGINAL)
    with transaction():
        wallets.redeem(tara, 90, 1, NOON)
    play(tara, gain(20, "c", corrects="x"))
    # 10 were left, 90 are owed, the 20 of the correction pay at once.
    assert balances(tara) == (0, 0, 70, 20)
    play(tara, gain(100, "y"))
    assert balances(tara) == (30, 0, 0, 120)


def test_no_level_is_lost_at_once(tara: int):
    levels = [
        {"key": "bronze", "name": {"en": "B"}, "threshold": 0},
        {"key": "silver", "name": {"en": "S"}, "threshold": 100},
    ]
    set_ladder({"period": {"kind": "rolling", "days": 180}, "levels": levels})
    play(tara, ORIGINAL)
    assert wallet(tara).level_id == 2
    play(tara, bust("x", "b"))
    assert (wallet(tara).level_id, wallet(tara).qualifying) == (2, 0)
    rows = read_all(text("SELECT level_id FROM tier_history WHERE member_id = :id"), {"id": tara})
    assert [row.level_id for row in rows] == [2]


def test_a_held_award_is_taken_from_what_is_pending(tara: int):
    publish("held", {"kind": "custom.held", "base": {"kind": "count", "rate": "1"}, "hold_days": 5})
    play(tara, gain(30, "other"))
    play(tara, Said(Custom(count=50), "custom.held", id="h"))
    assert balances(tara) == (30, 50, 0, 80)
    play(tara, Said(None, "custom.held", id="b", busts="h"))
    assert balances(tara) == (30, 0, 0, 30)
    assert lapsing.release_due(NOON + timedelta(days=30)) == 0
    assert wallet(tara).qualifying == 30


def test_a_released_award_gives_back_its_qualifying_too(tara: int):
    publish("held", {"kind": "custom.held", "base": {"kind": "count", "rate": "1"}, "hold_days": 5})
    play(tara, Said(Custom(count=50), "custom.held", id="h"))
    assert lapsing.release_due(NOON + timedelta(days=5)) == 1
    assert wallet(tara).qualifying == 50
    play(tara, Said(None, "custom.held", id="b", busts="h"), now=NOON + timedelta(days=6))
    assert (balances(tara), wallet(tara).qualifying) == ((0, 0, 0, 0), 0)


def test_qualifying_of_a_capped_award_is_given_back_as_well(tara: int):
    publish(
        "capped",
        {"kind": "custom.capped", "base": {"kind": "count", "rate": "1"}, "caps": [{"per": "day", "points": 10}]},
    )
    play(tara, Said(Custom(count=10), "custom.capped", id="full"))
    play(tara, Said(Custom(count=25), "custom.capped", id="over"))
    assert wallet(tara).qualifying == 35
    play(tara, Said(None, "custom.capped", id="b", busts="over"))
    assert (balances(tara)[0], wallet(tara).qualifying) == (10, 10)


def test_every_rule_that_paid_is_taken_back(tara: int):
    publish("second", {"kind": "custom.gain", "base": {"kind": "count", "rate": "3"}, "qualifying": False})
    play(tara, ORIGINAL)
    assert balances(tara)[0] == 400
    play(tara, bust("x", "b"))
    assert (balances(tara), wallet(tara).qualifying) == ((0, 0, 0, 0), 0)


def test_many_corrections_in_one_delivery(tara: int):
    originals = [gain(10, f"x{n}") for n in range(300)]
    report(tara, *originals)
    report(tara, *(gain(7, f"c{n}", corrects=f"x{n}") for n in range(300)), now=NOON + SECOND)
    pipeline.drain()
    assert (balances(tara), wallet(tara).qualifying) == ((2100, 0, 0, 2100), 2100)
