"""The example for visitors without a statement: recent, with trades that earn and trades that do not."""

from datetime import datetime, timedelta

import pytest

from app.gamification.statements.example import DAYS, example


@pytest.mark.parametrize("today", [datetime(2024, 2, 29, 0, 1), datetime(2026, 11, 22, 23, 59), datetime(2030, 1, 1)])
def test_its_trades_are_of_the_last_months(today: datetime):
    deals = example(today).deals
    assert 60 < len(deals) < 200 and len({deal.deal for deal in deals}) == len(deals)
    for deal in deals:
        assert today - timedelta(days=DAYS + 1) < deal.opened_at < deal.closed_at < today
        assert deal.opened_at.weekday() < 5 and deal.lots > 0


def test_its_profits_follow_from_its_prices():
    for deal in example(datetime(2026, 11, 22)).trades:
        moved = deal.close_price - deal.open_price
        assert (moved * (1 if deal.side == "buy" else -1) > 0) == (deal.profit > 0)


def test_it_is_the_same_the_whole_day():
    morning, evening = (example(datetime(2026, 11, 20, hour)).deals for hour in (1, 23))
    assert [deal.symbol for deal in morning] == [deal.symbol for deal in evening]
    assert [deal.opened_at for deal in morning] == [deal.opened_at for deal in evening]
