"""Mail at the console: read where there is no mail server, sent where there is."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.lib import clock
from app.models.base import transaction
from app.tasks.outbox import newest, post
from app.tasks.smtp import init_mail
from tests.cli.conftest import Told
from tests.support.queue import forget_what_was_rung
from tests.support.smtp import Postbox, postbox


@pytest.fixture
def mail(app: Flask) -> Iterator[int]:
    """The id of one mail that waits."""
    with transaction():
        post("ann@example.com", "Confirm", "http://127.0.0.1/verify?token=x", now=clock.now())
    yield newest(1)[0].id
    forget_what_was_rung()


@pytest.fixture
def server(app: Flask) -> Iterator[Postbox]:
    settings = app.extensions["laurel_settings"]
    with postbox() as box:
        here = {"mail_server": "127.0.0.1", "mail_port": box.port, "mail_use_tls": False}
        init_mail(app, settings.model_copy(update=here))
        yield box
    init_mail(app, settings)


def test_mail_can_be_read_without_a_server(mail: int, told: Told, cli: FlaskCliRunner):
    (listed,) = told("outbox", "list")["mails"]
    assert (listed["id"], listed["recipient"], listed["state"]) == (mail, "ann@example.com", "waiting")
    assert "token=x" in told("outbox", "show", str(mail))["body"]
    assert "token=x" in cli.invoke(args=["outbox", "show", str(mail)]).output
    assert "LAUREL_MAIL_SERVER" in told("outbox", "send", code=1)["message"]
    assert told("outbox", "show", "99", code=1)["error"] == "problem"


def test_mail_is_sent_on_demand_and_once_more(mail: int, server: Postbox, told: Told):
    assert told("outbox", "send") == {"sent": 1}
    assert told("outbox", "send") == {"sent": 0}
    assert told("outbox", "send", str(mail)) == {"sent": 1}
    assert len(server.mails) == 2
    assert told("outbox", "show", str(mail))["state"] == "sent"


def test_a_refusal_is_told(mail: int, server: Postbox, told: Told):
    server.refuse_with = "550 no such mailbox"
    assert "no such mailbox" in told("outbox", "send", str(mail), code=1)["message"]
    assert told("outbox", "list")["mails"][0]["state"] == "retrying"
    assert told("outbox", "send", "99", code=1)["error"] == "problem"
