"""What is easily misread in the trade history reports of MetaTrader 5."""

from decimal import Decimal

import pytest

from app.platforms.detect import read_statement
from app.platforms.statement import ClosedTrade, Statement, totals
from app.platforms.unreadable import UnreadableStatement
from tests.platforms.writing import (
    DEALS,
    DEALS_2016,
    OPEN_POSITIONS,
    ORDERS,
    POSITIONS,
    Section,
    mt5_html,
    mt5_rows,
    xlsx,
)

NETTING = "6001001 (EUR, 1:30, Meridian-Live, real, Netting)"


def read(*sections: Section, **head: str) -> Statement:
    return read_statement(mt5_html(mt5_rows(*sections, **head)).encode("utf-16"))  # type: ignore[arg-type]


def deals(rows: str, *, account: str = "6001001 (USD, Meridian-Live, real, Hedge)") -> Statement:
    return read(("Deals", DEALS_2016, rows), account=account)


def deal(number: int, side: str, direction: str, lots: str, price: str, *, profit: str = "0", costs: str = "0") -> str:
    time = f"2025.03.03 09:{number:02d}:00"
    return f"{time}|{number}|EURUSD|{side}|{direction}|{lots}|{price}|{100 + number}|{costs}|0|{profit}|0|"


def shown(trade: ClosedTrade) -> str:
    return f"{trade.deal}: {trade.side} {trade.lots} {trade.open_price} {trade.close_price} {trade.position}"


def test_a_reversal_on_a_netting_account_closes_one_side_and_opens_the_other():
    statement = deals(
        "\n".join(
            [
                deal(1, "buy", "in", "1.0", "1.10", costs="-2.00"),
                deal(2, "sell", "in/out", "1.5", "1.12", profit="2000", costs="-3.00"),
                deal(3, "buy", "out", "0.5", "1.11", profit="500", costs="-1.00"),
            ]
        ),
        account=NETTING,
    )
    assert [shown(trade) for trade in statement.deals] == ["2: buy 1.0 1.10 1.12 101", "3: sell 0.5 1.12 1.11 102"]
    assert [trade.commission for trade in statement.deals] == [Decimal("-4.00"), Decimal("-2.00")]
    assert statement.currency == "EUR"


def test_a_netting_account_adds_to_one_position_at_the_average_price():
    statement = deals(
        "\n".join(
            [
                deal(1, "buy", "in", "1.0", "1.10"),
                deal(2, "buy", "in", "3.0", "1.12"),
                deal(3, "sell", "out", "1.0", "1.13"),
                deal(4, "sell", "out", "3.0", "1.14"),
            ]
        ),
        account=NETTING,
    )
    assert [trade.open_price for trade in statement.deals] == [Decimal("1.115"), Decimal("1.115")]
    assert {(trade.position, trade.opened_at.minute) for trade in statement.deals} == {("101", 1)}


def test_a_reversal_tells_a_netting_account_whose_head_does_not():
    rows = [deal(1, "buy", "in", "1", "1.1"), deal(2, "buy", "in", "1", "1.3"), deal(3, "sell", "in/out", "3", "1.4")]
    statement = deals("\n".join(rows), account="6001001 (USD, Meridian-Live, real)")
    assert [shown(trade) for trade in statement.deals] == ["3: buy 2 1.20000000 1.4 101"]


def test_a_hedging_account_closes_the_oldest_that_is_large_enough():
    rows = [
        deal(1, "buy", "in", "0.1", "1.10"),
        deal(2, "buy", "in", "0.5", "1.11"),
        deal(3, "sell", "in", "0.5", "1.12"),
        deal(4, "sell", "out", "0.2", "1.13"),
        deal(5, "sell", "out", "0.3", "1.14"),
        deal(6, "buy", "out", "0.5", "1.15"),
        deal(7, "sell", "out", "0.1", "1.16"),
    ]
    assert [shown(trade) for trade in deals("\n".join(rows)).deals] == [
        "4: buy 0.2 1.11 1.13 102",
        "5: buy 0.3 1.11 1.14 102",
        "6: sell 0.5 1.12 1.15 103",
        "7: buy 0.1 1.10 1.16 101",
    ]


def test_a_position_that_is_still_open_was_not_the_one_closed():
    rows = [deal(1, "buy", "in", "1", "1.10"), deal(2, "buy", "in", "1", "1.11"), deal(3, "sell", "out", "1", "1.12")]
    still_open = "2025.03.03 09:01:00|101|EURUSD|buy|1|1.10|||1.12|0|20|"
    statement = read(("Deals", DEALS_2016, "\n".join(rows)), ("Open Positions", OPEN_POSITIONS, still_open))
    assert [shown(trade) for trade in statement.deals] == ["3: buy 1 1.11 1.12 102"]


