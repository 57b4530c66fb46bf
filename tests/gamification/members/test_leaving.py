"""Leaving: asked for by who it is, put off for a week, called once more, and then for good."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors.members import MemberNotFound, NotLeaving, NotTheClientNumber, WrongPassword
from app.gamification.ledger import verify
from app.gamification.members import erasure, jobs, leaving
from app.gamification.messages import reads
from app.gamification.messages.wording import WORDS
from app.lib import clock
from app.models.base import read_all, read_one, transaction
from app.tasks.queue import run
from tests.support.cast import PASSWORD, Person, mails, make_member, sign_in, stored
from tests.support.play import Said, play, report, trade
from tests.support.together import no_errors, together

NOW = clock.now()
DAY = timedelta(days=1)


def ask(member: Person, proof: str = PASSWORD, now: datetime = NOW) -> datetime:
    with transaction():
        return leaving.ask(member.id, proof, now=now)


def stay(member: Person, now: datetime = NOW) -> bool:
    with transaction():
        return leaving.stay(member.id, now=now)


def subjects() -> list[str]:
    return [mail.subject for mail in mails()]


def sums() -> list[tuple[object, ...]]:
    wallet = "SELECT id, available, pending, debt, lifetime, qualifying, seq FROM wallet ORDER BY id"
    return [tuple(row) for row in read_all(text(wallet))]


def without_password(member: Person, external_id: str | None = "M-1001") -> None:
    with transaction() as conn:
        values = {"id": member.id, "number": external_id}
        conn.execute(text("UPDATE member SET password_hash = NULL, external_id = :number WHERE id = :id"), values)


def test_it_takes_a_week(app: Flask, alice: Person):
    assert ask(alice) == NOW + 7 * DAY
    assert stored(alice).leaving_at == NOW + 7 * DAY
    [mail] = mails()
    assert (mail.recipient, mail.member_id) == (alice.email, alice.id)
    assert mail.subject == "Your account in Meridian Rewards will be deleted"
    assert f"{(NOW + 7 * DAY + timedelta(hours=4)):%Y-%m-%d %H:%M} (Asia/Dubai)" in mail.body
    assert "/profile/leaving" in mail.body


def test_asked_twice_it_is_asked_once(app: Flask, alice: Person):
    assert ask(alice) == ask(alice, now=NOW + 2 * DAY) == NOW + 7 * DAY
    assert len(mails()) == 1


@pytest.mark.parametrize("proof", ["", "not this one", "M-1001", PASSWORD + " "])
def test_a_member_with_a_password_gives_the_password(app: Flask, alice: Person, proof: str):
    with pytest.raises(WrongPassword):
        ask(alice, proof)
    assert stored(alice).leaving_at is None
    assert mails() == []


def test_a_member_without_one_writes_the_client_number(app: Flask, alice: Person):
    without_password(alice)
    for proof in ("", PASSWORD, "M-1002", "m-1001x", "é"):
        with pytest.raises(NotTheClientNumber):
            ask(alice, proof)
    assert ask(alice, "  M-1001 ") == NOW + 7 * DAY


def test_a_member_without_either_writes_our_number(app: Flask, alice: Person, bob: Person):
    without_password(alice, None)
    with pytest.raises(NotTheClientNumber):
        ask(alice, str(bob.id))
    assert ask(alice, f"#{alice.id}") == NOW + 7 * DAY


def test_who_stays_stays(app: Flask, alice: Person):
    ask(alice)
    assert stay(alice, NOW + 6 * DAY)
    assert not stay(alice, NOW + 6 * DAY)
    assert subjects()[1:] == ["Your account in Meridian Rewards stays"]
    assert leaving.erase_due(NOW + 8 * DAY) == leaving.remind_due(NOW + 6 * DAY) == 0
    assert stored(alice).name == "Alice Amari"


def test_everybody_is_called_once_a_day_before(app: Flask, alice: Person, bob: Person):
    ask(alice)
    ask(bob, now=NOW + 3 * DAY)
    assert leaving.remind_due(NOW + 6 * DAY - timedelta(minutes=1)) == 0
    assert [leaving.remind_due(NOW + 6 * DAY + timedelta(minutes=number)) for number in range(3)] == [1, 0, 0]
    [mail] = [mail for mail in mails() if mail.subject.startswith("Tomorrow")]
    assert mail.recipient == alice.email
    [told] = read_all(text("SELECT member_id, kind FROM message"))
    assert tuple(told) == (alice.id, "member.leaving_tomorrow")


def test_who_asks_again_is_called_again(app: Flask, alice: Person):
    ask(alice)
    later = NOW + 6 * DAY + timedelta(hours=1)
    assert leaving.remind_due(later) == 1
    stay(alice, later)
    ask(alice, now=later + timedelta(minutes=1))
    assert leaving.remind_due(later + 6 * DAY) == 0
    assert leaving.remind_due(later + 6 * DAY + timedelta(minutes=2)) == 1


def test_a_member_without_address_is_called_in_their_pages(app: Flask, alice: Person):
    with transaction() as conn:
        conn.execute(text("UPDATE member SET email = NULL WHERE id = :id"), {"id": alice.id})
    ask(alice)
    assert leaving.remind_due(NOW + 6 * DAY) == 1
    assert mails() == []


def test_the_call_is_said_in_words(app: Flask, alice: Person):
    from app.gamification.programme import current

    ask(alice)
    leaving.remind_due(NOW + 6 * DAY)
    [told] = reads.latest(alice.id, 5, current().ladder, "en")
    assert "will be deleted on" in told.wording.sentence.msgid
    assert (told.wording.page, told.wording.tone) == ("leaving", "warn")
    assert "member.leaving_tomorrow" in WORDS


def test_after_a_week_the_member_is_gone_and_the_books_stay(app: Flask, client: FlaskClient, alice: Person):
    sign_in(client, alice)
    play(alice.id, trade())
    play(alice.id, trade(lots="3"))
    before = sums()
    transfers = [tuple(row) for row in read_all(text("SELECT * FROM transfer ORDER BY wallet_id, seq"))]
    assert before[0][1] or before[0][2]
    ask(alice)
    assert leaving.erase_due(NOW + 7 * DAY - timedelta(seconds=1)) == 0
    assert leaving.erase_due(NOW + 7 * DAY) == 1
    assert leaving.erase_due(NOW + 7 * DAY) == 0
    row = stored(alice)
    assert (row.name, row.email, row.leaving_at, row.erased_at) == ("", None, None, NOW + 7 * DAY)
    assert sums() == before
    assert [tuple(row) for row in read_all(text("SELECT * FROM transfer ORDER BY wallet_id, seq"))] == transfers
    assert verify.verify().bad is None
    assert client.get("/home").status_code == 303
    [entry] = audit.of_subject("member", alice.id)
    assert (entry.action, entry.staff_id) == ("member.erase", None)
    assert {mail.recipient for mail in mails()} == {""}


def test_the_clock_does_both(app: Flask, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch):
    ask(alice)
    ask(bob, now=NOW + 6 * DAY)
    monkeypatch.setattr(jobs.clock, "now", lambda: NOW + 7 * DAY)
    assert run("members.leave") == 1
    assert (stored(alice).name, stored(bob).name) == ("", "Bob Bakkar")


def test_one_who_cannot_be_erased_does_not_keep_the_others(
    app: Flask, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
):
    ask(alice)
    ask(bob)
    erase = erasure.erase

    def broken(by: int | None, member_id: int, **options: object) -> bool:
        if member_id == alice.id:
            raise RuntimeError("broken")
        return erase(by, member_id, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(leaving.erasure, "erase", broken)
    with pytest.raises(RuntimeError):
        leaving.erase_due(NOW + 7 * DAY)
    assert (stored(alice).name, stored(bob).name) == ("Alice Amari", "")


def test_one_who_cannot_be_called_keeps_nobody_from_being_called_or_erased(
    app: Flask, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
):
    gone, said = make_member("gone@example.com", "Gone Soon", password=True), leaving.tell

    def fails(member_id: int, *told: Any, **when: Any) -> None:
        if member_id == alice.id:
            raise RuntimeError("a zone that is not known any more")
        said(member_id, *told, **when)

    monkeypatch.setattr(leaving, "tell", fails)
    ask(gone, now=NOW - DAY)
    ask(alice)
    ask(bob)
    monkeypatch.setattr(clock, "now", lambda: NOW + 6 * DAY)
    with pytest.raises(RuntimeError):
        jobs.let_leave()
    assert stored(gone).erased_at is not None
    assert [mail.recipient for mail in mails() if mail.subject.startswith("Tomorrow")] == [bob.email]


def test_nothing_is_kept_of_an_erasure_that_came_too_early(app: Flask, alice: Person):
    for at in (None, NOW + DAY):
        with transaction() as conn:
            micros = None if at is None else clock.to_micros(at)
            conn.execute(text("UPDATE member SET leaving_at = :at WHERE id = :id"), {"at": micros, "id": alice.id})
        with pytest.raises(NotLeaving), transaction():
            erasure.erase(None, alice.id, now=NOW, if_leaving=True)
    assert stored(alice).name == "Alice Amari"
    assert read_one(text("SELECT count(*) AS words FROM member_word")).words


def test_an_erased_member_neither_leaves_nor_stays(app: Flask, alice: Person):
    with transaction():
        erasure.erase(None, alice.id, now=NOW)
    for act in (ask, stay):
        with pytest.raises(MemberNotFound):
            act(alice)


def test_who_stays_at_the_last_moment_stays_whole(app: Flask):
    for number in range(6):
        name, email = f"Member {number}a", f"member{number}@example.com"
        member = make_member(email, name, password=True)
        ask(member)

        def keep(member: Person = member) -> object:
            return stay(member, NOW + 7 * DAY)

        def trades(member: Person = member) -> object:
            report(member.id, Said(trade()))
            return pipeline.drain()

        made = together(app, [lambda: leaving.erase_due(NOW + 7 * DAY), keep, trades])
        no_errors([one for one in made if not isinstance(one, MemberNotFound)])
        row = stored(member)
        # One or the other, and never half of it.
        assert (row.name == name) == (row.email == email) == (row.erased_at is None) == (made[1] is True)
        assert row.leaving_at is None
    assert verify.verify().bad is None
