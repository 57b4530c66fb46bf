"""From a statement to activities: what is a trade, what is an entry, and under which id."""

import json
from datetime import UTC, datetime

import pytest

from app.gamification.activities import Entry, Trade, facts_of
from app.gamification.statements.clock import server_clock
from app.gamification.statements.reading import Account, Reading, read
from app.lib.clock import to_micros
from app.platforms.detect import read_statement
from tests.platforms.test_samples import SAMPLES
from tests.platforms.writing import mt4

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ACCOUNT = Account(7, "mt4", "Meridian-Live", "5001001")


def reading_of(data: bytes, now: datetime = NOW, zone: str = "UTC") -> Reading:
    return read(read_statement(data), ACCOUNT, server_clock(zone), now)


@pytest.fixture
def sample() -> Reading:
    return reading_of((SAMPLES / "mt4_statement.htm").read_bytes())


def facts(reading: Reading, id: str) -> Trade | Entry:
    item = next(row.item for row in reading.rows if row.item.id == id)
    found: Trade | Entry = facts_of(item.kind, item.data)
    return found


def test_a_closed_trade_keeps_its_figures(sample: Reading):
    trade = facts(sample, "mt4.7.71000002")
    assert trade == Trade(
        symbol="eurusd",
        side=1,
        lots="0.5",
        open_price="1.048",
        close_price="1.052",
        opened_at=1740993300000,
        closed_at=1741016530000,
        profit="200",
        commission="-3.5",
        swap="0",
        currency="USD",
        stop_loss="1.045",
        take_profit="1.052",
        bonus_funds=0,
    )


def test_only_real_trades_carry_their_deal(sample: Reading):
    deals = {row.item.deal: row.set_aside for row in sample.rows if row.item.deal}
    assert set(deals) == {f"7100000{ticket}" for ticket in (2, 3, 4, 7, 8)}
    assert set(deals.values()) == {None}


def test_what_is_no_trade_is_an_entry_that_never_earns(sample: Reading):
    entries = {
        row.item.id: facts_of(row.item.kind, row.item.data).entry for row in sample.rows if row.item.deal is None
    }
    assert entries == {
        "mt4.7.balance.71000001": "balance",
        "mt4.7.cancelled.71000005": "cancelled",
        "mt4.7.credit.71000006": "credit",
        "mt4.7.closed_by.71000009": "closed_by",
        "mt4.7.archived.71000010": "archived",
        "mt4.7.balance.71000011": "balance",
    }
    assert facts(sample, "mt4.7.archived.71000010") == Entry("archived", "31.5", "USD")


def test_rows_come_in_the_order_of_their_time(sample: Reading):
    times = [row.item.occurred_at for row in sample.rows]
    assert times == sorted(times)
    assert sample.rows[0].item.id == "mt4.7.archived.71000010"


def test_what_is_still_open_waits_until_it_closes(sample: Reading):
    assert not any("71000012" in row.item.id or "71000013" in row.item.id for row in sample.rows)


def test_html_and_xlsx_of_one_account_are_the_same_activities():
    html, xlsx = (reading_of((SAMPLES / f"mt5_history.{ending}").read_bytes()) for ending in ("html", "xlsx"))
    assert [row.item for row in html.rows] == [row.item for row in xlsx.rows]


def test_numbers_of_orders_and_deals_do_not_collide():
    ids = [row.item.id for row in reading_of((SAMPLES / "mt5_history.html").read_bytes()).rows]
    assert len(set(ids)) == len(ids)


GOOD = "|1|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("|2|2025.03.03 09:00:00|buy|0.10|€uro|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00", "symbol"),
        ("|2|2025.03.03 09:00:00|buy|0.10|" + "x" * 40 + "|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00", "symbol"),
        ("|2|2025.03.03 09:00:00|buy|0.10|eurusd|0|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00", "open_price"),
        ("|2|2025.03.03 09:00:00|buy|0.10|eurusd|-1|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00", "open_price"),
        ("|2|2025.03.03 11:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00", "closes before it opens"),
        ("|2|2026.03.04 09:00:00|buy|0.10|eurusd|1.1|0|0|2026.03.05 10:00:00|1.2|0|0|0|1.00", "five minutes ahead"),
    ],
)
def test_a_row_that_no_activity_can_hold_is_told_and_stops_nobody_else(row: str, why: str):
    reading = reading_of(mt4(f"{GOOD}\n{row}").encode())
    assert [one.item.id for one in reading.rows] == ["mt4.7.1"]
    (told,) = reading.unusable
    assert told.startswith("Row 2: ") and why in told
    assert reading.unusable_closed == 1


def test_levels_below_zero_are_none():
    row = "|2|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|-5|0|2025.03.03 10:00:00|1.2|0|0|0|1.00"
    (one,) = reading_of(mt4(row).encode()).rows
    assert json.loads(one.item.data)[11] is None


def test_deliveries_hold_a_thousand():
    rows = "\n".join(
        f"|{ticket}|2025.03.03 09:00:00|buy|0.10|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|1.00"
        for ticket in range(1, 2502)
    )
    reading = reading_of(mt4(rows).encode())
    assert [len(delivery) for delivery in reading.deliveries()] == [1000, 1000, 501]


def test_the_clock_that_a_file_names_goes_before_any_other():
    reading = reading_of((SAMPLES / "ctrader_history.csv").read_bytes(), zone="Asia/Tokyo")
    assert min(row.item.occurred_at for row in reading.rows) == to_micros(datetime(2025, 3, 1, 8, tzinfo=UTC))
