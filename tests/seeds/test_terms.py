"""The demo's keys have names, in every language, that its own code knows."""

from app.gamification import terms
from app.seeds.demo import habits, rules
from app.seeds.demo.terms import NAMES


def test_everything_that_the_demo_reports_has_a_name():
    assert NAMES["lesson"].keys() == set(habits.COURSE)
    assert NAMES["survey"].keys() == set(habits.SURVEYS)
    assert NAMES["partner"].keys() == set(habits.PARTNERS)
    assert NAMES["method"].keys() == set(habits.METHODS)
    assert rules.ROUND_TABLES["kind"].removeprefix("custom.") in NAMES["custom"]


def test_every_name_could_have_been_given_by_hand():
    for kind, names in NAMES.items():
        for key, (english, arabic, chinese) in names.items():
            name = {"en": english, "ar": arabic, "zh": chinese}
            assert all(name.values())
            terms.check(terms.Settings(kind, key, name), None)
