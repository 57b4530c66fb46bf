"""Writing in one's journal: an entry on a day or a closed trade, changed and deleted by who wrote it.

The first entry of a day is practice: `journal.written`, once for each day of the member's calendar on which something
was written, whatever day it is about. It stays when the entry is deleted: the practice was writing it.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from app.gamification import ingest
from app.gamification.activities import TRADE, facts_of
from app.gamification.counted import UNCOUNTED
from app.gamification.errors.habits import EnoughWritten, EntryNotFound, JournalledAlready, NotToWriteAbout
from app.gamification.journal.words import Note
from app.gamification.ledger.wallets import lock_present
from app.gamification.staff.sent import TOKEN, new_token
from app.gamification.streaks.days import LEAST
from app.lib.clock import from_day, to_micros
from app.lib.periods import day_at, day_of, start_of
from app.models.base import connection
from app.models.habits import JournalEntry

MOST_A_DAY = 20
DAYS_BACK = 31
# A flight west repeats at most a day and two hours.
_REPEATED = 2

_OWN = (JournalEntry.member_id == bindparam("of_member"), JournalEntry.id == bindparam("entry"))
_SENT = select(JournalEntry.id).where(
    JournalEntry.member_id == bindparam("of_member"), JournalEntry.token == bindparam("sent")
)
_WRITTEN = (
    select(func.count())
    .select_from(JournalEntry)
    .where(JournalEntry.member_id == bindparam("of_member"), JournalEntry.written_at >= bindparam("after"))
)
_TRADE = text(
    "SELECT a.data, d.reason FROM decision d JOIN activity a ON a.id = d.activity_id"
    " WHERE d.activity_id = :activity AND d.member_id = :member AND a.kind = :trade"
)
_ABOUT = select(JournalEntry.id).where(
    JournalEntry.member_id == bindparam("of_member"), JournalEntry.activity_id == bindparam("activity")
)
_PRACTISED = text(
    "SELECT 1 FROM activity WHERE source_id = :source"
    " AND (external_id IN :later OR (external_id = :before AND occurred_at > :since))"
).bindparams(bindparam("later", expanding=True))
_WRITE = insert(JournalEntry)
_CHANGE = (
    update(JournalEntry)
    .where(*_OWN)
    .values(
        body=bindparam("new_body"),
        mood=bindparam("new_mood"),
        lesson=bindparam("new_lesson"),
        changed_at=bindparam("now"),
    )
)
_DELETE = delete(JournalEntry).where(*_OWN)


def write(
    member_id: int,
    note: Note,
    token: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    day: int | None = None,
    activity_id: int | None = None,
) -> int:
    """Write an entry on a day of the last weeks, or on a closed trade of the member's own; its id.

    Inside an open transaction. A form that is sent twice writes once. Raises MemberNotFound, EntryTooShort and the
    like, NotToWriteAbout, JournalledAlready, EnoughWritten.
    """
    lock_present([member_id])
    conn, of_member = connection(), {"of_member": member_id}
    kept = f"{member_id}.{token if TOKEN.fullmatch(token) else new_token()}"
    before: int | None = conn.execute(_SENT, of_member | {"sent": kept}).scalar()
    if before is not None:
        return before
    clean = note.cleaned()
    about = _trades_day(member_id, activity_id, zone) if activity_id is not None else _of_late(day, zone, now)
    after = start_of(day_of(now, zone), zone)
    if conn.execute(_WRITTEN, of_member | {"after": after}).scalar_one() >= MOST_A_DAY:
        raise EnoughWritten(most=MOST_A_DAY)
    values: dict[str, Any] = {"member_id": member_id, "day": about, "activity_id": activity_id, **clean._asdict()}
    made = conn.execute(_WRITE, values | {"token": kept, "written_at": now}).inserted_primary_key
    assert made is not None
    _practise(member_id, zone, now)
    entry_id: int = made[0]
    return entry_id


def change(member_id: int, entry_id: int, note: Note, *, now: datetime) -> None:
    """Write an entry anew. Inside an open transaction.

    Raises MemberNotFound, EntryNotFound, EntryTooShort and the like.
    """
    lock_present([member_id])
    clean = note.cleaned()
    values = {"new_body": clean.body, "new_mood": clean.mood, "new_lesson": clean.lesson, "now": now}
    if not connection().execute(_CHANGE, {"of_member": member_id, "entry": entry_id} | values).rowcount:
        raise EntryNotFound()


def drop(member_id: int, entry_id: int) -> None:
    """Delete an entry for good; one that is gone already stays so. Inside an open transaction."""
    lock_present([member_id])
    connection().execute(_DELETE, {"of_member": member_id, "entry": entry_id})


def _of_late(day: int | None, zone: ZoneInfo, now: datetime) -> int:
    today = day_of(now, zone)
    if day is None or not today - DAYS_BACK <= day <= today:
        raise NotToWriteAbout(days=DAYS_BACK)
    return day


def _trades_day(member_id: int, activity_id: int, zone: ZoneInfo) -> int:
    """The day a trade of the member's own was closed on."""
    conn = connection()
    row = conn.execute(_TRADE, {"activity": activity_id, "member": member_id, "trade": TRADE}).first()
    if row is None or row.reason in UNCOUNTED:
        raise NotToWriteAbout(days=DAYS_BACK)
    if conn.execute(_ABOUT, {"of_member": member_id, "activity": activity_id}).first() is not None:
        raise JournalledAlready()
    return day_at(facts_of(TRADE, row.data).closed_at * 1000, zone)


def _practise(member_id: int, zone: ZoneInfo, now: datetime) -> None:
    """Report today's practice, once.

    Who moved west and lives a day again has reported it already. Who moved east has lived no more than the clock went
    on: between today and the day before yesterday lies a day.
    """
    today, app = day_of(now, zone), ingest.source(ingest.APP)
    known = {
        "source": app.id,
        "later": [_named(member_id, today + days) for days in range(1, _REPEATED + 1)],
        "before": _named(member_id, today - 2),
        "since": to_micros(now) - LEAST,
    }
    if connection().execute(_PRACTISED, known).first() is None:
        ingest.record(member_id, "journal.written", external_id=_named(member_id, today), occurred_at=now, now=now)


def _named(member_id: int, day: int) -> str:
    return f"journal:{member_id}:{from_day(day).isoformat()}"
