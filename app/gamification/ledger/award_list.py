"""Reading a list of awards that somebody pasted or uploaded: who each row means, and what is wrong with it.

A row is a member and an amount. The member is an email address, the broker's own id, or our number with a # before it
(a plain number is ours where no broker's id is the same). What comes out are our ids alone.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.gamification.ledger.adjusting import LARGEST
from app.gamification.ledger.awards import Receiver, receivers
from app.gamification.policy.packs import Verdict
from app.lib.i18n import Sentence, _l
from app.lib.spreadsheet import read
from app.models import bulk
from app.models.base import reader

AMOUNT = re.compile(r"[0-9]{1,10}")
NUMBER = re.compile(r"#?[1-9][0-9]{0,9}")
LARGEST_ID = 2**31 - 1
SHOWN = 100  # of the rows that are wrong
HEADINGS = frozenset({"member", "id", "email", "external id", "client", "points", "amount"})

_BY_EMAIL = "SELECT m.id, m.email AS known FROM texts CROSS JOIN member m ON m.email = texts.value"
_BY_EXTERNAL_ID = "SELECT m.id, m.external_id AS known FROM texts CROSS JOIN member m ON m.external_id = texts.value"


class Flaw(NamedTuple):
    """A row that cannot be taken as it stands."""

    row: int  # as a spreadsheet counts them
    written: str
    why: Sentence


class Trial(NamedTuple):
    """What a list would do: nothing was changed yet."""

    awards: tuple[tuple[int, int], ...]  # (member, points), by member
    flaws: tuple[Flaw, ...]  # the first SHOWN of them
    flawed: int  # how many rows are wrong
    service_only: int  # members whose points would buy recognition and service alone
    largest: tuple[tuple[Receiver, int], ...]

    @property
    def points(self) -> int:
        return sum(points for _, points in self.awards)


class _Row(NamedTuple):
    number: int
    who: str
    amount: str


def try_out(content: bytes) -> Trial:
    """Look through a list: UTF-8 or UTF-16, cells parted by comma, semicolon or tab. Raises spreadsheet.Unreadable."""
    rows = _rows(content)
    known = _known([row.who for row in rows])
    found: dict[int, tuple[_Row, int]] = {}
    flaws: list[Flaw] = []
    for row in rows:
        member_id, points = known.get(_name(row.who)), _points(row.amount)
        if isinstance(points, Sentence):
            flaws.append(_flaw(row, points))
        elif not isinstance(member_id, int):
            flaws.append(_flaw(row, member_id or _NOBODY))
        elif member_id in found:
            first = Sentence(_l("The same member as in row %(row)s."), {"row": found[member_id][0].number})
            flaws.append(_flaw(row, first))
        else:
            found[member_id] = row, points
    there = {one.id: one for one in receivers(set(found))}
    for member_id, (row, _) in list(found.items()):
        one = there.get(member_id)
        if one is None or one.verdict >= Verdict.RECOGNITION:
            flaws.append(_flaw(row, _NOBODY if one is None else _NOT_BY_LAW))
            del found[member_id]
    flaws.sort()
    awards = sorted((member_id, points) for member_id, (_, points) in found.items())
    largest = sorted(((there[id_], points) for id_, points in awards), key=lambda award: (-award[1], award[0].id))[:5]
    limited = sum(1 for id_, _ in awards if there[id_].verdict == Verdict.SERVICE_ONLY)
    return Trial(tuple(awards), tuple(flaws[:SHOWN]), len(flaws), limited, tuple(largest))


def _rows(content: bytes) -> list[_Row]:
    sheet = read(content)
    # A pasted list names no columns: its first row is a row like the others.
    first = () if HEADINGS & {heading.lower() for heading in sheet.headings} else ((1, sheet.headings),)
    return [_Row(number, _cell(cells, 0), _cell(cells, 1)) for number, cells in (*first, *sheet.rows)]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _points(written: str) -> int | Sentence:
    """The amount of a row. Only digits: no sign, no fraction, no exponent, whatever they would come to."""
    points = int(written) if AMOUNT.fullmatch(written) else 0
    return points if 0 < points <= LARGEST else Sentence(_WHOLE, {"largest": LARGEST})


def _name(who: str) -> str:
    # Addresses are kept in small letters; a broker's id is what it is.
    return who.lower() if "@" in who else who


def _known(written: list[str]) -> dict[str, int | Sentence]:
    """Who each name means, or why that cannot be said."""
    names = sorted({_name(who) for who in written})
    numbers = {name: int(name.removeprefix("#")) for name in names if NUMBER.fullmatch(name)}
    with reader().connect() as conn:
        by_email = bulk.select_by_texts(conn, _BY_EMAIL, [name for name in names if "@" in name])
        external = bulk.select_by_texts(conn, _BY_EXTERNAL_ID, names)
    ours = {one.id for one in receivers({number for number in numbers.values() if number <= LARGEST_ID})}
    found: dict[str, int | Sentence] = {name: number for name, number in numbers.items() if number in ours}
    for row in (*external, *by_email):
        found[row.known] = _AMBIGUOUS if found.get(row.known, row.id) != row.id else row.id
    return found


def _flaw(row: _Row, why: Sentence) -> Flaw:
    return Flaw(row.number, f"{row.who}, {row.amount}"[:120], why)


def as_text(awards: Sequence[tuple[int, int]]) -> str:
    """Awards as a list that `try_out` reads back."""
    return "".join(f"#{member_id},{points}\n" for member_id, points in awards)


_WHOLE = _l("Write a whole number of points from 1 to %(largest)s.")
_NOBODY = Sentence(_l("There is no such member."))
_AMBIGUOUS = Sentence(
    _l("This is the broker's id of one member and our number of another. Write the email, or # and our number.")
)
_NOT_BY_LAW = Sentence(_l("The law pack of this member allows no points by hand."))
