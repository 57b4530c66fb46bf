"""Whose an account is: said by staff, the API, the broker's sign-in or the console, always with the same consequences."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors.members import AccountNotFound, LinkedElsewhere, MemberErased, MemberNotFound
from app.gamification.members import erasure
from app.gamification.trading_accounts import linking, messages, reads, requests
from app.gamification.trading_accounts.linking import Linked, Wanted
from app.gamification.trading_accounts.names import Names
from app.lib import clock
from app.models.base import read_all, transaction
from tests.support.cast import Person, mails, make_member
from tests.support.play import LIVE, Said, balances, decided, report, trade, trader
from tests.support.together import no_errors, together

NOW = clock.now()


def link(member_id: int, names: tuple[str, str, str] = LIVE, via: linking.Via = "api") -> int:
    with transaction():
        return linking.link(member_id, *names, via=via, by=None, now=NOW)


def ask(member_id: int, names: tuple[str, str, str] = LIVE) -> int:
    with transaction():
        return requests.request(member_id, *names, now=NOW)


def told(member_id: int) -> list[str]:
    return [
        row.kind
        for row in read_all(text("SELECT kind FROM message WHERE member_id = :id ORDER BY id"), {"id": member_id})
    ]


def state_of(member_id: int) -> list[tuple[str, str | None]]:
    return [
        (row.state, row.via)
        for row in read_all(
            text("SELECT state, via FROM account_request WHERE member_id = :id ORDER BY id"), {"id": member_id}
        )
    ]


def test_what_waited_is_processed_at_once(app: Flask):
    member = trader()
    assert report(None, Said(trade(), id="w-1", account=LIVE)) == ["waiting"]
    link(member)
    assert pipeline.drain() == 1
    found = decided("w-1")
    assert found is not None and found.earned > 0
    assert balances(member)[0] == found.earned


def test_linking_again_changes_and_tells_nothing(app: Flask):
    member = trader()
    assert link(member) == link(member) == link(member, (" MT5 ", LIVE[1], f"{LIVE[2]} "))
    assert told(member) == [messages.LINKED]
    assert [entry.after["via"] for entry in audit.of_subject("member", member)] == ["api"]


def test_who_asked_is_told_and_everybody_else_is_declined(alice: Person, bob: Person):
    ask(alice.id), ask(bob.id)
    link(alice.id)
    assert state_of(alice.id) == [("confirmed", "api")]
    assert state_of(bob.id) == [("declined", "api")]
    assert (told(alice.id)[-1], told(bob.id)[-1]) == (messages.CONFIRMED, messages.DECLINED)
    to_alice, to_bob = (mail for mail in mails() if "trading account" in mail.subject)
    assert (to_alice.recipient, to_alice.member_id) == (alice.email, alice.id)
    assert (to_bob.recipient, to_bob.member_id) == (bob.email, bob.id)
    assert alice.name not in to_bob.body


def test_an_address_that_nobody_confirmed_gets_no_mail(charlie: Person):
    ask(charlie.id)
    link(charlie.id)
    assert told(charlie.id)[-1] == messages.CONFIRMED
    assert [mail for mail in mails() if mail.recipient == charlie.email] == []


def test_an_account_of_somebody_else_stays_theirs_and_the_request_waits(alice: Person, bob: Person):
    link(alice.id)
    ask(bob.id)
    with pytest.raises(LinkedElsewhere):
        link(bob.id)
    assert state_of(bob.id) == [("open", None)]
    assert [account.login for account in reads.of_member(alice.id).linked][-1] == LIVE[2]


def test_nothing_is_linked_to_nobody(app: Flask, alice: Person):
    with pytest.raises(MemberNotFound):
        link(999_999)
    with transaction():
        erasure.erase(None, alice.id, now=NOW)
    with pytest.raises(MemberErased):
        link(alice.id)
    assert read_all(text("SELECT id FROM trading_account WHERE member_id = 999999 OR login = '7001'")) == []


def test_of_several_each_has_its_own_answer(alice: Person, bob: Person):
    theirs = link(bob.id)
    wanted = [
        Wanted(alice.id, Names(*LIVE)),
        Wanted(alice.id, Names("mt5", "Meridian-Live", "9002"), "EUR"),
        Wanted(999_999, Names("mt5", "Meridian-Live", "9003")),
        Wanted(alice.id, Names("mt5", "Meridian-Live", "9001")),
        Wanted(bob.id, Names(*LIVE)),
    ]
    with transaction():
        elsewhere, second, nobody, first, same = linking.link_all(wanted, via="api", by=None, now=NOW)
    assert isinstance(elsewhere, LinkedElsewhere) and isinstance(nobody, MemberNotFound)
    assert isinstance(first, Linked) and isinstance(second, Linked) and first.is_new and second.is_new
    assert same == Linked(theirs, False)
    assert told(alice.id) == [messages.LINKED]
    currencies = {account.login: account.currency for account in reads.of_member(alice.id).linked}
    assert currencies == {"5012345": None, "9001": None, "9002": "EUR"}


def test_two_wanting_one_account_in_one_delivery_is_the_first_ones(alice: Person, bob: Person):
    wanted = [Wanted(bob.id, Names(*LIVE)), Wanted(alice.id, Names(*LIVE))]
    with transaction():
        first, second = linking.link_all(wanted, via="api", by=None, now=NOW)
    assert isinstance(first, Linked) and isinstance(second, LinkedElsewhere)


def test_a_member_lets_their_own_account_go_and_nobody_elses(alice: Person, bob: Person):
    account = link(alice.id)
    with pytest.raises(AccountNotFound), transaction():
        linking.unlink(bob.id, account, now=NOW, by=None)
    with transaction():
        linking.unlink(alice.id, account, now=NOW, by=None)
    assert told(alice.id) == [messages.LINKED]
    assert report(None, Said(trade(), account=LIVE)) == ["waiting"]
    assert link(bob.id) == account


def test_members_who_want_one_account_at_the_same_moment_leave_it_to_one(app: Flask):
    members = [trader() for _ in range(4)]
    for member in members:
        ask(member)
    report(None, Said(trade(), id="w-1", account=LIVE))
    made = together(app, [lambda member=member: link(member) for member in members])  # type: ignore[misc]
    assert sorted(type(one).__name__ for one in made) == ["LinkedElsewhere"] * 3 + ["int"]
    [owner] = [member for member, one in zip(members, made, strict=True) if isinstance(one, int)]
    assert state_of(owner) == [("confirmed", "api")]
    assert [state_of(member) for member in members if member != owner] == [[("declined", "api")]] * 3
    assert pipeline.drain() == 1


def test_deliveries_and_links_of_many_accounts_do_not_wait_in_a_circle(app: Flask):
    members = [trader() for _ in range(3)]
    accounts = [("mt5", "Meridian-Live", str(number)) for number in range(8000, 8040)]

    def link_them() -> None:
        for start in range(0, 40, 10):
            wanted = [
                Wanted(members[place % 3], Names(*names))
                for place, names in enumerate(accounts[start : start + 10], start)
            ]
            with transaction():
                linking.link_all(wanted[::-1], via="api", by=None, now=NOW)

    def deliver(part: int) -> None:
        for number in range(6):
            report(None, *(Said(trade(), id=f"{part}-{number}-{names[2]}", account=names) for names in accounts))

    made = together(app, [link_them, lambda: deliver(1), lambda: deliver(2), link_them])
    assert made == [None] * 4
    assert pipeline.drain() == 480


def test_many_who_name_the_same_new_accounts_in_any_order_do_not_wait_in_a_circle(app: Flask):
    members = [make_member(f"m{place}@example.com", "Mo Many", external_id=f"S-{place}").id for place in range(9)]
    chance = random.Random(5)

    def link_some(member_id: int, logins: list[str]) -> Callable[[], object]:
        def work() -> object:
            wanted = [Wanted(member_id, Names("mt5", "Meridian-Live", login)) for login in logins]
            with transaction():
                return linking.link_all(wanted, via="handoff", by=None, now=clock.now())

        return work

    for number in range(15):
        logins = [str(8_000 + 10 * number + place) for place in range(4)]
        # Some make one account, and some wait for several of them: in whatever order those were made.
        works = [link_some(member_id, chance.sample(logins, 1 + place % 3)) for place, member_id in enumerate(members)]
        no_errors(together(app, works))
