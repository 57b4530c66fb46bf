"""`insight …` at the console."""

import json

from flask.testing import FlaskCliRunner

from app.gamification import pipeline
from tests.gamification.insight.reading import figures
from tests.support.play import NOON, play, trade, trader


def test_fold_counts_what_was_tallied(cli: FlaskCliRunner):
    play(trader(), trade())
    answer = cli.invoke(args=["insight", "fold", "--json"])
    assert json.loads(answer.output)["folded"] > 0
    assert cli.invoke(args=["insight", "fold"]).output == "0 transactions counted.\n"


def test_rebuild_counts_everything_anew(cli: FlaskCliRunner):
    play(trader(), trade())
    once = figures(NOON)
    answer = cli.invoke(args=["insight", "rebuild", "--json"])
    assert json.loads(answer.output)["decisions"] == 2
    assert figures() == once
    assert pipeline.drain() == 0
