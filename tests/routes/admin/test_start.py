"""The checklist until the programme is live: each step ticks itself."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gamification.brand import brand
from app.gamification.setup import checklist
from app.gamification.setup.checklist import Installation
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.play import play, trade

HERE = Installation("", "http://127.0.0.1:8000")


@pytest.fixture
def owner(app: Flask, client: FlaskClient, dana: Person) -> FlaskClient:
    return sign_in_staff(client, dana)


def done(installation: Installation = HERE) -> set[str]:
    return {step.key for step in checklist.read(installation).steps if step.done}


def test_a_new_programme_has_everything_before_it(owner: FlaskClient):
    assert done() == {"losses"}
    said = words(owner.get("/admin/start"))
    assert "Invite a second person" in said and "1 of 8" in said


def test_people_members_and_activities_tick_themselves(owner: FlaskClient, omar: Person, alice: Person):
    assert done() == {"losses", "people", "member"}
    play(alice.id, trade())
    assert "activity" in done()


def test_what_the_app_reports_itself_is_no_first_activity(owner: FlaskClient, alice: Person):
    assert "activity" not in done()


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("https://rewards.northwind.example", True),
        ("http://rewards.northwind.example", False),
        ("https://localhost:8000", False),
        ("https://127.0.0.1", False),
    ],
)
def test_mail_and_address_are_read_from_the_settings(app: Flask, address: str, is_public: bool):
    assert ("https" in done(Installation("", address))) is is_public
    assert "mail" in done(Installation("smtp.northwind.example", address))


def test_a_protected_company_without_its_figure_is_open(owner: FlaskClient):
    stored = {"key": "eu", "name": "Meridian Markets Europe Ltd", "country": "CY", "pack_key": "eu_retail"}
    page = owner.get("/admin/entities/1/edit")
    version = page.text.split('name="version" value="')[1].split('"')[0] if 'name="version"' in page.text else ""
    post(owner, "/admin/entities/1", {**stored, "loss_percentage": "", "version": version})
    assert "losses" not in done()


def test_it_stands_in_the_sidebar_and_on_the_overview_until_it_is_put_away(owner: FlaskClient):
    assert "Until it is live" in words(owner.get("/admin/entities"))
    assert "The programme is not live yet" in words(owner.get("/admin"))
    assert post(owner, "/admin/start/dismissal", {"version": str(brand().version)}).status_code == 303
    assert "Until it is live" not in words(owner.get("/admin/entities"))
    assert "The programme is not live yet" not in words(owner.get("/admin"))
    assert "1 of 8" in words(owner.get("/admin/start"))  # who looks for it still finds it


def test_a_demonstration_has_nothing_to_go_live_with(owner: FlaskClient, demo: None):
    assert "Until it is live" not in words(owner.get("/admin/entities"))


def test_others_see_it_and_leave_it(browser: Callable[[], FlaskClient], mia: Person, dana: Person):
    reader = sign_in_staff(browser(), mia)
    assert reader.get("/admin/start").status_code == 200
    assert post(reader, "/admin/start/dismissal", {"version": str(brand().version)}).status_code == 403
