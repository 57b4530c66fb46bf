"""Reading a ledger as its owner: the signed-in member, and sentences as plain English."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.gamification.ledger import reads
from app.gamification.ledger.words.lines import Line
from app.gamification.members import sign_ins
from app.gamification.members.sign_ins import SignedIn
from app.lib import clock
from app.lib.amounts import plain
from app.lib.i18n import Counted, Sentence
from app.models.base import transaction


def owner(member_id: int) -> SignedIn:
    """The member with the wallet as it is now."""
    now = clock.now()
    with transaction():
        cookie = sign_ins.start(member_id, address=None, browser="Tests", now=now)
    found = sign_ins.read(cookie, now)
    assert found is not None
    return found


def english(sentence: Sentence | None) -> str:
    """What a sentence says, with figures ungrouped and days as 4 Mar."""
    if sentence is None:
        return ""
    text = sentence.msgid
    if isinstance(text, Counted) and sentence.values[text.by] != 1:
        text = text.plural
    return text % {name: _written(value) for name, value in sentence.values.items()}


def lines_of(member_id: int, tab: Any = "all", **options: Any) -> list[Line]:
    """Every line of a tab on its first page, newest first."""
    me = owner(member_id)
    page = reads.lines(me, tab, reads.tally(me).seq, **options)
    return [line for day in page.days for line in day.lines]


def told(member_id: int, tab: Any = "all") -> list[tuple[str, int, str]]:
    """(title, points, state) of every line."""
    return [(english(line.title), line.points, english(line.state)) for line in lines_of(member_id, tab)]


def _written(value: Any) -> str:
    if isinstance(value, Sentence):
        return english(value)
    if isinstance(value, Mapping):
        return str(value["en"])
    if isinstance(value, datetime):
        return f"{value.day} {value:%b %H:%M}"
    if isinstance(value, date):
        return f"{value.day} {value:%b}"
    return plain(value) if isinstance(value, Decimal) else str(value)
