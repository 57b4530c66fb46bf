"""The law at the award: what members of each standing get for what they do, and that it stays as it was judged."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from app.gamification import pipeline, programme
from app.gamification.activities import Custom, Data, DepositMade, LessonPassed, PartnerPurchase, SurveyAnswered
from app.gamification.errors.points import NotEnoughPoints
from app.gamification.ledger import wallets
from app.gamification.policy.packs import Verdict
from app.gamification.policy.starting import OPEN, PACKS
from app.gamification.setup.founding import SINCE
from app.models.activity import Reason
from app.models.base import read_one, transaction
from app.models.people import ClientClass
from app.models.rules import PackRevision
from tests.support.play import NOON, Said, balances, batches, play, trade, trader, wallet
from tests.support.programmes import end_all_rules, publish

TRADE = Said(trade())
DEPOSIT = Said(DepositMade("500", "USD"), "deposit.made")
LESSON = Said(LessonPassed("risk", 90), "lesson.passed")
KINDS: dict[str, tuple[Any, str]] = {
    "trade.closed": (trade(), "law"),
    "deposit.made": (DepositMade("500", "USD"), "law"),
    "custom.anything": (Custom(), "law"),  # until somebody classes it, it counts as trading
    "kyc.verified": (Data(), "recognition"),
    "lesson.passed": (LessonPassed("risk", 90), "service"),
    "survey.answered": (SurveyAnswered("s1"), "service"),
    "journal.written": (Data(), "service"),
    "rest.kept": (Data(), "service"),
    "visit": (Data(), "service"),
    "partner.purchase": (PartnerPurchase("cafe", "10", "USD"), "service"),
}


@pytest.fixture(autouse=True)
def ten_points_for_everything(app: Flask) -> None:
    end_all_rules()
    for kind in (*KINDS, "member.joined"):
        publish(f"ten for {kind}", {"kind": kind, "base": {"kind": "fixed", "rate": "10"}})


def retail(country: str = "CY", entity: str = "eu") -> int:
    return trader(country, ClientClass.RETAIL, entity)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_protected_client_gets(kind: str):
    data, gets = KINDS[kind]
    bea = retail()
    found = play(bea, Said(data, kind))
    available, qualifying = balances(bea)[0], wallet(bea).qualifying
    if gets == "law":
        assert (found.reason, available, qualifying, found.entries) == (Reason.LAW, 0, 0, [])
        assert found.context[0] == Verdict.FORBID
    elif gets == "recognition":
        assert (found.reason, available, qualifying, found.entries) == (Reason.RECOGNITION, 0, 0, [])
    else:
        assert (found.reason, available, qualifying) == (Reason.EARNED, 10, 10)
        assert [batch.service_only for batch in batches(bea)] == [True]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_professional_gets(kind: str):
    pia = trader("CY", ClientClass.PROFESSIONAL, "eu")
    assert play(pia, Said(KINDS[kind][0], kind)).earned == 10
    assert [bool(batch.service_only) for batch in batches(pia)] == [False, False]  # the first is for joining


def test_joining_is_recognition_for_the_protected():
    assert balances(retail())[0] == 0
    assert balances(trader())[0] == 10


@pytest.mark.parametrize(
    ("country", "client_class", "entity", "earned"),
    [
        ("CY", ClientClass.RETAIL, "eu", 0),
        ("GB", ClientClass.RETAIL, "uk", 0),
        ("AU", ClientClass.RETAIL, "au", 0),
        ("DE", ClientClass.RETAIL, "global", 0),  # the country is the stricter
        ("AE", ClientClass.RETAIL, "eu", 0),  # the entity is the stricter
        ("AE", ClientClass.RETAIL, "global", 10),
        ("DE", ClientClass.PROFESSIONAL, "eu", 10),
        ("DE", ClientClass.ELIGIBLE, "uk", 10),
        ("", ClientClass.PROFESSIONAL, "global", 0),
        ("AE", ClientClass.UNKNOWN, "global", 0),
        ("AE", ClientClass.PROFESSIONAL, None, 0),  # nobody said which company the member belongs to
    ],
)
def test_a_trade_of_members_of_every_standing(country: str, client_class: ClientClass, entity: str | None, earned: int):
    assert play(trader(country, client_class, entity), TRADE).earned == earned


def test_service_points_buy_service_only_for_ever():
    bea = retail()
    play(bea, LESSON)
    with transaction() as conn:
        conn.execute(
            text("UPDATE member SET country = 'AE', entity_id = NULL, client_class = 2 WHERE id = :id"), {"id": bea}
        )
        conn.execute(
            text("UPDATE member SET entity_id = (SELECT id FROM legal_entity WHERE key = 'global') WHERE id = :id"),
            {"id": bea},
        )
    assert play(bea, TRADE).earned == 10
    with pytest.raises(NotEnoughPoints) as refused, transaction():
        wallets.redeem(bea, 11, 1, NOON)
    assert refused.value.sentence.values == {"short_by": 1}
    with transaction():
        wallets.redeem(bea, 11, 2, NOON, service=True)
    # The older batch went first; what is left of both is one of service and nine of the other kind.
    assert [batch.remaining for batch in batches(bea)] == [0, 9]
    with transaction():
        wallets.refund(bea, 2, NOON)
    assert [(batch.amount, bool(batch.service_only)) for batch in batches(bea)[2:]] == [(10, True), (1, False)]


def test_a_later_change_of_country_never_rates_again():
    tara = trader()
    first = play(tara, TRADE)
    with transaction() as conn:
        conn.execute(text("UPDATE member SET country = 'DE', client_class = 1 WHERE id = :id"), {"id": tara})
    pipeline.drain()
    assert balances(tara)[0] == 20
    second = play(tara, trade())
    assert (second.reason, second.earned) == (Reason.LAW, 0)
    # A correction is judged by what holds now; what it takes back, by what was given.
    third = play(tara, Said(trade(), corrects=TRADE.id), now=NOON + timedelta(hours=1))
    assert (third.reason, balances(tara)[0]) == (Reason.LAW, 10)
    assert first.context[3:5] == ["AE", ClientClass.PROFESSIONAL]
    assert second.context[3:5] == ["DE", ClientClass.RETAIL]


def test_the_outcome_keeps_by_which_revisions_it_was_judged():
    def revisions() -> dict[str, int]:
        return {key: programme.current().policy.pack(key).revision_id for key in PACKS}

    before, bea = revisions(), trader("DE", ClientClass.RETAIL, "global")
    assert play(bea, TRADE).context[5:] == [before["offshore"], before["eu_retail"]]
    with transaction() as conn:
        pack_id = conn.execute(text("SELECT id FROM pack WHERE key = 'eu_retail'")).scalar_one()
        values = {"pack_id": pack_id, "number": 2, "effective_from": SINCE, "published_at": SINCE}
        conn.execute(insert(PackRevision).values(**values, definition=PACKS["eu_retail"] | {"facts": OPEN}))
        programme.touch(conn)
    after = revisions()
    assert after["eu_retail"] > before["eu_retail"]
    found = play(bea, trade())
    assert (found.context[5:], found.earned) == ([after["offshore"], after["eu_retail"]], 10)
    row = read_one(text("SELECT count(*) FROM decision WHERE earned > 0 AND member_id = :id"), {"id": bea})
    assert row[0] == 1


def test_no_rule_is_asked_before_the_law():
    bea = retail()
    publish("bad", {"kind": "deposit.made", "base": {"kind": "amount", "rate": "1"}, "audience": {"countries": ["JP"]}})
    assert play(bea, DEPOSIT).entries == []
