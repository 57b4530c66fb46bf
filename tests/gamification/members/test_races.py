"""Staff and senders at the same moment: nothing waits for ever, nothing is counted twice, nothing is lost."""

import threading
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.errors.members import MemberNotFound
from app.gamification.ledger import verify
from app.gamification.members import care, disclosure, erasure, profile
from app.gamification.members.enrolment import link
from app.gamification.trading_accounts import reads, requests
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from tests.support.cast import Person, mails, stored
from tests.support.play import Said, report, trade, trader
from tests.support.together import no_errors, together

ROUNDS = 8


def account(number: int) -> tuple[str, str, str]:
    return "mt5", "Meridian-Live", f"{7_000 + number}"


def traders(number: int) -> list[int]:
    """Members with an account each."""
    found = []
    for place in range(number):
        found.append(trader())
        with transaction():
            link(found[-1], *account(place), now=clock.now())
    return found


def send(place: int) -> Callable[[], object]:
    return lambda: report(None, Said(trade(), account=account(place)))


def drain() -> object:
    return pipeline.drain()


def test_a_member_is_erased_while_their_trades_come_in(app: Flask, omar: Person):
    members = traders(ROUNDS)

    def erase(member: int) -> Callable[[], object]:
        def work() -> object:
            with transaction():
                return erasure.erase(omar.id, member, now=clock.now())

        return work

    for place, member in enumerate(members):
        no_errors(together(app, [send(place), erase(member), send(place), drain]))
    pipeline.drain()
    assert verify.verify().bad is None
    # Whatever came after the erasure stands under the login as nobody's.
    later = read_all(text("SELECT member_id FROM trading_account WHERE login LIKE '70%' AND length(login) < 32"))
    assert {row.member_id for row in later} <= {None}


def test_an_account_changes_hands_while_its_trades_come_in(app: Flask, mia: Person):
    members, others = traders(ROUNDS), [trader() for _ in range(ROUNDS)]

    def move(place: int) -> Callable[[], object]:
        def work() -> object:
            number = read_one(
                text("SELECT id FROM trading_account WHERE login = :login"), {"login": account(place)[2]}
            ).id
            with transaction():
                care.unlink(mia.id, members[place], number, now=clock.now())
            with transaction():
                return care.link(mia.id, others[place], *account(place), now=clock.now())

        return work

    for place in range(ROUNDS):
        no_errors(together(app, [send(place), move(place), drain, send(place), drain]))
    pipeline.drain()
    assert verify.verify().bad is None
    decided = read_all(
        text(
            "SELECT d.member_id FROM activity a LEFT JOIN decision d ON d.activity_id = a.id"
            " WHERE a.trading_account_id IS NOT NULL"
        )
    )
    assert len(decided) == 2 * ROUNDS
    assert {row.member_id for row in decided} <= {*members, *others}
    assert not read_all(text("SELECT 1 FROM decision WHERE reason = 16"))


def test_two_people_do_different_things_to_one_member(app: Flask, mia: Person, omar: Person):
    members, now = traders(ROUNDS), clock.now()

    def inside(act: Callable[[], object]) -> Callable[[], object]:
        def work() -> object:
            with transaction():
                return act()

        return work

    for place, member in enumerate(members):
        works = [
            inside(lambda m=member: erasure.erase(omar.id, m, now=now)),  # type: ignore[misc]
            inside(lambda m=member: care.sign_out(mia.id, m, now=now)),  # type: ignore[misc]
            send(place),
        ]
        no_errors(together(app, works))
    assert read_one(text("SELECT count(*) FROM member WHERE erased_at IS NOT NULL"))[0] == ROUNDS


def test_what_a_member_sends_while_being_erased_says_nothing_of_them(app: Flask, alice: Person):
    erased = threading.Event()

    def erase() -> None:
        with transaction():
            erasure.erase(None, alice.id, now=clock.now())
            erased.set()
            time.sleep(0.3)  # the others have begun by now, and wait

    def late(act: Callable[[], object]) -> Callable[[], object]:
        def work() -> object:
            erased.wait(10)
            with transaction():
                return act()

        return work

    settings = {"alias": "Amari", "language": "ar", "theme": "dark", "up_down": "red", "time_zone": "Asia/Dubai"}
    works = [
        erase,
        late(lambda: profile.save(alice.id, **settings)),  # type: ignore[arg-type]
        late(lambda: profile.set_language(alice.id, "zh")),
        late(lambda: profile.set_theme(alice.id, "light")),
        late(lambda: profile.visit(alice.id, ZoneInfo("UTC"), now=clock.now())),
        late(lambda: disclosure.take(alice.id, now=clock.now())),
    ]
    made = together(app, works)
    assert [type(one) for one in made if isinstance(one, Exception)] == [MemberNotFound]
    row = stored(alice)
    assert (row.alias, row.language, row.theme, row.time_zone, row.last_visit_day) == (None, "en", "auto", "UTC", None)
    assert not read_all(text("SELECT 1 FROM member_word")) and not mails()


def test_an_account_that_somebody_erased_asked_for_keeps_its_name_for_the_next(app: Flask, alice: Person, bob: Person):
    names, erased = ("mt5", "Meridian-Live", "7001"), threading.Event()
    with transaction():
        requests.request(alice.id, *names, now=clock.now())

    def erase() -> None:
        with transaction():
            erasure.erase(None, alice.id, now=clock.now())
            erased.set()
            time.sleep(0.3)

    def ask() -> None:
        erased.wait(10)
        with transaction():
            requests.request(bob.id, *names, now=clock.now())

    no_errors(together(app, [erase, ask]))
    assert [asked.login for asked in reads.of_member(bob.id).asked] == ["7001"]
