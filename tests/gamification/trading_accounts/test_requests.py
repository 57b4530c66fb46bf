"""Members ask for accounts: bounded, once each, and without learning anything about anybody's; staff answer once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors import Refusal
from app.gamification.errors.desk import AlreadyDecided
from app.gamification.errors.members import (
    AccountNotFound,
    BadAccountName,
    LinkedElsewhere,
    MemberNotFound,
    UnknownPlatform,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.errors.trading_accounts import (
    AskedTooOften,
    RequestDecided,
    RequestNotFound,
    TooManyRequests,
    UnknownDeclineReason,
    YoursAlready,
)
from app.gamification.members import erasure
from app.gamification.trading_accounts import deciding, linking, messages, reads, requests
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.support.cast import Person
from tests.support.play import LIVE, Said, decided, report, trade
from tests.support.queries import counted
from tests.support.together import together

NOW = clock.now()
ALICES = ("mt5", "Meridian-Live", "5012345")


def ask(member: Person, names: tuple[str, str, str] = LIVE, *, now: object = NOW) -> int:
    with transaction():
        return requests.request(member.id, *names, now=now)  # type: ignore[arg-type]


def confirm(by: Person, number: int) -> int:
    with transaction():
        return deciding.confirm(by.id, number, now=NOW)


def decline(by: Person, number: int, reason: str = "unknown") -> None:
    with transaction():
        deciding.decline(by.id, number, reason, now=NOW)


def withdraw(member: Person, number: int) -> None:
    with transaction():
        requests.withdraw(member.id, number, now=NOW)


def state(number: int) -> str:
    return str(read_one(text("SELECT state FROM account_request WHERE id = :id"), {"id": number}).state)


def told(member: Person) -> list[str]:
    rows = read_all(text("SELECT kind FROM message WHERE member_id = :id ORDER BY id"), {"id": member.id})
    return [row.kind for row in rows]


def test_asking_again_is_the_same_request(bob: Person):
    assert ask(bob) == ask(bob, (" MT5", LIVE[1], f" {LIVE[2]} ")) == ask(bob, ("mt5", LIVE[1].upper(), LIVE[2]))
    [asked] = reads.of_member(bob.id).asked
    assert (asked.state, asked.login, asked.server) == ("open", LIVE[2], LIVE[1])


def test_what_is_theirs_is_not_asked_for(alice: Person):
    with pytest.raises(YoursAlready):
        ask(alice, ALICES)
    account = reads.of_member(alice.id).linked[0].id
    with transaction():
        assert requests.ask_for(alice.id, account, now=NOW) is None


def test_an_account_of_somebody_else_is_asked_for_like_one_that_does_not_exist(alice: Person, bob: Person):
    theirs, nobodys = ask(bob, ALICES), ask(bob, ("mt5", "Meridian-Live", "5012346"))
    one, other = sorted(reads.of_member(bob.id).asked, key=lambda asked: asked.id)
    assert [one.id, other.id] == [theirs, nobodys]
    assert (one.state, one.reason, one.decided_at) == (other.state, other.reason, other.decided_at)
    assert reads.of_member(bob.id).linked == ()


def test_the_letters_of_a_server_do_not_tell_which_accounts_there_are(alice: Person, bob: Person):
    for login in ("5012345", "5012346"):
        ask(bob, ("mt5", "mERIDIAN-lIVE", login))
    assert {asked.server for asked in reads.of_member(bob.id).asked} == {"Meridian-Live"}


def test_a_server_that_members_made_up_is_written_as_each_names_it(alice: Person, bob: Person):
    for member, server in ((alice, "MADE-UP"), (bob, "Made-Up")):
        ask(member, ("mt5", server, "1" if member is alice else "2"))
    assert reads.of_member(bob.id).asked[0].server == "Made-Up"


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (("", "Live", "1"), UnknownPlatform),
        (("mt5", "Live", "1\u202e2"), BadAccountName),
        (("mt5", "Live", "1\n2"), BadAccountName),
        (("mt5", "Live", "9" * 65), BadAccountName),
        (("mt5", "\u0644\u064a\u0641", "1"), BadAccountName),
    ],
)
def test_an_account_is_named_as_deliveries_name_it(bob: Person, names: tuple[str, str, str], refused: type[Refusal]):
    with pytest.raises(refused):
        ask(bob, names)
    assert read_all(text("SELECT id FROM account_request")) == []


def test_so_many_wait_and_no_more(bob: Person):
    numbers = [ask(bob, ("mt5", "Live", str(number))) for number in range(requests.MOST_OPEN)]
    with pytest.raises(TooManyRequests):
        ask(bob, ("mt5", "Live", "999"))
    # Nothing was stored of what was refused, and the same again is still the same.
    assert read_all(text("SELECT id FROM trading_account WHERE login = '999'")) == []
    assert ask(bob, ("mt5", "Live", "3")) == numbers[3]
    withdraw(bob, numbers[0])
    assert state(ask(bob, ("mt5", "Live", "999"))) == "open"


def test_parallel_requests_get_no_further(app: Flask, bob: Person):
    for number in range(requests.MOST_OPEN - 2):
        ask(bob, ("mt5", "Live", str(number)))
    works = [lambda number=number: ask(bob, ("mt5", "Live", f"1{number:03}")) for number in range(8)]  # type: ignore[misc]
    made = together(app, works)
    assert sum(isinstance(one, int) for one in made) == 2
    assert {type(one) for one in made if not isinstance(one, int)} == {TooManyRequests}
    assert len(reads.of_member(bob.id).asked) == requests.MOST_OPEN


def test_the_same_at_the_same_moment_is_one_request(app: Flask, bob: Person):
    made = together(app, [lambda: ask(bob)] * 6)
    assert len(set(map(str, made))) == 1
    assert len(reads.of_member(bob.id).asked) == 1


def test_withdrawing_does_not_let_somebody_go_on_guessing(bob: Person):
    for number in range(requests.MOST_A_DAY):
        withdraw(bob, ask(bob, ("mt5", "Live", str(number))))
    with pytest.raises(AskedTooOften):
        ask(bob, ("mt5", "Live", "1000"))
    assert ask(bob, ("mt5", "Live", "1000"), now=NOW + timedelta(days=1, seconds=1))


def test_only_their_own_are_withdrawn(alice: Person, bob: Person):
    number = ask(bob)
    with pytest.raises(RequestNotFound):
        withdraw(alice, number)
    withdraw(bob, number)
    withdraw(bob, number)
    assert state(number) == "withdrawn"
    with pytest.raises(RequestNotFound):
        withdraw(bob, 999_999)


def test_what_was_answered_is_not_withdrawn(bob: Person, mia: Person):
    number = ask(bob)
    decline(mia, number)
    with pytest.raises(RequestDecided):
        withdraw(bob, number)


def test_confirming_links_and_counts_what_waited(alice: Person, mia: Person):
    assert report(None, Said(trade(), id="w-1", account=LIVE)) == ["waiting"]
    number = ask(alice)
    account = confirm(mia, number)
    pipeline.drain()
    found = decided("w-1")
    assert found is not None and found.earned > 0
    assert state(number) == "confirmed"
    assert told(alice)[-1] == messages.CONFIRMED
    entry = audit.of_subject("member", alice.id)[0]
    assert (entry.action, entry.staff_id, entry.after) == ("member.link", mia.id, {"account": account, "via": "staff"})


def test_declining_says_why_and_the_log_keeps_it(bob: Person, mia: Person):
    number = ask(bob)
    decline(mia, number, "demo")
    [asked] = reads.of_member(bob.id).asked
    assert asked.state == "declined" and asked.reason is not None and "real money" in asked.reason.msgid
    assert told(bob)[-1] == messages.DECLINED
    entry = audit.of_subject("member", bob.id)[0]
    assert (entry.action, entry.after) == ("member.decline_account", {"account": asked.account_id, "reason": "demo"})


def test_a_reason_is_one_of_the_list(bob: Person, mia: Person):
    number = ask(bob)
    with pytest.raises(UnknownDeclineReason):
        decline(mia, number, "Bob is a liar")
    assert state(number) == "open"


def test_two_who_confirm_at_once_confirm_once(app: Flask, alice: Person, mia: Person, omar: Person):
    number = ask(alice)
    made = together(app, [lambda: confirm(mia, number), lambda: confirm(omar, number)])
    assert sorted(type(one).__name__ for one in made) == ["AlreadyDecided", "int"]
    assert told(alice).count(messages.CONFIRMED) == 1
    assert [entry.action for entry in audit.of_subject("member", alice.id)] == ["member.link"]


def test_one_who_confirms_and_one_who_declines_leave_one_answer(app: Flask, alice: Person, mia: Person, omar: Person):
    number = ask(alice)
    made = together(app, [lambda: confirm(mia, number), lambda: decline(omar, number)])
    assert sum(isinstance(one, AlreadyDecided) for one in made) == 1
    is_theirs = any(account.login == LIVE[2] for account in reads.of_member(alice.id).linked)
    assert state(number) == ("confirmed" if is_theirs else "declined")
    assert len([kind for kind in told(alice) if kind != messages.LINKED]) == 1


def test_confirming_two_members_for_one_account_at_once(
    app: Flask, alice: Person, bob: Person, mia: Person, omar: Person
):
    first, second = ask(alice), ask(bob)
    made = together(app, [lambda: confirm(mia, first), lambda: confirm(omar, second)])
    assert sum(isinstance(one, int) for one in made) == 1
    assert sorted([state(first), state(second)]) == ["confirmed", "declined"]


def test_what_is_somebody_elses_cannot_be_confirmed(alice: Person, bob: Person, mia: Person):
    number = ask(bob, ALICES)
    with pytest.raises(LinkedElsewhere):
        confirm(mia, number)
    assert state(number) == "open"


ACTS: dict[str, Callable[[Person, int], object]] = {"confirm": confirm, "decline": decline}


@pytest.mark.parametrize("act", ACTS)
def test_a_viewer_does_neither(bob: Person, vera: Person, act: str):
    number = ask(bob)
    with pytest.raises(NotEntitled):
        ACTS[act](vera, number)
    assert state(number) == "open"


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_answered_twice_or_for_nobody(bob: Person, mia: Person, act: str):
    with pytest.raises(RequestNotFound):
        ACTS[act](mia, 999_999)
    number = ask(bob)
    withdraw(bob, number)
    with pytest.raises(AlreadyDecided):
        ACTS[act](mia, number)
    assert told(bob) == []


def test_a_statement_asks_for_its_account(alice: Person, bob: Person):
    account = reads.of_member(alice.id).linked[0].id
    with transaction():
        number = requests.ask_for(bob.id, account, now=NOW)
        assert requests.ask_for(bob.id, account, now=NOW) == number
    with pytest.raises(AccountNotFound), transaction():
        requests.ask_for(bob.id, 999_999, now=NOW)


def test_nobody_asks_once_erased(bob: Person):
    with transaction():
        erasure.erase(None, bob.id, now=NOW)
    with pytest.raises(MemberNotFound):
        ask(bob)


def test_all_that_waits_is_taken_back_together(alice: Person, bob: Person, mia: Person):
    first, second, third = ask(bob), ask(bob, ("mt5", "Live", "2")), ask(alice)
    decline(mia, first)
    with transaction():
        assert requests.withdraw_all(bob.id, now=NOW) == 1
    assert [state(number) for number in (first, second, third)] == ["declined", "withdrawn", "open"]


def test_the_accounts_of_a_member_are_one_statement(alice: Person):
    ask(alice)
    with counted() as statements:
        found = reads.of_member(alice.id)
    assert len(statements) == 1
    assert [account.login for account in found.linked] == ["5012345"]
    assert found.linked[0].linked_at.tzinfo is not None
    assert [(asked.state, asked.login) for asked in found.asked] == [("open", LIVE[2])]


def test_answers_are_newest_first(bob: Person, mia: Person):
    numbers = [ask(bob, ("mt5", "Live", str(number))) for number in range(3)]
    decline(mia, numbers[0])
    assert [asked.id for asked in reads.of_member(bob.id).asked] == numbers[::-1]
    assert reads.of_member(bob.id).asked[-1].decided_at is not None


def test_a_link_by_the_broker_answers_the_request(bob: Person):
    number = ask(bob)
    with transaction():
        linking.link(bob.id, *LIVE, via="handoff", by=None, now=NOW)
    assert state(number) == "confirmed"
    assert read_one(text("SELECT via FROM account_request")).via == "handoff"
