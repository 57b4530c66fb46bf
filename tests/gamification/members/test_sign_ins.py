"""Sign-ins: one row a browser, read in one statement with the wallet."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification.members import sign_ins
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from tests.support.cast import Person
from tests.support.queries import counted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def start(member: Person, **options: str | None) -> str:
    with transaction():
        return sign_ins.start(member.id, **({"address": None, "browser": None} | options), now=NOW)


def test_one_statement_brings_the_member_the_wallet_and_the_level(app: Flask, alice: Person):
    cookie = start(alice)
    expiry = clock.to_micros(datetime(2027, 1, 1, tzinfo=UTC))
    with transaction() as conn:
        conn.execute(
            text(
                "UPDATE wallet SET available = 24860, pending = 380, lifetime = 61420, qualifying = 7600, level_id = 3,"
                " next_expiry_at = :at, next_expiry_amount = 600 WHERE id = :id"
            ),
            {"at": expiry, "id": alice.id},
        )
        message = "INSERT INTO message (member_id, kind, facts, created_at, read_at) VALUES (:id, 'x', '{}', 1, :read)"
        conn.execute(text(message), [{"id": alice.id, "read": None}, {"id": alice.id, "read": 2}])
    with counted() as statements:
        found = sign_ins.read(cookie, NOW)
    assert len(statements) == 1
    assert found is not None
    assert (found.id, found.name, found.initials, found.client_class) == (alice.id, "Alice Amari", "AA", 2)
    assert (found.available, found.pending, found.debt, found.lifetime) == (24860, 380, 0, 61420)
    assert (found.level_id, found.level_key, found.unread) == (3, "gold", 1)
    assert (found.next_expiry_at, found.next_expiry_amount) == (datetime(2027, 1, 1, tzinfo=UTC), 600)
    assert sign_ins.to_cookie(found.sign_in_id) == cookie


def test_a_sign_in_ends_for_good(app: Flask, alice: Person):
    one, two, three = start(alice), start(alice), start(alice)
    first = sign_ins.from_cookie(one)
    assert first is not None
    with transaction():
        sign_ins.end(first, now=NOW)
    assert sign_ins.read(one, NOW) is None and sign_ins.read(two, NOW) is not None
    kept = sign_ins.from_cookie(two)
    assert kept is not None
    with transaction():
        assert sign_ins.end_all(alice.id, but=kept, now=NOW) == 1
    assert sign_ins.read(three, NOW) is None and sign_ins.read(two, NOW) is not None


def test_others_are_not_signed_out_with_one(app: Flask, alice: Person, bob: Person):
    start(alice)
    his = start(bob)
    with transaction():
        sign_ins.end_all(alice.id, now=NOW)
    assert sign_ins.read(his, NOW) is not None


def test_a_sign_in_idles_out(app: Flask, alice: Person):
    cookie = start(alice)
    assert sign_ins.read(cookie, NOW + timedelta(days=89)) is not None
    assert sign_ins.read(cookie, NOW + timedelta(days=90)) is None


def test_what_a_browser_says_of_itself_is_bounded(app: Flask, alice: Person):
    start(alice, browser="Mozilla\u202e\n" + "x" * 5000, address="2001:db8::1")
    row = read_one(text("SELECT browser, address FROM sign_in"))
    assert row.browser.startswith("Mozilla xxx") and len(row.browser) == sign_ins.LONGEST_BROWSER
    assert row.address == "2001:db8::1"


def test_ids_are_never_the_same(app: Flask, alice: Person):
    cookies = {start(alice) for _ in range(20)}
    assert len(cookies) == 20
    assert all(len(row[0]) == sign_ins.ID_BYTES for row in read_all(text("SELECT id FROM sign_in")))


def test_a_sign_in_is_one_persons(app: Flask, alice: Person, dana: Person):
    from sqlalchemy.exc import IntegrityError

    statement = text(
        "INSERT INTO sign_in (id, member_id, staff_id, created_at, last_seen_at) VALUES (:id, :member, :staff, 1, 1)"
    )
    for member, staff in ((alice.id, dana.id), (None, None)):
        with pytest.raises(IntegrityError), transaction():
            connection().execute(statement, {"id": b"0" * 16, "member": member, "staff": staff})


@given(st.binary(min_size=16, max_size=16))
def test_a_cookie_gives_its_id_back(sign_in_id: bytes):
    assert sign_ins.from_cookie(sign_ins.to_cookie(sign_in_id)) == sign_in_id


@given(st.text(max_size=40))
def test_any_other_text_is_no_id(cookie: str):
    found = sign_ins.from_cookie(cookie)
    assert found is None or len(found) == sign_ins.ID_BYTES
