"""What staff read of points by hand: whose they are, what an adjustment would mean, and what was adjusted lately."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, text

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.points import TransferNotFound
from app.gamification.policy.packs import Verdict
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l
from app.models.base import read_all, read_one
from app.models.ledger import Adjustment, State, Wallet
from app.models.people import Member, Staff

PAGE = 50
SORTS = ("single", "award", "reversal")

_MEMBER = (
    select(
        Member.id,
        Member.name,
        Member.entity_id,
        Member.country,
        Member.client_class,
        Member.earning_blocked,
        Wallet.available,
        Wallet.pending,
        Wallet.debt,
    )
    .join(Wallet, Wallet.id == Member.id)
    .where(Member.id == bindparam("member"))
)
_LINE = text("SELECT seq, amount, credit, recorded_at FROM transfer WHERE wallet_id = :member AND seq = :seq")
_LATELY = (
    select(
        Adjustment.id,
        Adjustment.made_at,
        Adjustment.wallet_id,
        Member.name.label("member"),
        Adjustment.amount,
        Adjustment.note,
        Adjustment.staff_id,
        Staff.name.label("staff"),
        Adjustment.proposal_id,
        Adjustment.token,
        Adjustment.reverses,
    )
    .join(Member, Member.id == Adjustment.wallet_id)
    .join(Staff, Staff.id == Adjustment.staff_id, isouter=True)
    .order_by(Adjustment.id.desc())
)
_ADJUSTERS = (
    select(Staff.id, Staff.name)
    .where(select(Adjustment.id).where(Adjustment.staff_id == Staff.id).exists())
    .order_by(func.lower(Staff.name), Staff.id)
)


class Holder(NamedTuple):
    """A member and what they hold; `verdict` is the law's on points by hand."""

    id: int
    name: str | Sentence
    available: int
    pending: int
    debt: int
    blocked: bool
    verdict: Verdict


class Line(NamedTuple):
    """One line of a ledger that may be taken back."""

    seq: int
    amount: int
    at: datetime
    pending: bool


class Asked(NamedTuple):
    """What a list of adjustments is narrowed to."""

    staff_id: int | None = None
    member_id: int | None = None
    sort: str = ""  # one of SORTS
    before: int | None = None


def member(member_id: int) -> Holder:
    """A member by id; raises MemberNotFound."""
    row = read_one(_MEMBER, {"member": member_id})
    if row is None:
        raise MemberNotFound(member=member_id)
    standing = programme.current().standing(row.entity_id, row.country, row.client_class)
    name = row.name or Sentence(_l("Member %(member)s"), {"member": member_id})
    return Holder(
        member_id, name, row.available, row.pending, row.debt, row.earning_blocked, standing.judge(PaysFor.SERVICE)
    )


def line(member_id: int, seq: int) -> Line:
    """A line of a member's ledger; raises TransferNotFound."""
    row = read_one(_LINE, {"member": member_id, "seq": seq})
    if row is None:
        raise TransferNotFound(seq=seq)
    return Line(row.seq, row.amount, from_micros(row.recorded_at), row.credit == State.PENDING)


def warnings(holder: Holder, amount: int, owed: int = 0) -> Iterator[Sentence]:
    """What the second person should know before points come or go."""
    if amount > 0 and holder.verdict == Verdict.SERVICE_ONLY:
        yield Sentence(_l("By the law pack of this member these points will buy recognition and service alone."))
    if amount > 0 and holder.verdict >= Verdict.RECOGNITION:
        yield Sentence(_l("The law pack of this member allows no points by hand. This cannot be approved."))
    if amount > 0 and holder.debt:
        yield Sentence(_l("The member owes %(debt)s points, which are paid first."), {"debt": holder.debt})
    if amount < 0 and holder.available < -amount:
        yield Sentence(_l("The member has only %(available)s points. This cannot be approved."), _has(holder))
    if holder.blocked:
        yield Sentence(_l("Earning is blocked for this member. Points by hand are not."))
    if owed:
        yield Sentence(
            _l("The rest was spent already: %(owed)s points will be owed, and the next ones pay them."), {"owed": owed}
        )


def cost(points: int) -> Sentence | None:
    """What points cost the broker; None where a point has no cost."""
    current = programme.current()
    if not current.point_cost:
        return None
    values = {"amount": f"{points * current.point_cost:,.2f}", "currency": current.currency}
    return Sentence("%(amount)s %(currency)s", values)


def lately(asked: Asked, most: int = PAGE) -> list[Any]:
    """Adjustments, newest first; rows with member, staff, amount and note."""
    statement = _LATELY
    if asked.staff_id is not None:
        statement = statement.where(Adjustment.staff_id == asked.staff_id)
    if asked.member_id is not None:
        statement = statement.where(Adjustment.wallet_id == asked.member_id)
    if asked.sort == "reversal":
        statement = statement.where(Adjustment.reverses.is_not(None))
    elif asked.sort == "award":
        statement = statement.where(Adjustment.proposal_id.is_not(None), Adjustment.token.is_(None))
    elif asked.sort == "single":
        alone_or_by_form = or_(Adjustment.proposal_id.is_(None), Adjustment.token.is_not(None))
        statement = statement.where(Adjustment.reverses.is_(None), alone_or_by_form)
    if asked.before is not None:
        statement = statement.where(Adjustment.id < asked.before)
    return list(read_all(statement.limit(most)))


def adjusters() -> list[tuple[int, str]]:
    """Everybody of the staff who ever adjusted something, by name."""
    return [(row.id, row.name) for row in read_all(_ADJUSTERS)]


def _has(holder: Holder) -> dict[str, Any]:
    return {"available": holder.available}
