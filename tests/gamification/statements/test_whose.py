"""Whose account a file is about; what it is called tells the sender nothing about others' accounts."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.gamification.statements.told import NOTHING
from app.gamification.statements.whose import account_of
from app.platforms.detect import read_statement
from tests.support.cast import Person

SAMPLE = Path(__file__).parents[2] / "platforms/samples/mt5_history.html"


@pytest.mark.parametrize("login", ["5012345", "5012346"])
def test_the_letters_of_a_server_do_not_tell_which_accounts_there_are(login: str, alice: Person, bob: Person):
    file = replace(read_statement(SAMPLE.read_bytes()), login=login, server="mERIDIAN-lIVE")
    found = account_of(file, NOTHING, bob.id)
    assert found is not None and (found.server, found.login) == ("Meridian-Live", login)
