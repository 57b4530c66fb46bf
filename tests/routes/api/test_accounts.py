"""Whose accounts are, as the broker's systems say it: what becomes of each, who may say it, and that again is the same."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.generation import GenerationMode
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.gamification import keys, pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors import Refusal
from app.gamification.ledger import wallets
from app.gamification.members import erasure
from app.gamification.trading_accounts import deciding, reads, requests
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.routes.api.test_schema import validate, written
from tests.support.cast import Person
from tests.support.deliveries import ACCOUNTS, LIVE, Sender, new_sender, trade_sent
from tests.support.examples import examples
from tests.support.play import decided
from tests.support.queries import counted
from tests.support.together import no_errors, together

NOW = clock.now()
NEW = {"platform": "mt5", "server": "Meridian-Live", "login": "7001"}
LIST = f"{ACCOUNTS}/requests"


@pytest.fixture
def linker(app: Flask) -> Sender:
    """The broker's system with a key that links, and reads."""
    return new_sender(app, scopes=(keys.LINK, keys.READ))


def results(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json["results"]  # type: ignore[index]
    return found


def statuses(response: TestResponse) -> list[str]:
    return [one.get("code", one["status"]) for one in results(response)]


def owner_of(login: str = "7001") -> int | None:
    row = read_one(text("SELECT member_id FROM trading_account WHERE login = :login"), {"login": login})
    return None if row is None else row.member_id


def ask(member: Person, login: str = "7001") -> int:
    with transaction():
        return requests.request(member.id, "mt5", "Meridian-Live", login, now=NOW)


def test_an_account_is_linked_and_what_waited_is_counted_at_once(broker: Sender, linker: Sender, alice: Person):
    broker.send(trade_sent("w-1", account=NEW))
    response = linker.link({"member": "M-1001", "currency": "EUR", **NEW})
    assert response.json == {
        "linked": 1,
        "unlinked": 0,
        "declined": 0,
        "unchanged": 0,
        "rejected": 0,
        "results": [{"status": "linked"}],
    }
    pipeline.drain()
    found = decided("w-1")
    assert found is not None and found.earned == 50
    assert [account.currency for account in reads.of_member(alice.id).linked] == [None, "EUR"]


def test_saying_it_again_changes_nothing_and_costs_little(linker: Sender, alice: Person):
    many = [{"member": "M-1001", **NEW, "login": str(number)} for number in range(1000, 1300)]
    assert linker.link(*many).json["linked"] == 300
    entries = len(audit.of_subject("member", alice.id, 999))
    with counted() as statements:
        assert linker.link(*many).json["unchanged"] == 300
    assert len(statements) < 40
    assert len(audit.of_subject("member", alice.id, 999)) == entries == 300


def test_each_is_judged_on_its_own(linker: Sender, alice: Person, bob: Person):
    response = linker.link(
        {"member": "M-1002", **NEW},
        {"member": "M-1002", **LIVE},
        {"member": "nobody", **NEW},
        {"member": "M-1001", **NEW, "login": 7002, "platform": "MT5"},
        {"member": "M-1001", **NEW, "surprise": 1},
        {"member": "M-1001", **NEW, "server": "Live\u202e"},
        {"member": "M-1001", "platform": "mt5", "login": "1"},
        {"member": "M-1001", "request": 3},
        {"request": 999},
        {"request": 2**80},
        {},
        7,
    )
    assert statuses(response) == [
        "linked",
        "linked_elsewhere",
        "unknown_member",
        "linked",
        "unknown_field",
        "bad_value",
        "missing_field",
        "two_ways",
        "unknown_request",
        "bad_value",
        "missing_field",
        "bad_value",
    ]
    assert all(one["reason"] for one in results(response) if one["status"] == "rejected")
    assert (owner_of(), owner_of("7002"), owner_of("5012345")) == (bob.id, alice.id, alice.id)


def test_an_account_changes_hands_in_one_delivery_whatever_the_order(linker: Sender, alice: Person, bob: Person):
    response = linker.link({"member": "M-1002", **LIVE}, {"member": "M-1001", **LIVE, "linked": False})
    assert statuses(response) == ["linked", "unlinked"]
    assert owner_of("5012345") == bob.id
    kinds = [row.kind for row in read_all(text("SELECT kind FROM message ORDER BY id"))]
    assert kinds == ["account.unlinked", "account.linked"]
    assert audit.of_subject("member", alice.id)[0].after == {"via": "api"}


def test_only_the_members_own_account_is_let_go(linker: Sender, alice: Person, bob: Person):
    nobodys = {"member": "M-1002", **NEW, "linked": False}
    assert statuses(linker.link({"member": "M-1002", **LIVE, "linked": False}, nobodys)) == ["unchanged", "unchanged"]
    assert owner_of("5012345") == alice.id


def test_a_request_is_answered_by_the_account_or_by_its_number(linker: Sender, alice: Person, bob: Person):
    first, second, third = ask(alice), ask(alice, "7002"), ask(bob, "7003")
    response = linker.link(
        {"member": "M-1001", **NEW},
        {"request": second},
        {"member": "M-1002", **NEW, "login": "7003", "linked": False},
    )
    assert statuses(response) == ["linked", "linked", "declined"]
    states = {asked.id: asked.state for member in (alice, bob) for asked in reads.of_member(member.id).asked}
    assert states == {first: "confirmed", second: "confirmed", third: "declined"}
    again = linker.link({"request": second}, {"request": third, "linked": False}, {"request": third})
    assert statuses(again) == ["unchanged", "unchanged", "answered_already"]


def test_a_request_for_somebody_elses_account_is_declined_but_not_confirmed(linker: Sender, alice: Person, bob: Person):
    number = ask(bob, "5012345")
    assert statuses(linker.link({"request": number})) == ["linked_elsewhere"]
    assert statuses(linker.link({"request": number, "linked": False})) == ["declined"]
    assert owner_of("5012345") == alice.id


def test_what_its_member_withdrew_is_no_request(linker: Sender, alice: Person):
    number = ask(alice)
    with transaction():
        requests.withdraw(alice.id, number, now=NOW)
    assert statuses(linker.link({"request": number})) == ["unknown_request"]


def test_nothing_is_linked_to_somebody_erased(linker: Sender, alice: Person):
    number = ask(alice)
    with transaction():
        erasure.erase(None, alice.id, now=NOW)
    assert set(statuses(linker.link({"member": "M-1001", **NEW}, {"request": number}))) <= {
        "unknown_member",
        "unknown_request",
    }
    assert linker.read(LIST).json["requests"] == []


def test_the_list_says_who_asks_for_what(linker: Sender, alice: Person, bob: Person, charlie: Person):
    numbers = [ask(bob, "5012345"), ask(charlie)]
    response = linker.read(LIST)
    first, second = response.json["requests"]
    assert "next" not in response.json and response.headers["Cache-Control"] == "no-store"
    assert (first["request"], first["member"], first["member_number"]) == (numbers[0], "M-1002", bob.id)
    assert first["linked_elsewhere"] and "email" not in first
    # Charlie has not confirmed the address, so that it may be anybody's.
    assert not second["linked_elsewhere"] and "email" not in second and "member" not in second
    assert [one["request"] for one in linker.read(f"{LIST}?after={numbers[0]}").json["requests"]] == numbers[1:]
    linker.link({"request": numbers[1]})
    assert [one["request"] for one in linker.read(LIST).json["requests"]] == numbers[:1]


def test_a_member_whom_the_broker_does_not_know_is_told_by_their_address(linker: Sender, charlie: Person):
    ask(charlie)
    with transaction() as conn:
        conn.execute(text("UPDATE member SET email_verified_at = 1 WHERE id = :id"), {"id": charlie.id})
    assert linker.read(LIST).json["requests"][0]["email"] == charlie.email


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1e3", "after=9999999999", "after=%D9%A1", "after="])
def test_a_query_that_is_none(linker: Sender, query: str):
    refused = linker.read(f"{LIST}?{query}")
    assert (refused.status_code, refused.json["error"]) == (422, "bad_query")


@pytest.mark.parametrize("scopes", [("send",), ("read",), ("send", "read")])
def test_a_key_without_the_scope_links_nothing(app: Flask, alice: Person, scopes: tuple[str, ...]):
    refused = new_sender(app, scopes=scopes).link({"member": "M-1001", **NEW})
    assert (refused.status_code, refused.json["error"]) == (403, "not_in_scope")
    assert "“link”" in refused.json["message"]
    assert owner_of() is None


def test_a_key_that_links_neither_reads_nor_sends(app: Flask, alice: Person):
    sender = new_sender(app, scopes=(keys.LINK,))
    assert sender.read(LIST).status_code == 403
    assert sender.send(trade_sent()).status_code == 403


def test_a_partners_key_does_not_read_who_the_brokers_clients_are(app: Flask, alice: Person):
    ask(alice)
    refused = new_sender(app, "academy").read(LIST)
    assert (refused.status_code, refused.json["error"]) == (403, "not_in_scope")
    assert "7001" not in refused.text and "M-1001" not in refused.text


def test_a_key_may_not_link_unless_that_was_chosen(app: Flask, broker: Sender, alice: Person):
    assert broker.link({"member": "M-1001", **NEW}).status_code == 403


@pytest.mark.parametrize("header", ["X-Laurel-Key", "X-Laurel-Timestamp", "X-Laurel-Signature"])
def test_nothing_is_told_or_linked_unsigned(linker: Sender, alice: Person, header: str):
    body = json.dumps({"accounts": [{"member": "M-1001", **NEW}]}).encode()
    assert linker.send_body(body, target=ACCOUNTS, headers={header: None}).json["error"] == "not_signed"
    headers = {name: value for name, value in linker.headers(b"", LIST, method="GET").items() if name != header}
    assert linker.client.get(LIST, headers=headers).json["error"] == "not_signed"
    assert owner_of() is None


def test_a_signature_belongs_to_its_address_its_method_and_its_query(linker: Sender, alice: Person):
    body = json.dumps({"accounts": [{"member": "M-1001", **NEW}]}).encode()
    elsewhere = linker.headers(body)
    assert linker.send_body(body, target=ACCOUNTS, headers=elsewhere).json["error"] == "bad_signature"
    posted = linker.headers(b"", LIST, method="POST")
    assert linker.client.get(LIST, headers=posted).json["error"] == "bad_signature"
    signed = linker.headers(b"", LIST, method="GET")
    assert linker.client.get(f"{LIST}?after=1", headers=signed).json["error"] == "bad_signature"
    assert owner_of() is None


def test_a_replay_changes_nothing_and_an_old_one_is_refused(linker: Sender, alice: Person, bob: Person):
    body = json.dumps({"accounts": [{"member": "M-1001", **NEW}]}).encode()
    headers = linker.headers(body, ACCOUNTS)
    assert linker.send_body(body, target=ACCOUNTS, headers=headers).json["linked"] == 1
    assert linker.send_body(body, target=ACCOUNTS, headers=headers).json["unchanged"] == 1
    stale = linker.headers(body, ACCOUNTS, timestamp=str(int(time.time()) - 301))
    assert linker.send_body(body, target=ACCOUNTS, headers=stale).json["error"] == "stale_timestamp"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"accounts": []}', b'{"accounts": {}}', b'{"accounts": [1], "x": 1}', b"\xff", b"[" * 99_999,
     json.dumps({"accounts": [{}] * 1001}).encode()],
)  # fmt: skip
def test_a_body_that_is_no_delivery(linker: Sender, body: bytes):
    refused = linker.send_body(body, target=ACCOUNTS)
    assert (refused.status_code, refused.json["error"]) == (422, "not_accounts")
    assert refused.json["next_step"]


