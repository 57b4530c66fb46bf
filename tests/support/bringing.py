"""Members bringing their history: a small file sent, confirmed, approved, undone, with the worker's part done at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from app.gamification import ingest, pipeline
from app.gamification.members.enrolment import link
from app.gamification.statements import deciding, imports, sending, work
from app.gamification.statements.shown import Import
from app.gamification.statements.told import NOTHING, Told
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.platforms.writing import mt4
from tests.support.play import Said, report, trade

LOGIN, SERVER = "5001001", "Meridian Markets"
ACCOUNT = ("mt4", SERVER, LOGIN)
RULE = {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}}


def file_of(*tickets: int, lots: str = "1.00", login: str = LOGIN, **options: Any) -> bytes:
    """A statement of closed trades with these tickets, an hour long each, of so many lots."""
    rows = "\n".join(
        f"|{ticket}|2025.03.03 09:00:00|buy|{lots}|eurusd|1.1|0|0|2025.03.03 10:00:{place % 60:02d}|1.2|0|0|0|10.00"
        for place, ticket in enumerate(tickets)
    )
    return mt4(rows, account=login, **options).encode()


def look(member_id: int, content: bytes, told: Told = NOTHING) -> int:
    """Send a file and have it looked through; the import's id."""
    with transaction():
        import_id = sending.send(member_id, "Statement.htm", content, told, now=clock.now())
    work.drain()
    return import_id


def confirm(member_id: int, import_id: int, *, drain: bool = True) -> None:
    with transaction():
        sending.confirm(member_id, import_id, now=clock.now())
    if drain:
        work.drain()


def bring(member_id: int, content: bytes) -> int:
    """Send a file, confirm it, and have everything stored and counted."""
    import_id = look(member_id, content)
    confirm(member_id, import_id)
    return import_id


def take_back(member_id: int, import_id: int, *, drain: bool = True) -> None:
    with transaction():
        sending.take_back(member_id, import_id, now=clock.now())
    if drain:
        work.drain()


def approve(by: int, import_id: int, token: str = "form", *, drain: bool = True) -> int | None:
    """Approve an import; the proposal where it needed one."""
    with transaction():
        made = deciding.approve(by, import_id, token=token, now=clock.now())
    if drain:
        work.drain()
    return made.proposal_id


def brought(member_id: int, import_id: int) -> Import:
    """The import as its member's page shows it."""
    return imports.one(member_id, import_id)


def verified(*tickets: int, lots: str = "1.00", account: tuple[str, str, str] = ACCOUNT) -> list[str]:
    """The broker reports trades with these tickets of the account."""
    said = [Said(trade(lots=lots), id=f"broker.{ticket}", account=account, deal=str(ticket)) for ticket in tickets]
    results = report(None, *said, now=clock.now())
    pipeline.drain()
    return results


def linked(member_id: int, account: tuple[str, str, str] = ACCOUNT) -> int:
    with transaction():
        return link(member_id, *account, now=clock.now())


def uploads() -> Sequence[Row[Any]]:
    """Every activity that members sent in, in the order of its storing."""
    return read_all(
        text(
            "SELECT a.external_id, a.member_id, a.amends, a.flags, a.recorded_at FROM activity a"
            " JOIN source s ON s.id = a.source_id WHERE s.key = :key ORDER BY a.id"
        ),
        {"key": ingest.UPLOADS},
    )


def kept(import_id: int) -> Any:
    """The import's row."""
    return read_one(text("SELECT * FROM statement_import WHERE id = :id"), {"id": import_id})


def files() -> list[int]:
    """The imports whose file is still kept."""
    return [row.import_id for row in read_all(text("SELECT import_id FROM statement_file ORDER BY import_id"))]
