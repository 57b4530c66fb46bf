"""A delivery: what is stored, what is said of each activity, and that sending twice changes nothing."""

import contextvars
import json
import threading
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import text
from time_machine import travel

from app.gamification import keys, pipeline
from app.gamification.members.enrolment import link
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.support.cast import Person
from tests.support.deliveries import LIVE, Sender, bust_sent, new_sender, trade_sent
from tests.support.play import balances, decided

UNKNOWN = {"platform": "mt5", "server": "Meridian-Live", "login": "999"}


def count(table: str) -> int:
    return int(read_one(text(f"SELECT count(*) FROM {table}"))[0])


def of(receipt: dict[str, object]) -> dict[str, object]:
    """The counts of a receipt that are not zero."""
    names = ("accepted", "waiting", "duplicate", "conflict", "rejected")
    return {name: receipt[name] for name in names if receipt[name]}


def test_a_delivery_becomes_points(broker: Sender, alice: Person):
    with travel(datetime(2026, 3, 4, 12, 1, tzinfo=UTC), tick=False):
        response = broker.send(trade_sent("t-1"), trade_sent("t-2", data__lots="0.10"))
        pipeline.drain()
    assert response.status_code == 202
    assert response.mimetype == "application/json"
    assert response.json == {
        "recorded_at": "2026-03-04T12:01:00Z",
        "accepted": 2,
        "waiting": 0,
        "duplicate": 0,
        "conflict": 0,
        "rejected": 0,
        "results": [{"id": "t-1", "status": "accepted"}, {"id": "t-2", "status": "accepted"}],
    }
    first, second = decided("t-1"), decided("t-2")
    assert first and second and (first.earned, second.earned) == (50, 10)


def test_a_member_can_be_named_instead_of_an_account(broker: Sender, alice: Person):
    visit = {"id": "v-1", "kind": "visit", "member": "M-1001", "occurred_at": "2026-03-04T09:00:00+04:00"}
    webinar = {**visit, "id": "w-1", "kind": "custom.webinar", "data": {"count": 2}}
    assert [one["status"] for one in broker.results(visit, webinar)] == ["accepted", "accepted"]
    pipeline.drain()
    seen = decided("v-1")
    assert seen is not None and seen.earned == 2
    assert read_one(text("SELECT data FROM activity WHERE external_id = 'w-1'"))[0] == '["webinar",2,null,null]'


def test_numbers_of_platforms_may_come_as_numbers(broker: Sender, alice: Person):
    account = {"platform": "MT5", "server": "Meridian-Live", "login": 5012345, "deal": 42}
    assert broker.results(trade_sent("t-1", account=account)) == [{"id": "t-1", "status": "accepted"}]
    (again,) = broker.results(trade_sent("t-1", account=LIVE | {"deal": "42"}))
    assert again["status"] == "duplicate"


def test_a_platform_is_the_same_however_it_is_written(broker: Sender, alice: Person):
    with transaction():
        link(alice.id, " MT4 ", "Meridian-Live ", " 900", now=clock.now())
    for name in ("mt4", "MT4", "Mt4"):
        account = {"platform": name, "server": "Meridian-Live", "login": "900"}
        assert broker.results(trade_sent(f"t-{name}", account=account))[0]["status"] == "accepted"


def test_an_account_that_nobody_is_linked_to_waits_and_is_counted_as_accepted(broker: Sender, alice: Person):
    response = broker.send(trade_sent("t-1", account=UNKNOWN), trade_sent("t-2"))
    assert of(response.json) == {"accepted": 2, "waiting": 1}
    assert [one["status"] for one in response.json["results"]] == ["waiting", "accepted"]


