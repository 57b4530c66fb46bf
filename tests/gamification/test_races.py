"""Many at once: senders, workers, links and buyers; each activity counts once, none is lost, no point is spent twice."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.gamification import backlog, ingest, pipeline
from app.gamification.activities import Custom
from app.gamification.errors.points import NotEnoughPoints
from app.gamification.ledger import lapsing, wallets
from app.gamification.ledger.verify import verify
from app.gamification.members.enrolment import link
from app.models.base import connection, read_one, transaction
from tests.house.source import ROOT
from tests.support.databases import Database
from tests.support.patience import wait_until
from tests.support.play import NOON, Said, balances, report, trade, trader
from tests.support.programmes import end_all_rules, publish
from tests.support.together import no_errors, together

SENDERS = 8
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def rules(app: Flask) -> None:
    """A point for each one counted, up to 10,000 a day; ten points a lot, held for some days."""
    end_all_rules()
    count = {"kind": "custom.gain", "base": {"kind": "count", "rate": "1"}}
    publish("gain", count | {"caps": [{"per": "day", "points": 10_000}]})
    publish("trades", {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}, "hold_days": 2})


def gain(id: str, points: int = 1, **more: Any) -> Said:
    return Said(Custom(count=points), "custom.gain", id=id, **more)


def counted(statement: str) -> int:
    return int(read_one(text(statement))[0])


def fold_everything() -> int:
    """Rounds, like several workers in several threads would do them, until nothing waits."""
    done = 0
    while backlog.read().queued:
        done += pipeline.run(40)
    return done


# --- senders ----------------------------------------------------------------------------------------------------------


def test_the_same_delivery_from_eight_senders_is_stored_once(app: Flask):
    members = [trader() for _ in range(5)]
    items = [gain(f"a{n}").incoming(members[n % 5]) for n in range(200)]

    def send() -> Counter[str]:
        with transaction():
            return Counter(str(result.status) for result in ingest.accept(ingest.source("broker"), items, NOON))

    statuses = no_errors(together(app, [send] * SENDERS))
    assert sum(statuses, Counter()) == {"accepted": 200, "duplicate": 200 * (SENDERS - 1)}
    assert (counted("SELECT count(*) FROM activity"), backlog.read().queued) == (205, 200)
    pipeline.drain()
    assert [balances(member_id)[0] for member_id in members] == [40] * 5


def test_overlapping_deliveries_in_any_order_never_wait_for_each_other_in_a_circle(app: Flask):
    tara = trader()
    deals = [Said(trade(), id=f"d{n}", account=("mt5", "Live", f"{n % 7}"), deal=f"{n}") for n in range(60)]
    items = [*(gain(f"a{n}").incoming(tara) for n in range(60)), *(deal.incoming(None) for deal in deals)]

    def sender(number: int) -> Callable[[], list[ingest.Result]]:
        # Of two sources, each naming the deals in its own way: then their order by name is no order by deal.
        source, random_ = ("broker", "statements")[number % 2], random.Random(number)
        prefix = (lambda item: item.id) if number % 2 else (lambda item: f"{(int(item.id[1:]) * 37) % 61}-{item.id}")

        def send() -> list[ingest.Result]:
            results = []
            for _ in range(6):
                mine = [item._replace(id=prefix(item)) for item in random_.sample(items, 60)]
                with transaction():
                    results += ingest.accept(ingest.source(source), mine, NOON)
            return results

        return send

    results = no_errors(together(app, [sender(number) for number in range(SENDERS)]))
    assert {str(result.status) for sent in results for result in sent} <= {"accepted", "waiting", "duplicate"}
    assert counted("SELECT count(*) FROM activity WHERE deal IS NOT NULL") == 60
    assert counted("SELECT count(*) FROM trading_account") == 7


def test_two_contents_under_one_id_at_the_same_moment(app: Flask):
    tara = trader()
    said = [gain("x", points) for points in range(1, SENDERS + 1)]
    statuses = no_errors(together(app, [lambda one=one: report(tara, one) for one in said]))
    assert Counter(status for (status,) in statuses) == {"accepted": 1, "conflict": SENDERS - 1}
    assert counted("SELECT count(*) FROM quarantine") == SENDERS - 1


def test_a_correction_and_its_original_at_the_same_moment(app: Flask):
    tara = trader()
    for number in range(10):
        works = [
            lambda number=number: report(tara, gain(f"x{number}", 100), now=NOON + SECOND),
            lambda number=number: report(tara, gain(f"c{number}", 7, corrects=f"x{number}"), now=NOON + 2 * SECOND),
            lambda: [str(pipeline.run())],
        ]
        no_errors(together(app, works))
    fold_everything()
    assert balances(tara) == (70, 0, 0, 70)


# --- workers ----------------------------------------------------------------------------------------------------------


def test_several_pipelines_decide_each_activity_once(app: Flask):
    members = [trader() for _ in range(40)]
    for part in range(5):
        items = [gain(f"{part}-{n}").incoming(members[n % 40]) for n in range(200)]
        with transaction():
            ingest.accept(ingest.source("broker"), items, NOON + part * SECOND)
    done = no_errors(together(app, [fold_everything] * 4))
    assert sum(done) == 1000
    assert counted("SELECT count(*) FROM decision") == counted("SELECT count(*) FROM activity") == 1040
    assert {balances(member_id) for member_id in members} == {(25, 0, 0, 25)}
    assert verify().bad is None


@pytest.mark.postgres
def test_a_member_in_other_hands_is_left_out_and_nobody_waits(app: Flask):
    held, free = trader(), trader()
    for member_id in (held, free):
        report(member_id, gain(f"x{member_id}"))
    with transaction() as conn:
        conn.execute(text("SELECT id FROM wallet WHERE id = :id FOR NO KEY UPDATE"), {"id": held})
        assert no_errors(together(app, [lambda: pipeline.run()])) == [1]
        assert (balances(held)[0], balances(free)[0]) == (0, 1)
    assert pipeline.drain() == 1


def test_members_in_different_rounds_are_folded_while_senders_send_and_points_lapse(app: Flask):
    members = [trader() for _ in range(12)]
    stop = threading.Event()

    def fold() -> int:
        done = 0
        while not stop.is_set() or backlog.read().queued:
            done += pipeline.run(10)
        return done

    def lapse() -> int:
        done = 0
        while not stop.is_set():
            done += lapsing.release_due(NOON + timedelta(days=30))
        return done

    def send() -> int:
        random_ = random.Random(1)
        for part in range(40):
            said = [Said(trade(lots=str(random_.randint(1, 9))), id=f"{part}-{n}") for n in range(12)]
            items = [one.incoming(members[n]) for n, one in enumerate(said)]
            with transaction():
                ingest.accept(ingest.source("broker"), items, NOON + part * SECOND)
        stop.set()
        return 0

    no_errors(together(app, [fold, fold, lapse, send]))
    lapsing.release_due(NOON + timedelta(days=30))
    assert counted("SELECT count(*) FROM decision WHERE reason = 0") == 480
    assert counted("SELECT sum(pending) FROM wallet") == 0
    assert counted("SELECT sum(available) FROM wallet") == counted("SELECT sum(lifetime) FROM wallet") > 0
    assert counted("SELECT sum(qualifying) FROM wallet") == counted("SELECT sum(sum) FROM qualifying_day")
    assert verify().bad is None


def test_an_account_that_is_linked_while_its_deliveries_arrive_loses_nothing(app: Flask):
    for number in range(8):
        tara, account = trader(), ("mt5", "Live", f"6{number}")

        def send(account: tuple[str, str, str] = account) -> None:
            for part in range(6):
                report(None, *(gain(f"{account[2]}-{part}-{n}", account=account) for n in range(5)))

        def claim(tara: int = tara, account: tuple[str, str, str] = account) -> None:
            with transaction():
                link(tara, *account, now=NOON)

        no_errors(together(app, [send, claim, lambda: fold_everything() and None]))
        fold_everything()
        assert balances(tara) == (30, 0, 0, 30)
    assert counted("SELECT count(*) FROM decision") == counted("SELECT count(*) FROM activity")


# --- buyers -----------------------------------------------------------------------------------------------------------


def test_points_for_one_are_spent_by_one_of_eight(app: Flask):
    tara = trader()
    report(tara, gain("x", 100))
    pipeline.drain()

    def redeem(number: int) -> int:
        with transaction():
            return wallets.redeem(tara, 60, number, NOON)

    made = together(app, [lambda number=number: redeem(number) for number in range(1, SENDERS + 1)])
    assert Counter(type(one).__name__ for one in made) == {"int": 1, "NotEnoughPoints": SENDERS - 1}
    assert {one.sentence.values["short_by"] for one in made if isinstance(one, NotEnoughPoints)} == {20}
    assert balances(tara) == (40, 0, 0, 100)
    assert verify().bad is None


def test_a_redemption_is_refunded_once(app: Flask):
    tara = trader()
    report(tara, gain("x", 100))
    pipeline.drain()
    with transaction():
        wallets.redeem(tara, 60, 1, NOON)

    def refund() -> None:
        with transaction():
            wallets.refund(tara, 1, NOON)

    made = together(app, [refund] * 4)
    assert Counter(type(one) for one in made) == {type(None): 1, IntegrityError: 3}
    assert balances(tara) == (100, 0, 0, 100)


def test_buying_while_points_are_folded_and_taken_back(app: Flask):
    tara = trader()

    def earn() -> int:
        for number in range(30):
            report(tara, gain(f"x{number}", 10), now=NOON + number * SECOND)
            if number % 3 == 0:
                bust = Said(None, "custom.gain", id=f"b{number}", busts=f"x{number}")
                report(tara, bust, now=NOON + number * SECOND)
        return 0

    def buy() -> int:
        spent = 0
        for number in range(40):
            try:
                with transaction():
                    wallets.redeem(tara, 7, number, NOON)
                spent += 7
            except NotEnoughPoints:
                pipeline.run(5)
        return spent

    _, spent, _ = no_errors(together(app, [earn, buy, fold_everything]))
    fold_everything()
    available, pending, debt, lifetime = balances(tara)
    assert lifetime == 200
    assert (available - debt, pending) == (200 - spent, 0)
    assert verify().bad is None


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def new_worker(app: Flask, database: Database) -> Iterator[Callable[[], int]]:
    """Starts a process that folds on this test's database, and says its id; all are gone at the end."""
    environ = os.environ | {
        "LAUREL_ENV": "development",
        "LAUREL_DATA": str(app.extensions["laurel_settings"].data),
        "LAUREL_DATABASE_URL": database.url,
        "LAUREL_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "tests.gamification.folding", "5"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def start() -> int:
            asked.write("one more\n")
            return int(answers.readline())

        yield start
        process.kill()  # its children end by themselves when they miss it


def test_workers_that_are_killed_in_the_middle_lose_nothing_and_count_nothing_twice(new_worker: Callable[[], int]):
    members = [trader() for _ in range(10)]
    for part in range(60):
        items = [gain(f"{part}-{n}", 10).incoming(members[n]) for n in range(10)]
        with transaction():
            ingest.accept(ingest.source("broker"), items, NOON + part * SECOND)
    for goal, corrected in ((60, range(20)), (150, range(20, 40)), (240, range(40, 60))):
        mortal = [new_worker(), new_worker()]
        wait_until(lambda goal=goal: counted("SELECT count(*) FROM decision") >= goal, 40)
        # Senders go on while workers die.
        for part in corrected:
            correction = gain(f"c{part}", 4, corrects=f"{part}-{part % 10}")
            report(members[part % 10], correction, now=NOON + timedelta(hours=1) + part * SECOND)
        for worker in mortal:
            os.kill(worker, signal.SIGKILL)
        assert verify().bad is None
    assert backlog.read().queued > 0
    new_worker()
    wait_until(lambda: backlog.read().queued == 0, 40)
    everything = 10 + 600 + 60  # they joined, too
    assert counted("SELECT count(*) FROM activity") == counted("SELECT count(*) FROM decision") == everything
    assert counted("SELECT count(*) FROM decision WHERE reason = 16") == 0
    # Six of each member's sixty were corrected from ten to four points.
    assert {balances(member_id) for member_id in members} == {(54 * 10 + 6 * 4, 0, 0, 54 * 10 + 6 * 4)}
    assert counted("SELECT sum(used) FROM cap_use") == counted("SELECT sum(available) FROM wallet")
    assert verify().bad is None


def test_a_transaction_is_never_shared_between_threads(app: Flask):
    with transaction():
        (made,) = together(app, [connection])
    assert isinstance(made, RuntimeError)
