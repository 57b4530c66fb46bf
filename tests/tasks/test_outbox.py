"""The outbox: what was committed is mailed, once if possible, again if need be, and never forgotten."""

import contextvars
import smtplib
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.config import Settings
from app.lib import clock
from app.models.base import transaction
from app.tasks import outbox
from app.tasks.outbox import State, deliver, post, state_of
from app.tasks.smtp import VerifyingSmtp, init_mail
from tests.support.queue import do_what_was_rung, forget_what_was_rung
from tests.support.smtp import Postbox, postbox

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def server(app: Flask) -> Iterator[Postbox]:
    """A mail server that the application is set to."""
    forget_what_was_rung()
    settings: Settings = app.extensions["laurel_settings"]
    with postbox() as box:
        here = {"mail_server": "127.0.0.1", "mail_port": box.port, "mail_use_tls": False}
        init_mail(app, settings.model_copy(update=here | {"mail_sender": "Laurel <rewards@meridian.example>"}))
        yield box
    init_mail(app, settings)
    forget_what_was_rung()


def write(subject: str = "Hello", recipient: str = "ann@example.com", **more: Any) -> None:
    with transaction():
        post(recipient, subject, "Confirm your address:\nhttp://127.0.0.1/verify?token=x", now=clock.now(), **more)


def only_row() -> Any:
    (row,) = outbox.newest(10)
    return row


def test_a_mail_takes_its_own_headers_along_whole(server: Postbox):
    link = f"<https://rewards.example/unsubscribe?token={'Ab1-_.' * 30}>"
    write(headers={"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    do_what_was_rung()
    (mail,) = server.mails
    assert "".join(str(mail["List-Unsubscribe"]).split()) == link
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_of_many_waits_for_the_sweep(server: Postbox):
    write(rings=False)
    do_what_was_rung()
    assert server.mails == []
    assert deliver() == 1


def test_a_mail_is_sent_after_the_commit(server: Postbox):
    write("Grüße 你好", html="<p>Confirm</p>")
    assert server.mails == []
    do_what_was_rung()
    (mail,) = server.mails
    assert (mail["To"], mail["From"]) == ("ann@example.com", "Laurel <rewards@meridian.example>")
    assert mail["Subject"] == "Grüße 你好"
    assert mail["Message-ID"].endswith("@meridian.example>")
    plain, html = mail.iter_parts()  # type: ignore[union-attr]
    assert "token=x" in plain.get_content()
    assert "<p>Confirm</p>" in html.get_content()
    assert state_of(only_row()) == State.SENT
    assert deliver() == 0


def test_a_mail_of_a_transaction_that_failed_is_never_sent(server: Postbox):
    with pytest.raises(ZeroDivisionError), transaction():
        post("ann@example.com", "Hello", "…", now=clock.now())
        _ = 1 / 0
    do_what_was_rung()
    assert deliver() == 0
    assert server.mails == []


def test_without_a_mail_server_rows_stay_to_be_read(app: Flask):
    forget_what_was_rung()
    write()
    do_what_was_rung()
    assert deliver() == 0
    assert state_of(only_row()) == State.WAITING
    assert "token=x" in outbox.find(only_row().id).body
    assert outbox.backlog() == (1, 0)


def test_many_mails_share_a_conversation(server: Postbox):
    for number in range(5):
        write(f"Mail {number}")
    assert deliver() == 5
    assert server.conversations == 1
    assert [mail["Subject"] for mail in server.mails] == [f"Mail {number}" for number in range(5)]


def test_a_refused_mail_is_tried_again_after_growing_waits_then_given_up(server: Postbox):
    server.refuse_with = "451 greylisted, come back later"
    with time_machine.travel(START, tick=False) as travel:
        write()
        waits = []
        for _ in range(len(outbox.WAITS)):
            assert deliver() == 0
            row = only_row()
            assert state_of(row) == State.RETRYING
            assert "greylisted" in row.error
            waits.append(row.due_at - clock.now())
            travel.shift(waits[-1] - timedelta(seconds=1))
            assert deliver() == 0
            assert only_row().attempts == row.attempts
            travel.shift(timedelta(seconds=1))
        assert waits == sorted(waits)
        assert len(set(waits)) == len(waits)
        deliver()
    assert state_of(only_row()) == State.GIVEN_UP
    assert "greylisted" in only_row().error
    assert outbox.backlog() == (0, 1)


def test_every_attempt_carries_the_same_message_id(server: Postbox):
    write()
    deliver()
    with transaction():
        outbox.send_again(only_row().id, clock.now())
    deliver()
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_one_refusal_does_not_hold_up_the_others(server: Postbox):
    write("Line\nbreak")
    write("Fine")
    assert deliver() == 1
    assert [mail["Subject"] for mail in server.mails] == ["Fine"]
    by_state = {state_of(row): row for row in outbox.newest(2)}
    assert "BadHeaderError" in by_state[State.RETRYING].error


def test_a_server_that_is_away_is_tried_later(server: Postbox, app: Flask):
    app.extensions["mailman"].port = 1
    write()
    assert deliver() == 0
    assert state_of(only_row()) == State.RETRYING


def test_a_mail_in_dead_hands_is_sent_when_its_lease_is_over(server: Postbox):
    with time_machine.travel(START, tick=False) as travel:
        write()
        assert outbox._claim(clock.now()) is not None  # and its worker is killed
        assert deliver() == 0
        travel.shift(outbox.LEASE)
        assert deliver() == 1
    assert len(server.mails) == 1


def test_a_worker_that_outlived_its_lease_does_not_overwrite(server: Postbox):
    with time_machine.travel(START, tick=False) as travel:
        write()
        slow = outbox._claim(clock.now())
        travel.shift(outbox.LEASE)
        deliver()
        outbox._record(slow, "too slow", clock.now())
    assert state_of(only_row()) == State.SENT


def test_several_workers_send_each_mail_once(server: Postbox, app: Flask):
    for number in range(12):
        write(f"Mail {number}")
    sent: list[int] = []

    def work() -> None:
        with app.app_context():
            sent.append(deliver())

    # Contexts of their own: the test's application context must not be theirs.
    workers = [threading.Thread(target=contextvars.Context().run, args=(work,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == 12
    assert sorted(mail["Subject"] for mail in server.mails) == sorted(f"Mail {number}" for number in range(12))


def test_nothing_is_written_when_nothing_is_due(server: Postbox, monkeypatch: pytest.MonkeyPatch):
    def forbidden(_now: datetime) -> None:
        pytest.fail("a transaction was opened for nothing")

    monkeypatch.setattr(outbox, "_claim", forbidden)
    assert deliver() == 0


def test_the_mail_servers_certificate_is_checked(monkeypatch: pytest.MonkeyPatch):
    contexts: list[ssl.SSLContext] = []
    monkeypatch.setattr(smtplib.SMTP, "starttls", lambda self, context: contexts.append(context))
    VerifyingSmtp().starttls()
    (context,) = contexts
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize(("port", "starttls", "implicit"), [(587, True, False), (25, True, False), (465, False, True)])
def test_the_port_says_which_tls_is_spoken(app: Flask, port: int, starttls: bool, implicit: bool):
    settings: Settings = app.extensions["laurel_settings"]
    init_mail(app, settings.model_copy(update={"mail_server": "mail.example.com", "mail_port": port}))
    connection = app.extensions["mailman"].get_connection()
    init_mail(app, settings)
    assert (connection.use_tls, connection.use_ssl) == (starttls, implicit)
    assert connection.connection_class is (smtplib.SMTP_SSL if implicit else VerifyingSmtp)
