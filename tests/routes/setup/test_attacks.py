"""What somebody may try who found the setup before its owner did."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.gamification.setup.link import VALID_FOR, SetupLink, hash_of
from app.lib import clock
from app.lib.sealing import Sealer
from app.models.base import read_one
from tests.routes.setup.walking import BRAND, COMPANIES, OWNER, PLACE, Walker, rows
from tests.support.cast import words


def nothing_is_stored() -> bool:
    return not any(read_one(text(f"SELECT count(*) FROM {table}"))[0] for table in ("programme", "staff", "rule"))


@pytest.mark.parametrize("address", ["/", "/login", "/join", "/home", "/admin", "/terms", "/api", "/nowhere"])
def test_every_page_says_that_the_setup_is_not_finished(new: Flask, address: str):
    answer = new.test_client().get(address)
    assert answer.status_code == 503 and "Its setup is not finished yet." in words(answer)


def test_machines_are_told_in_json(new: Flask):
    answer = new.test_client().post("/api/v1/activities", json={})
    assert (answer.status_code, answer.json["error"]) == (503, "not_set_up")
    ready = new.test_client().get("/readyz")
    assert ready.status_code == 503 and "setup-link" in ready.json["problems"][0]
    assert new.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("address", ["/setup", "/setup?token=", "/setup?token=x", "/setup?token=%00%F0%9F%92%A9"])
def test_without_the_link_it_stays_shut(new: Flask, link: str, address: str):
    client = new.test_client()
    answer = client.get(address)
    assert answer.status_code == 404 and "The setup opens by its link" in words(answer)
    assert client.post("/setup", data=OWNER).status_code in (400, 404)


def test_guesses_are_counted(new: Flask, link: str):
    client = new.test_client()
    answers = [client.get(f"/setup?token=guess{n}").status_code for n in range(12)]
    assert answers[0] == 404 and answers[-1] == 429
    assert client.get(link).status_code == 429  # from that address; the owner waits a minute


def test_a_link_ends_after_a_day_and_with_the_next_one(new: Flask, link: str):
    folder = new.extensions["laurel_settings"].data
    with time_machine.travel(clock.now() + VALID_FOR + timedelta(seconds=1), tick=False):
        assert new.test_client().get(link).status_code == 404
    assert new.test_client().get(link).status_code == 303
    SetupLink(folder).renew(clock.now())
    assert new.test_client().get(link).status_code == 404


def test_a_renewed_link_ends_the_wizard_of_the_old_one(new: Flask, walker: Walker):
    walker.walk()
    SetupLink(new.extensions["laurel_settings"].data).renew(clock.now())
    assert walker.send(go="create").status_code == 404
    assert nothing_is_stored()


@pytest.mark.parametrize("kept", ["", "{}", "[]", '{"hash": 1, "until": 2}', '{"hash": "é"}', "null"])
def test_a_broken_file_opens_nothing(new: Flask, link: str, kept: str):
    (new.extensions["laurel_settings"].data / "setup_link").write_text(kept)
    assert new.test_client().get(link).status_code == 404


def test_the_file_does_not_open_by_its_own_hash(new: Flask, link: str):
    hashed = hash_of(link.rpartition("=")[2])
    assert new.test_client().get(f"/setup?token={hashed}").status_code == 404


def test_the_token_leaves_the_address_bar(new: Flask, link: str):
    answer = new.test_client().get(link)
    assert (answer.status_code, answer.location) == (303, "/setup")


def test_after_the_setup_it_is_gone(new: Flask, walker: Walker, link: str):
    walker.walk().send(go="create")
    for method in ("get", "post"):
        answer = getattr(new.test_client(), method)(link)
        assert answer.status_code in (400, 404)
    old = SetupLink(new.extensions["laurel_settings"].data).renew(clock.now())
    assert new.test_client().get(f"/setup?token={old}").status_code == 404


@pytest.mark.parametrize(
    "forged", ["x", "gAAAAA", "", "null", "\N{SNOWMAN}"], ids=["text", "fernet", "empty", "null", "snowman"]
)
def test_answers_that_were_not_sealed_here_are_refused(walker: Walker, forged: str):
    walker.walk()
    answer = walker.send(go="create", answers=forged)
    assert answer.status_code == 422 and walker.step == "owner"
    assert nothing_is_stored()


def test_altered_answers_are_refused(walker: Walker):
    walker.walk()
    sealed = walker.carried["answers"]
    middle = len(sealed) // 2
    swapped = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    assert walker.send(go="create", answers=swapped).status_code == 422
    assert nothing_is_stored()


def test_answers_sealed_for_another_link_are_refused(new: Flask, walker: Walker):
    sealer = Sealer(new.extensions["laurel_settings"].installation_secret)
    walker.walk()
    assert walker.send(go="create", answers=sealer.seal('["another", {}]').decode()).status_code == 422
    assert walker.send(go="create", answers=sealer.seal("{}").decode()).status_code == 422


@pytest.mark.parametrize("step", ["owner", "brand", "place", "entities", "template", "summary", "moon", ""])
@pytest.mark.parametrize("go", ["create", "next", "back", "add", "remove-9999999", "remove-0", "summary"])
def test_nothing_is_made_of_half_the_answers(walker: Walker, step: str, go: str):
    answer = walker.send({"step": step}, go=go)
    assert answer.status_code in (200, 422)
    assert walker.send({"step": step}, go=go, speak="zh").status_code in (200, 422)
    assert nothing_is_stored()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("currency", "XXX"),
        ("currency", "usd"),
        ("point_cost", "NaN"),
        ("point_cost", "1e400"),
        ("point_cost", "-1"),
        ("point_cost", "100"),
        ("point_cost", "0.0000001"),
    ],
)
def test_what_no_list_offers_is_refused(walker: Walker, field: str, value: str):
    walker.send(OWNER)
    walker.send(BRAND)
    assert walker.send(PLACE | {field: value}).status_code == 422
    assert walker.step == "place"


def test_one_language_at_least(walker: Walker):
    walker.send(OWNER)
    walker.send(BRAND)
    page = walker.send({name: value for name, value in PLACE.items() if len(name) > 2})
    assert page.status_code == 422 and "Offer at least one language." in words(page)


def test_five_hundred_companies_are_refused(walker: Walker):
    for fields in (OWNER, BRAND, PLACE):
        walker.send(fields)
    many = [COMPANIES[0] | {"name": f"Company {n}"} for n in range(500)]
    page = walker.send(rows(many))
    assert page.status_code == 422 and "at most" in words(page)
    walker.send(rows(many[:24]), go="add")
    assert walker.carried["rows"] == "24"


@pytest.mark.parametrize("count", ["-1", "x", "9" * 400, "\u0664", ""])
def test_a_strange_number_of_rows_is_one(walker: Walker, count: str):
    for fields in (OWNER, BRAND, PLACE):
        walker.send(fields)
    assert walker.send(rows(COMPANIES) | {"rows": count}).status_code in (200, 422)


def test_an_unknown_template_is_refused(walker: Walker):
    for fields in (OWNER, BRAND, PLACE, rows(COMPANIES)):
        walker.send(fields)
    assert walker.send({"template": "gold-rush"}).status_code == 422
    assert walker.send({}).status_code == 422


def test_names_are_cleaned_of_what_deceives(walker: Walker):
    walker.send(OWNER)
    walker.send(BRAND | {"brand_name": "North\u202ewind\x01 <script>"})
    for fields in (PLACE, rows(COMPANIES), {"template": "classic"}):
        walker.send(fields)
    assert "<script>alert" not in walker.page.text
    assert walker.send(go="create").status_code == 303
    assert read_one(text("SELECT brand_name FROM programme"))[0] == "Northwind <script>"


def test_a_post_without_the_sign_of_the_form_is_refused(walker: Walker):
    answer = walker.client.post("/setup", data={"step": "owner", **OWNER})
    assert answer.status_code == 400
