"""How fast the overview is at many activities: fills a new installation by SQL, counts it, and asks for the page.

`python -m tests.load.overview [activities] [members]`, a million and a hundred thousand unless told otherwise, with
LAUREL_DATA naming an empty folder, and LAUREL_DATABASE_URL for an empty database of PostgreSQL. Ends by itself.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from app.config import Settings
from app.factory import create_app
from app.gamification.insight import rollup
from app.gamification.insight.rebuild import rebuild
from app.gamification.staff import people, sessions
from app.lib import clock
from app.models.base import db, is_sqlite, reader, transaction
from tests.load import seeding
from tests.support.queries import counted

DAYS, ASKED = 730, 30


def fill(activities: int, members: int) -> Flask:
    """An installation with that many decided trades over two years, each awarded and in the ledger."""
    seeding.HISTORY = 0
    seeding.seed(members)
    app = create_app(Settings())
    with app.app_context(), transaction() as connection:
        rules = connection.execute(text("SELECT max(id) FROM rule_revision")).scalar_one()
        _insert(connection, activities, members, rules, clock.now())
        people.create("bench@example.com", "Bench", "viewer", seeding.PASSWORD, now=clock.now())
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return app


def _insert(connection: Connection, activities: int, members: int, rules: int, now: datetime) -> None:
    start, reach = clock.to_micros(now - timedelta(days=DAYS)), DAYS * 86_400_000_000
    sqlite = is_sqlite(connection)
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {activities})"
        if sqlite
        else f"WITH n(i) AS (SELECT generate_series(1, {activities}))"
    )
    at, member = f"{start} + (i * CAST({reach // activities} AS bigint))", f"1 + i % {members}"
    blank = "x''" if sqlite else "''::bytea"
    data = json.dumps(["EURUSD", 1, "0.10", "1.1", "1.2", 0, 0, "1", "0", "0", "USD", None, None, 0])
    # Awarded or refused by one of all rules.
    outcome = (
        f"'[[0,1,1,\"AE\",2,1,1],[' || (1 + i % {rules}) || CASE WHEN i % 3 = 0 THEN ',0,7,\"0.4\"]]'"
        " ELSE ',1,\"10\",[],10,10,0,null,null,10,0,null]]' END"
    )
    yes = "1" if sqlite else "true"
    for statement in (
        "INSERT INTO activity (id, source_id, external_id, kind, member_id, verified, flags, occurred_at, recorded_at,"
        f" digest, data) {numbers} SELECT i, 1, 'l' || i, 1, {member}, {yes}, 0, {at}, {at}, {blank}, '{data}' FROM n",
        "INSERT INTO decision (member_id, seq, activity_id, earned, reason, outcome)"
        f" {numbers} SELECT {member}, 1 + i / {members}, i, CASE WHEN i % 3 = 0 THEN 0 ELSE 10 END, CASE WHEN i % 3 = 0 THEN 5 + i % 9 ELSE 0 END,"
        f" {outcome} FROM n",
        "INSERT INTO transfer (wallet_id, seq, unit_id, code, debit, credit, amount, balance, cause, cause_id, part,"
        f" occurred_at, recorded_at, hash) {numbers} SELECT {member}, 1 + i / {members}, 1,"
        f" CASE WHEN i % 5 = 0 THEN 3 ELSE 1 END, CASE WHEN i % 5 = 0 THEN 10 ELSE 1 END,"
        f" CASE WHEN i % 5 = 0 THEN 2 ELSE 10 END, 10, 0, 1, i, 0, {at}, {at}, {blank} FROM n",
    ):
        connection.exec_driver_sql(statement.replace("%", "%%") if not sqlite else statement)


def signed_in(app: Flask) -> FlaskClient:
    """A browser of the staff."""
    with app.app_context(), transaction() as connection:
        staff_id = connection.execute(text("SELECT max(id) FROM staff")).scalar_one()
        cookie = sessions.start(staff_id, address=None, browser=None, now=clock.now(), confirmed=True)
    client = app.test_client()
    with client.session_transaction() as session:
        session["desk"], session["desk_seen"] = cookie, int(time.time())
    return client


def measure(ask: Callable[[], Any]) -> tuple[float, float]:
    """The median of some requests and their median of CPU, in milliseconds."""
    took, worked = [], []
    for _ in range(ASKED):
        start, cpu = time.perf_counter(), time.process_time()
        ask()
        took.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - cpu))
    return statistics.median(took), statistics.median(worked)


def run(activities: int, members: int) -> None:
    """Fill, count, ask, and say what it took."""
    start = time.perf_counter()
    app = fill(activities, members)
    print(f"{activities:,} activities of {members:,} members in {time.perf_counter() - start:.0f} s")
    with app.app_context():
        start = time.perf_counter()
        rebuild(clock.now())
        print(f"insight rebuild: {time.perf_counter() - start:.1f} s")
        rollup.fold(clock.now())
        with reader().connect() as connection:
            rows = [
                connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()
                for name in ("day_figure", "active_day")
            ]
        print(f"{rows[0]:,} rows of figures, {rows[1]:,} active days")
    client = signed_in(app)
    for days in (7, 30, 90, 365):
        address = f"/admin?days={days}"
        answer = client.get(address)
        assert answer.status_code == 200 and "Points in, points out" in answer.text
        with app.app_context(), counted() as sent:
            client.get(address)
        median, worked = measure(lambda address=address: client.get(address))
        print(f"{days:>3} days: {median:.1f} ms, {worked:.1f} ms of CPU, {len(sent)} statements")


if __name__ == "__main__":
    asked = [int(one) for one in sys.argv[1:]]
    run(*(asked + [1_000_000, 100_000][len(asked) :]))
    print(f"{datetime.now(UTC):%Y-%m-%d}")
