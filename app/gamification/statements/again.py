"""Uploading again: what of a member's file is stored already, and what comes back as a correction of what was undone.

An import that is taken back busts its activities (`undo.<import>.<id>`). Ids are used once, so what is uploaded again
after that is sent as a correction of the first one (`again.<import>.<id>`), and the latest of the chain wins: what
happens to points, caps and levels is the pipeline's usual business, and a rebuilt history comes to the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from app.gamification.activities import BY_CODE, Incoming, correcting, incoming
from app.lib.clock import from_micros
from app.models import bulk
from app.models.activity import ActivityFlag

_BUSTS = int(ActivityFlag.BUSTS)
_CHAINS = (
    "SELECT texts.value, a.external_id, a.flags, a.id, a.digest FROM texts"
    " CROSS JOIN activity a ON a.source_id = ? AND a.external_id = texts.value"
    " UNION ALL SELECT texts.value, a.external_id, a.flags, a.id, a.digest FROM texts"
    " CROSS JOIN activity a ON a.source_id = ? AND a.amends = texts.value"
)
_REPORTED = (
    "SELECT a.deal FROM texts CROSS JOIN activity a ON a.trading_account_id = ? AND a.deal = texts.value"
    " AND a.verified AND a.amends IS NULL"
)


class Latest(NamedTuple):
    """The last word on an uploaded activity."""

    id: int
    name: str
    is_bust: bool
    digest: bytes


def latest_of(conn: Connection, source_id: int, names: Sequence[str]) -> dict[str, Latest]:
    """By external id, what was recorded last of each activity that is stored; corrections and busts included."""
    found: dict[str, Latest] = {}
    for first, name, flags, id_, digest in bulk.tuples_by_texts(conn, _CHAINS, names, source_id, source_id):
        if first not in found or id_ > found[first].id:
            found[first] = Latest(id_, name, bool(flags & _BUSTS), bytes(digest))
    return found


def addressed(conn: Connection, source_id: int, import_id: int, items: Sequence[Incoming]) -> list[Incoming]:
    """The activities under the ids by which ingestion tells what is new: a later file's word on what was undone."""
    latest = latest_of(conn, source_id, [item.id for item in items])
    return [_addressed(item, latest.get(item.id), import_id) for item in items]


def _addressed(item: Incoming, known: Latest | None, import_id: int = 0) -> Incoming:
    if known is None or known.name == item.id:
        return item
    return correcting(item, f"again.{import_id}.{item.id}" if known.is_bust else known.name)


def known_of(
    conn: Connection, source_id: int, items: Sequence[Incoming], account_id: int | None, *, is_linked: bool
) -> dict[str, bool]:
    """The ids among these whose storing would change nothing: uploaded and not undone, or reported by the broker.

    False of those that were uploaded with another content: then the first stands. What the broker reported is told of
    the sender's own account alone (`is_linked`).
    """
    if account_id is None:
        return {}
    latest = latest_of(conn, source_id, [item.id for item in items])
    known = {
        item.id: _addressed(item, last).digest == last.digest
        for item in items
        if (last := latest.get(item.id)) is not None and not last.is_bust
    }
    if is_linked:
        deals = {item.deal: item.id for item in items if item.deal is not None}
        known |= {deals[deal]: True for (deal,) in bulk.tuples_by_texts(conn, _REPORTED, list(deals), account_id)}
    return known


def busts(
    import_id: int, member_id: int, account: tuple[str, str, str], stored: Iterable[tuple[str, str | None, int, int]]
) -> list[Incoming]:
    """What takes stored activities back; each is (external id, what it corrects, kind, occurred at)."""
    taken = []
    for name, amends, kind, occurred_at in stored:
        first = amends or name
        at: datetime = from_micros(occurred_at)
        taken.append(
            incoming(
                f"undo.{import_id}.{first}",
                BY_CODE[kind],
                None,
                at,
                member_id=member_id,
                account=account,
                amends=first,
                flags=_BUSTS,
            )
        )
    return taken
