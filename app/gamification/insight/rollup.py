"""Folding tallies into figures by day: each once, one folder at a time, in chunks that hold no lock for long."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from app.gamification import programme
from app.gamification.insight import tally
from app.gamification.insight.active import count_active
from app.gamification.insight.figures import EVER, MOVES, Figure
from app.lib.clock import to_micros
from app.models import bulk
from app.models.base import give_way, read_one, transaction

# A chunk: some thousand members at most, so that SQLite's write lock is held for some 30 ms.
TALLIES, CHARACTERS = 200, 60_000

_ANY = text("SELECT 1 FROM tally LIMIT 1")
_MEMBERS = text("SELECT count(*) FROM member WHERE erased_at IS NULL")
_ROW = {"figure": "smallint", "day": "integer", "subject_id": "bigint", "amount": "bigint"}
_KEY = ("figure", "day", "subject_id")
_SUMMED_UP = frozenset(int(figure) for figure in MOVES)


def fold(now: datetime) -> int:
    """Fold everything that was tallied, chunk by chunk, each in its own transaction; how many tallies."""
    if read_one(_ANY) is None:
        return 0
    members, done, left = count_members(), 0, True
    while left:
        with transaction() as conn:
            folded, left = _chunk(conn, members, now)
        done += folded
        if left:
            give_way()
    return done


def count_members() -> int:
    """How many members there are; counted beside the pages, because at a million it takes a tenth of a second."""
    return int(read_one(_MEMBERS)[0])


def take_turn(conn: Connection) -> None:
    """Wait until nobody else folds, and keep the turn until the commit."""
    mark = (int(Figure.FOLDED), EVER, 0, 0)
    bulk.upsert(conn, "day_figure", _ROW, _KEY, "amount = t.amount", [mark])


def add(conn: Connection, sums: tally.Sums) -> None:
    """Add sums to the figures of their days, and moves of points to their sums over all days."""
    rows = dict(sums)
    for (figure, _, subject), amount in sums.items():
        if figure in _SUMMED_UP:
            rows[figure, EVER, subject] = rows.get((figure, EVER, subject), 0) + amount
    # In order of key, as everywhere: two that add to the same rows in different orders would deadlock.
    changed = sorted((*key, amount) for key, amount in rows.items() if amount)
    bulk.upsert(conn, "day_figure", _ROW, _KEY, "amount = t.amount + excluded.amount", changed)


def note(conn: Connection, members: int, now: datetime) -> None:
    """Everything tallied before now is in the figures."""
    marks = [(int(Figure.FOLDED), EVER, 0, to_micros(now)), (int(Figure.MEMBERS), EVER, 0, members)]
    bulk.upsert(conn, "day_figure", _ROW, _KEY, "amount = excluded.amount", marks)


def _chunk(conn: Connection, members: int, now: datetime) -> tuple[int, bool]:
    """How many tallies were folded, and whether there are more."""
    take_turn(conn)
    rows = bulk.tuples(conn, "SELECT id, figures FROM tally ORDER BY id LIMIT ?", (TALLIES + 1,))
    chunk, found = _within(rows), tally.nothing()
    for _, figures in chunk:
        tally.add_encoded(found, figures)
    count_active(conn, found, programme.current().zone, now)
    add(conn, found.sums)
    bulk.delete(conn, "tally", {"id": "bigint"}, [(id_,) for id_, _ in chunk])
    left = len(chunk) < len(rows)
    if not left:
        note(conn, members, now)
    return len(chunk), left


def _within(rows: Sequence[bulk.Row]) -> list[bulk.Row]:
    """The first rows, as many as make a chunk."""
    return list(_up_to(rows[:TALLIES], CHARACTERS))


def _up_to(rows: Iterable[bulk.Row], characters: int) -> Iterable[bulk.Row]:
    for row in rows:
        yield row
        characters -= len(row[1])
        if characters < 0:
            return
