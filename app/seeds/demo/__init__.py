"""The demo season: Meridian Markets, its members, and months of what they did, played through the real pipeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import text, update

from app.gamification import programme
from app.gamification.setup.founding import publish_play
from app.lib import clock
from app.lib.clock import from_day, to_day
from app.lib.periods import add_months, day_of, start_of
from app.models.base import db, is_sqlite, read_one, transaction
from app.models.people import Programme
from app.seeds.base import MERIDIAN
from app.seeds.demo import asking, bringing, doors, messages, playing, questions, waiting
from app.seeds.demo.cast import draw_cast
from app.seeds.demo.crowd import draw_crowd
from app.seeds.demo.doors import sign_ins
from app.seeds.demo.market import Market
from app.seeds.demo.mishaps import befall
from app.seeds.demo.rules import publish_changes
from app.seeds.demo.season import play
from app.seeds.demo.terms import name_keys

__all__ = ["NotEmpty", "is_loaded", "seed_demo", "sign_ins"]

CROWD = 294  # members beside the cast
SEASON, BEFORE = 90, 345  # days that are played in full, and days before them of which little is known
_MEMBERS = text("SELECT count(*) AS number, count(demo_role) AS cast FROM member")


class NotEmpty(Exception):
    """There are members already: the demo season would stand among real people."""


def seed_demo(now: datetime | None = None, crowd: int = CROWD) -> list[dict[str, str]]:
    """Play a season that ends now into a programme without members; returns who may sign in.

    The same now gives the same rows, passwords aside. Does nothing where the demo is loaded; raises NotEmpty where
    there are other members.
    """
    if is_loaded():
        return sign_ins()
    now, zone = now or clock.now(), programme.current().zone
    today = day_of(now, zone)
    season = today - SEASON + 1
    market = Market(season - BEFORE, today)
    with _without_waiting_for_the_disk():
        _open(start_of(season, zone), start_of(_last_month(today), zone))
        people = draw_crowd(crowd, season - BEFORE, season, now, market)
        strays = befall(people, now, market)
        play([*draw_cast(season, now, market), *people], strays, now)
        playing.take_back(now - timedelta(hours=9))
        with transaction():
            playing.write_down(now)
            questions.ask(now)
            asking.ask(now)
        bringing.bring(now)
        with transaction():
            waiting.propose(now)
            messages.put_in_order()
        return doors.open_to_cast()


def is_loaded() -> bool:
    """Whether the demo season is there; raises NotEmpty where there are members, but not those of the demo."""
    members = read_one(_MEMBERS)
    if members.number and not members.cast:
        raise NotEmpty
    return bool(members.cast)


def _open(at: datetime, last_month: datetime) -> None:
    """Mark the programme as a demo, give it its staff, and let its rules change on the way."""
    with transaction() as conn:
        conn.execute(update(Programme).values(demo=True))
        publish_play(MERIDIAN, at)
        doors.hire_staff(at)
        name_keys(at)
        publish_changes(lowered_at=last_month, opened_at=at + timedelta(days=9))


def _last_month(today: int) -> int:
    return to_day(add_months(from_day(today).replace(day=1), -1))


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """On SQLite, some thousand commits that are safe only at the end: an interrupted season is played anew anyway."""
    if not is_sqlite(db.engine):
        yield
        return
    _set_pragma("synchronous=OFF")
    try:
        yield
    finally:
        _set_pragma("synchronous=FULL")
        _set_pragma("wal_checkpoint(TRUNCATE)")


def _set_pragma(pragma: str) -> None:
    # Outside of a transaction, and on the one connection that a single thread gets from the pool again and again.
    opened = db.engine.raw_connection()
    try:
        opened.cursor().execute(f"PRAGMA {pragma}")
    finally:
        opened.close()
