"""The system's page: what waits, what went wrong, and what staff can do about it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.gamification import pipeline, quarantine, upkeep
from app.gamification.activities import LessonPassed
from app.gamification.audit import reads as audit
from app.gamification.errors.staff import NotEntitled
from app.gamification.ledger import verify
from app.lib import clock
from app.models import schema
from app.models.activity import Quarantine, Reason
from app.models.base import read_all, read_one, settings, transaction
from app.models.messages import Outbox
from app.tasks import outbox
from tests.support.cast import Person, mails, post, sign_in_staff, words
from tests.support.filling import fill, forms
from tests.support.play import LIVE, Said, decided, report, trade, trader
from tests.support.queries import counted

SECRET = "k3J9xQ2mZr8WvT1bYp4LsN6d"


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def write_mail(body: str = "Hello", *, subject: str = "Set a new password", **state: object) -> int:
    with transaction() as conn:
        outbox.post("who@example.com", subject, body, now=clock.now(), html=f"<a href='https://x/{SECRET}'>x</a>")
        mail_id: int = conn.execute(select(Outbox.id).order_by(Outbox.id.desc())).scalar()  # type: ignore[assignment]
        if state:
            conn.execute(update(Outbox).where(Outbox.id == mail_id).values(**state))
    return mail_id


def given_up(**more: object) -> int:
    return write_mail(**more, done_at=clock.now(), error="SMTPException: no such mailbox", attempts=8)  # type: ignore[arg-type]


def conflict(first: Said, again: Said) -> int:
    member_id = trader()
    report(member_id, first)
    assert report(member_id, again) == ["conflict"]
    return int(read_one(select(Quarantine.id))[0])


def test_a_quiet_installation_says_so(manager: FlaskClient):
    said = words(manager.get("/admin/system"))
    assert "Every activity was decided." in said
    assert "Nothing came again with another content." in said
    assert "The first is taken in the coming night." in said
    assert f"Revision of the database {schema.needed_revision()} the one this version needs" in said


def test_the_page_asks_little_of_the_database(manager: FlaskClient):
    manager.get("/admin/system")
    with counted() as statements:
        manager.get("/admin/system")
    assert len(statements) <= 16, statements


def test_the_queue_is_told_with_its_age(manager: FlaskClient):
    report(trader(), Said(trade()))
    said = words(manager.get("/admin/system"))
    assert "Activities in the queue 1 the oldest for" in said


def test_the_roots_of_the_ledger_are_told(app: Flask, manager: FlaskClient):
    root = verify.take_root(clock.now(), settings().data)
    assert root is not None
    assert root.hex() in manager.get("/admin/system").text


def test_accounts_of_nobody_are_told(manager: FlaskClient):
    report(None, Said(trade(), account=LIVE))
    said = words(manager.get("/admin/system"))
    assert "Accounts of nobody 1" in said
    assert LIVE[2] in said


class TestMail:
    def test_every_mail_is_listed_with_where_it_is(self, manager: FlaskClient):
        write_mail(subject="Waits")
        write_mail(subject="Left", done_at=clock.now())
        given_up(subject="Lost")
        said = words(manager.get("/admin/system/outbox"))
        assert "All 3" in said
        assert "Lost" in said and "Left" in said and "Waits" in said
        assert "Left" not in words(manager.get("/admin/system/outbox?state=given+up"))
        for query in ("?state=x", "?page=0", "?page=x", "?page=99999", "?page=9999999"):
            assert manager.get(f"/admin/system/outbox{query}").status_code == 200

    @pytest.mark.parametrize(
        "link",
        [
            f"https://laurel.example/reset?token={SECRET}",
            f"https://laurel.example/verify/{SECRET}",
            f"https://laurel.example/admin/join/{SECRET}?next=/x&code=123456#{SECRET}",
            f"http://laurel.example/a/{SECRET}.",
        ],
    )
    def test_a_preview_leaves_out_what_would_let_somebody_in(self, manager: FlaskClient, link: str):
        answer = manager.get(f"/admin/system/outbox/{write_mail(f'Hello Bob, open {link} today.')}")
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "123456" not in answer.text
        assert "Hello Bob, open " in words(answer)
        assert "laurel.example" in answer.text

    def test_the_mails_of_the_programme_itself_lose_their_tokens(
        self, manager: FlaskClient, charlie: Person, client: FlaskClient
    ):
        post(client, "/forgot", {"email": charlie.email})
        sent = mails()
        for mail in sent:
            for found in upkeep._ADDRESS.findall(mail.body):
                token = found.rstrip(".").rsplit("/", 1)[-1].rsplit("=", 1)[-1]
                assert len(token) < 16 or token not in upkeep.masked(mail.body)

    def test_one_that_was_given_up_is_sent_once_more(self, manager: FlaskClient, mia: Person):
        mail_id = given_up()
        address = f"/admin/system/outbox/{mail_id}"
        assert fill(manager, address, f"{address}/delivery").status_code == 303
        row = outbox.find(mail_id)
        assert (row.done_at, row.error, row.attempts) == (None, None, 0)
        assert [entry.action for entry in audit.of_subject("mail", mail_id)] == ["mail.resend"]

    def test_one_that_arrived_is_not_sent_again(self, manager: FlaskClient):
        mail_id = write_mail(done_at=clock.now())
        address = f"/admin/system/outbox/{mail_id}"
        assert f"{address}/delivery" not in forms(manager.get(address))
        assert post(manager, f"{address}/delivery").status_code == 409
        assert outbox.find(mail_id).done_at is not None

    def test_all_that_were_given_up_are_sent_once_more(self, manager: FlaskClient):
        lost = [given_up() for _ in range(3)]
        arrived = write_mail(done_at=clock.now())
        page = "/admin/system/outbox"
        assert fill(manager, page, "/admin/system/outbox/deliveries").status_code == 303
        assert all(outbox.find(mail_id).done_at is None for mail_id in lost)
        assert outbox.find(arrived).done_at is not None
        assert "3 mails are due once more." in words(manager.get(page))
        assert post(manager, "/admin/system/outbox/deliveries").status_code == 409

    def test_there_is_no_such_mail(self, manager: FlaskClient):
        assert manager.get("/admin/system/outbox/99").status_code == 404
        assert post(manager, "/admin/system/outbox/99/delivery").status_code == 404


class TestQuarantine:
    def test_both_contents_stand_side_by_side(self, manager: FlaskClient):
        number = conflict(Said(trade(lots="1.00"), id="same"), Said(trade(lots="9.99"), id="same"))
        assert "same" in words(manager.get("/admin/system"))
        answer = manager.get(f"/admin/system/quarantine/{number}")
        assert "lots 1.00 9.99" in words(answer)
        assert answer.text.count("<mark>") == 1

    def test_what_differs_elsewhere_is_said(self, manager: FlaskClient):
        data = trade()
        number = conflict(Said(data, id="same"), Said(data, id="same", at=data.closed_at.replace(second=1)))
        assert "The figures are the same." in words(manager.get(f"/admin/system/quarantine/{number}"))

    def test_what_came_again_as_another_kind_is_still_shown(self, manager: FlaskClient):
        number = conflict(Said(trade(), id="same"), Said(LessonPassed("orders", 90), "lesson.passed", id="same"))
        assert manager.get(f"/admin/system/quarantine/{number}").status_code == 200

    def test_dismissed_it_is_gone_and_told(self, manager: FlaskClient, mia: Person):
        number = conflict(Said(trade(lots="1.00"), id="same"), Said(trade(lots="9.99"), id="same"))
        address = f"/admin/system/quarantine/{number}"
        assert fill(manager, address, f"{address}/dismissal").status_code == 303
        assert not read_all(select(Quarantine.id))
        [entry] = audit.of_subject("quarantine", number)
        assert (entry.staff_id, entry.before) == (mia.id, {"source": "broker", "id": "same"})
        assert manager.get(address).status_code == 404
        assert post(manager, f"{address}/dismissal").status_code == 404


class TestFailures:
    def test_what_failed_is_told_and_tried_again(
        self, app: Flask, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*_: object) -> None:
            raise ArithmeticError("<b>overflow</b>")

        report(member := trader(), said := Said(trade(), id="poison"))
        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "STEPS", (fail,))
            pipeline.drain()
        assert decided("poison").reason == Reason.FAILED
        answer = manager.get("/admin/system")
        assert "ArithmeticError: &lt;b&gt;overflow&lt;/b&gt;" in answer.text
        assert f"Member {member}" in words(answer)
        assert fill(manager, "/admin/system", "/admin/system/reprocessing").status_code == 303
        pipeline.drain()
        assert decided(said.id).reason == Reason.EARNED


class TestWho:
    @pytest.mark.parametrize(
        "address",
        [
            "/admin/system/reprocessing",
            "/admin/system/outbox/deliveries",
            "/admin/system/outbox/1/delivery",
            "/admin/system/quarantine/1/dismissal",
        ],
    )
    def test_a_viewer_reads_and_cannot_act(self, client: FlaskClient, vera: Person, address: str):
        given_up()
        conflict(Said(trade(lots="1.00"), id="same"), Said(trade(lots="9.99"), id="same"))
        sign_in_staff(client, vera)
        for page in ("/admin/system", "/admin/system/outbox", "/admin/system/outbox/1", "/admin/system/quarantine/1"):
            answer = client.get(page)
            assert answer.status_code == 200
            assert not [one for one in forms(answer) if one.startswith("/admin/system")]
        assert post(client, address).status_code == 403
        assert read_one(select(Outbox.done_at))[0] is not None
        assert read_all(select(Quarantine.id))


def test_nothing_is_written_for_somebody_who_lost_the_right(app: Flask, vera: Person):
    mail_id = given_up()
    for act in (
        lambda: upkeep.resend(vera.id, mail_id, now=clock.now()),
        lambda: upkeep.resend_all(vera.id, now=clock.now()),
        lambda: quarantine.dismiss(vera.id, 1, now=clock.now()),
        lambda: upkeep.reprocess(vera.id, now=clock.now()),
    ):
        with pytest.raises(NotEntitled), transaction():
            act()
