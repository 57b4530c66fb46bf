"""What is easily misread in histories of separated values."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.platforms.detect import read_statement
from app.platforms.hints import NOTHING_TOLD, Hints
from app.platforms.statement import Statement, totals
from app.platforms.unreadable import UnreadableStatement
from tests.platforms.test_samples import deal, sample

MT4 = "Ticket,Open Time,Type,Lots,Symbol,Price,Close Time,Price,Profit"
CTRADER = "ID,Symbol,Opening Direction,Opening Time (UTC+2),Closing Time (UTC+2),Entry price,Closing price"


def read(text: str, hints: Hints = NOTHING_TOLD, encoding: str = "utf-8") -> Statement:
    return read_statement(text.encode(encoding), hints)


def doubts(statement: Statement) -> dict[str, str]:
    return {doubt.key: doubt.taken for doubt in statement.doubts}


def orders(*rows: str, hints: Hints = NOTHING_TOLD) -> Statement:
    return read("\n".join([MT4, *rows]), hints)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_delimiter_in_any_encoding(delimiter: str, encoding: str):
    text = sample_text("mt4_history.csv").replace(",", delimiter)
    statement = read(text, encoding=encoding)
    assert [trade.deal for trade in statement.deals] == ["71000002", "71000003", "71000004", "71000007"]
    assert totals(statement) == totals(sample("mt4_history.csv"))


def sample_text(name: str) -> str:
    from tests.platforms.test_samples import SAMPLES

    return (SAMPLES / name).read_bytes().decode()


def test_excel_s_word_for_the_delimiter_is_believed():
    assert (
        len(
            read(
                "sep=;\r\n" + MT4.replace(",", ";") + "\r\n7;2025.03.03 09:00;buy;1;X;1,1;2025.03.03 10:00;1,2;9"
            ).deals
        )
        == 1
    )


def test_parts_of_an_order_share_its_position_and_an_open_one_is_open():
    statement = sample("mt4_history.csv")
    assert deal(statement, "71000004").position == "71000003"
    assert [row.kind for row in statement.not_trades] == ["balance", "cancelled", "open"]
    assert deal(statement, "71000002").ended_by == "take_profit"


def test_constants_of_mql_and_reasons_of_a_client_area_are_understood():
    heading = (
        "ticket,opening_time_utc,closing_time_utc,type,lots,symbol,opening_price,closing_price,profit_eur,close_reason"
    )
    statement = read(f"{heading}\n7,2025-03-03T09:00:00,2025-03-03T10:00:00,1,0.1,EURUSDm,1.2,1.1,9,so")
    (trade,) = statement.deals
    assert (trade.side, trade.ended_by, statement.currency, statement.clock) == ("sell", "stop_out", "EUR", "UTC")


def test_marks_and_dates_that_nobody_settles_are_doubts_until_they_are_told():
    row = '7,03/04/2026 09:00,buy,1,X,1,05/04/2026 10:00,1,"1,234"'
    statement = orders(row)
    assert doubts(statement) == {"marks": "point", "dates": "day_first", "currency": "USD", "login": "", "server": ""}
    assert (statement.deals[0].profit, statement.deals[0].opened_at.month) == (Decimal(1234), 4)
    told = orders(row, hints=Hints("5", "S", "EUR", "comma", "month_first"))
    assert (told.doubts, told.currency, told.login, told.server) == ((), "EUR", "5", "S")
    assert (told.deals[0].profit, told.deals[0].opened_at.month) == (Decimal("1.234"), 3)


@pytest.mark.parametrize(
    ("row", "currency"),
    [
        ("EURUSD,1.10000,2025.03.03 10:00,1.11000,1000.00", "USD"),
        ("EURUSD,1.10000,2025.03.03 10:00,1.11000,900.90", "EUR"),
        ("USDJPY,150.000,2025.03.03 10:00,151.000,662.25", "USD"),
        ("mUSDJPY,150.000,2025.03.03 10:00,151.000,100000", "JPY"),
        ("XAUUSD,2900.00,2025.03.03 10:00,2910.00,1000.00", "USD"),
        ("AAPL,200,2025.03.03 10:00,210,10", "USD"),
    ],
)
def test_the_currency_is_taken_from_what_the_trades_earned(row: str, currency: str):
    statement = orders(f"7,2025.03.03 09:00,buy,1,{row}")
    assert (statement.currency, doubts(statement)["currency"]) == (currency, currency)


def test_the_letters_of_a_code_page_are_guessed_and_said():
    statement = sample("mt4_history_semicolon.csv")
    assert statement.deals[0].comment == "Закрыто вручную"
    assert doubts(statement)["encoding"] == "cp1251"


@pytest.mark.parametrize(
    ("encoding", "comment"),
    [
        ("cp1256", "إغلاق يدوي من العميل"),
        ("cp1250", "ručně zavřeno kvůli ztrátě"),
        ("cp1253", "κλείσιμο με το χέρι"),
        ("cp1254", "kârı aldım, işlem kapatıldı"),
        ("cp1252", "clôturé à la main, perte élevée"),
        ("gb18030", "手动平仓，突破策略"),
    ],
)  # fmt: skip
def test_other_code_pages_are_too(encoding: str, comment: str):
    statement = read(f'{MT4},Comment\n7,2025.03.03 09:00,buy,1,X,1,2025.03.03 10:00,1,9,"{comment}"', encoding=encoding)
    assert (statement.deals[0].comment, doubts(statement)["encoding"]) == (comment, encoding)


def test_a_report_saved_by_a_spreadsheet_is_the_report():
    statement = sample("mt5_report.csv")
    assert (statement.login, statement.server, statement.currency, statement.company) == (
        "6001001", "Meridian-Live", "EUR", "Meridian Markets",
    )  # fmt: skip
    assert statement.doubts == ()
    gold = deal(statement, "91000005")
    assert (str(gold.open_price), str(gold.lots), gold.commission) == ("2914.50", "0.01", Decimal("-0.08"))


def test_deals_name_their_position_in_some_files_which_goes_before_any_guess():
    heading = "Position ID,Time,Deal,Symbol,Type,Entry,Volume,Price,Profit"
    rows = [
        "11,2025.03.03 09:00,1,EURUSD,DEAL_TYPE_BUY,DEAL_ENTRY_IN,1,1.10,0",
        "12,2025.03.03 09:01,2,EURUSD,DEAL_TYPE_BUY,DEAL_ENTRY_IN,1,1.20,0",
        "12,2025.03.03 09:02,3,EURUSD,DEAL_TYPE_SELL,DEAL_ENTRY_OUT,1,1.30,0",
        "9,2025.03.03 09:03,4,EURUSD,DEAL_TYPE_SELL,DEAL_ENTRY_OUT,1,1.30,0",
    ]
    second, unknown = read("\n".join([heading, *rows])).deals
    assert (second.position, second.open_price) == ("12", Decimal("1.20"))
    assert unknown.set_aside == "opening_unknown"


HEADINGS = [
    "Zeit|Deal|Symbol|Typ|Richtung|Volumen|Preis|Order|Kommission|Gebühr|Swap|Gewinn|Kontostand|Kommentar",
    "Hora|Transacción|Símbolo|Tipo|Dirección|Volumen|Precio|Orden|Comisión|Tasa|Swap|Beneficio|Balance|Comentario",
    "Heure|Transaction|Symbole|Type|Direction|Volume|Prix|Ordre|Commission|Frais|Echange|Profit|Solde|Commentaire",
    "时间|成交|交易品种|类型|趋势|交易量|价位|订单|手续费|费用|库存费|盈利|结余|注释",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings_of_deals_may_be_translated(heading: str):
    text = sample_text("mt5_deals.csv").partition("\n")[2]
    statement = read(heading.replace("|", "\t") + "\n" + text)
    assert statement.deals == sample("mt5_deals.csv").deals


def test_positions_without_deals_are_said_to_be():
    assert "positions" in doubts(sample("mt5_positions.csv"))
    assert "positions" not in doubts(sample("mt5_deals.csv"))


def test_ctrader_s_deals_are_read_field_by_field():
    statement = sample("ctrader_history.csv")
    trade = deal(statement, "315186381")
    assert (trade.position, trade.side, trade.lots, trade.open_price) == (
        "200000002",
        "sell",
        Decimal("0.2"),
        Decimal("2914.50"),
    )
    assert (trade.profit, trade.commission, trade.swap) == (Decimal("-1049.40"), Decimal("-2.00"), Decimal("-1.20"))
    assert trade.opened_at.isoformat() == "2025-03-03T22:30:00.120000"  # half past midnight, two hours ahead of UTC
    assert [(row.kind, row.amount) for row in statement.not_trades] == [
        ("open", 0),
        ("balance", 10_000),
        ("balance", -500),
    ]


def test_ctrader_without_gross_takes_the_costs_out_of_the_net():
    statement = read(
        f"{CTRADER},Closing Quantity,Commissions,Net USD\nDID7,EURUSD,Buy,03 Mar 2025 09:00:00,03 Mar 2025 10:00:00,1.1,1.2,1 Lots,-7,93"
    )
    assert (statement.deals[0].profit, statement.result) == (Decimal(100), Decimal(93))


def test_ctrader_in_units_is_turned_into_lots_and_said():
    statement = read(
        f"{CTRADER},Closing volume,Net USD\n7,EURUSD,Buy,03 Mar 2025 09:00:00,03 Mar 2025 10:00:00,1.1,1.2,150 000,93"
    )
    assert (statement.deals[0].lots, doubts(statement)["lots"]) == (Decimal("1.5"), "100000")


def test_columns_that_ctrader_hides_are_asked_for():
    with pytest.raises(UnreadableStatement, match="does not show Deal ID, Opening Time"):
        read(
            "Symbol,Opening Direction,Closing Time (UTC+3),Entry price,Closing price,Closing Quantity,Net USD\nX,Buy,,1,1,1,1"
        )


def test_a_page_and_a_history_of_the_same_trades_are_the_same_deals():
    page = replace(deal(sample("mt4_statement.htm"), "71000002"), comment="")
    assert replace(deal(sample("mt4_history.csv"), "71000002"), comment="") == page
