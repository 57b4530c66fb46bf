"""What the broker's keys are called, and what its own activities pay for: judged at award time, kept in the outcome."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.gamification import programme, terms
from app.gamification.activities import Custom, DepositMade, LessonPassed, PartnerPurchase, PaysFor, SurveyAnswered
from app.gamification.approvals import proposals
from app.gamification.audit import reads as audit
from app.gamification.errors.desk import (
    AlreadyDecided,
    NotAnOwnActivity,
    OwnProposal,
    ProposalChanged,
    ProposedAlready,
    SameClass,
)
from app.gamification.errors.staff import NotEntitled
from app.gamification.ledger.words import titles, told
from app.gamification.policy.packs import Verdict
from app.gamification.tiers.position import may_earn
from app.lib import clock
from app.lib.cache import Kept
from app.models.activity import BrokerTerm, Reason
from app.models.base import kept_by_app, read_one, transaction
from app.models.desk import Proposal
from app.models.people import ClientClass
from app.routes.formats import say_plainly
from tests.support.cast import Person, sign_in, words
from tests.support.play import Said, decided, play, report, trader, transfers
from tests.support.programmes import publish
from tests.support.queries import counted

WEBINAR = {"kind": "custom.webinar", "base": {"kind": "fixed", "rate": "60"}}


def name(by: Person, kind: str, key: str, **texts: str) -> int:
    with transaction():
        term_id = terms.create(by.id, terms.Settings(kind, key, texts), now=clock.now())
    forget()
    return term_id


def forget() -> None:
    """Let pages read anew what they keep for a second."""
    kept_by_app("compiled", lambda: Kept(programme.current)).forget()


def propose(by: Person, term_id: int, fact: str) -> int:
    with transaction():
        return terms.propose_class(by.id, term_id, fact, now=clock.now())


def approve(by: Person, proposal_id: int) -> None:
    digest = read_one(select(Proposal.digest).where(Proposal.id == proposal_id))[0]
    with transaction():
        proposals.approve(by.id, proposal_id, bytes(digest).hex(), now=clock.now())
    forget()


@pytest.fixture
def webinar(app: Flask, mia: Person) -> int:
    publish("webinars", WEBINAR)
    return name(mia, "custom", "webinar", en="Webinar", ar="ندوة", zh="网络研讨会")


@pytest.fixture
def retail(app: Flask) -> int:
    """Whom the law allows no points for trading."""
    return trader("CY", ClientClass.RETAIL, "eu")


class TestClass:
    def test_an_activity_that_nobody_classed_is_trading(self, retail: int, webinar: int):
        found = play(retail, Said(Custom(), "custom.webinar"))
        assert (found.reason, found.context[0]) == (Reason.LAW, Verdict.FORBID)
        assert len(found.context) == 7
        assert programme.current().pays_for("custom.webinar") == PaysFor.TRADING

    def test_so_is_one_that_nobody_has_named(self, retail: int):
        publish("others", WEBINAR | {"kind": "custom.never-named"})
        assert play(retail, Said(Custom(), "custom.never-named")).reason == Reason.LAW

    def test_a_proposal_alone_changes_nothing(self, retail: int, webinar: int, mia: Person):
        propose(mia, webinar, "learning")
        assert play(retail, Said(Custom(), "custom.webinar")).reason == Reason.LAW

    def test_once_approved_it_is_what_was_approved(self, retail: int, webinar: int, mia: Person, omar: Person):
        approve(omar, propose(mia, webinar, "learning"))
        found = play(retail, Said(Custom(), "custom.webinar"))
        assert (found.earned, found.reason) == (60, Reason.EARNED)
        assert found.context[0] == Verdict.SERVICE_ONLY
        assert found.context[7] == PaysFor.LEARNING
        [entry] = [one for one in audit.of_subject("term", webinar) if one.action == "term.class"]
        assert (entry.staff_id, entry.before, entry.after) == (
            omar.id,
            {"pays_for": "trading"},
            {"pays_for": "learning"},
        )

    def test_what_was_decided_before_stays_as_it_was(self, retail: int, webinar: int, mia: Person, omar: Person):
        early = Said(Custom(), "custom.webinar")
        play(retail, early)
        approve(omar, propose(mia, webinar, "learning"))
        play(retail, Said(Custom(), "custom.webinar"))
        assert decided(early.id).reason == Reason.LAW

    def test_what_was_awarded_stays_when_the_class_is_taken_back(
        self, retail: int, webinar: int, mia: Person, omar: Person
    ):
        approve(omar, propose(mia, webinar, "learning"))
        early = Said(Custom(), "custom.webinar")
        play(retail, early)
        approve(omar, propose(mia, webinar, "trading"))
        late = play(retail, Said(Custom(), "custom.webinar"))
        assert (late.reason, decided(early.id).earned) == (Reason.LAW, 60)
        assert sum(row.amount for row in transfers(retail) if row.code == 1) >= 60

    def test_a_report_that_is_taken_back_needs_no_class(self, retail: int, webinar: int, mia: Person, omar: Person):
        approve(omar, propose(mia, webinar, "learning"))
        first = Said(Custom(), "custom.webinar")
        play(retail, first)
        bust = Said(None, "custom.webinar", busts=first.id)
        assert report(retail, bust) == ["accepted"]

    def test_another_activity_is_not_touched(self, retail: int, webinar: int, mia: Person, omar: Person):
        publish("others", WEBINAR | {"kind": "custom.webinar-2"})
        approve(omar, propose(mia, webinar, "learning"))
        assert play(retail, Said(Custom(), "custom.webinar-2")).reason == Reason.LAW

    def test_pages_of_what_can_be_earned_know_it(self, webinar: int, mia: Person, omar: Person):
        standing = programme.current().policy.standing("eu_retail", "CY", ClientClass.RETAIL)
        assert not may_earn(programme.current(), "custom.webinar", standing)
        approve(omar, propose(mia, webinar, "community"))
        assert may_earn(programme.current(), "custom.webinar", standing)

    def test_the_proposer_does_not_approve(self, webinar: int, omar: Person):
        proposal = propose(omar, webinar, "learning")
        with pytest.raises(OwnProposal):
            approve(omar, proposal)

    def test_a_manager_does_not_approve_and_a_viewer_does_not_propose(
        self, webinar: int, mia: Person, dana: Person, vera: Person
    ):
        with pytest.raises(NotEntitled):
            propose(vera, webinar, "learning")
        proposal = propose(dana, webinar, "learning")
        with pytest.raises(NotEntitled):
            approve(mia, proposal)

    def test_it_is_proposed_once_at_a_time_and_decided_once(self, webinar: int, mia: Person, omar: Person):
        proposal = propose(mia, webinar, "learning")
        with pytest.raises(ProposedAlready):
            propose(mia, webinar, "habit")
        approve(omar, proposal)
        with pytest.raises(AlreadyDecided):
            approve(omar, proposal)
        with pytest.raises(SameClass):
            propose(mia, webinar, "learning")

    @pytest.mark.parametrize("fact", ["", "chance", "TRADING", "1"])
    def test_only_what_the_packs_know_can_be_chosen(self, webinar: int, mia: Person, fact: str):
        with pytest.raises(NotAnOwnActivity):
            propose(mia, webinar, fact)

    def test_what_is_no_activity_of_ones_own_cannot_be_classed(self, app: Flask, mia: Person):
        with pytest.raises(NotAnOwnActivity):
            propose(mia, name(mia, "lesson", "orders", en="Orders"), "habit")

    def test_a_class_that_was_changed_meanwhile_is_not_what_was_proposed(self, webinar: int, mia: Person, omar: Person):
        proposal = propose(mia, webinar, "learning")
        with transaction() as conn:
            conn.execute(BrokerTerm.__table__.update().where(BrokerTerm.id == webinar).values(pays_for=7))
        with pytest.raises(ProposalChanged):
            approve(omar, proposal)


class TestNames:
    @pytest.mark.parametrize(
        ("kind", "term", "key", "data"),
        [
            ("lesson.passed", "lesson", "risk-of-ruin", LessonPassed("risk-of-ruin", 90)),
            ("survey.answered", "survey", "support-quality", SurveyAnswered("support-quality")),
            ("partner.purchase", "partner", "cedar-coffee", PartnerPurchase("cedar-coffee", "12.50", "USD")),
            ("deposit.made", "method", "bank-transfer", DepositMade("100.00", "USD", "bank-transfer")),
            ("custom.webinar", "custom", "webinar", Custom()),
        ],
    )
    def test_members_read_the_name_in_their_language_wherever_the_key_stood(
        self, app: Flask, client: FlaskClient, alice: Person, mia: Person, kind: str, term: str, key: str, data: object
    ):
        play(alice.id, Said(data, kind))  # type: ignore[arg-type]
        lines = (f"/points/{row.seq}" for row in transfers(alice.id))
        pages = ("/activity", "/points", "/points/missed", *lines)
        sign_in(client, alice)
        assert any(titles.readable(key) in words(client.get(page)) or key in words(client.get(page)) for page in pages)
        name(mia, term, key, en="The Name", ar="الاسم", zh="名称")
        said = [words(client.get(page)) for page in pages]
        assert any("The Name" in page for page in said)
        assert not [page for page in said if f" {titles.readable(key)} " in page]

    def test_a_line_tells_every_key_by_its_name(self, app: Flask, mia: Person):
        for term, key in (("lesson", "l"), ("partner", "p"), ("method", "m"), ("custom", "c"), ("survey", "s")):
            name(mia, term, key, en=f"Name of {term}", zh=f"名称 {term}")
        with app.test_request_context("/", headers={"Accept-Language": "zh"}):
            assert "名称 lesson" in say_plainly(titles.title(5, LessonPassed("l")))
            assert "名称 method" in "".join(
                say_plainly(fact) for _, fact in told._deposit(DepositMade("1", "USD", "m"), None)
            )

    def test_a_language_that_has_no_name_reads_the_english_one(self, app: Flask, mia: Person):
        name(mia, "lesson", "l", en="English only")
        with app.test_request_context("/", headers={"Accept-Language": "ar"}):
            assert "English only" in say_plainly(titles.title(5, LessonPassed("l")))

    def test_a_name_is_text_and_never_markup_or_a_placeholder(self, client: FlaskClient, alice: Person, mia: Person):
        play(alice.id, Said(LessonPassed("x", 90), "lesson.passed"))
        name(mia, "lesson", "x", en="<b>50% off %(value)s</b>")
        page = sign_in(client, alice).get("/points")
        assert page.status_code == 200
        assert "&lt;b&gt;50% off %(value)s&lt;/b&gt;" in page.text

    def test_names_cost_no_statement(self, app: Flask, client: FlaskClient, alice: Person, mia: Person):
        play(alice.id, Said(LessonPassed("x", 90), "lesson.passed"))
        sign_in(client, alice).get("/points")
        with counted() as without:
            client.get("/points")
        name(mia, "lesson", "x", en="Named")
        client.get("/points")
        with counted() as named:
            assert "Named" in words(client.get("/points"))
        assert len(named) == len(without)
