"""Marks of what a member's open pages show: whoever compares two of them knows what has changed in between.

They are columns that every change moves anyway, so nothing has to be written, or deleted again, to tell a browser.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, bindparam, column, text

from app.gamification.challenges.entry import EntryState
from app.gamification.ledger.outcome import compile_anew, compiled
from app.gamification.members.sign_ins import LONGEST_IDLE, SignedIn
from app.lib.clock import to_micros
from app.models.base import kept_by_app, read_all


class Marks(NamedTuple):
    """What the database holds of one member, in a few numbers."""

    seq: int  # of the last transfer
    decisions: int  # seq of the last decision
    level: int
    qualifying: int
    joined: int  # challenges that the member is in
    unread: int
    newest: int  # id of the last message
    programme: int  # revision of what is configured: rules, levels, what there is to play


# To whom it is quiet nothing is told of points and challenges, not even that there is something. Pages that were open
# before find that everything is another, and ask.
_HUSHED = {"seq": 0, "decisions": 0, "level": 0, "qualifying": 0, "joined": 0}

# One row of the wallet and three short stretches of partial indexes a sign-in. Whose sign-in has ended has no row.
_READ = (
    text(
        f"""
        SELECT s.id, CASE WHEN m.quiet_until > :now THEN 1 ELSE 0 END, w.seq, w.decisions, w.level_id, w.qualifying,
            (SELECT count(*) FROM challenge_entry e WHERE e.member_id = w.id AND e.state = {int(EntryState.JOINED)}),
            (SELECT count(*) FROM message n WHERE n.member_id = w.id AND n.read_at IS NULL),
            (SELECT coalesce(max(n.id), 0) FROM message n WHERE n.member_id = w.id),
            (SELECT p.revision FROM programme p WHERE p.id = 1)
        FROM sign_in s JOIN member m ON m.id = s.member_id JOIN wallet w ON w.id = m.id
        WHERE s.id IN :sign_ins AND s.ended_at IS NULL AND s.last_seen_at > :oldest AND m.erased_at IS NULL
        """
    )
    .bindparams(bindparam("sign_ins", expanding=True, type_=LargeBinary))
    .columns(column("id"), column("is_quiet"), *(column(name) for name in Marks._fields))
)


def read(sign_ins: Collection[bytes], now: datetime) -> dict[bytes, Marks]:
    """The marks behind these sign-ins, in one statement; those that are over are left out."""
    values = {"sign_ins": list(sign_ins), "oldest": to_micros(now - LONGEST_IDLE), "now": to_micros(now)}
    found = {bytes(row[0]): _told(Marks._make(row[2:]), bool(row[1])) for row in read_all(_READ, values)}
    for one in found.values():
        kept_by_app("configuration that was seen", _Seen).see(one.programme)
    return found


def on_page(me: SignedIn) -> dict[str, Any]:
    """Those that a page knows without asking, so that it learns of what changed while it was on its way."""
    found = {"seq": me.seq, "decisions": me.decisions, "level": me.level_id, "qualifying": me.qualifying}
    return (_HUSHED if me.is_quiet else found) | {"newest": me.newest, "programme": compiled().revision}


class _Seen:
    """The configuration that this process last knew of. Pages that are told of another are rendered by that one."""

    def __init__(self) -> None:
        self._revision = 0

    def see(self, revision: int) -> None:
        if revision != self._revision:
            self._revision = revision
            compile_anew()


def _told(found: Marks, is_quiet: bool) -> Marks:
    return found._replace(**_HUSHED) if is_quiet else found
