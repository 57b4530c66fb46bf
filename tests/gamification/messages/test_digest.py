"""The summary by mail: whose morning it is, what it says in each language, and that it is written once or not at all."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.gamification import brand, postbox
from app.gamification.messages import choices, digest, quiet
from app.gamification.messages.choices import DAILY, NEVER, WEEKLY
from app.gamification.messages.telling import tell
from app.lib.clock import to_micros
from app.models.base import connection, transaction
from app.models.people import ClientClass
from tests.support.cast import Person, mails, make_member, stored
from tests.support.queries import counted
from tests.support.together import no_errors, together

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MORNING = MONDAY + 8 * HOUR  # in London, in winter
_LINK = re.compile(r"https?://\S+")


@pytest.fixture(autouse=True)
def in_its_time() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
def ann(app: Flask) -> Person:
    """Reads her mail in London, once a day."""
    return member("ann")


def member(name: str, rhythm: str = DAILY, zone: str = "Europe/London", **options: Any) -> Person:
    known = {"country": "AE", "client_class": ClientClass.PROFESSIONAL, "entity_key": "global"}
    found = make_member(f"{name}@example.com", f"{name.title()} Archer", time_zone=zone, **known, **options)
    change(found, "digest", rhythm)
    return found


def change(someone: Person, column: str, value: Any) -> None:
    with transaction():
        connection().execute(
            text(f"UPDATE member SET {column} = :value WHERE id = :id"), {"value": value, "id": someone.id}
        )


def say(someone: Person, kind: str = "tier.reached", at: datetime = MONDAY - HOUR, **facts: Any) -> None:
    if kind == "tier.reached":
        facts = {"level": 3, "from": to_micros(at)}
    with transaction():
        tell(someone.id, kind, facts, now=at)


def write(now: datetime = MORNING) -> int:
    return digest.write_due(now, lambda seconds: None)


# --- when -------------------------------------------------------------------------------------------------------------


def test_a_mail_goes_out_in_the_morning_and_no_other_that_day(ann: Person):
    say(ann)
    minutes = [write(MONDAY + 7 * HOUR + number * 15 * MINUTE) for number in range(21)]
    assert minutes == [0, 0, 0, 0, 1, *[0] * 16]
    say(ann, at=MORNING)
    assert write(MORNING + HOUR) == 0
    assert write(MORNING + DAY) == 1
    assert len(mails()) == 2


def test_nothing_new_is_no_mail(ann: Person):
    assert write() == 0
    say(ann)
    assert write() == 1
    assert write(MORNING + DAY) == 0
    assert len(mails()) == 1


def test_after_noon_it_waits_for_the_next_morning_and_nothing_is_lost(ann: Person):
    say(ann)
    assert write(MONDAY + 12 * HOUR) == 0
    assert write(MORNING + DAY) == 1


def test_a_weekly_one_goes_out_on_mondays(app: Flask):
    bea = member("bea", WEEKLY)
    say(bea, at=MONDAY - 3 * DAY)
    assert [write(MORNING + day * DAY) for day in range(-3, 8)] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    say(bea, at=MORNING + DAY)
    assert write(MORNING + 7 * DAY) == 1


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Etc/GMT+12"]
)
def test_a_morning_is_that_of_the_readers_own_zone(app: Flask, zone: str):
    bea, here = member("bea", WEEKLY, zone), ZoneInfo(zone)
    say(bea, at=MONDAY - 3 * DAY)
    start, written = MONDAY - DAY, []
    for number in range(4 * 72):
        now = start + number * 15 * MINUTE
        if write(now):
            written.append(now.astimezone(here))
    (when,) = written
    assert (when.weekday(), when.hour, when.minute) == (0, 8, 0)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", datetime(2026, 3, 29, tzinfo=UTC)),  # clocks go forward
        ("Europe/London", datetime(2026, 10, 25, tzinfo=UTC)),  # and back
        ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 5, tzinfo=UTC)),  # by half an hour
    ],
)
def test_where_the_clocks_change_it_is_eight_all_the_same_and_once(app: Flask, zone: str, day: datetime):
    bea, here, written = member("bea", DAILY, zone), ZoneInfo(zone), []
    start = datetime(day.year, day.month, day.day, tzinfo=here).astimezone(UTC) - DAY
    for number in range(288):
        now = start + number * 15 * MINUTE
        say(bea, at=now - MINUTE)
        if write(now):
            written.append(now.astimezone(here))
    assert {(when.hour, when.minute) for when in written} == {(8, 0)}
    assert len({when.date() for when in written}) == len(written) >= 2


def test_who_moves_west_gets_no_second_one_on_the_same_day(ann: Person):
    say(ann)
    assert write() == 1
    say(ann, at=MORNING)
    change(ann, "time_zone", "Atlantic/Azores")
    assert write(MORNING + HOUR) == 0


# --- to whom ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("digest", NEVER),
        ("email_verified_at", None),
        ("leaving_at", to_micros(MORNING + DAY)),
        ("quiet_until", to_micros(MORNING + DAY)),
        ("erased_at", to_micros(MORNING - DAY)),
        ("email", None),
    ],
)
def test_who_cannot_or_does_not_want_to_hear_gets_none(ann: Person, column: str, value: Any):
    say(ann)
    change(ann, column, value)
    assert write() == 0
    assert mails() == []


def test_after_quiet_mode_what_came_meanwhile_is_in_it(ann: Person):
    with transaction():
        quiet.begin(ann.id, 7, now=MORNING - DAY)
    say(ann, at=MORNING)
    assert [write(MORNING + day * DAY) for day in range(7)] == [0, 0, 0, 0, 0, 0, 1]


def test_the_people_of_the_demo_get_none(demo: None, ann: Person):
    say(ann)
    assert write() == 0


def test_what_was_read_is_no_news(ann: Person):
    say(ann)
    with transaction():
        connection().execute(text("UPDATE message SET read_at = 1"))
    assert write() == 0


def test_what_was_turned_off_for_mail_is_left_out(ann: Person):
    say(ann)
    with transaction():
        choices.stop_mails(ann.id, "tier")
    assert write() == 0
    say(ann, "account.linked", accounts=1)
    assert write() == 1
    (mail,) = mails()
    assert "linked to you" in mail.body and "You reached" not in mail.body


def test_what_nobody_can_turn_off_is_in_it(ann: Person):
    say(ann, "account.unlinked")
    with transaction():
        choices.save(ann.id, DAILY, ())
    assert write() == 1


def test_what_had_a_mail_of_its_own_is_not_in_it(ann: Person):
    say(ann, "question.answered", question=1, opened=1)
    say(ann, "account.confirmed", account=1)
    assert write() == 0


def test_who_begins_to_want_them_is_not_sent_what_is_old(ann: Person):
    change(ann, "digest", NEVER)
    say(ann)
    with transaction():
        choices.save(ann.id, DAILY, {("tier", "mail")})
    assert write() == 0
    say(ann)
    assert write() == 1


def test_what_nobody_read_for_a_month_is_no_news(ann: Person):
    say(ann, at=MORNING - 31 * DAY)
    assert write() == 0


# --- what it says -----------------------------------------------------------------------------------------------------


def test_it_lists_what_is_new_newest_first_with_its_moments_in_the_readers_zone(app: Flask):
    bea = member("bea", DAILY, "Asia/Dubai")
    say(bea, "account.linked", accounts=2, at=MONDAY - 5 * HOUR)
    say(bea, at=MONDAY - 3 * HOUR)
    assert write(MONDAY + 4 * HOUR) == 1
    (mail,) = mails()
    assert mail.subject == f"New for you in {brand.brand().name}"
    assert mail.body.index("You reached Gold.") < mail.body.index("2 trading accounts are linked")
    assert "(2 Mar, 01:00)" in mail.body and "(1 Mar, 23:00)" in mail.body
    assert "Hello Bea Archer," in mail.body


def test_days_with_points_are_one_line(ann: Person):
    for day in (20510, 20511, 20512):
        say(ann, "earned.day", day=day, points=400)
    write()
    (mail,) = mails()
    assert "You earned 1,200 points on 3 days." in mail.body
    assert mail.body.count("You earned") == 1


def test_what_was_released_is_one_line(ann: Person):
    for points in (10, 20, 30):
        say(ann, "released.points", points=points)
    write()
    (mail,) = mails()
    assert mail.body.count("60 points that were held are yours to use now.") == mail.body.count("held") == 1


def test_one_day_with_points_is_named(ann: Person):
    say(ann, "earned.day", day=20513, points=400)
    write()
    (mail,) = mails()
    assert "You earned 400 points on 1 Mar." in mail.body


def test_of_many_it_says_how_many_more_there_are(ann: Person):
    for _ in range(digest.MOST + 3):
        say(ann)
    write()
    (mail,) = mails()
    assert mail.body.count("You reached Gold.") == digest.MOST
    assert "And 3 more messages in your inbox." in mail.body


def test_every_link_is_outside_and_leads_to_a_page(ann: Person, app: Flask):
    say(ann)
    write()
    (mail,) = mails()
    links = _LINK.findall(mail.body)
    assert "http://127.0.0.1:8000/tiers" in links and "http://127.0.0.1:8000/messages" in links
    assert all(link in mail.html.replace("&amp;", "&") for link in links)
    client = app.test_client()
    for link in links:
        assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code in (200, 303)


def test_it_carries_the_way_out_for_mailboxes(ann: Person):
    say(ann)
    write()
    (mail,) = mails()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (link,) = re.findall(r"<(http://127\.0\.0\.1:8000/unsubscribe\?token=[\w.\-]+)>", mail.headers["List-Unsubscribe"])
    assert link in mail.body and link in mail.html


def test_it_carries_the_risk_warning(ann: Person):
    say(ann)
    write()
    (mail,) = mails()
    for said in (mail.body, mail.html):
        assert "CFDs are" in said and "72" in said


@pytest.mark.parametrize(
    ("language", "direction", "said"),
    [("en", "ltr", "You reached"), ("ar", "rtl", "بلغت المستوى"), ("zh", "ltr", "您已达到")],
)
def test_it_speaks_the_readers_language(ann: Person, language: str, direction: str, said: str):
    change(ann, "language", language)
    say(ann)
    write()
    (mail,) = mails()
    assert said in mail.body and said in mail.html
    assert f'lang="{language}" dir="{direction}"' in mail.html


def test_a_hostile_name_does_no_harm(ann: Person):
    change(ann, "name", "<b>Eve</b> %(x)s\u202e")
    say(ann)
    assert write() == 1
    (mail,) = mails()
    assert "<b>Eve" not in mail.html


# --- once or not at all -----------------------------------------------------------------------------------------------


def test_mail_and_note_are_written_together_or_not_at_all(ann: Person, monkeypatch: pytest.MonkeyPatch):
    say(ann)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(postbox, "send", die)
        with pytest.raises(KeyboardInterrupt):
            write()
    assert stored(ann).digest_at is None and mails() == []
    assert write() == 1
    assert stored(ann).digest_at == MORNING and len(mails()) == 1


def test_what_comes_while_it_is_written_is_in_the_next_one(ann: Person, monkeypatch: pytest.MonkeyPatch):
    say(ann)
    make = digest.letter_to

    def interrupted(row: Any, news: Any) -> Any:
        say(ann, "account.linked", accounts=1, at=MORNING)
        return make(row, news)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(digest, "letter_to", interrupted)
        assert write() == 1
    assert write(MORNING + DAY) == 1
    first, second = sorted(mails(), key=lambda mail: mail.id)
    assert "linked" not in first.body and "linked to you" in second.body and "You reached" not in second.body


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("digest", NEVER),
        ("quiet_until", to_micros(MORNING + DAY)),
        ("leaving_at", to_micros(MORNING + DAY)),
        ("email", "other@example.com"),
        ("email_verified_at", None),
        ("digest_at", to_micros(MORNING - MINUTE)),
    ],
)
def test_who_changes_their_mind_while_it_is_written_gets_none(
    ann: Person, column: str, value: Any, monkeypatch: pytest.MonkeyPatch
):
    say(ann)
    make = digest.letter_to

    def interrupted(row: Any, news: Any) -> Any:
        change(ann, column, value)
        return make(row, news)

    monkeypatch.setattr(digest, "letter_to", interrupted)
    assert write() == 0
    assert mails() == []


def test_one_that_cannot_be_made_holds_up_nobody(ann: Person, monkeypatch: pytest.MonkeyPatch):
    bea, make = member("bea"), digest.letter_to
    for one in (ann, bea):
        say(one)

    def broken(row: Any, news: Any) -> Any:
        if row.id == ann.id:
            raise ValueError
        return make(row, news)

    monkeypatch.setattr(digest, "letter_to", broken)
    assert write() == 1
    assert [mail.recipient for mail in mails()] == [bea.email]


def test_one_that_cannot_be_written_holds_up_nobody(ann: Person, monkeypatch: pytest.MonkeyPatch):
    others, send = [member(name) for name in ("bea", "cleo")], postbox.send
    for one in (ann, *others):
        say(one)

    def broken(letter: Any, recipient: str, **options: Any) -> None:
        if recipient == ann.email:
            raise ValueError
        send(letter, recipient, **options)

    monkeypatch.setattr(postbox, "send", broken)
    assert write() == 2
    assert stored(ann).digest_at is None


def test_many_are_written_in_chunks_with_a_few_statements_a_member(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(digest, "CHUNK", 4)
    monkeypatch.setattr(digest, "BATCH", 3)
    people = [member(f"a{chr(97 + number)}") for number in range(9)]
    for one in people:
        say(one)
    write(MONDAY)  # what is kept is read now
    brand.brand()
    with counted() as statements:
        assert write() == 9
    assert {mail.recipient for mail in mails()} == {one.email for one in people}
    # Of three chunks two reads each, and the one that finds no more; of each member the note and the mail.
    reads = [one for one in statements if one.startswith("SELECT") and "message n" in one]
    assert len(reads) <= 12
    assert len([one for one in statements if one.startswith(("UPDATE", "INSERT"))]) == 18


@pytest.mark.postgres
def test_of_two_workers_one_writes(app: Flask):
    people = [member(f"a{chr(97 + number)}") for number in range(12)]
    for one in people:
        say(one)
    assert sum(no_errors(together(app, [write] * 3))) == 12
    assert len(mails()) == 12
