"""A wallet while it is being changed: who pays first, what is owed, what comes back, and what is left."""

from datetime import UTC, datetime

import pytest

from app.gamification.errors.points import NotEnoughPoints
from app.gamification.ledger.book import POINTS, QUALIFYING, Book, OpenBatch, Posted, Reference
from app.lib.clock import to_micros
from app.models.ledger import Cause, Code, State

NOW = to_micros(datetime(2026, 3, 4, 12, tzinfo=UTC))
DAY = 86_400_000_000
ISSUED, REDEEMED, EXPIRED = int(State.ISSUED), int(State.REDEEMED), int(State.EXPIRED)
AVAILABLE, PENDING, DEBT = int(State.AVAILABLE), int(State.PENDING), int(State.DEBT)


class Wallet:
    """A book of which each batch is called by a letter."""

    def __init__(self) -> None:
        self.book = Book(7)
        self.book.batches = {}
        self.names: dict[str, int] = {}

    def earn(self, name: str, amount: int, days: int | None = None, **more: object) -> None:
        expires_at = None if days is None else NOW + days * DAY
        reference = Reference(Cause.ACTIVITY, len(self.names) + 1, 0)
        self.names[name] = self.book.accrue(amount, reference, NOW, NOW, expires_at=expires_at, **more)  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> OpenBatch:
        assert self.book.batches is not None
        return self.book.batches[self.names[name]]

    def reverse(self, name: str) -> None:
        batch = self[name]
        credit = PENDING if batch.held else AVAILABLE
        self.book.reverse(Posted(batch.seq, POINTS, credit, batch.amount, 0, NOW), NOW, NOW)

    @property
    def left(self) -> dict[str, int]:
        """What is left in each batch, the empty ones left out."""
        return {name: self[name].remaining for name in self.names if self[name].remaining}

    @property
    def moves(self) -> list[tuple[str, int, int, int]]:
        """Code, debit, credit and amount of every transfer."""
        return [(Code(row[3]).name.lower(), *row[4:7]) for row in self.book.transfers]  # type: ignore[misc]

    @property
    def balances(self) -> tuple[int, int, int, int]:
        return self.book.available, self.book.pending, self.book.debt, self.book.lifetime


@pytest.fixture
def wallet() -> Wallet:
    return Wallet()


# --- spending ---------------------------------------------------------------------------------------------------------


def test_what_lapses_first_is_spent_first_then_what_came_first(wallet: Wallet):
    wallet.earn("never", 10)
    wallet.earn("late", 10, days=90)
    wallet.earn("soon", 10, days=30)
    wallet.earn("soon too", 10, days=30)
    wallet.book.redeem(15, 1, NOW)
    assert wallet.left == {"never": 10, "late": 10, "soon too": 5}
    wallet.book.redeem(20, 2, NOW)
    assert wallet.left == {"never": 5}
    assert wallet.balances == (5, 0, 0, 40)


def test_each_share_is_recorded(wallet: Wallet):
    wallet.earn("a", 10, days=1)
    wallet.earn("b", 10, days=2)
    seq = wallet.book.redeem(12, 1, NOW)
    assert wallet.book.allocations == [(7, seq, wallet.names["a"], 10), (7, seq, wallet.names["b"], 2)]


def test_more_than_there_is_is_refused_with_what_is_missing_and_nothing_changes(wallet: Wallet):
    wallet.earn("a", 10)
    wallet.earn("held", 50, held=True)
    with pytest.raises(NotEnoughPoints) as refused:
        wallet.book.redeem(13, 1, NOW)
    assert refused.value.sentence.values == {"short_by": 3}
    assert (wallet.balances, len(wallet.moves)) == ((10, 50, 0, 60), 2)


def test_service_points_buy_only_service(wallet: Wallet):
    wallet.earn("service", 10, days=1, service_only=True)
    wallet.earn("plain", 10, days=9)
    with pytest.raises(NotEnoughPoints) as refused:
        wallet.book.redeem(11, 1, NOW)
    assert refused.value.sentence.values == {"short_by": 1}
    wallet.book.redeem(4, 2, NOW)
    assert wallet.left == {"service": 10, "plain": 6}
    wallet.book.redeem(13, 3, NOW, service=True)
    assert wallet.left == {"plain": 3}


