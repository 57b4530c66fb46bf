"""Every act that the log can hold has words."""

import ast
import re
from collections.abc import Iterator

import pytest

from app.gamification.audit import words
from app.gamification.catalogue import NOUNS
from tests.house.source import ROOT

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
# Given to the log by a name: the modules say so themselves.
NAMED = ("points.adjust", "points.reverse", "points.award", "ladder.publish", "pack.publish", "statement.approve")
NAMED += ("statement.reject", "programme.limits", "programme.zone")
RECORDING = ("log.record", "log.Act", "saving.change", "saving.store")


def recorded() -> Iterator[tuple[str, str]]:
    """Every action that is written out where something is recorded, with its file."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        if "seeds" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in RECORDING:
                for one in ast.walk(ast.Tuple(call.args[:2], ast.Load())):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str) and ACTION.fullmatch(one.value):
                        yield one.value, str(path.relative_to(ROOT))


def test_what_is_recorded_has_words():
    found = dict(recorded())
    assert len(found) > 50
    missing = {action: path for action, path in found.items() if not words.of_action(action)}
    assert not missing


@pytest.mark.parametrize("verb", ["draft", "edit", "discard", "publish", "retire", "reopen"])
def test_the_catalogue_has_words(verb: str):
    assert all(words.of_action(f"{noun}.{verb}") for noun in NOUNS)


def test_what_is_given_by_a_name_has_words():
    assert all(words.of_action(action) for action in NAMED)


def test_what_nobody_knows_has_none():
    assert words.of_action("x.y") == "" and words.of_kind("x") == ""
