"""What there is to see to before something can be proposed: done, to do, only advised, or somebody else's turn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, select

from app.gamification.accrual.telling.parts import both
from app.gamification.errors.rules import NotReady
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.staff.rights import RIGHTS, Right
from app.lib.i18n import Sentence, _l
from app.models.base import read_all
from app.models.people import Staff

_APPROVERS = (
    select(Staff.name)
    .where(
        Staff.left_at.is_(None),
        Staff.id != bindparam("but"),
        Staff.role.in_([role for role, rights in RIGHTS.items() if Right.APPROVE in rights]),
    )
    .order_by(Staff.id)
    .limit(3)
)


@dataclass(frozen=True)
class Item:
    """One line of the checklist: done, to do, advised, or ahead (somebody else's turn)."""

    state: Literal["done", "todo", "advice", "ahead"]
    words: Sentence
    note: Sentence | None = None
    is_told: bool = False  # to the second person, done or not


def require(items: Iterable[Item]) -> None:
    """Raise NotReady for the first thing that must be done."""
    for item in items:
        if item.state == "todo":
            raise NotReady(todo=item.words)


def second_person(reader_id: int) -> Item:
    """Who could approve it."""
    approvers = [as_it_is(row.name) for row in read_all(_APPROVERS, {"but": reader_id})]
    words = Sentence(_l("A second person approves"))
    if not approvers:
        return Item("todo", words, Sentence(_l("there is nobody")))
    return Item("ahead", words, both(approvers))
