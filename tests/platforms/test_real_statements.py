"""Real statements agree with their control totals. They are nobody's to publish, so they lie outside the project."""

from dataclasses import asdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from app.platforms.detect import read_statement
from app.platforms.statement import Statement, totals

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/statements"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real statements of ../shared/data are not here")

FIELDS = "rows_read closed cancelled balance_rows archived open lots commission swap profit"
CONTROL = {
    "mt4_statement_usd_darwinex.htm": "129 124 3 1 0 1 493.83 -2265.77 -308.60 10780.02",
    "mt4_detailed_usd_alpari.htm": "2227 2089 8 126 25 3 47.57 -133.36 -42.81 -1606.61",
    "mt4_detailed_jpy_ronnaru.htm": "1921 1761 132 2 0 22 33.47 0 -171 -348433",
    "mt4_statement_jpy_oanda.htm": "41 20 0 21 0 0 2.00 0 0 5390",
    "mt5_history_usd_hedging_metaquotes.html": "40 8 3 1 0 1 8.00 0 -1.72 1335.49",
    "mt5_history_usd_hedging_hfm.xlsx": "52 9 7 1 0 1 0.30 0 0 -49.67",
}
# Closed profit or loss, deposits less withdrawals, balance rows that took money away.
MONEY = {
    "mt4_statement_usd_darwinex.htm": "8205.65 100000.00 0",
    "mt4_detailed_usd_alpari.htm": "-1782.78 1902.77 29",
    "mt4_detailed_jpy_ronnaru.htm": "-348604 500000 0",
    "mt4_statement_jpy_oanda.htm": "5390 -62 13",
    "mt5_history_usd_hedging_metaquotes.html": "1333.77 10000.00 0",
    "mt5_history_usd_hedging_hfm.xlsx": "-49.67 50.00 0",
}
HEADS = {
    "mt4_statement_usd_darwinex.htm": ("mt4_statement", "Tradeslide Trading Tech Limited", None, "9000000001", "USD"),
    "mt4_detailed_usd_alpari.htm": ("mt4_detailed", "Alpari", None, None, "USD"),
    "mt4_detailed_jpy_ronnaru.htm": (
        "mt4_detailed", "Performance Ronnaru Capital Ltd.", None, "900000003", "JPY",
    ),
    "mt4_statement_jpy_oanda.htm": ("mt4_statement", "OANDA Corporation", None, "9000004", "JPY"),
    "mt5_history_usd_hedging_metaquotes.html": (
        "mt5_html", "MetaQuotes Software Corp.", "MetaQuotes-Demo", "9000006", "USD",
    ),
    "mt5_history_usd_hedging_hfm.xlsx": (
        "mt5_xlsx", "HFM Investments Ltd", "HFMarketsKE-Demo2", "90000005", "USD",
    ),
}  # fmt: skip


def real(name: str) -> Statement:
    return read_statement((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", CONTROL)
def test_it_agrees_with_the_control_totals(name: str):
    expected = dict(zip(FIELDS.split(), map(Decimal, CONTROL[name].split()), strict=True))
    assert asdict(totals(real(name))) == expected


@pytest.mark.parametrize("name", MONEY)
def test_its_money_agrees_with_the_report_s_own_summary(name: str):
    statement = real(name)
    result, moved, taken = map(Decimal, MONEY[name].split())
    bookings = [row.amount for row in statement.not_trades if row.kind == "balance"]
    assert statement.stated_result == result
    assert statement.result == result
    assert statement.adds_up is not False
    assert sum(bookings) == moved
    assert sum(amount < 0 for amount in bookings) == taken


@pytest.mark.parametrize("name", HEADS)
def test_it_knows_whose_account_it_is(name: str):
    statement = real(name)
    assert (statement.format, statement.company, statement.server, statement.login, statement.currency) == HEADS[name]


@pytest.mark.parametrize("name", CONTROL)
def test_every_closing_has_a_number_of_its_own(name: str):
    deals = [trade.deal for trade in real(name).deals]
    assert len(set(deals)) == len(deals)


@pytest.mark.parametrize("name", CONTROL)
def test_the_profit_of_every_trade_has_the_sign_of_its_movement(name: str):
    # Which is how a wrong side, a wrong pairing or two exchanged price columns would show.
    for trade in real(name).trades:
        moved = (trade.close_price - trade.open_price) * (1 if trade.side == "buy" else -1)
        assert moved * trade.profit >= 0, trade
        assert trade.opened_at <= trade.closed_at, trade


def test_archived_months_carry_money_and_are_no_trades():
    statement = real("mt4_detailed_usd_alpari.htm")
    archived = [trade for trade in statement.deals if trade.set_aside == "archived"]
    assert len(archived) == 25
    assert len(statement.trades) == 2064
    assert sum(trade.profit for trade in archived) != 0


def test_stop_outs_and_stops_are_told_apart():
    ended = [trade.ended_by for trade in real("mt4_detailed_usd_alpari.htm").deals]
    assert (ended.count("stop_out"), ended.count("take_profit"), ended.count("stop_loss")) == (13, 14, 870)


def test_parts_of_one_order_share_its_position():
    deals = {trade.deal: trade for trade in real("mt4_detailed_usd_alpari.htm").deals}
    assert deals["1528678919"].comment == "to #1528678959"
    assert deals["1528678959"].position == deals["1528678919"].position == "1528678919"


def test_deals_of_2016_are_paired_as_the_platform_closed_them():
    statement = real("mt5_history_usd_hedging_metaquotes.html")
    paired = [f"{trade.side} {trade.open_price} {trade.close_price} {trade.position}" for trade in statement.deals]
    assert paired == [
        "buy 0.97430 0.98062 93164125",
        "buy 0.97394 0.98062 93166252",
        "sell 0.98059 0.98073 93331379",
        "buy 0.98128 0.98333 93336938",
        "sell 1.10870 1.10781 93336940",
        "sell 0.98112 0.98353 93336951",
        "sell 0.98312 0.98333 93445943",
        "sell 1.29838 1.29845 93445807",
    ]
    assert statement.deals[-1].stop_loss == Decimal("1.29889")


def test_positions_opened_before_the_report_begins_are_known_by_their_own_rows():
    first = real("mt5_history_usd_hedging_hfm.xlsx").deals[0]
    assert (first.deal, first.position, first.opening_known) == ("25615362", "35324172", True)
    assert (str(first.open_price), str(first.close_price)) == ("1.12895", "1.14086")
    assert (first.stop_loss, first.take_profit) == (Decimal("1.11918"), Decimal("1.14086"))


def test_a_report_reads_in_the_order_of_its_closings():
    closed = [trade.closed_at for trade in real("mt5_history_usd_hedging_hfm.xlsx").deals]
    assert all(earlier <= later for earlier, later in pairwise(closed))