def test_a_body_that_is_not_json(linker: Sender):
    refused = linker.send_body(b"{}", target=ACCOUNTS, headers={"Content-Type": "text/plain"})
    assert (refused.status_code, refused.json["error"]) == (415, "not_json")


def test_a_link_while_a_delivery_is_stored_loses_nothing(app: Flask, alice: Person):
    broker, linker = new_sender(app), new_sender(app, scopes=(keys.LINK,))
    accounts = [NEW | {"login": str(number)} for number in range(7100, 7130)]

    def deliver(part: int) -> int:
        trades = [trade_sent(f"d-{part}-{one['login']}", account=one) for one in accounts]
        return broker.send(*trades).status_code

    def link() -> int:
        return linker.link(*({"member": "M-1001", **one} for one in reversed(accounts))).status_code

    assert no_errors(together(app, [lambda: deliver(1), link, lambda: deliver(2), link])) == [202, 200, 202, 200]
    pipeline.drain()
    row = read_one(
        text(
            "SELECT count(*) AS done FROM decision d JOIN activity a ON a.id = d.activity_id WHERE a.external_id LIKE 'd-%'"
        )
    )
    assert row.done == 60


def test_the_api_and_staff_answer_a_request_once(app: Flask, linker: Sender, alice: Person, mia: Person):
    number = ask(alice)

    def by_hand() -> str:
        try:
            with transaction():
                deciding.confirm(mia.id, number, now=NOW)
        except Refusal as refusal:
            return type(refusal).__name__
        return "confirmed"

    by_api, by_staff = no_errors(together(app, [lambda: statuses(linker.link({"request": number}))[0], by_hand]))
    assert (by_api, by_staff) in {("linked", "AlreadyDecided"), ("unchanged", "confirmed")}
    assert len([1 for row in read_all(text("SELECT kind FROM message")) if row.kind == "account.confirmed"]) == 1


