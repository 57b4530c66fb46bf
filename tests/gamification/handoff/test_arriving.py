"""Whom a link of the broker's signs in: known, bound, or new; never somebody else, and never twice."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors.handoff import HandoffClosed, HandoffUnclear, HandoffUsed
from app.gamification.handoff import arriving
from app.gamification.handoff.arriving import Arrival
from app.gamification.handoff.links import read
from app.gamification.members import erasure, sign_ins
from app.gamification.members.credentials import find
from app.gamification.members.enrolment import link as link_account
from app.gamification.trading_accounts import requests
from app.lib import clock
from app.models.base import connection, read_all, read_one, transaction
from app.models.handoff import UsedHandoff
from app.models.people import ClientClass, LegalEntity, Member, TradingAccount
from tests.support.cast import Person, mails, make_member, stored
from tests.support.handoff import HOUSE, Site
from tests.support.play import Said, report, trade
from tests.support.together import no_errors, together

LIVE = {"platform": "mt5", "server": "Meridian-Live", "login": "600100"}


def take(token: str) -> Arrival:
    now = clock.now()
    link = read(token, HOUSE, now=now)
    with transaction():
        return arriving.take(link, now=now)


def come(site: Site, sub: str = "C-17", **claims: Any) -> Arrival:
    return take(site.token(sub, **claims))


def member(member_id: int) -> Any:
    return read_one(select(Member).where(Member.id == member_id))


def accounts_of(member_id: int) -> list[str]:
    return [row.login for row in read_all(select(TradingAccount).where(TradingAccount.member_id == member_id))]


class TestSomebodyNew:
    def test_joins_with_what_the_broker_says(self, site: Site):
        came = come(
            site,
            email="Ann@Example.com",
            name=" Ann \u202eExample ",
            country="ae",
            class_="professional",
            entity="global",
            language="ar-AE",
            accounts=[LIVE | {"currency": "USD"}],
        )
        made = member(came.member_id)
        assert came.is_new
        assert (made.external_id, made.email, made.name) == ("C-17", "ann@example.com", "Ann Example")
        assert (made.country, made.client_class, made.language) == ("AE", ClientClass.PROFESSIONAL, "ar")
        assert (made.time_zone, made.password_hash) == ("Asia/Dubai", None)
        assert made.email_verified_at is not None
        assert find("ann@example.com") is not None
        assert read_one(select(TradingAccount.currency).where(TradingAccount.login == "600100"))[0] == "USD"
        assert accounts_of(came.member_id) == ["600100"]

    def test_has_only_a_number(self, site: Site):
        made = member(come(site).member_id)
        assert (made.name, made.email, made.country, made.client_class) == ("Client C-17", None, "", 0)
        assert made.entity_id is None  # the strictest law

    @pytest.mark.parametrize("name", ["", "\u202e\u200f", "123", "\0\0", "=1+1"])
    def test_with_no_name_is_called_by_the_address(self, site: Site, name: str):
        assert member(come(site, name=name, email="ann.lee@example.com").member_id).name == "ann.lee"

    def test_with_a_very_long_name_is_called_by_its_beginning(self, site: Site):
        assert len(member(come(site, name="Ann " * 100).member_id).name) <= 80

    @pytest.mark.parametrize("email", ["", "no address", "a@b@c", "ann@example.com\nBcc: x@example.com"])
    def test_with_an_address_that_is_none_comes_without(self, site: Site, email: str):
        assert member(come(site, email=email).member_id).email is None

    def test_of_an_unknown_company_is_not_guessed_at(self, site: Site):
        with pytest.raises(HandoffUnclear):
            come(site, entity="atlantis")
        assert read_one(text("SELECT count(*) FROM member"))[0] == 0
        assert read_one(text("SELECT count(*) FROM used_handoff"))[0] == 0

    def test_of_a_company_that_takes_nobody_stays_out(self, site: Site):
        with transaction():
            connection().execute(update(LegalEntity).where(LegalEntity.key == "uk").values(retired_at=clock.now()))
        with pytest.raises(HandoffClosed):
            come(site, entity="uk")
        assert read_one(text("SELECT count(*) FROM member"))[0] == 0

    def test_what_the_account_did_before_is_counted_at_once(self, site: Site):
        report(None, Said(trade(), account=tuple(LIVE.values())))
        came = come(site, country="AE", class_="professional", entity="global", accounts=[LIVE])
        pipeline.drain()
        assert read_one(text("SELECT count(*) FROM decision WHERE member_id = :id"), {"id": came.member_id})[0] >= 1


class TestSomebodyKnown:
    def test_is_found_by_number_and_follows_the_broker(self, site: Site, alice: Person):
        came = come(site, "M-1001", country="CY", class_="retail", entity="eu", name="Alice Amari-Ross")
        assert (came.member_id, came.is_new) == (alice.id, False)
        now = stored(alice)
        assert (now.country, now.client_class, now.name) == ("CY", ClientClass.RETAIL, "Alice Amari-Ross")
        assert now.entity_id == read_one(select(LegalEntity.id).where(LegalEntity.key == "eu"))[0]
        [entry] = audit.of_subject("member", alice.id)
        assert (entry.action, entry.staff_id, entry.after["changed"]) == (
            "member.handoff",
            None,
            ["client_class", "country", "entity_id", "name"],
        )
        assert "Ross" not in str(entry)

    def test_keeps_what_is_left_out(self, site: Site, alice: Person):
        before = stored(alice)
        come(site, "M-1001")
        assert stored(alice) == before
        assert not audit.of_subject("member", alice.id)

    def test_moves_to_a_company_that_takes_nobody_new(self, site: Site, alice: Person):
        """They are a member already, and what the broker says of its client decides about the law."""
        with transaction():
            connection().execute(update(LegalEntity).where(LegalEntity.key == "uk").values(retired_at=clock.now()))
        come(site, "M-1001", entity="uk")
        assert stored(alice).entity_id == read_one(select(LegalEntity.id).where(LegalEntity.key == "uk"))[0]

    def test_is_not_found_by_the_number_in_other_letters(self, site: Site, alice: Person):
        assert come(site, "m-1001").member_id != alice.id

    def test_has_a_new_address_where_it_is_free(self, site: Site, alice: Person, bob: Person):
        come(site, "M-1001", email="alice@new.example")
        assert stored(alice).email == "alice@new.example"
        come(site, "M-1001", email=bob.email)
        assert stored(alice).email == "alice@new.example"
        assert stored(bob).email == bob.email

    def test_blocked_comes_in_and_stays_blocked(self, site: Site, alice: Person):
        with transaction():
            connection().execute(update(Member).values(earning_blocked=True))
        come(site, "M-1001", class_="professional")
        assert stored(alice).earning_blocked

    def test_who_leaves_comes_in_and_still_leaves(self, site: Site, alice: Person):
        with transaction():
            connection().execute(update(Member).values(leaving_at=clock.now()))
        assert come(site, "M-1001").member_id == alice.id
        assert stored(alice).leaving_at is not None

    def test_who_was_erased_begins_anew(self, site: Site, alice: Person):
        with transaction():
            erasure.erase(None, alice.id, now=clock.now())
        came = come(site, "M-1001", email=alice.email)
        assert came.is_new
        assert came.member_id != alice.id
        assert stored(alice).name == ""


class TestTheSameAddress:
    def test_one_that_was_confirmed_is_bound_and_told(self, site: Site, app: Flask):
        ann = make_member("ann@example.com", "Ann Lee", password=True)
        came = come(site, email="ANN@example.com", name="Ann Lee")
        assert (came.member_id, came.is_new) == (ann.id, False)
        assert (stored(ann).external_id, stored(ann).password_hash is not None) == ("C-17", True)
        [mail] = mails()
        assert mail.recipient == "ann@example.com"
        assert "signs you in" in mail.subject

    def test_one_that_was_never_confirmed_is_its_owners_now(self, site: Site, charlie: Person):
        """Somebody joined with an address that is not theirs, and waits for its owner to come."""
        with transaction():
            cookie = sign_ins.start(charlie.id, address=None, browser=None, now=clock.now())
            requests.request(charlie.id, "mt5", "Meridian-Live", "777", now=clock.now())
        came = come(site, email=charlie.email, name="The Owner")
        assert came.member_id == charlie.id
        now = stored(charlie)
        assert (now.password_hash, now.name) == (None, "The Owner")
        assert now.email_verified_at is not None
        assert sign_ins.read(cookie, clock.now()) is None
        assert read_one(text("SELECT state FROM account_request"))[0] == "withdrawn"
        assert not mails()

    def test_one_that_the_broker_has_not_checked_finds_nobody(self, site: Site, charlie: Person, app: Flask):
        ann = make_member("ann@example.com", "Ann Lee")
        for person in (ann, charlie):
            came = come(site, f"C-{person.id}", email=person.email, email_verified=False)
            assert came.is_new
            assert member(came.member_id).email is None
            assert stored(person).external_id is None

    def test_one_of_another_client_stays_theirs(self, site: Site, alice: Person):
        came = come(site, email=alice.email)
        assert came.member_id != alice.id
        assert member(came.member_id).email is None
        assert stored(alice).email == alice.email


class TestAccounts:
    def test_of_somebody_else_is_left_out_and_staff_see_it_once(self, site: Site, alice: Person):
        theirs = {"platform": "MT5", "server": "Meridian-Live", "login": 5012345}
        came = come(site, accounts=[theirs, LIVE])
        assert (came.elsewhere, accounts_of(came.member_id)) == (1, ["600100"])
        assert accounts_of(alice.id) == ["5012345"]
        waiting = "SELECT count(*) FROM account_request WHERE member_id = :id AND state = 'open'"
        assert read_one(text(waiting), {"id": came.member_id})[0] == 1
        entry = next(one for one in audit.of_subject("member", came.member_id) if one.action == "member.handoff")
        assert (entry.after["was"], entry.after["elsewhere"]) == ("joined", 1)
        with transaction():
            connection().execute(text("UPDATE account_request SET state = 'declined', decided_at = 1"))
        assert come(site, accounts=[theirs, LIVE]).elsewhere == 1
        assert read_one(text(waiting), {"id": came.member_id})[0] == 0

    def test_what_is_theirs_already_changes_nothing(self, site: Site, alice: Person):
        said = [{"platform": "mt5", "server": "Meridian-Live", "login": "5012345"}]
        before = read_all(select(TradingAccount))
        come(site, "M-1001", accounts=said * 2)
        assert read_all(select(TradingAccount)) == before
        assert not audit.of_subject("member", alice.id)

    def test_what_is_not_named_any_more_stays(self, site: Site, alice: Person):
        come(site, "M-1001", accounts=[LIVE])
        come(site, "M-1001", accounts=[])
        assert sorted(accounts_of(alice.id)) == ["5012345", "600100"]

    def test_a_request_for_it_is_confirmed(self, site: Site, alice: Person):
        with transaction():
            requests.request(alice.id, *LIVE.values(), now=clock.now())
        come(site, "M-1001", accounts=[LIVE])
        row = read_one(text("SELECT state, via FROM account_request"))
        assert (row.state, row.via) == ("confirmed", "handoff")


class TestOnce:
    def test_a_link_is_taken_once(self, site: Site):
        token = site.token()
        take(token)
        with pytest.raises(HandoffUsed):
            take(token)

    def test_its_number_is_taken_once_whatever_else_it_says(self, site: Site):
        come(site, jti="12345678")
        with pytest.raises(HandoffUsed):
            come(site, "C-18", jti="12345678")

    def test_one_that_was_refused_can_be_tried_again(self, site: Site):
        claims = {"jti": "12345678", "entity": "uk"}
        with transaction():
            connection().execute(update(LegalEntity).where(LegalEntity.key == "uk").values(retired_at=clock.now()))
        with pytest.raises(HandoffClosed):
            come(site, **claims)
        with transaction():
            connection().execute(update(LegalEntity).values(retired_at=None))
        assert come(site, **claims).is_new

    def test_of_many_who_bring_it_at_once_one_comes_in(self, site: Site, app: Flask):
        for number in range(4):
            token = site.token(f"C-{number}", accounts=[LIVE | {"login": str(number)}])
            made = together(app, [lambda token=token: take(token) for _ in range(5)])  # type: ignore[misc]
            assert sum(isinstance(one, HandoffUsed) for one in made) == 4
            assert sum(isinstance(one, Arrival) for one in made) == 1

    def test_many_links_of_a_new_client_make_one_member(self, site: Site, app: Flask):
        for number in range(4):
            said = {"email": f"c{number}@example.com", "accounts": [LIVE | {"login": str(number)}]}
            tokens = [site.token(f"C-{number}", **said) for _ in range(4)]
            came = no_errors(together(app, [lambda token=token: take(token) for token in tokens]))  # type: ignore[misc]
            assert len({one.member_id for one in came}) == 1
            assert sum(one.is_new for one in came) == 1

    def test_two_clients_with_one_address_are_two_members(self, site: Site, app: Flask):
        for number in range(4):
            tokens = [site.token(f"C-{number}-{one}", email=f"c{number}@example.com") for one in range(4)]
            came = no_errors(together(app, [lambda token=token: take(token) for token in tokens]))  # type: ignore[misc]
            assert len({one.member_id for one in came}) == 4
            rows = read_all(select(Member.email).where(Member.external_id.like(f"C-{number}-%")))
            assert sorted(row.email or "" for row in rows) == ["", "", "", f"c{number}@example.com"]

    def test_two_clients_cannot_both_have_the_one_who_joined_before(self, site: Site, app: Flask):
        for number in range(4):
            ann = make_member(f"a{number}@example.com", "Ann Lee")
            tokens = [site.token(f"C-{number}-{one}", email=ann.email) for one in range(4)]
            came = no_errors(together(app, [lambda token=token: take(token) for token in tokens]))  # type: ignore[misc]
            assert len({one.member_id for one in came}) == 4
            assert sum(one.member_id == ann.id for one in came) == 1

    def test_clients_who_name_one_account_do_not_block_each_other(self, site: Site, app: Flask):
        for number in range(4):
            accounts = [LIVE | {"login": f"{number}-{one}"} for one in range(3)]
            tokens = [site.token(f"C-{number}-{one}", accounts=accounts[:: 1 - 2 * (one % 2)]) for one in range(4)]
            came = no_errors(together(app, [lambda token=token: take(token) for token in tokens]))  # type: ignore[misc]
            assert sum(3 - one.elsewhere for one in came) == 3

    def test_links_are_forgotten_when_they_have_long_lapsed(self, site: Site):
        come(site)
        now = clock.now()
        with transaction():
            assert arriving.forget(now) == 0
        with transaction():
            connection().execute(update(UsedHandoff).values(until=now - 2 * arriving.REMEMBERED))
            assert arriving.forget(now) == 1

    def test_what_is_remembered_says_nothing_of_anybody(self, site: Site):
        come(site, email="ann@example.com", jti="a-telling-number-of-ann")
        assert "ann" not in str(read_all(select(UsedHandoff)))


def test_erased_while_the_broker_signs_them_in(site: Site, app: Flask):
    for number in range(6):
        ann = make_member(f"a{number}@example.com", "Ann Lee", external_id=f"C-{number}")
        with transaction():
            link_account(ann.id, "mt5", "Meridian-Live", f"60{number}", now=clock.now())

        def erase(ann: Person = ann) -> object:
            with transaction():
                return erasure.erase(None, ann.id, now=clock.now())

        token = site.token(f"C-{number}", email=ann.email, accounts=[LIVE | {"login": f"60{number}"}])
        no_errors(together(app, [erase, lambda token=token: take(token)]))  # type: ignore[misc]
        assert (stored(ann).name, stored(ann).email) == ("", None)
