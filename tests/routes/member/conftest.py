"""Fixtures of the tests of members' pages: Alice's browser, and a rule that pays for lots."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.bringing import RULE
from tests.support.cast import Person, sign_in
from tests.support.programmes import end_all_rules, publish


@pytest.fixture
def hers(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


@pytest.fixture
def lots_pay(app: Flask) -> None:
    end_all_rules()
    publish("lots", RULE)
