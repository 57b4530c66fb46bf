"""Fixtures of the tests of members' pages: Alice's browser, and a rule that pays for lots."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.bringing import RULE
from tests.support.cast import Person, sign_in
from tests.support.play import NOON
from tests.support.programmes import end_all_rules, publish


@pytest.fixture
def hers(client: FlaskClient, alice: Person) -> FlaskClient:
    return sign_in(client, alice)


@pytest.fixture
def lots_pay(app: Flask) -> None:
    end_all_rules()
    publish("lots", RULE)


@pytest.fixture
def same_year(app: Flask) -> Iterator[None]:
    """A day in the year of the trades: from another year on, a date is shown with its year."""
    with time_machine.travel(NOON + timedelta(days=60)):
        yield
