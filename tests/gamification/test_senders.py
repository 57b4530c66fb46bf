"""What a member sends in stays that member's, whoever the account belongs to; it blocks nobody and tells nobody."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from app.gamification import ingest, pipeline
from app.gamification.members.enrolment import link, unlink
from app.models.activity import Reason
from app.models.base import transaction
from tests.support.play import LIVE, NOON, Said, balances, decided, report, trade, trader
from tests.support.programmes import end_all_rules, publish, set_trust

RULE = {"kind": "trade.closed", "base": {"kind": "lots", "rate": "10"}}
FORGED = Said(trade(lots="99"), id="forged", account=LIVE, deal="77")
TRUE = Said(trade(lots="5"), id="true", account=LIVE, deal="77")


@pytest.fixture
def honest(app: object) -> int:
    return trader()


@pytest.fixture
def sly(honest: int) -> int:
    return trader()


@pytest.fixture(autouse=True)
def lots_pay(app: object) -> None:
    end_all_rules()
    publish("lots", RULE)


def send(member_id: int, *said: Said, minutes: int = 0) -> list[str]:
    """What the member uploads: of an account, and the member's own all the same."""
    items = [one.incoming(None)._replace(member_id=member_id, id=f"m{member_id}.{one.id}") for one in said]
    with transaction():
        results = ingest.accept(ingest.source(ingest.UPLOADS), items, NOON + timedelta(minutes=minutes))
    pipeline.drain()
    return [str(result.status) for result in results]


def linked(member_id: int) -> int:
    with transaction():
        return link(member_id, *LIVE, now=NOON)


def test_an_upload_is_its_senders_at_once_whether_or_not_the_account_is_linked(honest: int):
    assert send(honest, TRUE) == ["accepted"]
    assert balances(honest) == (0, 50, 0, 50)


@pytest.mark.parametrize("order", list(permutations(["forged", "true", "link"])), ids="-".join)
def test_a_forged_trade_never_blocks_the_true_one(honest: int, order: tuple[str, ...]):
    acts = {
        "forged": lambda: send(honest, FORGED),
        "true": lambda: report(None, TRUE),
        "link": lambda: linked(honest),
    }
    for name in order:
        acts[name]()
        pipeline.drain()
    assert balances(honest) == (50, 0, 0, 50)


@pytest.mark.parametrize("trust", ["review", "recognition", "trusted"])
def test_what_somebody_else_forged_of_the_account_touches_nothing_of_its_owner(honest: int, sly: int, trust: str):
    set_trust(trust)
    send(sly, FORGED)
    linked(honest)
    assert send(honest, TRUE, minutes=1) == ["accepted"]
    report(None, TRUE, now=NOON + timedelta(minutes=2))
    pipeline.drain()
    assert balances(honest) == (50, 0, 0, 50)
    assert balances(sly)[0] == 0


def test_an_upload_never_tells_what_was_reported_of_somebody_elses_account(honest: int, sly: int):
    linked(honest)
    report(None, TRUE)
    pipeline.drain()
    assert send(honest, FORGED) == ["duplicate"], "the member's own account: known"
    assert send(sly, FORGED) == ["accepted"], "anybody else's: as if nothing had been reported"


def test_linking_an_account_brings_its_member_what_the_broker_reported_and_nothing_that_others_sent(
    honest: int, sly: int
):
    send(sly, FORGED)
    report(None, replace(TRUE, deal="78"))
    linked(honest)
    pipeline.drain()
    assert balances(honest) == (50, 0, 0, 50)
    assert balances(sly) == (0, 990, 0, 990)


def test_unlinking_leaves_what_was_sent_in_where_it_is(honest: int):
    account_id = linked(honest)
    items = [TRUE.incoming(None)._replace(member_id=honest)]
    with transaction():
        ingest.accept(ingest.source(ingest.UPLOADS), items, NOON)
    with transaction():
        unlink(honest, account_id)
    pipeline.drain()
    assert balances(honest) == (0, 50, 0, 50)


def test_the_same_upload_again_is_known(honest: int):
    assert send(honest, TRUE) == ["accepted"]
    assert send(honest, TRUE, minutes=1) == ["duplicate"]
    assert send(honest, replace(TRUE, id="another name"), minutes=2) == ["duplicate"]


def test_a_bust_takes_back_the_senders_own_upload_alone(honest: int, sly: int):
    send(sly, FORGED)
    foreign = Said(busts=f"m{sly}.forged", id="bust", account=LIVE)
    assert send(honest, foreign) == ["rejected"]
    assert balances(sly) == (0, 990, 0, 990)
    assert send(sly, foreign) == ["accepted"]
    assert balances(sly) == (0, 0, 0, 0)
    found = decided(f"m{sly}.bust", "uploads")
    assert found is not None
    assert found.reason == Reason.WITHDRAWN


def test_what_is_trusted_counts_at_once_only_of_an_account_that_is_linked_to_its_sender(honest: int, sly: int):
    set_trust("trusted")
    linked(honest)
    send(honest, TRUE)
    assert balances(honest) == (50, 0, 0, 50)
    send(sly, FORGED)
    assert balances(sly) == (0, 990, 0, 990), "pending until staff have looked"
