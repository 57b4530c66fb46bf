"""What holds of every measure, whichever it is: one shared test class, run over all that are registered."""

import dataclasses
import json
import re
import typing
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gamification.activities import OWN_KINDS, PaysFor, kind_of
from app.gamification.challenges.compiled import compile_challenge
from app.gamification.challenges.definition import plain_settings, sound
from app.gamification.habits.own import NOTHING_SET
from app.gamification.measures.measure import Described, Measure, Missed, Progress, Seen, hears, load, measures
from app.lib.i18n import Counted as Plural
from app.lib.i18n import Sentence
from tests.house.source import ROOT
from tests.support.examples import examples
from tests.support.seeing import anything

load()
EVERY = sorted(measures.all(), key=lambda measure: measure.key)
SPRITE = (ROOT / "app/static/icons.svg").read_text(encoding="utf-8")
MARK = re.compile(r"%\((\w+)\)s")
few = settings(max_examples=examples(12))


def heard(measure: type[Measure], data: st.DataObject, most: int = 12) -> list[Seen]:
    """Activities that a measure looks at, as strange as they come."""
    keys = st.sampled_from(sorted(measure.listens(measure.Settings())))
    return data.draw(st.lists(keys.flatmap(anything), max_size=most))


def folded(measure: type[Measure], every: list[Seen], chosen: Any, start: Progress | None = None) -> Progress:
    progress = start or Progress()
    for one in every:
        progress = measure.advance(progress, one, chosen)
    return progress


