"""The front page and the terms."""

import pytest
from flask.testing import FlaskClient

from tests.support.cast import Person, sign_in, words
from tests.support.queries import counted


def test_the_front_page_is_honest(client: FlaskClient):
    said = words(client.get("/"))
    assert "Meridian Rewards is the loyalty programme of Meridian Markets" in said
    assert "Points have no cash value" in said
    assert "The law there allows no rewards for trading or deposits" in said
    assert "74.2%" in said and "Meridian Markets UK Ltd 71.8%" in said
    assert "74.2% of retail accounts lose money" in said


def test_a_member_goes_home(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    assert client.get("/").location == "/home"


@pytest.mark.parametrize("address", ["/", "/terms", "/login", "/join"])
def test_every_public_page_warns(client: FlaskClient, address: str):
    assert "high risk of losing money" in words(client.get(address))


def test_a_warning_is_that_of_the_members_own_law(client: FlaskClient, alice: Person, bob: Person):
    sign_in(client, bob)
    assert "74.2% of retail accounts lose money" in words(client.get("/profile"))
    sign_in(client, alice)
    assert "72% of this provider's accounts lose money" in words(client.get("/profile"))


def test_a_stranger_costs_the_database_nothing_for_a_second(client: FlaskClient):
    client.get("/")
    with counted() as statements:
        client.get("/terms")
    assert len(statements) <= 2, statements


def test_the_terms_are_in_plain_words(client: FlaskClient):
    said = words(client.get("/terms"))
    assert "Points have no cash value, cannot be bought" in said and "rewards@meridian.example" in said
