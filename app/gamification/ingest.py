"""Storing what senders report: each activity once, in one transaction, with the work it makes as rows of the queue.

The way of a delivery: 1. find its members and accounts (unknown accounts are made, unlinked); 2. insert the activities,
the unique keys decide what is new; 3. say of the others why they are not; 4. queue the new ones whose member is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from app.gamification.activities import BY_KEY, Data, Incoming, incoming
from app.lib.clock import DAY, to_micros
from app.lib.i18n import Sentence, _l
from app.models import bulk
from app.models.activity import ID_BLOCK, ActivityFlag
from app.models.base import connection, is_sqlite

MAX_DELIVERY = ID_BLOCK
LATE = 30 * DAY
# The enum's own arithmetic takes as long as the rest of a row.
_LATE_FLAG, _UNLINKED_FLAG = ActivityFlag.LATE.value, ActivityFlag.UNLINKED.value
APP, STATEMENTS, UPLOADS = "app", "statements", "uploads"


class Status(StrEnum):
    """What became of one activity of a delivery."""

    ACCEPTED = "accepted"
    WAITING = "waiting"  # stored; nobody is linked to its account yet
    DUPLICATE = "duplicate"  # known already, by this id or by its deal
    CONFLICT = "conflict"  # the same id with another body: the first stands, this one is kept for staff
    REJECTED = "rejected"


class Result(NamedTuple):
    status: Status
    reason: Sentence | None = None
    code: str = ""  # of the reason, for machines


@dataclass(frozen=True)
class Source:
    """Who reports."""

    id: int
    verified: bool


UNKNOWN_MEMBER = Result(
    Status.REJECTED,
    Sentence(_l("There is no member with this id. Create the member first, or report by trading account.")),
    "unknown_member",
)
OTHER_ACCOUNT = Result(
    Status.REJECTED,
    Sentence(_l("What it corrects or busts belongs to another account.")),
    "other_account",
)
ACCEPTED, WAITING = Result(Status.ACCEPTED), Result(Status.WAITING)
SAME = Result(Status.DUPLICATE, Sentence(_l("This activity is known already.")), "same_id")
SAME_DEAL = Result(Status.DUPLICATE, Sentence(_l("This deal was reported before by another source.")), "same_deal")
CHANGED = Result(
    Status.CONFLICT,
    Sentence(_l("This id was used before with another content. The first stands; send a correction to change it.")),
    "other_content",
)

_ACTIVITY = {
    "id": "bigint",
    "source_id": "bigint",
    "external_id": "text",
    "kind": "smallint",
    "member_id": "bigint",
    "trading_account_id": "bigint",
    "deal": "text",
    "verified": "boolean",
    "flags": "smallint",
    "amends": "text",
    "occurred_at": "bigint",
    "recorded_at": "bigint",
    "digest": "bytea",
    "data": "text",
}
_LOGIN = {"platform": "text", "server": "text", "login": "text"}


class _Owner(NamedTuple):
    account_id: int | None
    member_id: int | None  # whose it will be: who sent it in, else whoever the account is linked to
    is_linked: bool = True  # the account is that member's


def source(key: str) -> Source:
    """A source by its key; raises LookupError."""
    row = connection().execute(text("SELECT id, verified FROM source WHERE key = :key"), {"key": key}).first()
    if row is None:
        raise LookupError(f"there is no source {key!r}")
    return Source(row.id, bool(row.verified))


def record(
    member_id: int,
    kind: str,
    data: Data | None = None,
    *,
    external_id: str,
    occurred_at: datetime,
    now: datetime,
) -> Result:
    """Report what a member did in the app itself; `external_id` makes it once (`visit:7:20260301`)."""
    item = incoming(external_id, BY_KEY[kind], data, occurred_at, member_id=member_id)
    return accept(source(APP), [item], now)[0]


def accept(source: Source, items: Sequence[Incoming], now: datetime) -> list[Result]:
    """Store a delivery of at most 1,000 activities inside the open transaction; one result each, in order."""
    if len(items) > MAX_DELIVERY:
        raise ValueError(f"a delivery holds at most {MAX_DELIVERY} activities")
    conn, recorded_at = connection(), to_micros(now)
    results: list[Result | None] = [None] * len(items)
    owners = _owners(conn, items, results)
    first = _first_of_each(items, results)
    _refuse_foreign_amendments(conn, source, items, owners, results, first)
    if not source.verified:
        _refuse_known_deals(conn, items, owners, results, first)
    # Ids follow the time of occurring, so that the queue's key is the order of folding.
    fresh = sorted((i for i in first if results[i] is None), key=lambda i: items[i].occurred_at)
    ids = dict(zip(fresh, _take_ids(conn, len(fresh)), strict=True))
    # In one order for all: two deliveries, also of two sources, that insert the same keys in different orders would
    # deadlock.
    fresh.sort(key=lambda i: (items[i].deal or "", items[i].id))
    rows = [_row(ids[i], source, items[i], owners[i], recorded_at) for i in fresh]
    if bulk.insert_new(conn, "activity", _ACTIVITY, rows) < len(rows):
        stored = _stored(conn, source, [items[i].id for i in fresh])
        fresh = [i for i in fresh if _settle(items[i], ids[i], stored, results, i)]
    queue = []
    for i in fresh:
        member_id = owners[i].member_id
        results[i] = WAITING if member_id is None else ACCEPTED
        if member_id is not None:
            queue.append((member_id, recorded_at, ids[i]))
    bulk.insert(conn, "activity_queue", ("member_id", "recorded_at", "activity_id"), sorted(queue))
    _quarantine(conn, source, items, results, recorded_at)
    return [result or SAME for result in results]


def _row(id: int, source: Source, item: Incoming, owner: _Owner, recorded_at: int) -> tuple[Any, ...]:
    flags = item.flags
    if recorded_at - item.occurred_at > LATE:
        flags |= _LATE_FLAG
    if not owner.is_linked:
        flags |= _UNLINKED_FLAG
    return (
        id,
        source.id,
        item.id,
        item.kind,
        _sender(item, owner),
        owner.account_id,
        item.deal,
        source.verified,
        flags,
        item.amends,
        item.occurred_at,
        recorded_at,
        item.digest,
        item.data,
    )


def _sender(item: Incoming, owner: _Owner) -> int | None:
    """The member that stands on the row itself: of an account's activities only who sent them in, because the account
    may be linked to somebody else later.
    """
    return item.member_id if owner.account_id is not None else owner.member_id


def _take_ids(conn: Connection, count: int) -> range:
    if is_sqlite(conn):  # one writer, so nobody else takes the same ids
        ((start,),) = bulk.tuples(conn, "SELECT coalesce(max(id), 0) + 1 FROM activity")
    else:
        ((start,),) = bulk.tuples(conn, "SELECT nextval('activity_id_seq')")
    return range(start, start + count)


def _owners(conn: Connection, items: Sequence[Incoming], results: list[Result | None]) -> list[_Owner]:
    names = {item.member for item in items if item.member is not None}
    members = _members(conn, names) if names else {}
    logins = {item.account for item in items if item.account is not None}
    accounts = _accounts(conn, logins) if logins else {}
    owners = []
    for place, item in enumerate(items):
        if item.account is not None:
            owner = accounts[item.account]
            if item.member_id is not None:
                owner = _Owner(owner.account_id, item.member_id, owner.member_id == item.member_id)
            owners.append(owner)
        elif item.member is not None:
            owners.append(_Owner(None, members.get(item.member)))
            if item.member not in members:
                results[place] = UNKNOWN_MEMBER
        else:
            owners.append(_Owner(None, item.member_id))
    return owners


def _members(conn: Connection, names: set[str]) -> dict[str, int]:
    statement = "SELECT m.external_id, m.id FROM texts CROSS JOIN member m ON m.external_id = texts.value"
    return dict(bulk.tuples_by_texts(conn, statement, names))


def _accounts(conn: Connection, logins: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], _Owner]:
    found = _known_accounts(conn, logins)
    if missing := sorted(logins - found.keys()):
        bulk.insert_new(conn, "trading_account", _LOGIN, missing)
        found |= _known_accounts(conn, set(missing))
    return found


def _known_accounts(conn: Connection, logins: set[tuple[str, str, str]]) -> dict[tuple[str, str, str], _Owner]:
    """Accounts with their members, held as the activities' foreign keys will hold them: until the delivery is stored,
    nobody links or unlinks them. On SQLite there is one writer.
    """
    rows = bulk.tuples_by_keys(
        conn,
        "SELECT a.platform, a.server, a.login, a.id, a.member_id FROM keys CROSS JOIN trading_account a"
        " ON a.platform = keys.platform AND a.server = keys.server AND a.login = keys.login"
        # In one order, so that whoever links several accounts and holds them more firmly cannot wait in a circle.
        + ("" if is_sqlite(conn) else " ORDER BY a.id FOR KEY SHARE OF a"),
        _LOGIN,
        logins,
    )
    return {(platform, server, login): _Owner(id_, member_id) for platform, server, login, id_, member_id in rows}


def _first_of_each(items: Sequence[Incoming], results: list[Result | None]) -> list[int]:
    """The places of the activities that are looked at further: of one id or one deal said twice, the first."""
    seen: dict[str, int] = {}
    deals: set[tuple[Any, ...]] = set()
    first = []
    for place, item in enumerate(items):
        if results[place] is not None:
            continue
        if (known := seen.get(item.id)) is not None:
            results[place] = SAME if items[known].digest == item.digest else CHANGED
            continue
        seen[item.id] = place
        if item.deal is not None and item.amends is None:
            if (item.account, item.deal) in deals:
                results[place] = SAME_DEAL
                continue
            deals.add((item.account, item.deal))
        first.append(place)
    return first


def _refuse_foreign_amendments(
    conn: Connection,
    source: Source,
    items: Sequence[Incoming],
    owners: Sequence[_Owner],
    results: list[Result | None],
    places: Sequence[int],
) -> None:
    amending = [place for place in places if items[place].amends is not None and results[place] is None]
    if not amending:
        return
    targets = {
        row.external_id: (row.trading_account_id, row.member_id)
        for row in bulk.select_by_texts(
            conn,
            "SELECT a.external_id, a.trading_account_id, a.member_id FROM texts"
            " CROSS JOIN activity a ON a.source_id = ? AND a.external_id = texts.value",
            {str(items[place].amends) for place in amending},
            source.id,
        )
    }
    for place in amending:
        target, owner = targets.get(str(items[place].amends)), owners[place]
        mine = (owner.account_id, _sender(items[place], owner))
        if target is not None and target != mine:
            results[place] = OTHER_ACCOUNT


def _refuse_known_deals(
    conn: Connection,
    items: Sequence[Incoming],
    owners: Sequence[_Owner],
    results: list[Result | None],
    places: Sequence[int],
) -> None:
    """An unverified copy of a deal that a verified source has reported is a duplicate, for the account's own member:
    nobody else learns what was reported of it.
    """
    deals = {
        (owners[place].account_id, items[place].deal)
        for place in places
        if items[place].deal is not None and owners[place].account_id is not None and owners[place].is_linked
    }
    if not deals:
        return
    known = set(
        bulk.tuples_by_keys(
            conn,
            "SELECT a.trading_account_id, a.deal FROM keys CROSS JOIN activity a"
            " ON a.trading_account_id = keys.account_id AND a.deal = keys.deal AND a.verified AND a.amends IS NULL",
            {"account_id": "bigint", "deal": "text"},
            deals,
        )
    )
    for place in places:
        owner = owners[place]
        if results[place] is None and owner.is_linked and (owner.account_id, items[place].deal) in known:
            results[place] = SAME_DEAL


def _stored(conn: Connection, source: Source, names: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
    rows = bulk.tuples_by_texts(
        conn,
        "SELECT a.external_id, a.id, a.digest FROM texts"
        " CROSS JOIN activity a ON a.source_id = ? AND a.external_id = texts.value",
        names,
        source.id,
    )
    return {external_id: (id_, bytes(digest)) for external_id, id_, digest in rows}


def _settle(
    item: Incoming, id: int, stored: Mapping[str, tuple[int, bytes]], results: list[Result | None], place: int
) -> bool:
    """Whether the activity is the one that was stored; otherwise say why not."""
    kept = stored.get(item.id)
    if kept is None:
        results[place] = SAME_DEAL
    elif kept[0] == id:
        return True
    else:
        results[place] = SAME if kept[1] == item.digest else CHANGED
    return False


def _quarantine(
    conn: Connection, source: Source, items: Sequence[Incoming], results: Sequence[Result | None], recorded_at: int
) -> None:
    """Keep for staff what came again with another content; a sender that repeats itself is kept once."""
    columns = {"source_id": "bigint", "external_id": "text", "recorded_at": "bigint", "body": "text", "digest": "bytea"}
    changed = [item for item, result in zip(items, results, strict=True) if result is CHANGED]
    rows = {(item.id, item.digest): (source.id, item.id, recorded_at, item.data, item.digest) for item in changed}
    bulk.insert_new(conn, "quarantine", columns, [rows[key] for key in sorted(rows)])
