"""The project's own statements, made by hand, one of each format; what a real one must agree in, these must too."""

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import pytest

from app.platforms.detect import read_statement
from app.platforms.formats import formats
from app.platforms.statement import ClosedTrade, Statement, totals

SAMPLES = Path(__file__).parent / "samples"

FIELDS = "rows_read closed cancelled balance_rows archived open lots commission swap profit"
CONTROL = {
    "mt4_statement.htm": "13 7 1 3 1 1 2.11 -11.70 -6.82 -925.90",
    "mt4_detailed_chinese.htm": "4 2 0 2 0 0 0.70 -3.00 -1.84 565.56",
    "mt5_history.html": "19 4 2 3 0 1 1.8 -13.60 -36.72 -991.50",
    "mt5_history.xlsx": "19 4 2 3 0 1 1.8 -13.60 -36.72 -991.50",
    "mt4_history.csv": "7 4 1 1 0 1 1.10 -7.70 -0.70 183.47",
    "mt4_history_semicolon.csv": "3 2 0 1 0 0 1.75 -12.25 -1012.45 -150.00",
    "mt5_report.csv": "9 2 1 1 0 0 0.51 -3.58 -0.12 199.70",
    "mt5_deals.csv": "5 2 0 1 0 0 0.5 -4.00 -2.10 -10.00",
    "mt5_positions.csv": "2 2 0 0 0 0 0.55 -3.85 -0.20 213.41",
    "ctrader_history.csv": "6 3 0 2 0 1 1.8 -11.60 -1.20 -472.88",
}
# What scripts and the terminal's clipboard write has no sums of its own.
WITHOUT_SUMS = {"mt4_history.csv", "mt4_history_semicolon.csv", "mt5_deals.csv", "mt5_positions.csv"}


def sample(name: str) -> Statement:
    return read_statement((SAMPLES / name).read_bytes())


def deal(statement: Statement, number: str) -> ClosedTrade:
    return next(trade for trade in statement.deals if trade.deal == number)


@pytest.mark.parametrize("name", CONTROL)
def test_it_agrees_with_the_control_totals(name: str):
    expected = dict(zip(FIELDS.split(), map(Decimal, CONTROL[name].split()), strict=True))
    assert asdict(totals(sample(name))) == expected


@pytest.mark.parametrize("name", sorted(CONTROL.keys() - WITHOUT_SUMS))
def test_its_rows_add_up_to_what_it_states(name: str):
    statement = sample(name)
    assert statement.result == statement.stated_result
    assert statement.adds_up is (None if statement.platform == "mt5" and statement.open_trades else True)


@pytest.mark.parametrize("name", sorted(WITHOUT_SUMS))
def test_a_file_without_sums_is_not_said_to_add_up(name: str):
    assert (sample(name).stated_result, sample(name).adds_up) == (None, None)


def test_there_is_a_sample_of_every_format():
    assert {sample(name).format for name in CONTROL} == {kind.key for kind in formats.all()}


def test_the_file_s_name_says_nothing(tmp_path: Path):
    # Read from bytes alone: nothing here could even see a name.
    assert sample("mt5_history.xlsx").deals == sample("mt5_history.html").deals


def test_an_order_of_mt4_is_read_field_by_field():
    trade = deal(sample("mt4_statement.htm"), "71000002")
    assert (trade.symbol, trade.side, str(trade.lots)) == ("eurusd", "buy", "0.50")
    assert (str(trade.open_price), str(trade.close_price)) == ("1.04800", "1.05200")
    assert (str(trade.stop_loss), str(trade.take_profit)) == ("1.04500", "1.05200")
    assert (trade.opened_at.isoformat(), trade.closed_at.isoformat()) == ("2025-03-03T09:15:00", "2025-03-03T15:42:10")
    assert (str(trade.commission), str(trade.swap), str(trade.profit)) == ("-3.50", "0.00", "200.00")
    assert trade.ended_by == "take_profit"


def test_a_stop_level_of_zero_is_none():
    trade = deal(sample("mt4_statement.htm"), "71000003")
    assert trade.stop_loss is None
    assert trade.take_profit is None


def test_rows_that_can_earn_nothing_say_why():
    statement = sample("mt4_statement.htm")
    aside = {trade.deal: trade.set_aside for trade in statement.deals if trade.set_aside}
    assert aside == {"71000009": "closed_by", "71000010": "archived"}
    kinds = [row.kind for row in statement.not_trades]
    assert kinds == ["balance", "cancelled", "credit", "balance", "open", "working"]


def test_chinese_comments_and_company_are_read():
    statement = sample("mt4_detailed_chinese.htm")
    assert statement.company == "子午线市场有限公司"
    assert [trade.comment for trade in statement.deals] == ["突破策略[tp]", "手动平仓"]
    assert [row.text for row in statement.not_trades] == ["入金", "红利"]


def test_each_part_of_a_position_is_a_trade_of_its_own():
    first, second = (deal(sample("mt5_history.html"), number) for number in ("91000005", "91000006"))
    assert (first.position, second.position) == ("81000002", "81000002")
    assert (str(first.lots), str(second.lots)) == ("0.1", "0.2")
    assert (first.side, str(first.open_price), str(second.open_price)) == ("sell", "149.500", "149.500")
    # A third of the opening's -1.05 beside the closing's own -0.35, two thirds beside -0.70.
    assert (first.commission, second.commission) == (Decimal("-0.70"), Decimal("-1.40"))
    assert (first.ended_by, second.ended_by) == (None, "stop_loss")


def test_a_position_older_than_the_report_is_known_by_its_row():
    trade = deal(sample("mt5_history.html"), "91000008")
    assert (trade.opening_known, str(trade.open_price), trade.opened_at.day) == (True, "2900.00", 20)
    assert (str(trade.commission), str(trade.swap), trade.ended_by) == ("-8.00", "-36.20", "stop_out")


def test_mt5_money_without_a_trade_is_told_by_its_kind():
    rows = {row.ref: (row.kind, str(row.amount)) for row in sample("mt5_history.xlsx").not_trades}
    assert rows["91000001"] == ("balance", "10000.00")
    assert rows["91000007"] == ("credit", "50.00")
    assert rows["91000009"] == ("dividend", "-1.20")
    assert rows["81000003"] == rows["81000009"] == ("cancelled", "0")
    assert (rows["81000008"], rows["81000010"]) == (("open", "20.00"), ("working", "0"))


def test_the_head_names_server_and_kind_of_account():
    statement = sample("mt5_history.html")
    assert (statement.company, statement.server, statement.login) == ("Meridian Markets", "Meridian-Live", "6001001")
    assert (statement.currency, statement.account_type) == ("USD", "real")
    assert "Alice" not in repr(statement)
