"""Points that are released while somebody publishes: the release waits its turn, and goes by what is in force then."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.activities import Custom
from app.gamification.ledger import lapsing, wallets
from app.models.base import transaction
from tests.support.play import NOON, Said, balances, play, trader
from tests.support.programmes import end_all_rules, publish
from tests.support.together import no_errors, together


@pytest.mark.postgres
def test_a_publication_while_a_wallet_is_waited_for_is_no_failure(app: Flask, monkeypatch: pytest.MonkeyPatch):
    end_all_rules()
    publish("held", {"kind": "custom.held", "base": {"kind": "count", "rate": "1"}, "hold_days": 3})
    member, found, failed = trader(), threading.Event(), []
    play(member, Said(Custom(count=60), "custom.held"))
    lock = wallets.lock_in_order

    def say_and_lock(ids: list[int]) -> None:
        found.set()
        lock(ids)

    monkeypatch.setattr(wallets, "lock_in_order", say_and_lock)
    monkeypatch.setattr(lapsing, "_one_by_one", lambda *said: failed.append(said) or 0)

    def publish_behind_the_lock() -> None:
        with transaction() as conn:
            conn.execute(text("SELECT id FROM wallet WHERE id = :id FOR NO KEY UPDATE"), {"id": member})
            gate.set()
            assert found.wait(30)
            programme.touch(conn)

    def release_it() -> None:
        assert gate.wait(30)
        lapsing.release_due(NOON + timedelta(days=5))

    gate = threading.Event()
    no_errors(together(app, [publish_behind_the_lock, release_it]))
    assert (failed, balances(member)[1]) == ([], 0)