@pytest.fixture
def while_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen while a delivery waits for the wallets of those it is about."""

    def let(happen: Callable[[], object]) -> None:
        lock = wallets.lock_in_order

        def slow(ids: list[int]) -> None:
            monkeypatch.setattr(wallets, "lock_in_order", lock)
            happen()
            lock(ids)

        monkeypatch.setattr(wallets, "lock_in_order", slow)

    return let


def test_what_is_withdrawn_meanwhile_is_not_linked(
    linker: Sender, alice: Person, while_waiting: Callable[[Callable[[], object]], None]
):
    number = ask(alice)
    while_waiting(lambda: requests.withdraw(alice.id, number, now=NOW))
    assert statuses(linker.link({"request": number})) == ["unknown_request"]
    assert owner_of() is None


def test_what_staff_confirm_meanwhile_is_not_taken_away_by_declining_the_request(
    linker: Sender, alice: Person, mia: Person, while_waiting: Callable[[Callable[[], object]], None]
):
    number = ask(alice)
    while_waiting(lambda: deciding.confirm(mia.id, number, now=NOW))
    assert statuses(linker.link({"request": number, "linked": False})) == ["answered_already"]
    assert owner_of() == alice.id


BUDGET = settings(
    max_examples=examples(30), phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_answers_are_those_of_the_document(app: Flask, linker: Sender, alice: Person, mode: GenerationMode):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)

    @BUDGET
    @given(case=schema[ACCOUNTS]["POST"].as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        body = case.body if isinstance(case.body, bytes) else written(case.body)
        response = linker.send_body(body, target=ACCOUNTS)
        validate(case, response)
        assert response.status_code in (200, 422), response.text

    check()


def test_the_list_is_the_one_of_the_document(app: Flask, linker: Sender, alice: Person):
    ask(alice)
    case = schemathesis.openapi.from_wsgi("/api/openapi.json", app)[LIST]["GET"].Case()
    validate(case, linker.read(LIST))
    validate(case, linker.read(f"{LIST}?after=x"))
