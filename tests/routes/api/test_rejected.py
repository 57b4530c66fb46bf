"""Activities that are rejected one by one: each with a code, the field, and a sentence; the one beside it goes through."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from app.gamification.activities import BY_KEY, KINDS
from tests.support.cast import Person
from tests.support.deliveries import LIVE, Sender, bust_sent, changed, trade_sent

TRADE = trade_sent("t-1")
VISIT = {"id": "v-1", "kind": "visit", "member": "M-1001", "occurred_at": "2026-03-04T09:00:00Z"}
LESSON = {**VISIT, "kind": "lesson.passed", "data": {"lesson": "l-1", "score": 80}}
WEBINAR = {**VISIT, "kind": "custom.webinar", "data": {"count": 1}}


def trade(**changes: Any) -> dict[str, Any]:
    return changed(TRADE, **changes)


HOSTILE: list[tuple[Any, str, str | None]] = [
    # What is no activity
    (5, "bad_value", None),
    (None, "bad_value", None),
    ([], "bad_value", None),
    ("trade", "bad_value", None),
    ({}, "missing_field", "kind"),
    # Amounts that are none
    *((trade(data__lots=lots), "bad_value", "data.lots") for lots in (
        "NaN", "nan", "Infinity", "-Infinity", "inf", "-0.10", "0", "0.00", "-0", "+1", "1e3", "1E400", "9" * 400, "",
        " 1", "1 ", "1\n", "1,000.00", "0x10", "١", "1.", ".5", "1.123456789", "1_000", None, 0.5, 1, 10**400, True, [],
        {}, ["1"], "1\u0000",
    )),
    *((trade(**{f"data__{name}": "-1.1"}), "bad_value", f"data.{name}") for name in (
        "open_price", "close_price", "stop_loss", "take_profit",
    )),
    *((trade(**{f"data__{name}": "1" * 16}), "bad_value", f"data.{name}") for name in ("profit", "commission", "swap")),
    # Names
    *((trade(id=id), "bad_value", "id") for id in (
        "", " ", "a" * 65, "a b", "a\u0000", "a\nb", "\u202eabc", "a\u200bb", "é", "../../etc", "a'b", None, 7, ["a"],
    )),
    *((trade(data__symbol=symbol), "bad_value", "data.symbol") for symbol in (
        "", "A" * 33, "EUR\u202eUSD", "EUR\x07", "<b>", "../x", "EURUSD\n", None, 1,
    )),
    *((trade(data__currency=currency), "bad_value", "data.currency") for currency in ("", "usd", "US", "DOLLARS", 840)),
    *((trade(data__side=side), "bad_value", "data.side") for side in ("BUY", "long", "", 1, None)),
    (trade(data__bonus_funds="no"), "bad_value", "data.bonus_funds"),
    *((trade(account__platform=name), "bad_value", "account.platform") for name in ("", "mt 5", "m" * 33, "mt\u0435", 5)),
    *((trade(account__server=name), "bad_value", "account.server") for name in ("", " x", "x ", "x" * 65, "é", "a\u202eb", 5)),
    *((trade(account__login=name), "bad_value", "account.login") for name in ("", "\u202e1", -1, 1.5, True, None)),
    *((trade(account__deal=name), "bad_value", "account.deal") for name in ("", "a b", "d" * 65, -1, 2.5)),
    *(({**VISIT, "member": name}, "bad_value", "member") for name in ("", " M", "M\u0000", "M\u202e", "é", "m" * 65, 7)),
    *((trade(corrects=name), "bad_value", "corrects") for name in ("", "a b", 7)),
    # Times
    *((trade(occurred_at=at, data__closed_at=at), "bad_value", "occurred_at") for at in (
        "2026-03-04T12:00:00", "2026-03-04", "yesterday", "", "2026-02-30T00:00:00Z", "2026-03-04T25:00:00Z", 1772625600,
        None, "2026-03-04T12:00:00+99:00", "2026-03-04T12:00:00 CET",
    )),
    (trade(data__opened_at="2026-03-04T11:00:00"), "bad_value", "data.opened_at"),
    *((trade(occurred_at=at, data__closed_at=at, data__opened_at=at), "too_early", "occurred_at") for at in (
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
    )),
    (trade(data__opened_at="0001-01-01T00:00:00+23:59"), "too_early", "data.opened_at"),
    *((trade(occurred_at=at), "in_the_future", "occurred_at") for at in (
        "2026-03-04T12:06:01Z", "2027-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
    )),
    (trade(data__opened_at="2026-03-04T12:00:01Z"), "closed_before_opened", "data.opened_at"),
    (trade(data__closed_at="2026-03-04T12:05:01Z"), "closed_later", "data.closed_at"),
    # Kinds
    *((trade(kind=kind), "unknown_kind", "kind") for kind in (
        "trade.opened", "", "TRADE.CLOSED", "custom", "custom.", "custom.UPPER", "custom.a b", "member.joined", "\u202e",
        7, None, ["trade.closed"], {"trade": "closed"},
    )),
    (trade(kind=...), "missing_field", "kind"),
    # Fields
    *((trade(**{name: ...}), "missing_field", name) for name in ("id", "occurred_at")),
    *((trade(**{f"data__{name}": ...}), "missing_field", f"data.{name}") for name in ("symbol", "lots", "profit")),
    *((trade(**{f"account__{name}": ...}), "missing_field", f"account.{name}") for name in ("platform", "server", "login")),
    (trade(colour="red"), "unknown_field", "colour"),
    (trade(data__colour="red"), "unknown_field", "data.colour"),
    (trade(account__colour="red"), "unknown_field", "account.colour"),
    (trade(data=...), "missing_field", "data"),
    (trade(data=None), "missing_field", "data"),
    (trade(data=[]), "bad_value", "data"),
    (trade(account="5012345"), "bad_value", "account"),
    ({**VISIT, "data": {"lots": "1"}}, "unknown_field", "data.lots"),
    # Whose it is
    (trade(member="M-1001"), "two_owners", "member"),
    (trade(account=...), "no_owner", "member"),
    # Corrections and busts
    (trade(corrects="a", busts="b"), "two_amendments", "busts"),
    (trade(corrects="t-1"), "amends_itself", "id"),
    (trade(busts="t-0"), "bust_with_data", "data"),
    (bust_sent("t-1", "t-1"), "amends_itself", "id"),
    # Other kinds
    (changed(LESSON, data=...), "missing_field", "data"),
    (changed(LESSON, data__score=101), "bad_value", "data.score"),
    (changed(LESSON, data__score="80"), "bad_value", "data.score"),
    (changed(LESSON, data__lesson="a b"), "bad_value", "data.lesson"),
    (changed(WEBINAR, data__count=0), "bad_value", "data.count"),
    (changed(WEBINAR, data__count=10**7), "bad_value", "data.count"),
    (changed(WEBINAR, data__amount="0"), "bad_value", "data.amount"),
    (changed(WEBINAR, data__colour="red"), "unknown_field", "data.colour"),
    (changed(WEBINAR, id=...), "missing_field", "id"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def one_minute_past_noon():
    with travel(datetime(2026, 3, 4, 12, 1, tzinfo=UTC), tick=False):
        yield


def test_each_hostile_activity_is_rejected_alone(broker: Sender, alice: Person):
    sent = [hostile for hostile, _, _ in HOSTILE]
    good = [trade_sent(f"good-{number}") for number in range(len(sent))]
    results = broker.results(*(one for pair in zip(sent, good, strict=True) for one in pair))
    assert [one["status"] for one in results[1::2]] == ["accepted"] * len(good)
    for (hostile, code, field), result in zip(HOSTILE, results[::2], strict=True):
        found = (result["status"], result.get("code"), result.get("field"))
        assert found == ("rejected", code, field), (hostile, result)
        assert result["reason"].endswith("."), result


def test_it_says_what_the_field_takes(broker: Sender, alice: Person):
    (result,) = broker.results(trade(data__lots="0"))
    assert result == {
        "id": "t-1",
        "status": "rejected",
        "code": "bad_value",
        "reason": "This is not what the field takes: a number above zero as text, such as “0.10”: up to 12 digits and "
        "8 decimals.",
        "field": "data.lots",
    }
    assert "one of buy, sell" in broker.results(trade(data__side="long"))[0]["reason"]
    assert "custom.<name>" in broker.results(trade(kind="nonsense"))[0]["reason"]


@pytest.mark.parametrize("token", ["NaN", "-Infinity", "Infinity"])
def test_a_number_that_json_does_not_know_is_rejected_alone(broker: Sender, alice: Person, token: str):
    # What Python's json.dumps(float("nan")) and others write.
    good = {**TRADE, "id": "NaN"}
    body = json.dumps({"activities": [trade(id="t-2", data__lots="@"), good]}).replace('"@"', token)
    results = broker.send_body(body.encode()).json["results"]
    assert [(one["id"], one["status"]) for one in results] == [("t-2", "rejected"), ("NaN", "accepted")]
    assert results[0]["field"] == "data.lots"


def test_numbers_beyond_reason_are_rejected_alone(broker: Sender, alice: Person):
    body = json.dumps({"activities": [trade(data__lots="@"), {**TRADE, "id": "t-2"}]}).replace('"@"', "1e400")
    results = broker.send_body(body.encode()).json["results"]
    assert [(one["id"], one["status"]) for one in results] == [("t-1", "rejected"), ("t-2", "accepted")]


@pytest.mark.parametrize("letters", [b"\xff\xfe", b"\xc3(", b"\xed\xa0\x80"])
def test_letters_that_are_no_utf_8_are_rejected_alone(broker: Sender, alice: Person, letters: bytes):
    body = json.dumps({"activities": [trade(data__symbol="@"), {**TRADE, "id": "t-2"}]}).encode()
    results = broker.send_body(body.replace(b"@", letters)).json["results"]
    assert [one["status"] for one in results] == ["rejected", "accepted"]
    assert results[0]["code"] == "bad_json"


def test_what_lies_five_minutes_ahead_is_still_taken(broker: Sender, alice: Person):
    at = (datetime(2026, 3, 4, 12, 1, tzinfo=UTC) + timedelta(minutes=5)).isoformat()
    assert broker.results(trade(occurred_at=at, data__closed_at=at))[0]["status"] == "accepted"


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2026-03-04T12:00:00.123456789+05:45", "2026-03-04t12:00:00z"])
def test_unusual_times_are_taken(broker: Sender, alice: Person, at: str):
    assert broker.results({**VISIT, "occurred_at": at})[0]["status"] == "accepted"


EXAMPLES: dict[str, dict[str, Any]] = {
    "trade.closed": TRADE["data"] | {"stop_loss": "1.09", "take_profit": "1.2", "bonus_funds": True},
    "deposit.made": {"amount": "250.00", "currency": "EUR", "method": "card"},
    "account.entry": {"entry": "interest", "amount": "-1.50", "currency": "USD", "symbol": "EURUSD.pro"},
    "lesson.passed": LESSON["data"],
    "partner.purchase": {"partner": "books", "amount": "19.90", "currency": "USD"},
    "survey.answered": {"survey": "s-1"},
}


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS if kind.by_api and kind.key != "custom"])
def test_every_kind_is_taken_by_account_and_by_member(broker: Sender, alice: Person, kind: str):
    data = {"data": EXAMPLES[kind]} if kind in EXAMPLES else {}
    sent = {"kind": kind, "occurred_at": "2026-03-04T12:00:00Z", **data}
    by_account, by_member = {**sent, "id": "a", "account": LIVE}, {**sent, "id": "m", "member": "M-1001"}
    assert [one["status"] for one in broker.results(by_account, by_member)] == ["accepted", "accepted"]
    assert kind in EXAMPLES or not BY_KEY[kind].data.__struct_fields__