def test_what_waited_is_counted_once_its_account_is_linked(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1", account=UNKNOWN), trade_sent("t-1c", account=UNKNOWN, corrects="t-1"))
    pipeline.drain()
    assert decided("t-1") is None
    with transaction():
        link(alice.id, "mt5", "Meridian-Live", "999", now=clock.now())
    pipeline.drain()
    corrected, correction = decided("t-1"), decided("t-1c")
    assert corrected and correction and correction.earned == 50
    assert balances(alice.id)[3] == 50 + 100  # and the welcome


def test_a_delivery_that_is_sent_again_changes_nothing(broker: Sender, alice: Person):
    trades = [trade_sent(f"t-{number}") for number in range(20)]
    assert of(broker.send(*trades).json) == {"accepted": 20}
    pipeline.drain()
    before = balances(alice.id)
    replayed = broker.send(*trades).json
    assert of(replayed) == {"duplicate": 20}
    assert replayed["results"][0] == {
        "id": "t-0",
        "status": "duplicate",
        "code": "same_id",
        "reason": "This activity is known already.",
    }
    pipeline.drain()
    assert balances(alice.id) == before


def test_a_delivery_may_overlap_with_the_one_before(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"), trade_sent("t-2"))
    assert of(broker.send(trade_sent("t-2"), trade_sent("t-3")).json) == {"accepted": 1, "duplicate": 1}


def test_the_same_id_with_another_content_is_a_conflict_and_kept_for_staff(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"))
    changed = trade_sent("t-1", data__lots="5.00")
    (result,) = broker.results(changed)
    assert (result["status"], result["code"]) == ("conflict", "other_content")
    assert "correction" in result["reason"]
    assert read_one(text("SELECT data FROM activity WHERE external_id = 't-1'"))[0].startswith('["EURUSD",1,"0.50"')
    assert '"5.00"' in read_one(text("SELECT body FROM quarantine"))[0]


def test_a_conflict_within_a_delivery_is_kept_for_staff_too(broker: Sender, alice: Person):
    statuses = [one["status"] for one in broker.results(trade_sent("t-1"), trade_sent("t-1", data__lots="5.00"))]
    assert statuses == ["accepted", "conflict"]
    assert count("quarantine") == 1


def test_the_same_said_otherwise_is_the_same(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"))
    sent = trade_sent("t-1", occurred_at="2026-03-04T16:00:00.000+04:00", data__bonus_funds=False, data__stop_loss=None)
    (result,) = broker.results(dict(reversed(sent.items())))
    assert result["status"] == "duplicate"


def test_a_deal_counts_once_for_an_account_whoever_reports_it(app: Flask, broker: Sender, alice: Person):
    bridge = new_sender(app, "bridge")
    broker.send(trade_sent("t-1", account__deal="77"))
    (result,) = bridge.results(trade_sent("b-1", account__deal="77"))
    assert (result["status"], result["code"]) == ("duplicate", "same_deal")
    assert bridge.results(trade_sent("t-1", account__deal="78"))[0]["status"] == "accepted"


def test_bad_activities_stop_nobody_elses(broker: Sender, alice: Person):
    response = broker.send(trade_sent("t-1"), trade_sent("t-2", data__lots="-1"), "nonsense", trade_sent("t-3"))
    assert of(response.json) == {"accepted": 2, "rejected": 2}
    assert [one["id"] for one in response.json["results"]] == ["t-1", "t-2", None, "t-3"]
    assert count("activity") == 2 + count("member")


def test_a_delivery_of_nothing_good_stores_nothing(broker: Sender, alice: Person):
    response = broker.send(trade_sent("t-1", kind="nonsense"))
    assert response.status_code == 202
    assert of(response.json) == {"rejected": 1}


def test_unknown_members_are_rejected(broker: Sender, alice: Person):
    visit = {"id": "v-1", "kind": "visit", "member": "M-9", "occurred_at": "2026-03-04T09:00:00Z"}
    (result,) = broker.results(visit)
    assert (result["status"], result["code"]) == ("rejected", "unknown_member")


def test_a_bust_takes_back_what_was_earned(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"))
    pipeline.drain()
    earned = balances(alice.id)
    broker.send(bust_sent("t-1", "b-1"))
    pipeline.drain()
    assert balances(alice.id)[3] == earned[3] - 50


def test_a_correction_counts_instead(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"))
    (result,) = broker.results(trade_sent("t-1c", corrects="t-1", account__deal="t-1", data__lots="0.20"))
    assert result["status"] == "accepted"
    before = balances(alice.id)[3]
    pipeline.drain()
    assert balances(alice.id)[3] - before == 20 + 100  # and the welcome


def test_a_correction_from_another_account_is_rejected(broker: Sender, alice: Person):
    broker.send(trade_sent("t-1"))
    (result,) = broker.results(trade_sent("t-2", corrects="t-1", account=UNKNOWN))
    assert (result["status"], result["code"]) == ("rejected", "other_account")


def test_a_thousand_fit_one_delivery(broker: Sender, alice: Person):
    trades = [trade_sent(f"t-{number}") for number in range(1000)]
    assert of(broker.send(*trades).json) == {"accepted": 1000}


def test_the_last_of_two_equal_keys_counts(broker: Sender, alice: Person):
    body = json.dumps({"activities": [trade_sent("t-1")]}).replace('"id"', '"id": "t-0", "id"').encode()
    assert broker.send_body(body).json["results"] == [{"id": "t-1", "status": "accepted"}]


def test_a_body_may_come_in_chunks(broker: Sender, alice: Person):
    body = json.dumps({"activities": [trade_sent("t-1")]}).encode()

    # What gunicorn hands over: no length, and a stream that ends by itself.
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    response = broker.send_body(body, environ_overrides=chunked)
    assert response.status_code == 202, response.text
    assert of(response.json) == {"accepted": 1}


def test_the_keys_last_use_is_known(broker: Sender, alice: Person):
    assert keys.every()[0].last_used_at is None
    broker.send(trade_sent())
    assert keys.every()[0].last_used_at is not None


def test_the_same_delivery_from_eight_senders_at_once_counts_once(app: Flask, broker: Sender, alice: Person):
    trades = [trade_sent(f"t-{number}", data__lots="0.10") for number in range(40)]
    body = json.dumps({"activities": trades}).encode()
    ready, receipts = threading.Barrier(8), []

    def deliver() -> None:
        ready.wait()
        receipts.append(Sender(app.test_client(), broker.key, broker.secret).send_body(body).json)

    threads = [threading.Thread(target=contextvars.Context().run, args=(deliver,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert sum(receipt["accepted"] for receipt in receipts) == 40
    assert sum(receipt["duplicate"] for receipt in receipts) == 7 * 40
    pipeline.drain()
    earned = read_all(text("SELECT earned FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.kind = 1"))
    assert [row[0] for row in earned] == [10] * 40
    assert balances(alice.id)[3] == 10 * 40 + 100