def said(sentence: Sentence) -> str:
    """The sentence with its figures; fails where one is missing, and where a plural has other ones."""
    values = {name: said(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    if isinstance(sentence.msgid, Plural):
        assert sentence.msgid.by in values
        assert set(MARK.findall(sentence.msgid.plural)) <= set(values)
        return str(sentence.msgid.plural) % values
    assert set(MARK.findall(sentence.msgid)) == set(values)
    return sentence.msgid % values


@pytest.mark.parametrize("measure", EVERY, ids=lambda measure: measure.key)
class TestEveryKind:
    def test_it_says_what_it_is(self, measure: type[Measure]):
        assert measure.title and measure.unit and (measure.__doc__ or "").strip()
        assert f'id="{measure.icon}"' in SPRITE
        assert measures.get(measure.key) is measure

    def test_its_settings_can_be_set_by_a_form(self, measure: type[Measure]):
        hints = typing.get_type_hints(measure.Settings)
        fields = dataclasses.fields(measure.Settings)
        assert "target" in hints
        for field in fields:
            assert field.metadata["label"]
            if hints[field.name] in (int, Decimal):
                assert field.metadata["min"] <= field.default <= field.metadata["max"]

    def test_the_usual_settings_are_sound_and_come_back_from_a_definition(self, measure: type[Measure]):
        usual = measure.Settings()
        assert list(measure.flaws(usual)) == []
        assert measure.target(usual) > 0
        plain = json.loads(json.dumps(plain_settings(usual)))
        assert msgspec.convert(plain, measure.Settings) == usual
        stored = json.loads(
            json.dumps(sound({"name": {"en": "x"}, "steps": [{"kind": measure.key, "settings": plain}]}))
        )
        challenge = compile_challenge(1, "x", 1, 1, stored, lambda key: PaysFor.TRADING)
        assert challenge.steps[0].settings == usual
        assert challenge.steps[0].target == measure.target(usual)

    def test_what_is_out_of_bounds_is_refused_by_name(self, measure: type[Measure]):
        hints = typing.get_type_hints(measure.Settings)
        for field in dataclasses.fields(measure.Settings):
            if hints[field.name] is int:
                wrong: list[Any] = [field.metadata["min"] - 1, field.metadata["max"] + 1, -(10**400)]
            elif hints[field.name] is Decimal:
                wrong = [Decimal("NaN"), Decimal("Infinity"), Decimal("-1"), Decimal("1e400")]
            else:
                continue
            for value in wrong:
                flaws = dict(measure.flaws(dataclasses.replace(measure.Settings(), **{field.name: value})))
                assert field.name in flaws
                assert said(flaws[field.name])

    def test_it_says_what_to_do(self, measure: type[Measure]):
        usual = measure.Settings()
        most = next(field for field in dataclasses.fields(usual) if field.name == "target").metadata["max"]
        for target in {usual.target, min(2, most), most}:
            sentence = measure.goal(dataclasses.replace(usual, target=target))
            assert said(sentence).endswith((".", "times."))

    def test_it_listens_to_what_there_is(self, measure: type[Measure]):
        listens = measure.listens(measure.Settings())
        assert listens
        assert all(key == OWN_KINDS or kind_of(key) for key in listens)

    @few
    @given(data=st.data())
    def test_a_judgement_is_the_same_each_time_and_has_its_reason(self, measure: type[Measure], data: st.DataObject):
        for one in heard(measure, data):
            found = measure.count(one, measure.Settings())
            assert found == measure.count(one, measure.Settings())
            if isinstance(found, Missed):
                assert said(found.why)
            else:
                assert isinstance(found.amount, int) and found.amount >= 0
                assert (found.key is not None) == measure.counts_different

    @few
    @given(data=st.data())
    def test_a_judgement_is_the_same_whatever_the_target_and_a_key_whatever_was_earned(
        self, measure: type[Measure], data: st.DataObject
    ):
        usual = measure.Settings()
        more = dataclasses.replace(usual, target=usual.target + 1)
        assert Described(measure, usual).question == Described(measure, more).question
        for one in heard(measure, data):
            found = measure.count(one, usual)
            assert measure.count(one, more) == found
            assert one.judged_by(Described(measure, usual)) == one.judged_by(Described(measure, more)) == found
            if measure.counts_different:
                one.earned += 1
                assert measure.count(one, usual) == found

    @few
    @given(data=st.data())
    def test_what_looks_at_limits_and_plans_counts_nothing_of_who_has_set_none(
        self, measure: type[Measure], data: st.DataObject
    ):
        if not measure.needs_own:
            return
        for one in heard(measure, data):
            one.own = NOTHING_SET
            assert isinstance(measure.count(one, measure.Settings()), Missed)

    def test_other_settings_ask_something_else(self, measure: type[Measure]):
        usual = measure.Settings()
        for field in dataclasses.fields(usual):
            if field.name != "target" and isinstance(getattr(usual, field.name), int):
                other = dataclasses.replace(usual, **{field.name: getattr(usual, field.name) + 1})
                assert Described(measure, other).question != Described(measure, usual).question

    @few
    @given(data=st.data())
    def test_progress_is_whole_and_never_below_nothing_and_no_fold_changes_another(
        self, measure: type[Measure], data: st.DataObject
    ):
        progress, chosen = Progress(), measure.Settings()
        for one in heard(measure, data):
            before = (progress.value, dict(progress.keys))
            after = measure.advance(progress, one, chosen)
            assert (progress.value, dict(progress.keys)) == before
            assert isinstance(after.value, int) and after.value >= 0
            assert msgspec.json.decode(msgspec.json.encode((after.value, after.keys)))[0] == after.value
            progress = after

    @few
    @given(data=st.data())
    def test_one_by_one_is_all_at_once(self, measure: type[Measure], data: st.DataObject):
        every, chosen = heard(measure, data), measure.Settings()
        place = data.draw(st.integers(0, len(every)))
        apart = folded(measure, every[place:], chosen, folded(measure, every[:place], chosen))
        assert apart == folded(measure, every, chosen)

    @few
    @given(data=st.data())
    def test_what_badges_count_can_come_in_any_order_and_be_taken_out_again(
        self, measure: type[Measure], data: st.DataObject
    ):
        every, chosen = heard(measure, data), measure.Settings()
        if not measure.for_badges:
            assert not measure.counts_different
            return
        whole = folded(measure, every, chosen)
        assert folded(measure, every[::-1], chosen) == whole
        for place, one in enumerate(every):
            found, without = measure.count(one, chosen), folded(measure, every[:place] + every[place + 1 :], chosen)
            if isinstance(found, Missed):
                assert without == whole
            elif found.key is None:
                assert without.value == whole.value - found.amount
            else:
                assert without.value == whole.value - (whole.keys[found.key] == 1)
        assert not measure.keeps_time and measure.due(whole, chosen) is None
        assert measure.value_at(whole, chosen, 2**62) == whole.value


def test_a_key_that_names_all_own_kinds_hears_each_of_them():
    assert hears(frozenset({"custom."}), "custom.webinar")
    assert not hears(frozenset({"custom.webinar"}), "custom.other")
    assert not hears(frozenset({"visit"}), "custom.visit")
