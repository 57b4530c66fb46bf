"""Every template means something, and pays under no law what that law forbids."""

import subprocess
import sys

import pytest

from app.gamification.activities import PaysFor, kind_of
from app.gamification.policy.packs import Verdict
from app.gamification.policy.starting import PACKS
from app.gamification.templates import registry
from app.gamification.templates.allowance import Company, allowed, starting_policy
from app.lib.i18n import LANGUAGES
from app.models.people import ClientClass
from tests.house.source import ROOT

KEYS = [template.key for template in registry.every()]
STRICT = [key for key, pack in PACKS.items() if pack["facts"]["trading"] == "forbid"]
EU = Company("Europe", "CY", "eu_retail")
OFFSHORE = Company("Global", "SC", "offshore")


def test_there_are_four_in_their_order():
    assert KEYS == ["recognition", "classic", "cashback", "learning"]


def test_all_are_found_where_one_was_imported_by_itself():
    program = (
        "import app.gamification.templates.kinds.classic as one; from app.gamification.templates.registry import every;"
        "print(len(every()))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.strip() == "4"


@pytest.mark.parametrize("key", KEYS)
def test_rules_and_ladder_can_be_read(key: str):
    assert registry.definitions(key)
    ladder = registry.ladder(key)
    assert ladder.levels[0].threshold == 0


@pytest.mark.parametrize("key", KEYS)
def test_everything_a_member_reads_is_said_in_every_language(key: str):
    template = registry.template_of(key)
    texts = [rule["name"] for rule in template.rules.values()]
    texts += [level["name"] for level in template.ladder["levels"]]
    texts += [perk["text"] for level in template.ladder["levels"] for perk in level.get("perks", ())]
    texts += [
        factor["name"] for rule in template.rules.values() for factor in rule.get("factors", ()) if "name" in factor
    ]
    assert all(set(text) == set(LANGUAGES) and all(text.values()) for text in texts)


def test_recognition_gives_nothing_of_value():
    template = registry.template_of("recognition")
    assert not template.pays
    paid_for = {kind_of(rule.kind).pays_for for rule in registry.definitions("recognition")}
    assert paid_for <= {PaysFor.LEARNING, PaysFor.HABIT, PaysFor.COMMUNITY}
    levels = registry.ladder("recognition").levels
    assert {perk.value for level in levels for perk in level.perks} == {"recognition"}
    assert all(level.factor == 1 for level in levels)
    assert registry.ladder("recognition").period.kind == "lifetime"


@pytest.mark.parametrize("pack", STRICT)
@pytest.mark.parametrize("key", ["recognition", "learning"])
def test_what_suits_strict_laws_is_whole_under_each(key: str, pack: str):
    standing = starting_policy().standing(pack, "", ClientClass.UNKNOWN)
    verdicts = [standing.judge(kind_of(rule.kind).pays_for) for rule in registry.definitions(key)]
    assert set(verdicts) <= {Verdict.ALLOW, Verdict.SERVICE_ONLY}
    perks = {perk.value for level in registry.ladder(key).levels for perk in level.perks}
    assert "cash" not in perks


def test_the_laws_shown_are_those_of_the_companies():
    found = allowed("classic", [EU, OFFSHORE])
    assert [(law.key, law.client_class, law.companies) for law in found.laws] == [
        ("eu_retail", ClientClass.RETAIL, ("Europe",)),
        ("offshore", ClientClass.RETAIL, ("Global",)),
        ("professional", ClientClass.PROFESSIONAL, ("Europe",)),
    ]
    trades = next(row for row in found.rows if row.rule.name["en"] == "Trades by the lot")
    assert trades.verdicts == (Verdict.FORBID, Verdict.ALLOW, Verdict.ALLOW)


def test_an_offshore_company_alone_knows_one_law():
    assert [law.key for law in allowed("classic", [OFFSHORE]).laws] == ["offshore"]


def test_a_rule_for_professionals_is_not_shown_as_retail():
    found = allowed("cashback", [OFFSHORE, EU])
    professional = next(row for row in found.rows if row.rule.name["en"] == "Professional rate")
    assert professional.verdicts == (None, None, Verdict.ALLOW)
