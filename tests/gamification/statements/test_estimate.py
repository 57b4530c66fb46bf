"""What a visitor's statement would earn: the same that it earns a new member, by nobody's account and without a trace."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline, preview
from app.gamification.brand import brand
from app.gamification.policy.bench import Imagined
from app.gamification.statements import estimate as estimating
from app.gamification.statements import importing
from app.gamification.statements.clock import NEW_YORK_CLOSE, server_clock
from app.gamification.statements.estimate import Estimate, estimate
from app.gamification.statements.reading import read
from app.lib import clock
from app.models.base import read_all
from app.models.people import ClientClass
from app.platforms.detect import read_statement
from app.platforms.statement import Statement
from app.platforms.unreadable import UnreadableStatement
from tests.platforms.writing import mt4
from tests.support.cast import Person, make_member
from tests.support.queries import counted

# Two that earn, one open too short, one that moved too little, in two months.
ROWS = """
|101|2025.03.03 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.03 11:00:00|1.08100|0.00|0.00|0.00|50.00
|102|2025.03.04 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.04 10:02:00|1.08100|0.00|0.00|0.00|50.00
|103|2025.03.05 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.05 11:00:00|1.08001|0.00|0.00|0.00|0.50
|104|2025.05.06 10:00:00|sell|2.00|xauusd|1900.00|0.00|0.00|2025.05.06 12:00:00|1890.00|0.00|0.00|0.00|2000.00
"""
TABLES = "SELECT count(*) FROM "


def statement(rows: str = ROWS) -> Statement:
    return read_statement(mt4(rows).encode())


def tried(rows: str = ROWS, country: str = "AE", client_class: ClientClass = ClientClass.RETAIL) -> Estimate:
    entity = brand().entity_for(country)
    who = Imagined(country, client_class, entity.id if entity else None)
    return estimate(statement(rows), who, server_clock(NEW_YORK_CLOSE), "en", clock.now())


def newcomer() -> Person:
    entity = brand().entity_for("AE")
    assert entity is not None
    return make_member(
        "new@example.com", "Nour New", country="AE", client_class=ClientClass.RETAIL, entity_key=entity.key
    )


def line(number: int, day: str = "2025.03.03", lots: str = "0.50") -> str:
    return f"|{number}|{day} 10:00:00|buy|{lots}|eurusd|1.08000|0.00000|0.00000|{day} 11:00:00|1.08100|0.00|0.00|0.00|50.00"


def test_it_is_what_a_new_members_own_statement_earns(app: Flask):
    member, now = newcomer(), clock.now()
    account = importing.account_of(statement(), member.id)
    reading = read(statement(), account, server_clock(NEW_YORK_CLOSE), now)
    decided = preview.decide(member.id, [row.item for row in reading.rows], None, now)
    outcome = importing.try_out(reading, account, member.id, now)
    sums = tried().sums
    assert decided and sums.earning == outcome.earning == 2
    assert sorted(why.trades for why in sums.unearned) == sorted(outcome.not_earning.values()) == [1, 1]
    assert sums.points == sum(earner.points for earner in sums.earners) == sum(period.points for period in sums.periods)


def test_every_closed_row_is_told(app: Flask):
    sums = tried(ROWS + line(101) + "\n" + line(102)).sums
    assert sums.closed == sums.earning + sum(why.trades for why in sums.unearned) == 6
    assert Counter({why.words: why.trades for why in sums.unearned})["The same trade twice"] == 2


def test_months_without_a_trade_are_empty_and_not_left_out(app: Flask):
    sums = tried().sums
    assert sums.by == "month" and [period.trades for period in sums.periods] == [3, 0, 1]
    assert sums.periods[1].points == 0 and sums.strongest == sums.periods[2]


def test_many_months_are_told_by_the_year(app: Flask):
    sums = tried("\n".join(line(n, f"{2015 + n}.06.01") for n in range(6))).sums
    assert sums.by == "year" and [period.trades for period in sums.periods] == [1] * 6


def test_the_best_trade_explains_itself(app: Flask):
    best = tried().sums.best
    assert best is not None and best.points == max(earner.points for earner in tried().sums.earners)
    assert best.why.sentences and best.why.tiles[-1].total and best.why.tiles[-1].value == best.points
    assert all(check.passed for check in best.why.checks)


def test_a_retail_client_in_cyprus_earns_nothing_by_trading(app: Flask):
    found = tried(country="CY")
    assert not found.trades_pay and found.sums.points == 0 and found.sums.best is None
    assert [(why.words, why.trades) for why in found.sums.unearned] == [("Client category", 4)]
    open_ = [paid.judged.fact.name for paid in found.law.rules if paid.judged.verdict < 2]
    assert "LEARNING" in open_ and "TRADING" not in open_


def test_the_level_is_where_today_s_window_leads(app: Flask):
    day = f"{clock.now() - timedelta(days=3):%Y.%m.%d}"
    assert tried().level_id == tried("").level_id  # months ago: not in the window any more
    rows = "\n".join(line(n, day, "90.00") for n in range(30))
    assert tried(rows).level_id != tried().level_id


def test_a_statement_without_trades(app: Flask):
    sums = tried("").sums
    assert (sums.closed, sums.points, sums.periods, sums.best, sums.first_day) == (0, 0, (), None, None)


def test_too_many_rows_are_refused(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(estimating, "MOST_ROWS", 3)
    with pytest.raises(UnreadableStatement) as refused:
        tried()
    assert refused.value.reason == "too_many_rows" and refused.value.values == {"rows": 3}


def test_trades_that_cannot_be_counted_do_not_begin_the_rest_anew(app: Flask, monkeypatch: pytest.MonkeyPatch):
    folded = []

    def fails(*_: Any) -> None:
        folded.append(1)
        raise OverflowError("more than a balance can hold")

    monkeypatch.setattr(pipeline, "STEPS", (fails,))
    sums = tried().sums
    assert len(folded) == 4 and [(why.words, why.trades) for why in sums.unearned] == [("On our side", 4)]


def test_it_reads_a_fixed_number_of_rows_and_writes_none(app: Flask):
    tables = ("activity", "trading_account", "decision", "transfer", "statement_import", "quarantine")
    before = [read_all(text(TABLES + table)) for table in tables]
    tried()
    with counted() as statements:
        tried(ROWS + "\n".join(line(n) for n in range(200, 300)))
    assert len(statements) <= 8 and all(sent.startswith("SELECT") for sent in statements)
    assert [read_all(text(TABLES + table)) for table in tables] == before
