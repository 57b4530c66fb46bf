"""What is easily misread in the account reports of MetaTrader 4."""

from decimal import Decimal

import pytest

from app.platforms.detect import read_statement
from app.platforms.statement import ClosedTrade, Statement, totals
from app.platforms.unreadable import UnreadableStatement
from tests.platforms.writing import mt4

PLAIN = "|1|2025.03.03 09:15:00|buy|0.50|eurusd|1.04800|0.0|0.0|2025.03.03 15:42:10|1.05200|-3.50|0.00|0.00|200.00"


def read(closed: str, **rest: str) -> Statement:
    return read_statement(mt4(closed, **rest).encode())  # type: ignore[arg-type]


def only(closed: str) -> ClosedTrade:
    (trade,) = read(closed).deals
    return trade


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("-2 265.77", "-2265.77"),
        ("1&nbsp;434.86", "1434.86"),
        ("1\u202f000\u202f434.86", "1000434.86"),
        ("-348 604", "-348604"),
        ("1,434.86", "1434.86"),
        ("- 2.50", "-2.50"),
        ("\u22122.50", "-2.50"),
        ("+7", "7"),
    ],
)
def test_marks_of_thousands_and_signs(shown: str, meant: str):
    assert only(PLAIN.replace("200.00", shown)).profit == Decimal(meant)


@pytest.mark.parametrize("shown", ["", "n/a", "1.2.3", "1,5", "NaN", "Infinity", "1e9", "0x10", "9" * 14, "٣", "--1"])
def test_what_is_no_amount_is_named_with_its_row(shown: str):
    with pytest.raises(UnreadableStatement, match="Row 1 of the report") as refusal:
        read(PLAIN.replace("200.00", shown))
    assert refusal.value.reason == "bad_value"


@pytest.mark.parametrize("shown", ["2025.02.30 09:15:00", "2025.03.03 25:00:00", "03/03/2025 09:15", "yesterday"])
def test_a_time_that_never_was_is_named(shown: str):
    with pytest.raises(UnreadableStatement, match=shown):
        read(PLAIN.replace("2025.03.03 09:15:00", shown))


def test_a_negative_volume_is_refused():
    with pytest.raises(UnreadableStatement, match=r"-0\.50"):
        read(PLAIN.replace("|0.50|", "|-0.50|"))


def test_yen_have_no_decimals():
    statement = read(PLAIN.replace("200.00", "-348 604"), currency="JPY")
    assert (statement.currency, str(totals(statement).profit)) == ("JPY", "-348604")


def test_more_decimals_than_can_be_kept_are_rounded_half_even():
    assert str(only(PLAIN.replace("1.05200", "0.000000125")).close_price) == "1.2E-7"


def test_the_two_columns_called_price_are_told_apart():
    trade = only(PLAIN)
    assert (str(trade.open_price), str(trade.close_price)) == ("1.04800", "1.05200")


def test_the_headings_of_2006_are_known_and_taxes_may_be_missing():
    old = (
        "<table><tr><td>A/C No: 77</td><td>Name: Alice</td><td>Currency: USD</td></tr>"
        "<tr><td>Ticket</td><td>Open Time</td><td>Type</td><td>Lots</td><td>Symbol</td><td>Price</td><td>S/L</td>"
        "<td>T/P</td><td>Close Time</td><td>Price</td><td>Commis</td><td>Swap</td><td>Trade P/L</td></tr>"
        "<tr><td>200</td><td>2006.07.27 13:27</td><td>sell</td><td>2.50</td><td>eurusd</td><td>1.2764</td><td>0</td>"
        "<td>0</td><td>2006.07.27 13:34</td><td>1.2768</td><td>-2</td><td>-1</td><td>-100.00</td></tr></table>"
    )
    statement = read_statement(old.encode())
    (trade,) = statement.deals
    assert statement.login == "77"
    assert (trade.side, str(trade.lots), str(trade.close_price)) == ("sell", "2.50", "1.2768")
    assert (trade.commission, trade.swap, trade.profit) == (-2, -1, -100)


@pytest.mark.parametrize(
    ("note", "ended_by"),
    [
        ("#2022052714 [sl]", "stop_loss"),
        ("from #12[tp]", "take_profit"),
        ("[sl/gap]", "stop_loss"),
        ("so: 50.0%/12.3/24.6", "stop_out"),
        ("solid idea", None),
        ("also: by hand", None),
        ("", None),
    ],
)
def test_what_closed_a_trade(note: str, ended_by: str | None):
    assert only(note + PLAIN).ended_by == ended_by


def test_a_chain_of_partial_closes_is_one_position():
    rows = [
        PLAIN.replace("|1|", f"{note}|{ticket}|", 1)
        for ticket, note in [("11", "to #12"), ("13", "from #12[sl]"), ("12", "from #11"), ("20", "")]
    ]
    positions = {trade.deal: trade.position for trade in read("\n".join(rows)).deals}
    assert positions == {"11": "11", "12": "11", "13": "11", "20": "20"}


def test_comments_that_point_in_a_circle_end():
    rows = [PLAIN.replace("|1|", f"from #{other}|{ticket}|", 1) for ticket, other in [("11", "12"), ("12", "11")]]
    assert len(read("\n".join(rows)).deals) == 2


def test_a_pending_order_that_was_cancelled_or_expired_is_no_trade():
    row = "|5|2025.03.05 12:00:00|{}|1.00|gbpusd|1.27|0|0|2025.03.06 12:00:00|1.28|{}"
    kinds = ["buy limit", "sell limit", "buy stop", "sell stop"]
    statement = read("\n".join(row.format(kind, note) for kind in kinds for note in ("cancelled", "expiration")))
    assert (statement.cancelled, len(statement.deals)) == (8, 0)


def test_open_trades_and_working_orders_are_not_closed():
    statement = read(
        PLAIN,
        still_open="|2|2025.03.13 09:00:00|sell|0.10|eurusd|1.09|0|0||1.088|-0.70|0.00|0.05|20.00",
        working="|3|2025.03.13 10:00:00|sell stop|0.10|eurusd|1.07|0|0||1.088|",
    )
    assert [(row.kind, row.ref) for row in statement.not_trades] == [("open", "2"), ("working", "3")]
    assert totals(statement).closed == 1


def test_an_archived_month_is_known_by_its_symbol_in_any_case():
    assert only(PLAIN.replace("eurusd", "Profit")).set_aside == "archived"


def test_nested_tables_and_markup_in_cells_do_not_move_columns():
    page = mt4(PLAIN).replace("eurusd", "<b>eur<i></i></b><!-- > --><span title='a > b'>usd</span>")
    page = f"<table><tr><td>mail<table><tr><td>{page}</td></tr></table></td></tr></table>"
    (trade,) = read_statement(page.encode()).deals
    assert trade.symbol == "eur usd"
    assert str(trade.profit) == "200.00"


def test_a_report_without_rows_is_a_statement():
    assert read("").deals == ()


def test_a_report_without_a_currency_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        read(PLAIN, currency="")
    assert refusal.value.reason == "no_currency"


def test_an_edited_report_does_not_add_up():
    assert read(PLAIN, result="196.50").adds_up
    assert read(PLAIN, result="96.50").adds_up is False
    assert read(PLAIN).adds_up is None


def test_half_a_report_is_refused():
    page = mt4(PLAIN)
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(page[: page.index("Open Trades")].encode())
    assert refusal.value.reason == "cut_short"
