"""Money that stays: counted by time alone, from when the sum is there, whatever is reported in which order."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from app.gamification.activities import Deposit, Entry
from app.gamification.measures.kinds.deposit_kept import MOST_MOVES, DepositKept
from app.gamification.measures.measure import Missed, Progress, Seen
from app.lib.clock import to_micros
from tests.support.seeing import NOON, seen

CHOSEN = DepositKept.Settings(target=30, amount=Decimal("500"), currency="USD")


def paid_in(amount: str, days: float = 0, currency: str = "USD") -> Seen:
    return seen(Deposit(amount, currency), "deposit.made", NOON + timedelta(days=days))


def moved(amount: str, days: float = 0, entry: str = "balance", currency: str = "USD") -> Seen:
    return seen(Entry(entry, amount, currency), "account.entry", NOON + timedelta(days=days))


def after(*every: Seen, start: Progress | None = None) -> Progress:
    progress = start or Progress()
    for one in every:
        progress = DepositKept.advance(progress, one, CHOSEN)
    return progress


def due(*every: Seen) -> datetime | None:
    at = DepositKept.due(after(*every), CHOSEN)
    return None if at is None else NOON + timedelta(microseconds=at - to_micros(NOON))


def kept(days: float, *every: Seen) -> int:
    return DepositKept.value_at(after(*every), CHOSEN, to_micros(NOON + timedelta(days=days)))


def test_it_is_due_so_many_days_after_the_sum_is_there():
    assert due(paid_in("499.99")) is None
    assert due(paid_in("500")) == NOON + timedelta(days=30)
    assert due(paid_in("300"), paid_in("200", 5), paid_in("1000", 9)) == NOON + timedelta(days=35)


def test_a_sum_that_falls_below_begins_anew():
    deposit = paid_in("600")
    assert due(deposit, moved("-100", 10)) == NOON + timedelta(days=30)
    assert due(deposit, moved("-100.01", 10)) is None
    assert due(deposit, moved("-200", 10), paid_in("100", 12)) == NOON + timedelta(days=42)


def test_whatever_the_order_in_which_it_is_reported():
    every = [paid_in("600"), moved("-200", 10), paid_in("100", 12)]
    assert due(*every) == due(*every[::-1]) == due(every[1], every[0], every[2])


def test_the_days_that_are_kept_so_far():
    deposit = paid_in("500", 2)
    assert [kept(day, deposit) for day in (0, 2, 2.99, 3, 31.9, 40)] == [0, 0, 0, 1, 29, 30]
    assert kept(10) == 0
    assert DepositKept.value_at(Progress(30, {}), CHOSEN, 0) == 30


def test_a_transfer_between_own_accounts_comes_to_nothing():
    assert due(paid_in("500"), moved("-400", 3, "transfer"), moved("400", 3, "transfer")) == NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (moved("500"), "Deposits count as your broker reports them, not by the statement"),
        (moved("500", entry="credit"), "A line of the statement that moves no deposit"),
        (moved("0.00"), "A line of the statement that moves no deposit"),
        (moved("0.004", entry="transfer"), "A line of the statement that moves no deposit"),
        (paid_in("500", currency="EUR"), "In EUR, needs USD"),
        (moved("-500", currency="EUR"), "In EUR, needs USD"),
    ],
)
def test_what_does_not_move_it_says_why(one: Seen, why: str):
    found = DepositKept.count(one, CHOSEN)
    assert isinstance(found, Missed)
    assert found.why.msgid % found.why.values == why
    assert after(one) == Progress()


def test_done_it_is_due_no_more():
    assert DepositKept.due(Progress(30, after(paid_in("500")).keys), CHOSEN) is None


def test_sums_are_whole_cents_rounded_to_even():
    cents = [after(paid_in(amount)).keys.get(str(to_micros(NOON))) for amount in ("0.005", "0.015", "0.025", "0.10")]
    assert cents == [None, 2, 2, 10]


def test_very_many_moves_are_drawn_together_from_the_oldest_on():
    every = [paid_in("1", hours / 24) for hours in range(MOST_MOVES + 200)]
    progress = after(*every)
    assert len(progress.keys) == MOST_MOVES
    assert sum(progress.keys.values()) == 100 * len(every)
    assert due(*every) == NOON + timedelta(hours=499, days=30)


def test_the_currency_is_written_in_capitals():
    assert [name for name, _ in DepositKept.flaws(DepositKept.Settings(currency="usd"))] == ["currency"]
    assert [name for name, _ in DepositKept.flaws(DepositKept.Settings(amount=Decimal("NaN")))] == ["amount"]