def test_the_next_expiry_follows_what_is_left(wallet: Wallet):
    def coming() -> tuple[int | None, int]:
        at = wallet.book.next_expiry_at
        return (None if at is None else (at - NOW) // DAY), wallet.book.next_expiry_amount

    wallet.earn("late", 10, days=90)
    assert coming() == (90, 10)
    wallet.earn("soon", 10, days=30)
    wallet.earn("soon too", 5, days=30)
    wallet.earn("never", 10)
    wallet.earn("held", 10, days=1, held=True)  # pending points do not lapse
    assert coming() == (30, 15)
    wallet.book.redeem(12, 1, NOW)
    assert coming() == (30, 3)
    wallet.book.redeem(3, 2, NOW)
    assert coming() == (90, 10)
    wallet.reverse("late")
    assert coming() == (None, 0)


# --- debt -------------------------------------------------------------------------------------------------------------


def test_a_reversal_takes_its_own_batch_then_the_others_in_order_then_books_debt(wallet: Wallet):
    wallet.earn("late", 10, days=90)
    wallet.earn("mine", 30, days=60)
    wallet.earn("soon", 10, days=30)
    wallet.book.redeem(25, 1, NOW)  # soon 10, mine 15
    wallet.reverse("mine")
    assert (wallet.left, wallet.balances) == ({}, (0, 0, 5, 20))
    assert wallet.moves[-2:] == [("reversal", AVAILABLE, ISSUED, 25), ("reversal", DEBT, ISSUED, 5)]
    seq = wallet.book.transfers[-2][1]
    assert [row[2:] for row in wallet.book.allocations if row[1] == seq] == [
        (wallet.names["mine"], 15),
        (wallet.names["late"], 10),
    ]


def test_a_reversal_of_an_untouched_batch_leaves_the_others_alone(wallet: Wallet):
    wallet.earn("soon", 10, days=1)
    wallet.earn("mine", 10, days=60)
    wallet.reverse("mine")
    assert (wallet.left, wallet.balances) == ({"soon": 10}, (10, 0, 0, 10))


def test_a_held_reversal_touches_nothing_but_what_is_pending(wallet: Wallet):
    wallet.earn("plain", 10)
    wallet.earn("held", 30, held=True)
    wallet.reverse("held")
    assert (wallet.left, wallet.balances) == ({"plain": 10}, (10, 0, 0, 10))
    assert wallet.moves[-1] == ("reversal", PENDING, ISSUED, 30)


def test_whatever_becomes_available_pays_debt_first(wallet: Wallet):
    wallet.earn("a", 100)
    wallet.earn("held", 30, held=True)
    wallet.book.redeem(100, 1, NOW)
    wallet.reverse("a")
    assert wallet.balances == (0, 30, 100, 30)
    wallet.earn("b", 20)
    assert (wallet.left, wallet.balances) == ({"held": 30}, (0, 30, 80, 50))
    wallet.book.release(wallet["held"], NOW)
    assert (wallet.left, wallet.balances) == ({}, (0, 0, 50, 50))
    wallet.book.adjust(15, 1, NOW)
    assert wallet.balances == (0, 0, 35, 50)
    wallet.book.refund([(wallet.names["a"], 100)], 1, NOW)
    assert wallet.balances == (65, 0, 0, 50)
    repayments = [move for move in wallet.moves if move[0] == "repayment"]
    assert repayments == [("repayment", AVAILABLE, DEBT, amount) for amount in (20, 30, 15, 35)]


def test_a_repayment_comes_right_after_what_pays_it(wallet: Wallet):
    wallet.earn("a", 10)
    wallet.book.redeem(10, 1, NOW)
    wallet.reverse("a")
    wallet.earn("b", 25)
    assert wallet.moves[-2:] == [("accrual", ISSUED, AVAILABLE, 25), ("repayment", AVAILABLE, DEBT, 10)]
    assert [row[7] for row in wallet.book.transfers[-2:]] == [25, 15]
    assert wallet.book.transfers[-1][8:11] == (int(Cause.REPAYMENT), 7, wallet.names["b"])


# --- coming back ------------------------------------------------------------------------------------------------------


def test_a_refund_lapses_when_the_original_would_have_but_not_within_a_week(wallet: Wallet):
    wallet.earn("soon", 10, days=3)
    wallet.earn("late", 10, days=90)
    wallet.earn("never", 10)
    wallet.book.redeem(30, 1, NOW)
    wallet.book.refund([(wallet.names[name], 10) for name in ("soon", "late", "never")], 1, NOW)
    refunds = [batch for batch in wallet.book.new_batches if batch.parent]
    assert [(batch.parent, batch.amount) for batch in refunds] == [
        (wallet.names[name], 10) for name in ("soon", "late", "never")
    ]
    assert [batch.expires_at and (batch.expires_at - NOW) / DAY for batch in refunds] == [7, 90, None]
    assert wallet.balances == (30, 0, 0, 30)  # lifetime does not grow by it


def test_a_refund_of_points_that_lapse_by_inactivity_stays_a_week_too(wallet: Wallet):
    wallet.earn("idle", 10, idle_days=30)
    wallet.book.redeem(10, 1, NOW)
    later = NOW + 200 * DAY
    wallet.book.refund([(wallet.names["idle"], 10)], 1, later)
    batch = wallet.book.new_batches[-1]
    assert batch.idle_days == 30
    assert wallet.book.last_accrual_at is not None
    assert wallet.book.last_accrual_at + 30 * DAY == later + 7 * DAY


def test_a_refund_does_not_shorten_what_an_accrual_has_renewed(wallet: Wallet):
    wallet.earn("idle", 10, idle_days=30)
    wallet.book.redeem(10, 1, NOW)
    wallet.book.refund([(wallet.names["idle"], 10)], 1, NOW + DAY)
    assert wallet.book.last_accrual_at == NOW


def test_a_refund_keeps_what_the_points_may_buy(wallet: Wallet):
    wallet.earn("service", 10, service_only=True)
    wallet.book.redeem(10, 1, NOW, service=True)
    wallet.book.refund([(wallet.names["service"], 10)], 1, NOW)
    assert wallet.book.new_batches[-1].service_only


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_lapsing_takes_what_is_left_of_a_batch(wallet: Wallet):
    wallet.earn("a", 10, days=1)
    wallet.book.redeem(4, 1, NOW)
    wallet.book.expire(wallet["a"], NOW + DAY)
    assert wallet.moves[-1] == ("expiry", AVAILABLE, EXPIRED, 6)
    assert wallet.balances == (0, 0, 0, 10)


def test_adjustments_add_and_take(wallet: Wallet):
    wallet.earn("service", 10, service_only=True)
    wallet.book.adjust(5, 1, NOW)
    wallet.book.adjust(-12, 2, NOW)
    assert wallet.moves[-2:] == [("adjustment", ISSUED, AVAILABLE, 5), ("adjustment", AVAILABLE, ISSUED, 12)]
    assert wallet.balances == (3, 0, 0, 10)
    with pytest.raises(NotEnoughPoints):
        wallet.book.adjust(-4, 3, NOW)


def test_qualifying_has_no_batch_and_no_debt(wallet: Wallet):
    seq = wallet.book.qualify(10, Reference(Cause.ACTIVITY, 1, 1), NOW, NOW)
    wallet.book.reverse(Posted(seq, QUALIFYING, AVAILABLE, 10, 1, NOW), NOW, NOW)
    assert wallet.balances == (0, 0, 0, 0)
    assert (wallet.book.new_batches, wallet.book.allocations) == ([], [])
    assert [row[2] for row in wallet.book.transfers] == [QUALIFYING, QUALIFYING]


def test_earning_never_needs_the_older_batches():
    book = Book(7, available=10, next_expiry_at=NOW + DAY, next_expiry_amount=10, seq=3, head=b"x" * 32)
    book.accrue(5, Reference(Cause.ACTIVITY, 1, 0), NOW, NOW, expires_at=NOW + DAY)
    assert (book.next_expiry_at, book.next_expiry_amount, book.seq) == (NOW + DAY, 15, 4)
    with pytest.raises(RuntimeError, match="not loaded"):
        book.redeem(1, 1, NOW)


def test_an_accrual_that_was_spent_lapsed_or_went_to_debt_is_owed_when_it_is_reversed(wallet: Wallet):
    wallet.earn("a", 10, days=1)
    wallet.book.expire(wallet["a"], NOW + DAY)
    wallet.reverse("a")
    assert wallet.balances == (0, 0, 10, 0)