def test_two_positions_closed_by_each_other_are_two_trades():
    rows = [
        deal(1, "buy", "in", "1", "1.10"),
        deal(2, "sell", "in", "1", "1.12"),
        deal(3, "sell", "out by", "1", "1.12", profit="2000"),
        deal(4, "buy", "out by", "1", "1.10"),
    ]
    assert [shown(trade) for trade in deals("\n".join(rows)).deals] == [
        "3: buy 1 1.10 1.12 101",
        "4: sell 1 1.12 1.10 102",
    ]


def test_one_order_filled_in_pieces_is_one_position():
    first = deal(1, "buy", "in", "1", "1.10")
    rows = [first, first.replace("|1|EURUSD", "|2|EURUSD").replace("1.10", "1.12"), deal(3, "sell", "out", "2", "1.13")]
    assert [shown(trade) for trade in deals("\n".join(rows)).deals] == ["3: buy 2 1.11000000 1.13 101"]


def test_a_closing_whose_opening_is_unknown_is_set_aside_but_counted():
    statement = deals(deal(1, "sell", "out", "1", "1.10", profit="12.34"))
    (trade,) = statement.deals
    assert (trade.set_aside, trade.side, statement.trades) == ("opening_unknown", "buy", ())
    assert totals(statement).profit == Decimal("12.34")


def test_levels_come_from_the_order_that_opened():
    order = "2025.03.03 09:01:00|101|EURUSD|buy|1 / 1|market|1.05|1.15|2025.03.03 09:01:00|filled|"
    rows = [deal(1, "buy", "in", "1", "1.10"), deal(2, "sell", "out", "1", "1.12")]
    statement = read(("Deals", DEALS_2016, "\n".join(rows)), ("Orders", ORDERS, order))
    assert (statement.deals[0].stop_loss, statement.deals[0].take_profit) == (Decimal("1.05"), Decimal("1.15"))


def test_a_fee_is_part_of_the_costs():
    row = "2025.03.03 09:01:00|{}|EURUSD|{}|{}|1|1.10|{}|-1.00|-0.25|-0.10|0|0|"
    statement = read(("Deals", DEALS, row.format(1, "buy", "in", 101) + "\n" + row.format(2, "sell", "out", 102)))
    assert (statement.deals[0].commission, statement.deals[0].swap) == (Decimal("-2.50"), Decimal("-0.10"))


def test_positions_without_deals_are_trades_of_their_own():
    row = "2025.03.03 09:00:00|81|EURUSD|buy|0.05 / 0.10|1.048|||2025.03.03 15:42:10|1.052|-3.50|0.00|200.00"
    (trade,) = read(("Positions", POSITIONS, row)).deals
    assert (trade.deal, trade.position, str(trade.lots), str(trade.commission)) == (
        "position-81",
        "81",
        "0.05",
        "-3.50",
    )


TRANSLATED = {
    "Trade History Report": "交易历史报告", "Name:": "姓名:", "Account:": "账户:", "Company:": "公司:",
    "Date:": "日期:", "Positions": "持仓", "Deals": "成交", "Orders": "订单", "Time": "时间", "Symbol": "交易品种",
    "Type": "类型", "Volume": "交易量", "Price": "价位", "Profit": "盈利", "Commission": "手续费", "Swap": "库存费",
    "Balance": "结余", "Comment": "注释", "Direction": "趋势", "Order": "订单", "Deal": "成交", "Position": "持仓",
    "S / L": "止损", "T / P": "止盈", "Open Time": "开盘时间", "State": "状态",
}  # fmt: skip


@pytest.mark.parametrize("container", ["html", "xlsx"])
def test_headings_may_be_in_any_language_and_sections_in_any_order(container: str):
    position = "2025.03.03 09:01:00|101|EURUSD|buy|1|1.10|1.05||2025.03.03 09:02:00|1.12|0|0|2000"
    both = deal(1, "buy", "in", "1", "1.10") + "\n" + deal(2, "sell", "out", "1", "1.12", profit="2000")
    rows = mt5_rows(
        ("Deals", DEALS_2016, both),
        ("Orders", ORDERS, "2025.03.03 09:01:00|103|GBPUSD|buy limit|1 / 0|1.2|||2025.03.04 09:00:00|已取消|"),
        ("Positions", POSITIONS, position),
        company="子午线市场",
    )
    rows = [[TRANSLATED.get(cell, cell) for cell in row] for row in rows]
    statement = read_statement(mt5_html(rows).encode() if container == "html" else xlsx(rows))
    (trade,) = statement.deals
    assert (trade.deal, trade.position, trade.stop_loss) == ("2", "101", Decimal("1.05"))
    assert (statement.cancelled, statement.company, statement.login) == (1, "子午线市场", "6001001")


