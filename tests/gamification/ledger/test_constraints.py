"""What must never happen to the ledger is refused by the database itself, whoever asks."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.gamification import pipeline
from app.gamification.activities import Custom
from app.gamification.ledger import wallets
from app.gamification.ledger.verify import verify
from app.models.base import connection, db, read_all, read_one, transaction
from app.models.ledger import State
from tests.support.play import NOON, Said, balances, play, trader
from tests.support.programmes import end_all_rules, publish


@pytest.fixture
def tara(app: Flask) -> int:
    """A member with 100 points, of which 40 are spent."""
    end_all_rules()
    publish("gain", {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}})
    member_id = trader()
    play(member_id, Said(Custom(count=100), "custom.gain", id="x"))
    with transaction():
        wallets.redeem(member_id, 40, 1, NOON)
    return member_id


def refused(statement: str, error: type[DBAPIError] = IntegrityError) -> None:
    with pytest.raises(error), transaction():
        connection().execute(text(statement))


@pytest.mark.parametrize("table", ["transfer", "allocation", "activity"])
def test_history_cannot_be_changed_or_dropped(tara: int, table: str):
    column = "occurred_at" if table == "activity" else "amount"
    refused(f"UPDATE {table} SET {column} = {column} + 1")
    refused(f"DELETE FROM {table}")
    assert verify().bad is None


@pytest.mark.sqlite
def test_a_row_cannot_be_replaced_on_its_way_in(tara: int):
    refused(
        "INSERT OR REPLACE INTO transfer SELECT wallet_id, seq, unit_id, code, debit, credit, amount + 1, balance, cause,"
        " cause_id, part, occurred_at, recorded_at, hash FROM transfer"
    )
    refused("REPLACE INTO allocation SELECT wallet_id, seq, batch, amount + 1 FROM allocation")


@pytest.mark.parametrize(
    "change",
    [
        "available = -1",
        "pending = -1",
        "debt = -1",
        "debt = 5",  # while there is something available
    ],
)
def test_a_wallet_cannot_hold_what_no_wallet_holds(tara: int, change: str):
    refused(f"UPDATE wallet SET {change} WHERE id = {tara}")


@pytest.mark.parametrize("change", ["remaining = -1", "remaining = amount + 1"])
def test_a_batch_holds_between_nothing_and_what_it_was(tara: int, change: str):
    refused(f"UPDATE batch SET {change} WHERE wallet_id = {tara}")


@pytest.mark.parametrize(
    "values",
    [
        "9, 1, 1, 1, 10, 0, 100, 8, 77, 0",  # an amount of nothing
        "9, 1, 1, 1, 10, -5, 100, 8, 77, 0",
        "9, 1, 1, 10, 10, 5, 100, 8, 77, 0",  # from an account to itself
    ],
)
def test_a_transfer_moves_something_between_two_accounts(tara: int, values: str):
    refused(
        "INSERT INTO transfer (wallet_id, seq, unit_id, code, debit, credit, amount, balance, cause, cause_id, part,"
        f" occurred_at, recorded_at, hash) SELECT {tara}, {values}, 0, 0, hash FROM transfer WHERE seq = 1"
    )


def test_a_reference_is_used_once(tara: int):
    """A step that runs twice writes once, whatever went wrong before."""
    refused(
        "INSERT INTO transfer (wallet_id, seq, unit_id, code, debit, credit, amount, balance, cause, cause_id, part,"
        " occurred_at, recorded_at, hash) SELECT wallet_id, 9, unit_id, code, debit, credit, amount, balance, cause, cause_id,"
        " part, occurred_at, recorded_at, hash FROM transfer WHERE seq = 1"
    )


def test_redeeming_refunding_and_adjusting_twice_writes_once(tara: int):
    with pytest.raises(IntegrityError), transaction():
        wallets.redeem(tara, 10, 1, NOON)
    with transaction():
        wallets.refund(tara, 1, NOON)
    with pytest.raises(IntegrityError), transaction():
        wallets.refund(tara, 1, NOON)
    assert balances(tara) == (100, 0, 0, 100)


def test_an_activity_that_is_queued_again_by_mistake_is_not_counted_again(tara: int):
    with transaction() as conn:
        conn.execute(
            text(
                "INSERT INTO activity_queue SELECT :id, recorded_at, id FROM activity WHERE external_id = 'x'",
            ),
            {"id": tara},
        )
    # Its decision stands: the second one is refused, and nothing of it stays.
    with pytest.raises(IntegrityError):
        pipeline.run()
    assert balances(tara)[0] == 60
    assert verify().bad is None


def test_an_activity_belongs_to_somebody(tara: int):
    refused(
        "INSERT INTO activity (id, source_id, external_id, kind, verified, flags, occurred_at, recorded_at, digest, data)"
        " SELECT 999999, source_id, 'y', kind, verified, flags, occurred_at, recorded_at, digest, data FROM activity"
        " WHERE external_id = 'x'"
    )


def test_all_accounts_of_a_unit_sum_to_zero(tara: int):
    """The programme's accounts have no balance of their own: they are summed."""
    sums: dict[int, int] = {}
    for row in read_all(text("SELECT debit, credit, amount FROM transfer WHERE unit_id = 1")):
        sums[row.debit] = sums.get(row.debit, 0) - row.amount
        sums[row.credit] = sums.get(row.credit, 0) + row.amount
    assert sum(sums.values()) == 0
    assert sums == {State.ISSUED: -100, State.AVAILABLE: 60, State.REDEEMED: 40}
    kept = read_one(text("SELECT sum(available), sum(pending), sum(debt) FROM wallet"))
    assert [int(value) for value in kept] == [60, 0, 0]


def test_everything_stays_refused_after_the_connection_was_opened_anew(tara: int):
    db.engine.dispose()
    refused("UPDATE transfer SET amount = 1")
