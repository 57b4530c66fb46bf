"""The programme's settings: tighter at once, looser by two people, languages honoured everywhere."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.gamification import programme
from app.gamification.approvals import proposals
from app.gamification.audit import reads as audit
from app.gamification.brand import brand
from app.gamification.errors.desk import OwnProposal, ProposalChanged
from app.gamification.programme_settings import limits
from app.lib import clock
from app.models.base import read_one, transaction
from app.models.desk import Proposal
from tests.support.cast import Person, mails, post, sign_in, sign_in_staff, stored, words

MONEY = {"currency": "USD", "point_cost": "0.01", "en": "y", "ar": "y", "zh": "y"}
LIMITS = {"adjustment": "1000", "adjustment_day": "5000", "liability": "", "statement_trust": "review"}


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def save(owner: FlaskClient, part: str, fields: dict[str, str]) -> str:
    answer = post(owner, f"/admin/brand/programme{part}", {**fields, "version": str(brand().version)})
    assert answer.status_code == 303, words(answer)
    return words(owner.get("/admin/brand/programme"))


def approve(omar: Person, kind: str) -> None:
    proposal = read_one(select(Proposal).where(Proposal.kind == kind, Proposal.state == "open"))
    with transaction():
        proposals.approve(omar.id, proposal.id, bytes(proposal.digest).hex(), now=clock.now())


def test_money_is_stored_with_before_and_after(owner: FlaskClient):
    save(owner, "", MONEY | {"currency": "EUR", "point_cost": "0.0150"})
    assert (programme.current().currency, programme.current().point_cost) == ("EUR", Decimal("0.015"))
    [entry] = audit.of_subject("programme", 1)
    assert (entry.before["currency"], entry.after["point_cost"]) == ("USD", "0.015")


@pytest.mark.parametrize(
    "wrong", [{"currency": "XXX"}, {"point_cost": "NaN"}, {"point_cost": "1e9"}, {"en": "", "ar": "", "zh": ""}]
)
def test_what_cannot_be_is_refused(owner: FlaskClient, wrong: dict[str, str]):
    fields = {name: value for name, value in (MONEY | wrong).items() if value}
    answer = post(owner, "/admin/brand/programme", {**fields, "version": str(brand().version)})
    assert answer.status_code == 422
    assert programme.current().currency == "USD"


def test_tighter_limits_hold_at_once(owner: FlaskClient):
    save(owner, "/limits", LIMITS | {"adjustment": "100", "liability": "50000", "statement_trust": "recognition"})
    assert limits.current() == limits.Limits(100, 5000, Decimal(50000))
    assert programme.current().statement_trust == "recognition"
    assert read_one(select(Proposal)) is None


def test_looser_limits_wait_for_a_second_person(owner: FlaskClient, dana: Person, omar: Person):
    said = save(owner, "/limits", LIMITS | {"adjustment_day": "9000", "statement_trust": "trusted"})
    assert "A change waits for a second person." in said
    assert limits.current().adjustment_day == 5000 and programme.current().statement_trust == "review"
    with pytest.raises(OwnProposal):
        approve(dana, "programme.limits")
    approve(omar, "programme.limits")
    assert limits.current().adjustment_day == 9000 and programme.current().statement_trust == "trusted"


def test_of_a_mixed_change_the_careful_half_holds_at_once(owner: FlaskClient, omar: Person):
    save(owner, "/limits", LIMITS | {"adjustment": "10", "adjustment_day": "9000"})
    assert limits.current()[:2] == (10, 5000)
    approve(omar, "programme.limits")
    assert limits.current()[:2] == (10, 9000)


def test_taking_a_cap_away_is_loosening(owner: FlaskClient, omar: Person):
    save(owner, "/limits", LIMITS | {"liability": "100"})
    save(owner, "/limits", LIMITS)
    assert limits.current().liability == 100
    approve(omar, "programme.limits")
    assert limits.current().liability is None


def test_an_approval_meets_the_limits_it_was_proposed_for(owner: FlaskClient, omar: Person):
    save(owner, "/limits", LIMITS | {"adjustment_day": "9000"})
    save(owner, "/limits", LIMITS | {"adjustment": "1"})
    with pytest.raises(ProposalChanged):
        approve(omar, "programme.limits")
    assert limits.current()[:2] == (1, 5000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"adjustment": "6000"},  # more at once than a day
        {"adjustment": "-1"},
        {"adjustment": "1.5"},
        {"adjustment_day": "9" * 400},
        {"liability": "NaN"},
        {"liability": "-1"},
        {"liability": "1e400"},
        {"statement_trust": "blind"},
        {"adjustment": ""},
    ],
)
def test_a_limit_is_a_number_that_can_be(owner: FlaskClient, wrong: dict[str, str]):
    answer = post(owner, "/admin/brand/programme/limits", {**LIMITS, **wrong, "version": str(brand().version)})
    assert answer.status_code == 422
    assert limits.current() == limits.Limits()


def test_the_zone_moves_by_two_people(owner: FlaskClient, omar: Person):
    said = save(owner, "/zone", {"time_zone": "Asia/Dubai"})
    assert "A change waits" in said and programme.current().zone.key == "Europe/Nicosia"
    approve(omar, "programme.zone")
    assert programme.current().zone.key == "Asia/Dubai"
    assert [entry.action for entry in audit.of_subject("programme", 1)] == ["programme.zone"]


def test_an_unknown_zone_is_refused(owner: FlaskClient):
    data = {"time_zone": "Mars/Olympus", "version": str(brand().version)}
    assert post(owner, "/admin/brand/programme/zone", data).status_code == 422


def test_a_stale_form_is_told(owner: FlaskClient):
    stale = str(brand().version)
    save(owner, "", MONEY | {"currency": "EUR"})
    for part, fields in (("", MONEY), ("/limits", LIMITS), ("/zone", {"time_zone": "Asia/Dubai"})):
        answer = post(owner, f"/admin/brand/programme{part}", {**fields, "version": stale})
        assert answer.status_code == 422 and "Somebody else saved these settings" in words(answer)


def test_a_manager_reads_and_changes_nothing(client: FlaskClient, mia: Person):
    sign_in_staff(client, mia)
    assert client.get("/admin/brand/programme").status_code == 200
    for part in ("", "/limits", "/zone"):
        assert post(client, f"/admin/brand/programme{part}", LIMITS).status_code == 403


class TestLanguagesOffered:
    @pytest.fixture(autouse=True)
    def english_and_chinese(self, owner: FlaskClient) -> None:
        save(owner, "", {name: value for name, value in MONEY.items() if name != "ar"})

    def test_the_menu_offers_them_and_no_other(self, browser: Callable[[], FlaskClient]):
        page = browser().get("/terms").text
        assert 'value="en"' in page and 'value="zh"' in page and 'value="ar"' not in page

    def test_a_browser_is_answered_in_one_of_them(self, browser: Callable[[], FlaskClient]):
        for asked, given in (("ar", "en"), ("ar, zh;q=0.5", "zh-Hans"), ("fr", "en")):
            page = browser().get("/terms", headers={"Accept-Language": asked})
            assert f'<html lang="{given}"' in page.text

    def test_the_others_cannot_be_chosen(self, alice: Person, browser: Callable[[], FlaskClient]):
        reader = sign_in(browser(), alice)
        assert post(reader, "/language", {"language": "ar"}).status_code == 400
        profile = {"alias": "", "theme": "auto", "up_down": "auto", "time_zone": "UTC"}
        assert post(reader, "/profile", {**profile, "language": "ar"}).status_code == 422
        assert post(reader, "/profile", {**profile, "language": "zh"}).status_code == 303
        assert 'value="ar"' not in reader.get("/profile").text

    def test_who_reads_in_another_one_is_met_in_one_of_them(self, alice: Person, browser: Callable[[], FlaskClient]):
        with transaction() as connection:
            connection.execute(text("UPDATE member SET language = 'ar'"))
        assert '<html lang="en"' in sign_in(browser(), alice).get("/home").text
        post(browser(), "/forgot", {"email": alice.email})
        assert mails()[-1].subject.isascii()
        assert stored(alice).language == "ar"  # offered again, it is theirs again

    def test_staff_read_in_their_own(self, owner: FlaskClient, dana: Person):
        with transaction() as connection:
            connection.execute(text("UPDATE staff SET language = 'ar'"))
        assert '<html lang="ar"' in owner.get("/admin/brand").text
