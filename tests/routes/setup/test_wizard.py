"""The setup from an empty database to a programme that awards, for every template."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text

from app.gamification import programme
from app.gamification.activities import LessonPassed
from app.gamification.brand import brand
from app.gamification.members.passwords import is_password
from app.gamification.staff.rights import Right, may
from app.models.activity import Reason
from app.models.base import read_all, read_one
from app.models.people import ClientClass
from tests.routes.setup.walking import BRAND, COMPANIES, OWNER, PLACE, Walker, rows
from tests.support.cast import words
from tests.support.play import Said, play, trade, trader

RETAIL, PROFESSIONAL = ClientClass.RETAIL, ClientClass.PROFESSIONAL
# What a lot of EURUSD and a lesson bring: to a professional of the offshore company, and to a retail client in Cyprus.
EARNED = {"recognition": (0, 50, 0, 50), "classic": (100, 50, 0, 50), "cashback": (250, 50, 0, 50)}
EARNED["learning"] = (0, 100, 0, 100)


@pytest.mark.parametrize("template", EARNED)
def test_each_template_awards_what_it_and_the_law_say(walker: Walker, template: str):
    made = walker.walk(template).send(go="create")
    assert (made.status_code, made.location) == (303, "/admin")
    ann = trader("AE", PROFESSIONAL, "sc")
    bea = trader("CY", RETAIL, "cy")
    lesson = Said(LessonPassed("risk", 95), "lesson.passed")
    found = [play(who, said).earned for who in (ann, bea) for said in (trade(), Said(lesson.data, lesson.kind))]
    assert tuple(found) == EARNED[template]


def test_the_law_is_the_reason_where_a_template_pays_for_trades(walker: Walker):
    walker.walk("cashback").send(go="create")
    assert play(trader("CY", RETAIL, "cy"), trade()).reason == Reason.LAW
    assert play(trader("AE", RETAIL, "sc"), trade()).earned == 150


def test_what_was_answered_is_what_is_stored(walker: Walker, new: Flask):
    walker.walk("classic", place=PLACE | {"zh": ""} | {"currency": "AED"}).send(go="create")
    current = programme.current()
    assert (current.brand_name, current.programme_name, current.support_email) == tuple(BRAND.values())
    assert (current.zone.key, current.currency, current.point_cost) == ("Asia/Nicosia", "AED", Decimal("0.02"))
    assert not current.demo
    assert [(one.key, one.country, one.pack_key, one.loss) for one in brand().entities] == [
        ("cy", "CY", "eu_retail", Decimal("74.2")),
        ("sc", "SC", "offshore", None),
    ]
    [owner] = read_all(text("SELECT email, name, role FROM staff"))
    assert (owner.email, owner.name) == (OWNER["email"], OWNER["name"])
    assert may(owner.role, Right.OWN)


def test_the_owner_stands_in_the_audit_log(walker: Walker):
    walker.walk().send(go="create")
    entry = read_one(text("SELECT action, staff_id, after FROM audit_entry ORDER BY seq DESC LIMIT 1"))
    assert (entry.action, entry.staff_id) == ("programme.create", 1)
    assert '"template":"classic"' in entry.after and OWNER["email"] not in entry.after


def test_the_password_signs_in_and_the_link_is_burnt(walker: Walker, new: Flask, link: str):
    walker.walk().send(go="create")
    stored = read_one(text("SELECT password_hash FROM staff"))[0]
    assert is_password(OWNER["password"], stored)
    assert not (new.extensions["laurel_settings"].data / "setup_link").exists()
    assert new.test_client().get(link).status_code == 404
    assert new.test_client().get("/").status_code == 200


def test_points_of_recognition_cost_nothing(walker: Walker):
    walker.walk("recognition").send(go="create")
    assert programme.current().point_cost == 0


def test_a_step_says_what_is_wrong_with_it_and_keeps_the_rest(walker: Walker):
    page = walker.send({"name": "Dana", "email": "no address", "password": "short"})
    assert page.status_code == 422 and walker.step == "owner"
    said = words(page)
    assert "This is not an email address" in said and "Use at least" in said
    assert 'value="Dana"' in page.text and "short" not in page.text


def test_going_back_loses_nothing(walker: Walker):
    walker.send(OWNER)
    walker.send(BRAND)
    walker.send({"point_cost": "7"}, go="back")
    assert walker.step == "brand" and 'value="Northwind Markets"' in walker.page.text
    walker.send(BRAND)
    assert 'value="7"' in walker.page.text
    walker.send({}, go="owner")
    assert walker.step == "owner" and OWNER["password"] not in walker.page.text
    assert "Leave it empty to keep" in words(walker.page)
    assert walker.send(OWNER | {"password": ""}).status_code == 200 and walker.step == "brand"


def test_rows_are_added_and_removed_without_a_script(walker: Walker):
    for fields in (OWNER, BRAND, PLACE):
        walker.send(fields)
    walker.send(rows(COMPANIES[:1]), go="add")
    assert walker.carried["rows"] == "2"
    walker.send(rows([*COMPANIES, {"name": "Third", "country": "AU", "pack": "", "loss": ""}]), go="remove-0")
    assert walker.carried["rows"] == "2"
    assert "Northwind Europe" not in walker.page.text and 'value="Third"' in walker.page.text


def test_a_company_is_asked_for(walker: Walker):
    for fields in (OWNER, BRAND, PLACE):
        walker.send(fields)
    page = walker.send(rows([{"name": "", "country": "XX", "pack": "moon", "loss": "high"}]))
    assert page.status_code == 422
    said = words(page)
    for told in ("Fill this in.", "Choose one from the list.", "Write a percentage"):
        assert told in said


def test_templates_show_what_the_packs_of_the_companies_allow(walker: Walker):
    for fields in (OWNER, BRAND, PLACE, rows(COMPANIES)):
        walker.send(fields)
    said = words(walker.page)
    assert "EU retail 5 of 10 rules pay points" in said
    assert "International 10 of 10 rules pay points" in said
    assert "Professional 10 of 10 rules pay points" in said
    assert "UK retail" not in said
    assert "they earn 100 points a lot" in said
    assert "Points International, Professional Nothing EU retail" in said


def test_the_stricter_of_company_and_country_is_shown(walker: Walker):
    for fields in (OWNER, BRAND, PLACE, rows([COMPANIES[0] | {"pack": "offshore"}])):
        walker.send(fields)
    assert "EU retail 5 of 10 rules pay points" in words(walker.page)


def test_the_language_changes_on_the_way(walker: Walker):
    walker.send(OWNER)
    page = walker.send(BRAND, speak="ar")
    assert walker.step == "brand" and 'dir="rtl"' in page.text and 'value="Northwind Markets"' in page.text
    assert walker.client.get_cookie("lang").value == "ar"


def test_companies_in_one_country_have_keys_of_their_own(walker: Walker):
    walker.walk(companies=[COMPANIES[0], COMPANIES[0] | {"name": "Second"}]).send(go="create")
    assert [one.key for one in brand().entities] == ["cy", "cy_2"]


def test_two_browsers_race_and_the_second_is_told(walker: Walker, another: Callable[[], Walker]):
    slow = another().walk()
    assert walker.walk().send(go="create").status_code == 303
    answer = slow.send(go="create")
    assert answer.status_code == 409 and "Somebody finished the setup first" in words(answer)
    assert read_one(text("SELECT count(*) FROM staff"))[0] == 1


def test_of_two_at_the_same_moment_one_wins(walker: Walker, another: Callable[[], Walker], monkeypatch):
    """The second has passed every check before the first commits."""
    from app.gamification.brand import forget
    from app.gamification.setup.link import SetupLink

    slow = another().walk()
    monkeypatch.setattr(SetupLink, "burn", lambda self: None)
    assert walker.walk().send(go="create").status_code == 303
    blind = type("Blind", (), {"is_set_up": False})()
    monkeypatch.setattr("app.routes.setup.wizard.brand.brand", lambda: blind)
    answer = slow.send(go="create")
    forget()
    assert answer.status_code == 409
    assert read_one(text("SELECT count(*) FROM programme"))[0] == 1
