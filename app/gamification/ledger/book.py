"""One member's wallet while it is being changed: values in, rows out; no database, no clock.

Every method moves points by one or more transfers and keeps the running balances, the batches and the hash chain in
step. Instants are microseconds. What it wrote is collected in `transfers`, `new_batches`, `changed_batches` and
`allocations`, and goes to the database in bulk (ledger/store.py).
"""

import hashlib
from typing import NamedTuple

from app.gamification.errors.points import NotEnoughPoints
from app.lib.clock import DAY
from app.models.ledger import Cause, Code, State, UnitId

POINTS, QUALIFYING = int(UnitId.POINTS), int(UnitId.QUALIFYING)
ISSUED, REDEEMED, EXPIRED = int(State.ISSUED), int(State.REDEEMED), int(State.EXPIRED)
AVAILABLE, PENDING, DEBT = int(State.AVAILABLE), int(State.PENDING), int(State.DEBT)
NEVER = 2**63 - 1
WEEK = 7 * DAY
DEBT_SHARE = 1  # of a reversal's reference, see models.ledger.Cause


class Reference(NamedTuple):
    """Why a transfer exists; unique in the ledger, so that a step that runs twice writes once."""

    cause: int
    cause_id: int
    part: int


class Posted(NamedTuple):
    """A transfer as later steps need to know it."""

    seq: int
    unit: int
    credit: int
    amount: int
    part: int
    occurred_at: int


class OpenBatch:
    """Points that lapse together, while they are being changed."""

    __slots__ = (
        "amount",
        "available_at",
        "expires_at",
        "held",
        "idle_days",
        "is_new",
        "parent",
        "qualifying",
        "remaining",
        "seq",
        "service_only",
    )

    def __init__(
        self,
        seq: int,
        amount: int,
        remaining: int,
        held: bool,
        available_at: int | None,
        expires_at: int | None,
        idle_days: int | None,
        service_only: bool,
        qualifying: int = 0,
        parent: int | None = None,
        is_new: bool = False,
    ) -> None:
        self.seq, self.amount, self.remaining, self.held = seq, amount, remaining, bool(held)
        self.available_at, self.expires_at, self.idle_days = available_at, expires_at, idle_days
        self.service_only, self.qualifying, self.parent, self.is_new = bool(service_only), qualifying, parent, is_new

    def spending_order(self) -> tuple[int, int]:
        """First to lapse, then first to come."""
        return (NEVER if self.expires_at is None else self.expires_at, self.seq)


