"""What is done to wallets in the demo season beside earning: spending, refunds, adjustments by staff, a pause."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text

from app.gamification.errors.points import NotEnoughPoints
from app.gamification.ledger import wallets
from app.models.base import connection, read_one, transaction
from app.models.ledger import Cause

Does = Callable[[int, datetime], None]

_LAPSES = text("SELECT next_expiry_amount FROM wallet WHERE id = :member")
_AVAILABLE = text("SELECT available FROM wallet WHERE id = :member")
_SPENT = text(
    f"SELECT 1 FROM transfer WHERE cause = {int(Cause.REDEMPTION)} AND cause_id = :number AND wallet_id = :member"
)
_PAUSE = text("UPDATE member SET earning_blocked = :paused WHERE id = :member")
_STAFF = text("SELECT min(id) FROM staff")


def spend(amount: int, number: int) -> Does:
    """Spend points on a reward, where there are as many; `number` is the redemption's, far from those of a catalogue."""

    def do(member_id: int, at: datetime) -> None:
        try:
            with transaction():
                wallets.redeem(member_id, amount, number, at, service=True)
        except NotEnoughPoints:
            return

    return do


def spend_what_lapses(left: int, number: int) -> Does:
    """Spend, in fifties, what would lapse next, and leave about so much of it."""

    def do(member_id: int, at: datetime) -> None:
        amount = (read_one(_LAPSES, {"member": member_id})[0] - left) // 50 * 50
        if amount > 0:
            spend(amount, number)(member_id, at)

    return do


def spend_all(number: int) -> Does:
    """Spend everything there is."""

    def do(member_id: int, at: datetime) -> None:
        if available := read_one(_AVAILABLE, {"member": member_id})[0]:
            spend(available, number)(member_id, at)

    return do


def refund(number: int) -> Does:
    """Give back what a redemption took, if there were points for it."""

    def do(member_id: int, at: datetime) -> None:
        if read_one(_SPENT, {"member": member_id, "number": number}) is not None:
            with transaction():
                wallets.refund(member_id, number, at)

    return do


def adjust(amount: int, note: str) -> Does:
    """Add or take points by hand, with a note that says why."""

    def do(member_id: int, at: datetime) -> None:
        with transaction() as conn:
            staff_id = conn.execute(_STAFF).scalar()
            wallets.adjust(member_id, amount, note, at, staff_id)

    return do


def pause(paused: bool) -> Does:
    """Stop a member's earning, or let it go on."""

    def do(member_id: int, at: datetime) -> None:
        with transaction():
            connection().execute(_PAUSE, {"member": member_id, "paused": paused})

    return do
