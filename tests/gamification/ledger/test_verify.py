"""The proof: whatever is done to the rows behind the programme's back, the first bad one is named."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.book import chain
from app.gamification.ledger.verify import BadRow, Report, take_root, verify, verify_wallet
from app.models.base import read_all, read_one, transaction
from tests.gamification.ledger.tampering import literal, tamper
from tests.support.play import NOON, Said, play, report, trader, transfers
from tests.support.programmes import end_all_rules, publish

DAY = timedelta(days=1)


@pytest.fixture
def three(app: Flask) -> list[int]:
    """Three members with a life behind them: earning, holding, spending, a refund, a correction, a lapse."""
    end_all_rules()
    base = {"base": {"kind": "count", "rate": "1"}}
    publish("gain", {"kind": "custom.gain", **base, "expiry": {"mode": "days", "n": 40}})
    publish("held", {"kind": "custom.held", **base, "hold_days": 2})
    members = [trader() for _ in range(3)]
    for place, member_id in enumerate(members):
        for amount in (100, 50):
            play(member_id, Said(Custom(count=amount), "custom.gain"))
        play(member_id, Said(Custom(count=30), "custom.held"))
        with transaction():
            wallets.redeem(member_id, 120, place + 1, NOON)
        lapsing.release_due(NOON + 3 * DAY)
        with transaction():
            wallets.refund(member_id, place + 1, NOON + 4 * DAY)
        x = play(member_id, Said(Custom(count=70), "custom.gain", id=f"x{place}"), now=NOON + 5 * DAY)
        assert x.earned == 70
        play(member_id, Said(None, "custom.gain", busts=f"x{place}"), now=NOON + 6 * DAY)
    lapsing.expire_due(NOON + 45 * DAY)
    return members


def last(member_id: int) -> int:
    return int(transfers(member_id)[-1].seq)


def test_an_untouched_ledger_holds(three: list[int]):
    report = verify()
    counted = read_one(text("SELECT count(*) FROM transfer"))[0]
    assert report == Report(wallets=3, transfers=counted, bad=None)
    assert {row.code for row in transfers(three[0])} == {1, 2, 3, 4, 6, 8}
    assert all(verify_wallet(member_id) is None for member_id in three)


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "occurred_at = occurred_at - 1",
        "recorded_at = recorded_at + 1",
        "cause_id = cause_id + 1000000",
        "part = part + 1000000",
        "code = 7",
        "credit = 12",
        "balance = balance + 1",
        "unit_id = 2",
    ],
)
def test_a_changed_row_is_named(three: list[int], change: str):
    tamper("UPDATE transfer SET {change} WHERE wallet_id = {id} AND seq = 3", change=change, id=three[1])
    assert verify().bad == BadRow(three[1], 3, "changed")
    assert verify_wallet(three[1]) == BadRow(three[1], 3, "changed")
    assert verify_wallet(three[0]) is None


def test_the_first_of_several_is_named(three: list[int]):
    tamper("UPDATE transfer SET amount = amount + 1 WHERE wallet_id IN ({a}, {b}) AND seq > 4", a=three[1], b=three[2])
    assert verify().bad == BadRow(three[1], 5, "changed")


def test_a_row_dropped_from_the_middle_is_named(three: list[int]):
    tamper("DELETE FROM transfer WHERE wallet_id = {id} AND seq = 4", id=three[0])
    assert verify().bad == BadRow(three[0], 4, "dropped")


def test_a_row_dropped_and_the_later_ones_moved_up_is_named(three: list[int]):
    moves = "; ".join(
        f"UPDATE transfer SET seq = {seq - 1} WHERE wallet_id = {three[0]} AND seq = {seq}"
        for seq in range(5, last(three[0]) + 1)
    )
    tamper("DELETE FROM transfer WHERE wallet_id = {id} AND seq = 4", *moves.split("; "), id=three[0])
    assert verify().bad == BadRow(three[0], 4, "changed")


def test_a_cut_tail_is_named(three: list[int]):
    seq = last(three[2])
    tamper("DELETE FROM transfer WHERE wallet_id = {id} AND seq >= {seq}", id=three[2], seq=seq)
    assert verify().bad == BadRow(three[2], seq, "dropped")


def test_two_rows_that_changed_places_are_named(three: list[int]):
    tamper(
        "UPDATE transfer SET seq = 9000 WHERE wallet_id = {id} AND seq = 2",
        "UPDATE transfer SET seq = 2 WHERE wallet_id = {id} AND seq = 3",
        "UPDATE transfer SET seq = 3 WHERE wallet_id = {id} AND seq = 9000",
        id=three[1],
    )
    assert verify().bad == BadRow(three[1], 2, "changed")


def test_a_row_put_in_is_named_even_with_a_proper_hash(three: list[int]):
    row = transfers(three[0])[-1]
    plain = (
        three[0],
        row.seq + 1,
        1,
        1,
        1,
        10,
        500,
        row.balance + 500,
        1,
        999_999,
        0,
        row.occurred_at,
        row.recorded_at,
    )
    digest = chain(bytes(row.hash), plain)
    insert = f"INSERT INTO transfer VALUES ({', '.join(map(str, plain))}, {{hash}})"
    tamper(insert, hash=literal(digest))
    assert verify().bad == BadRow(three[0], row.seq + 1, "inserted")


def test_a_row_put_in_with_any_hash_is_named(three: list[int]):
    seq = last(three[0]) + 1
    tamper(
        "INSERT INTO transfer SELECT wallet_id, {seq}, unit_id, code, debit, credit, amount, balance, 14, 77, 0,"
        " occurred_at, recorded_at, hash FROM transfer WHERE wallet_id = {id} AND seq = 1",
        id=three[0],
        seq=seq,
    )
    assert verify().bad == BadRow(three[0], seq, "changed")


def test_a_changed_explanation_breaks_the_chain_of_what_it_explains(three: list[int]):
    tamper("UPDATE decision SET outcome = replace(outcome, 'AE', 'CY') WHERE member_id = {id}", id=three[0])
    assert verify().bad == BadRow(three[0], 1, "changed")


@pytest.mark.parametrize("balance", ["available", "pending", "debt", "lifetime"])
def test_a_balance_that_was_helped_is_named(three: list[int], balance: str):
    other = ", available = 0" if balance == "debt" else ""
    tamper(
        "UPDATE wallet SET {balance} = {balance} + 1{other} WHERE id = {id}", balance=balance, other=other, id=three[1]
    )
    assert verify().bad == BadRow(three[1], last(three[1]), "wallet balance")


def test_a_batch_that_was_helped_is_named(three: list[int]):
    tamper(
        "UPDATE batch SET remaining = remaining + 1, amount = amount + 1 WHERE wallet_id = {id} AND seq = 1",
        id=three[0],
    )
    assert verify().bad == BadRow(three[0], last(three[0]), "batches")


def test_the_hash_is_the_documented_one(three: list[int]):
    """SHA-256 of the previous hash, the row as integers joined by bars, and the outcome of the decision."""
    row = transfers(three[0])[0]
    (outcome,) = read_one(text("SELECT outcome FROM decision WHERE activity_id = :id"), {"id": row.cause_id})
    canonical = "|".join(str(value) for value in tuple(row)[:13])
    assert hashlib.sha256(b"" + canonical.encode() + outcome.encode()).digest() == bytes(row.hash)


def test_both_databases_write_the_same_hash(app: Flask):
    row = (7, 1, 1, 1, 1, 10, 100, 100, 1, 12, 0, 1772625600000000, 1772625600000000)
    assert chain(b"", row, b"[]").hex() == "c50ad3ba82d55a403af950e16840b0d5b68166374365ca674342a3fb02858bd1"


# --- roots ------------------------------------------------------------------------------------------------------------


def test_the_root_is_taken_once_a_day_stored_and_logged(three: list[int], tmp_path: Path):
    root = take_root(NOON + 46 * DAY, tmp_path)
    assert root is not None
    assert take_root(NOON + 46 * DAY + timedelta(hours=3), tmp_path) is None
    heads = [bytes(row.head) for row in read_all(text("SELECT head FROM wallet ORDER BY id"))]
    assert root == hashlib.sha256(b"".join(heads)).digest()
    stored = read_one(text("SELECT day, wallets, transfers, root, totals FROM ledger_root"))
    assert bytes(stored.root) == root
    (line,) = (tmp_path / "roots.log").read_text().splitlines()
    kept = json.loads(line)
    assert (kept["day"], kept["wallets"], kept["transfers"]) == (stored.day, stored.wallets, stored.transfers)
    assert kept["root"] == root.hex()
    assert take_root(NOON + 47 * DAY, tmp_path) == root  # nothing happened meanwhile
    assert len((tmp_path / "roots.log").read_text().splitlines()) == 2


def test_the_totals_of_a_root_are_the_sums_by_account(three: list[int], tmp_path: Path):
    take_root(NOON, tmp_path)
    totals = read_one(text("SELECT totals FROM ledger_root"))[0]
    totals = json.loads(totals) if isinstance(totals, str) else totals
    # Three members: 100 + 50 + 70 available at once and 30 with a hold; 120 spent and given back; 70 undone.
    assert (totals["1:1>10"], totals["1:1>11"], totals["1:11>10"]) == (660, 90, 90)
    assert (totals["1:10>2"], totals["1:2>10"]) == (360, 360)
    assert totals["1:10>1"] + totals.get("1:12>1", 0) == 210


def test_a_chain_made_anew_behind_a_root_does_not_pass(three: list[int], tmp_path: Path):
    take_root(NOON + 46 * DAY, tmp_path)
    assert verify().bad is None
    row = transfers(three[0])[-1]
    previous = bytes(transfers(three[0])[-2].hash)
    plain = (*tuple(row)[:12], row.recorded_at + 1)
    digest = chain(previous, plain)
    tamper(
        "UPDATE transfer SET recorded_at = recorded_at + 1, hash = {hash} WHERE wallet_id = {id} AND seq = {seq}",
        "UPDATE wallet SET head = {hash} WHERE id = {id}",
        hash=literal(digest),
        id=three[0],
        seq=row.seq,
    )
    assert verify_wallet(three[0]) is None
    bad = verify().bad
    assert bad is not None
    assert "root" in bad.what


def test_the_root_does_not_hold_up_what_comes_after_it(three: list[int], tmp_path: Path):
    take_root(NOON + 46 * DAY, tmp_path)
    report(three[0], Said(Custom(count=5), "custom.gain"), now=NOON + 47 * DAY)
    pipeline.drain()
    assert verify().bad is None
