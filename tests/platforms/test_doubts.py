"""What a file leaves open is said in words, and what its owner answers settles it."""

from typing import get_args

import pytest

from app.platforms.detect import read_statement
from app.platforms.doubts import Doubt, DoubtKey
from app.platforms.hints import Dates, Hints, Marks
from tests.platforms.writing import mt4

ROW = "|1|2025.03.03 09:15:00|buy|0.50|eurusd|1.04|0|0|2025.03.03 15:42:10|1.05|0|0|0|9"
EXAMPLES = [
    *(Doubt("marks", mark) for mark in get_args(Marks)),
    *(Doubt("dates", order) for order in get_args(Dates)),
    Doubt("encoding", "cp1252"),
    Doubt("currency", "USD", ("EUR",)),
    Doubt("currency", ""),
    Doubt("login", ""),
    Doubt("server", "Meridian Markets"),
    Doubt("server", ""),
    Doubt("lots", "100000"),
    Doubt("positions", ""),
]


def keys(*, account: str = "5001001", hints: Hints) -> dict[str, str]:
    return {doubt.key: doubt.taken for doubt in read_statement(mt4(ROW, account=account).encode(), hints).doubts}


@pytest.mark.parametrize("doubt", EXAMPLES, ids=lambda doubt: f"{doubt.key}-{doubt.taken}")
def test_every_doubt_is_a_sentence(doubt: Doubt):
    said = doubt.sentence
    assert (said.msgid % said.values).endswith(".")
    assert "%" not in said.msgid % said.values


def test_there_is_an_example_of_every_doubt():
    assert {doubt.key for doubt in EXAMPLES} == set(get_args(DoubtKey))


@pytest.mark.parametrize("doubt", EXAMPLES, ids=lambda doubt: f"{doubt.key}-{doubt.taken}")
def test_what_can_be_answered_is_a_field_of_the_hints(doubt: Doubt):
    assert (doubt.question is not None) == (doubt.key in Hints.__dataclass_fields__)
    if doubt.choices:
        assert {doubt.taken, *doubt.alternatives} <= set(doubt.choices)


def test_a_choice_reads_as_it_is_written():
    assert list(Doubt("marks", "point").choices) == ["point", "comma"]
    assert list(Doubt("currency", "USD", ("EUR",)).choices) == ["USD", "EUR"]
    assert Doubt("login", "").choices == {}


def test_a_report_of_mt4_leaves_the_server_open_until_it_is_told():
    assert keys(hints=Hints()) == {"server": "Meridian Markets"}
    assert keys(hints=Hints(server="Meridian-Pro")) == {}


def test_a_file_without_a_number_of_the_account_takes_the_one_told():
    assert keys(account="", hints=Hints()) == {"login": "", "server": "Meridian Markets"}
    assert keys(account="", hints=Hints(login="7", server="M")) == {}
    assert read_statement(mt4(ROW, account="").encode(), Hints(login="7")).login == "7"


def test_a_hint_never_goes_before_what_the_file_says():
    statement = read_statement(mt4(ROW).encode(), Hints(login="7", currency="EUR"))
    assert (statement.login, statement.currency) == ("5001001", "USD")
