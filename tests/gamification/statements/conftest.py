"""Fixtures of the tests of statements: members who send them in, and a rule that pays for lots."""

import pytest

from tests.support.bringing import RULE
from tests.support.play import trader
from tests.support.programmes import end_all_rules, publish


@pytest.fixture
def ann(app: object) -> int:
    return trader()


@pytest.fixture
def eve(ann: int) -> int:
    return trader()


@pytest.fixture
def lots_pay(app: object) -> None:
    end_all_rules()
    publish("lots", RULE)
