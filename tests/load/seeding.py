"""Filling a new installation for measuring: members by one statement, one rule, a history for those who sign in.

`python -m tests.load.seeding 10000` with the LAUREL_ settings of the installation. BENCH_PLAY=published gives it the ten
challenges and the badges of the start, beside its ten rules; BENCH_PLAY=joined lets everybody take part in two of them.
"""

import json
import os
import random
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, text

from app.config import Settings
from app.factory import create_app
from app.gamification import ingest, keys, pipeline, programme
from app.gamification.activities import TradeClosed, incoming, kind_of
from app.gamification.members.passwords import hash_password
from app.gamification.setup.founding import publish_play
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.base import db, is_sqlite, transaction
from app.models.rules import Rule, RuleRevision
from app.seeds.base import MERIDIAN

SESSIONS, HISTORY = 20, 50
PASSWORD = "correct horse battery bench"

RULE = {
    "name": {"en": "Bench"},
    "kind": "trade.closed",
    "conditions": [
        [
            {"field": "seconds_open", "op": ">=", "value": "180"},
            {"field": "pips_moved", "op": ">=", "value": "3"},
            {"field": "bonus_funds", "op": "=", "value": False},
        ]
    ],
    "base": {"kind": "lots", "rate": "100"},
    "expiry": {"mode": "end_of_month", "n": 12},
    "group": "trades",
    "priority": 20,
}


def sessions(members: int) -> list[int]:
    """The members who sign in."""
    return random.Random(5).sample(range(1, members + 1), SESSIONS)


def seed(members: int) -> None:
    """Members, wallets, the rule, a key in `bench_key.json`, and fifty trades for each who signs in."""
    settings = Settings()
    app = create_app(settings)
    app.test_cli_runner().invoke(args=["prepare", "--base"], catch_exceptions=False)
    now = clock.now()
    with app.app_context():
        with transaction() as connection:
            _members(connection, members, now - timedelta(days=100))
            _rule(connection)
            _play(connection, members, now)
            made = keys.create("bench", Sealer(settings.installation_secret), now=now)
        (settings.data / "bench_key.json").write_text(json.dumps([made.key, made.secret]))
        _history(members, now)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def _members(connection: Connection, members: int, joined_at: datetime) -> None:
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {members})"
        if is_sqlite(connection)
        else f"WITH n(i) AS (SELECT generate_series(1, {members}))"
    )
    entity = connection.execute(text("SELECT id FROM legal_entity WHERE key = 'global'")).scalar_one()
    connection.execute(
        text(
            "INSERT INTO member (id, external_id, email, name, email_verified_at, entity_id, country,"
            " client_class, language, theme, up_down, time_zone, joined_at, earning_blocked)"
            f" {numbers} SELECT i, 'm' || i, 'm' || i || '@example.com', 'Member ' || i, :at, :entity, 'AE', 2,"
            " 'en', 'auto', 'auto', 'UTC', :at, false FROM n"
        ),
        {"at": clock.to_micros(joined_at), "entity": entity},
    )
    connection.execute(
        text(
            "INSERT INTO wallet (id, available, pending, debt, lifetime, qualifying, window_from, level_id,"
            f" level_since, next_expiry_amount, seq, head, decisions) {numbers}"
            " SELECT i, 0, 0, 0, 0, 0, 0, 0, :at, 0, 0, :head, 0 FROM n"
        ),
        {"at": clock.to_micros(joined_at), "head": b""},
    )
    for word in ("'member'", "'' || i", "'m' || i || '@example.com'"):
        connection.execute(text(f"INSERT INTO member_word (word, member_id) {numbers} SELECT {word}, i FROM n"))
    hashed = hash_password(PASSWORD)
    for member in sessions(members):
        connection.execute(
            text("UPDATE member SET password_hash = :hashed WHERE id = :id"), {"hashed": hashed, "id": member}
        )


def _rule(connection: Connection) -> None:
    """One point for each 0.01 lot in place of the seeded rule for trades; all others stay in force."""
    connection.execute(
        text(
            "UPDATE rule_revision SET effective_to = effective_from + 1"
            " WHERE rule_id = (SELECT id FROM rule WHERE key = 'trades')"
        )
    )
    rule = connection.execute(insert(Rule).values(key="bench").returning(Rule.id)).scalar_one()
    since = datetime(2000, 1, 1, tzinfo=UTC)
    connection.execute(
        insert(RuleRevision).values(rule_id=rule, number=1, definition=RULE, effective_from=since, published_at=since)
    )
    programme.touch(connection)


def _play(connection: Connection, members: int, now: datetime) -> None:
    wanted = os.environ.get("BENCH_PLAY", "")
    if not wanted:
        return
    publish_play(MERIDIAN, now)
    # Nobody has a past to be counted yet.
    connection.execute(text("UPDATE badge SET recounted_to = NULL"))
    if wanted != "joined":
        return
    for key in ("stop_row", "five_instruments"):
        connection.execute(
            text(
                "INSERT INTO challenge_entry (member_id, challenge_id, run, revision_id, state, joined_at, ends_at, zone,"
                " since_seq, progress, due_at, awards, points)"
                " SELECT m.id, c.id, 0, v.id, 1, :at, :until, 'UTC', 0, '[[0,{}]]', :until, 0, 0 FROM member m"
                " JOIN challenge c ON c.key = :key JOIN challenge_revision v ON v.challenge_id = c.id"
            ),
            {"key": key, "at": clock.to_micros(now - timedelta(days=3)), "until": clock.to_micros(now + timedelta(30))},
        )


def _history(members: int, now: datetime) -> None:
    kind = kind_of("trade.closed")
    assert kind is not None
    for number in range(HISTORY):
        at = now - timedelta(days=1 + number)
        opened = at - timedelta(hours=1)
        trade = TradeClosed("EURUSD", "buy", "0.05", "1.10000", "1.20000", opened, at, "1", "0", "0", "USD")
        items = [incoming(f"seed-{m}-{number}", kind, trade, at, member=f"m{m}") for m in sessions(members)]
        with transaction():
            ingest.accept(ingest.source("broker"), items, at)
    pipeline.drain()


if __name__ == "__main__":
    seed(int(sys.argv[1]))