class Book:
    """A wallet under its lock."""

    __slots__ = (
        "allocations",
        "available",
        "batches",
        "changed_batches",
        "debt",
        "head",
        "last_accrual_at",
        "lifetime",
        "new_batches",
        "next_expiry_amount",
        "next_expiry_at",
        "pending",
        "seq",
        "transfers",
        "wallet_id",
    )

    def __init__(
        self,
        wallet_id: int,
        available: int = 0,
        pending: int = 0,
        debt: int = 0,
        lifetime: int = 0,
        next_expiry_at: int | None = None,
        next_expiry_amount: int = 0,
        last_accrual_at: int | None = None,
        seq: int = 0,
        head: bytes = b"",
    ) -> None:
        self.wallet_id = wallet_id
        self.available, self.pending, self.debt, self.lifetime = available, pending, debt, lifetime
        self.next_expiry_at, self.next_expiry_amount = next_expiry_at, next_expiry_amount
        self.last_accrual_at, self.seq, self.head = last_accrual_at, seq, head
        # None until somebody needs them: earning alone never looks at older batches.
        self.batches: dict[int, OpenBatch] | None = None
        self.transfers: list[tuple[object, ...]] = []
        self.new_batches: list[OpenBatch] = []
        self.changed_batches: dict[int, OpenBatch] = {}
        self.allocations: list[tuple[int, int, int, int]] = []

    # --- earning -------------------------------------------------------------------------------------------------

    def accrue(
        self,
        amount: int,
        reference: Reference,
        occurred_at: int,
        recorded_at: int,
        *,
        held: bool = False,
        available_at: int | None = None,
        expires_at: int | None = None,
        idle_days: int | None = None,
        service_only: bool = False,
        qualifying: int = 0,
        outcome: bytes = b"",
        code: int = Code.ACCRUAL,
    ) -> int:
        """Give points, pending when held, and return the seq that names their batch; debt is paid first."""
        credit = PENDING if held else AVAILABLE
        seq = self._post(POINTS, code, ISSUED, credit, amount, reference, occurred_at, recorded_at, outcome)
        self.lifetime += amount
        self.last_accrual_at = recorded_at
        batch = OpenBatch(
            seq, amount, amount, held, available_at, expires_at, idle_days, service_only, qualifying, None, True
        )
        self._open(batch)
        if not held:
            self._became_available(batch, occurred_at, recorded_at)
        return seq

    def qualify(
        self, amount: int, reference: Reference, occurred_at: int, recorded_at: int, outcome: bytes = b""
    ) -> int:
        """Book qualifying points: they have no batch, no hold and no debt."""
        return self._post(
            QUALIFYING, Code.ACCRUAL, ISSUED, AVAILABLE, amount, reference, occurred_at, recorded_at, outcome
        )

    def release(self, batch: OpenBatch, at: int) -> None:
        """Make a held batch available."""
        reference = Reference(Cause.BATCH_RELEASE, self.wallet_id, batch.seq)
        self._post(POINTS, Code.RELEASE, PENDING, AVAILABLE, batch.remaining, reference, at, at)
        batch.held = False
        self._touch(batch)
        self._became_available(batch, at, at)

    def refund(self, shares: list[tuple[int, int]], redemption_id: int, at: int) -> None:
        """Give back what a redemption took: `shares` are its allocations, (seq of the batch, amount).

        Each share becomes a new batch that lapses when the original would have, in a week at the earliest.
        """
        batches = self._loaded()
        for source, amount in shares:
            old = batches[source]
            expires_at = None if old.expires_at is None else max(old.expires_at, at + WEEK)
            reference = Reference(Cause.REFUND, redemption_id, source)
            seq = self._post(POINTS, Code.REFUND, REDEEMED, AVAILABLE, amount, reference, at, at)
            batch = OpenBatch(
                seq, amount, amount, False, None, expires_at, old.idle_days, old.service_only, 0, old.seq, True
            )
            self._open(batch)
            self._became_available(batch, at, at)
            if batch.idle_days is not None:
                self.last_accrual_at = max(self.last_accrual_at or 0, at + WEEK - batch.idle_days * DAY)

    def adjust(
        self, amount: int, adjustment_id: int, at: int, expires_at: int | None = None, *, service_only: bool = False
    ) -> None:
        """Add or take points by hand; raises NotEnoughPoints when more is taken than there is."""
        reference = Reference(Cause.ADJUSTMENT, adjustment_id, 0)
        if amount > 0:
            seq = self._post(POINTS, Code.ADJUSTMENT, ISSUED, AVAILABLE, amount, reference, at, at)
            batch = OpenBatch(seq, amount, amount, False, None, expires_at, None, service_only, 0, None, True)
            self._open(batch)
            self._became_available(batch, at, at)
        else:
            self._take(-amount, Code.ADJUSTMENT, ISSUED, reference, at, at, service=True)

    # --- taking --------------------------------------------------------------------------------------------------

    def redeem(self, amount: int, redemption_id: int, at: int, *, service: bool = False) -> int:
        """Spend points, first to lapse first, and return the transfer's seq; raises NotEnoughPoints.

        `service`: the reward is recognition or service, so that service-only batches count too.
        """
        reference = Reference(Cause.REDEMPTION, redemption_id, 0)
        return self._take(amount, Code.REDEMPTION, REDEEMED, reference, at, at, service)

    def expire(self, batch: OpenBatch, at: int) -> None:
        """Lapse what is left of an available batch."""
        amount = batch.remaining
        reference = Reference(Cause.BATCH_EXPIRY, self.wallet_id, batch.seq)
        seq = self._post(POINTS, Code.EXPIRY, AVAILABLE, EXPIRED, amount, reference, at, at)
        self._draw(batch, amount, seq)
        self._find_next_expiry()

    def reverse(self, posted: Posted, occurred_at: int, recorded_at: int, *, earned: bool = True) -> None:
        """Undo an earlier accrual: its own batch, then the others, then debt.

        `earned` is False of points that staff had added: they never counted as earned.
        """
        reference = Reference(Cause.REVERSAL, self.wallet_id, posted.seq * 4)
        if posted.unit == QUALIFYING:
            self._post(QUALIFYING, Code.REVERSAL, AVAILABLE, ISSUED, posted.amount, reference, occurred_at, recorded_at)
            return
        if earned:
            self.lifetime -= posted.amount
        batches = self._loaded()
        own = batches.get(posted.seq)
        if own is not None and own.held:
            seq = self._post(POINTS, Code.REVERSAL, PENDING, ISSUED, own.remaining, reference, occurred_at, recorded_at)
            self._draw(own, own.remaining, seq)
            return
        open_ = sorted((b for b in batches.values() if b.remaining and not b.held), key=OpenBatch.spending_order)
        if own is not None and own.remaining:
            open_.remove(own)
            open_.insert(0, own)
        taken = min(posted.amount, sum(batch.remaining for batch in open_))
        if taken:
            seq = self._post(POINTS, Code.REVERSAL, AVAILABLE, ISSUED, taken, reference, occurred_at, recorded_at)
            self._draw_from(open_, taken, seq)
        if owed := posted.amount - taken:
            share = reference._replace(part=reference.part + DEBT_SHARE)
            self._post(POINTS, Code.REVERSAL, DEBT, ISSUED, owed, share, occurred_at, recorded_at)
        self._find_next_expiry()

    # --- below: how it is done -----------------------------------------------------------------------------------

    def _post(
        self,
        unit: int,
        code: int,
        debit: int,
        credit: int,
        amount: int,
        reference: Reference,
        occurred_at: int,
        recorded_at: int,
        outcome: bytes = b"",
    ) -> int:
        if unit == POINTS:
            if credit == AVAILABLE:
                self.available += amount
            elif credit == PENDING:
                self.pending += amount
            elif credit == DEBT:
                self.debt -= amount
            if debit == AVAILABLE:
                self.available -= amount
            elif debit == PENDING:
                self.pending -= amount
            elif debit == DEBT:
                self.debt += amount
        self.seq = seq = self.seq + 1
        cause, cause_id, part = reference
        row = (
            self.wallet_id,
            seq,
            unit,
            int(code),
            debit,
            credit,
            amount,
            self.available,
            int(cause),
            cause_id,
            part,
            occurred_at,
            recorded_at,
        )
        self.head = chain(self.head, row, outcome)
        self.transfers.append((*row, self.head))
        return seq

    def _became_available(self, batch: OpenBatch, occurred_at: int, recorded_at: int) -> None:
        if self.debt:
            paid = min(self.debt, batch.remaining)
            reference = Reference(Cause.REPAYMENT, self.wallet_id, self.seq)
            seq = self._post(POINTS, Code.REPAYMENT, AVAILABLE, DEBT, paid, reference, occurred_at, recorded_at)
            self._draw(batch, paid, seq)
        expires_at = batch.expires_at
        if expires_at is None or not batch.remaining:
            return
        if self.next_expiry_at is None or expires_at < self.next_expiry_at:
            self.next_expiry_at, self.next_expiry_amount = expires_at, batch.remaining
        elif expires_at == self.next_expiry_at:
            self.next_expiry_amount += batch.remaining

    def _take(
        self,
        amount: int,
        code: int,
        credit: int,
        reference: Reference,
        occurred_at: int,
        recorded_at: int,
        service: bool,
    ) -> int:
        open_ = [
            batch
            for batch in self._loaded().values()
            if batch.remaining and not batch.held and (service or not batch.service_only)
        ]
        free = sum(batch.remaining for batch in open_)
        if amount > free:
            raise NotEnoughPoints(short_by=amount - free)
        open_.sort(key=OpenBatch.spending_order)
        seq = self._post(POINTS, code, AVAILABLE, credit, amount, reference, occurred_at, recorded_at)
        self._draw_from(open_, amount, seq)
        self._find_next_expiry()
        return seq

    def _draw_from(self, batches: list[OpenBatch], amount: int, seq: int) -> None:
        for batch in batches:
            if not amount:
                return
            share = min(amount, batch.remaining)
            self._draw(batch, share, seq)
            amount -= share

    def _draw(self, batch: OpenBatch, amount: int, seq: int) -> None:
        batch.remaining -= amount
        self._touch(batch)
        self.allocations.append((self.wallet_id, seq, batch.seq, amount))

    def _open(self, batch: OpenBatch) -> None:
        self.new_batches.append(batch)
        if self.batches is not None:
            self.batches[batch.seq] = batch

    def _touch(self, batch: OpenBatch) -> None:
        if not batch.is_new:
            self.changed_batches[batch.seq] = batch

    def _loaded(self) -> dict[int, OpenBatch]:
        if self.batches is None:
            raise RuntimeError("the wallet's batches are not loaded")
        return self.batches

    def _find_next_expiry(self) -> None:
        dated = [b for b in self._loaded().values() if b.remaining and not b.held and b.expires_at is not None]
        self.next_expiry_at = min((b.expires_at for b in dated if b.expires_at), default=None)
        self.next_expiry_amount = sum(b.remaining for b in dated if b.expires_at == self.next_expiry_at)


_CANONICAL = "|".join(["%d"] * 13)


def chain(previous: bytes, row: tuple[object, ...], outcome: bytes = b"") -> bytes:
    """The hash of a transfer: SHA-256 over the previous hash, the row as decimal integers joined by `|`, the outcome.

    `row` is (wallet, seq, unit, code, debit, credit, amount, balance, cause, cause id, part, occurred, recorded),
    times in microseconds UTC, so that both databases give the same bytes.
    """
    return hashlib.sha256(previous + (_CANONICAL % row).encode() + outcome).digest()