def test_numbers_that_excel_saved_are_the_decimals_it_shows():
    row = "2025.03.03 09:00:00|81|EURUSD|buy|0.1|1.1408599999999999|||2025.03.03 15:42:10|1.052|0|0|30.070000000000004"
    (trade,) = read_statement(xlsx(mt5_rows(("Positions", POSITIONS, row)))).deals
    assert (str(trade.open_price), str(trade.profit)) == ("1.14086000000000", "30.0700000000000")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_in_either_encoding(encoding: str):
    data = xlsx(mt5_rows(("Deals", DEALS_2016, deal(1, "sell", "out", "1", "1.10"))), encoding)
    assert len(read_statement(data).deals) == 1


def test_a_strategy_tester_s_report_has_no_account_and_is_refused():
    rows = mt5_rows(("Deals", DEALS_2016, deal(1, "buy", "in", "1", "1.10")), title="Strategy Tester Report")
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(mt5_html([row for row in rows if row[0] != "Account:"]).encode())
    assert refusal.value.reason == "unknown_format"


def test_a_time_that_never_was_is_named():
    with pytest.raises(UnreadableStatement, match="yesterday"):
        deals(deal(1, "buy", "in", "1", "1.10").replace("2025.03.03 09:01:00", "yesterday"))


@pytest.mark.parametrize("row", ["buy|upwards|1", "buy||1", "buy|in|-1"])
def test_a_deal_that_makes_no_sense_is_named(row: str):
    with pytest.raises(UnreadableStatement, match="Row 7 of the report"):
        deals(f"2025.03.03 09:01:00|7|EURUSD|{row}|1.10|101|0|0|0|0|")


GERMAN = "Zeit|Position|Symbol|Typ|Volumen|Preis|S / L|T / P|Zeit|Preis|Kommission|Gebühr|Swap|Gewinn"
SPANISH = (
    "Fecha/Hora|Posición|Símbolo|Tipo|Volumen|Precio|S / L|T / P|Fecha/Hora|Precio|Comisión|Comisión|Swap|Beneficio"
)
CHINESE = "时间|持仓|交易品种|类型|交易量|价位|止损|止盈|时间|价位|手续费|费用|库存费|盈利"


@pytest.mark.parametrize("container", ["html", "xlsx"])
@pytest.mark.parametrize("heading", [GERMAN, SPANISH, CHINESE])
@pytest.mark.parametrize("more", ["", "|Kommentar", "|Kommentar|Magic"])
def test_positions_may_have_a_fee_and_columns_after_their_profit(container: str, heading: str, more: str):
    row = "2025.03.03 09:00:00|81|EURUSD|buy|0.05|1.048|1.04||2025.03.03 15:42:10|1.052|-3.50|-0.25|-0.10|200.00"
    row += "".join(f"|{value}" for value in (["grid"], ["grid", "77"])[more.count("|") - 1] if more)
    rows = mt5_rows(("Positionen", (heading + more).split("|"), row))
    (trade,) = read_statement(mt5_html(rows).encode() if container == "html" else xlsx(rows)).deals
    assert (trade.commission, trade.swap, trade.profit) == (Decimal("-3.75"), Decimal("-0.10"), Decimal("200.00"))
    assert (trade.stop_loss, trade.close_price) == (Decimal("1.04"), Decimal("1.052"))


def test_positions_without_deals_are_a_doubt_and_with_them_none():
    position = "2025.03.03 09:01:00|101|EURUSD|buy|1|1.10|1.05||2025.03.03 09:02:00|1.12|0|0|2000"
    both = deal(1, "buy", "in", "1", "1.10") + "\n" + deal(2, "sell", "out", "1", "1.12", profit="2000")
    alone = read(("Positions", POSITIONS, position))
    together = read(("Positions", POSITIONS, position), ("Deals", DEALS_2016, both))
    assert ([doubt.key for doubt in alone.doubts], together.doubts) == (["positions"], ())
