"""The commands for levels."""

import json
from datetime import UTC, datetime

from tests.gamification.tiers.climbing import earn, level, programme_with
from tests.support.play import trader

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def answer(cli, *args):
    result = cli.invoke(args=["tiers", *args, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output.splitlines()[-1])


def test_the_night_can_be_called_for_by_hand(cli):
    programme_with()
    member = trader()
    earn(member, 160, NOON)
    assert answer(cli, "reassess", "--day", "2026-08-31")["fallen"] == 1
    assert level(member) == "silver"
    assert answer(cli, "reassess", "--day", "2026-08-31")["changed"] == 0


def test_show_counts_who_stands_where(cli):
    programme_with()
    earn(trader(), 160, NOON)
    trader()
    shown = answer(cli, "show")
    assert {row["level"]: row["members"] for row in shown["levels"]} == {"bronze": 1, "silver": 0, "gold": 1}
    assert (shown["period"], shown["downgrade"]) == ("rolling", "one_level")


def test_show_tells_of_one_member(cli):
    programme_with()
    earn(trader(external_id="M-77"), 120, NOON)
    shown = answer(cli, "show", "M-77")
    assert (shown["level"], shown["qualifying"], shown["next_threshold"]) == ("silver", 120, 150)


def test_an_unknown_member_is_named(cli):
    result = cli.invoke(args=["tiers", "show", "nobody@example.com", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "member_not_found"


def test_recount_says_how_many_it_mended(cli):
    programme_with()
    assert answer(cli, "recount") == {"mended": 0}
