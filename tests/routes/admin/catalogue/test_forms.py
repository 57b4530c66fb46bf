"""The forms of challenges and badges: every kind there is, whatever is typed into them, and what their buttons do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.gamification import drafts
from app.gamification.badges.publishing import criteria
from app.gamification.measures.measure import Counted, Measure, load, measures
from app.lib.i18n import Sentence, _l
from app.routes.admin.badges.pages import BadgeShelf
from app.routes.admin.catalogue.shelf import Shelf
from app.routes.admin.challenges.pages import ChallengeShelf
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms

SHELVES = (ChallengeShelf(), BadgeShelf())


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def toy() -> Iterator[type[Measure]]:
    """A measure that nobody but this test knows of."""
    load()

    @measures.register
    class Paintings(Measure):
        """Paint a number of pictures."""

        key, title, icon, unit = "paintings", _l("Pictures painted"), "palette", _l("pictures")
        listens_to = frozenset({"journal.written"})

        @dataclass(frozen=True)
        class Settings:
            target: int = field(default=2, metadata={"label": _l("Pictures"), "min": 1, "max": 9})
            style: str = field(
                default="oil", metadata={"label": _l("Style"), "choices": {"oil": _l("Oil"), "ink": _l("Ink")}}
            )

        @classmethod
        def count(cls, seen: Any, settings: Any) -> Counted:
            return Counted(1)

        @classmethod
        def goal(cls, settings: Any) -> Sentence:
            return Sentence(_l("Paint %(number)s pictures."), {"number": settings.target})

    yield Paintings
    del measures._kinds["paintings"]


def begun(client: FlaskClient, folder: str, kind: str, name: str = "Steady") -> str:
    """Begin a draft by its form; the address of it."""
    answer = post(client, f"/admin/{folder}", {"name": name, "kind": kind})
    assert answer.status_code == 303, words(answer)
    address: str = answer.location
    return address


def filled(client: FlaskClient, address: str) -> dict[str, Any]:
    """What a browser would send of a draft's form."""
    return forms(client.get(address))[address]


def saved(address: str) -> Mapping[str, Any]:
    draft = drafts.read(int(address.rpartition("/")[2]))
    assert draft is not None
    return draft.definition


def sent_back(shelf: Shelf, plain: Mapping[str, Any]) -> MultiDict[str, str]:
    """The form of a definition as a browser would send it untouched, without drawing a page."""
    filled_ = shelf.form.of_definition(plain)
    _, drawn = shelf.read(filled_)
    steps = [(f"steps.{n}", step.counting) for n, step in enumerate(getattr(filled_, "steps", ()))]
    posted: MultiDict[str, str] = MultiDict()
    for at, counting in steps or [("criterion", filled_.counting)]:
        posted[f"{at}.kind"] = posted[f"{at}.shown"] = counting.kind
        for name, those in counting.settings.items():
            posted.setlist(f"{at}.settings.{name}", those)
    for n, step in enumerate(getattr(filled_, "steps", ())):
        posted.setlist(f"steps.{n}.after", [str(before) for before in step.after])
    for part in ("name", "about"):
        for code, text in getattr(filled_, part).items():
            posted[f"{part}.{code}"] = text
    posted["icon"] = filled_.icon
    if steps:
        posted |= {"window.kind": filled_.window, "recurrence": filled_.recurrence, "claim": "yes"}  # type: ignore[operator]
        posted |= {"reward.badge_level": "1", "reward.expiry.mode": filled_.expiry.mode}  # type: ignore[operator]
        posted["reward.expiry.n"] = filled_.expiry.n
    else:
        posted |= {"group": filled_.group, "expiry.mode": filled_.expiry.mode}  # type: ignore[operator]
        posted |= {"expiry.n": filled_.expiry.n, "from_start": "yes", "levels.given": "1"}  # type: ignore[operator]
        for place, level in enumerate(filled_.levels):
            posted[f"levels.{place}"] = level
    assert drawn
    return posted


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.folder)
def test_every_kind_shown_and_sent_back_is_the_same(app: Flask, shelf: Shelf):
    with app.test_request_context("/admin"):
        assert len(shelf.kinds()) > 10
        for kind in shelf.kinds():
            stored = shelf.noun.sound(shelf.publishing.starting("Steady", kind))
            reading, _ = shelf.read(shelf.form.of_posted(sent_back(shelf, stored)))
            assert reading.plain == stored, f"{kind}: {reading.errors}"


def test_each_kind_refuses_what_its_settings_refuse(app: Flask):
    """At the field itself, and nothing of what was typed is lost."""
    shelf = ChallengeShelf()
    with app.test_request_context("/admin"):
        for kind in shelf.kinds():
            posted = sent_back(shelf, shelf.noun.sound(shelf.publishing.starting("Steady", kind)))
            for wrong in ("", "0", "-1", "NaN", "1e400", "9" * 400, "½", "\u202e5"):
                posted["steps.0.settings.target"] = wrong
                reading, drawn = shelf.read(shelf.form.of_posted(posted))
                if wrong == "\u202e5" and reading.plain:
                    continue  # marks of direction are no part of a figure
                assert "steps.0.settings.target" in reading.errors, (kind, wrong)
                assert drawn["step_forms"][0]["target"].errors


@pytest.mark.parametrize(("folder", "kind"), [("challenges", "quest"), ("badges", "lots_traded"), ("badges", "given")])
def test_saving_what_was_not_touched_changes_nothing(manager: FlaskClient, folder: str, kind: str):
    address = begun(manager, folder, kind)
    before = drafts.every(folder[:-1])
    assert post(manager, address, filled(manager, address)).status_code == 303
    assert drafts.every(folder[:-1]) == before


class TestAToyMeasure:
    """A new kind needs no form, no template and no list."""

    def test_a_challenge_of_it(self, manager: FlaskClient, toy: type[Measure]):
        assert "Pictures painted" in words(manager.get("/admin/challenges/new"))
        address = begun(manager, "challenges", "paintings")
        said = words(manager.get(address))
        assert "Style Oil Ink" in said and "Paint 2 pictures." in said
        answer = post(manager, address, filled(manager, address) | {"steps.0.settings.target": "10"})
        assert answer.status_code == 422 and "Write a number from 1 to 9" in words(answer)
        wanted = {"steps.0.settings.target": "3", "steps.0.settings.style": "ink"}
        assert post(manager, address, filled(manager, address) | wanted).status_code == 303
        assert saved(address)["steps"][0]["settings"] == {"target": 3, "style": "ink"}

    def test_a_badge_for_it(self, manager: FlaskClient, toy: type[Measure]):
        address = begun(manager, "badges", "paintings")
        levels = {"levels.0": "1", "levels.1": "4", "levels.2": "10"}
        answer = post(manager, address, filled(manager, address) | levels)
        assert answer.status_code == 422 and 'id="levels.2-error"' in answer.text
        levels["levels.2"] = "9"
        assert post(manager, address, filled(manager, address) | levels | {"points.1": "25"}).status_code == 303
        assert saved(address)["levels"] == ["1", "4", "9"] and saved(address)["points"] == [0, 25, 0]

    def test_what_depends_on_order_is_no_badge(self, app: Flask):
        assert "stop_loss_row" not in criteria() and "stop_loss" in criteria()


class TestChallenges:
    """The form of a challenge."""

    def test_what_is_wrong_is_said_at_its_place_and_nothing_is_lost(self, manager: FlaskClient):
        address = begun(manager, "challenges", "quest")
        before = saved(address)
        whole = filled(manager, address) | {"name.zh": "稳步前行"}
        for wrong, place in (
            ({"name.en": " \u202e "}, "name.en"),
            ({"name.ar": "ا" * 81}, "name.ar"),
            ({"about.en": "x" * 401}, "about.en"),
            ({"icon": "no-such"}, "icon"),
            ({"steps.1.kind": "no_such"}, "steps.1.kind"),
            ({"steps.1.after": "1"}, "steps.1.after"),
            ({"steps.1.settings.target": "NaN"}, "steps.1.settings.target"),
            ({"window.kind": "fixed", "window.first": "2027-02-02", "window.last": "2027-02-01"}, "window.last"),
            ({"window.kind": "fixed", "window.first": "2027-02-31", "window.last": "x"}, "window.first"),
            ({"window.kind": "personal", "window.days": "367"}, "window.days"),
            ({"window.kind": "never"}, "window.kind"),
            ({"recurrence": "end"}, "recurrence"),
            ({"recurrence": "hourly"}, "recurrence"),
            ({"places": "1000001"}, "places"),
            ({"places": "-1"}, "places"),
            ({"audience.countries": "XX"}, "audience.countries"),
            ({"reward.points": "9" * 400}, "reward.points"),
            ({"reward.points": "1e3"}, "reward.points"),
            ({"reward.points": "Infinity"}, "reward.points"),
            ({"reward.expiry.mode": "inactivity", "reward.expiry.n": "0"}, "reward.expiry.n"),
            ({"reward.badge_level": "4"}, "reward.badge_level"),
            ({"reward.keep_days": "999"}, "reward.keep_days"),
        ):
            answer = post(manager, address, whole | wrong)
            assert answer.status_code == 422, wrong
            assert f'id="{place}-error"' in answer.text, (wrong, place)
            assert 'value="稳步前行"' in answer.text
        assert saved(address) == before

    def test_a_tampered_audience_is_refused(self, manager: FlaskClient):
        address = begun(manager, "challenges", "visits")
        for wrong in ({"audience.classes": "9"}, {"audience.levels": "x" * 5000}, {"reward.expiry.mode": "soon"}):
            assert post(manager, address, filled(manager, address) | wrong).status_code == 422, wrong

    def test_figures_are_understood_in_every_script(self, manager: FlaskClient):
        address = begun(manager, "challenges", "visits")
        written = {"reward.points": "١٬٢٠٠", "steps.0.settings.target": "٧"}
        assert post(manager, address, filled(manager, address) | written).status_code == 303
        assert saved(address)["reward"]["points"] == 1200
        assert saved(address)["steps"][0]["settings"]["target"] == 7

    def test_steps_are_added_moved_and_removed_without_a_script(self, manager: FlaskClient):
        address = begun(manager, "challenges", "visits")
        preview = f"{address}/preview"
        one = filled(manager, address) | {"steps.0.settings.target": "many"}
        two = forms(post(manager, preview, one | {"press": "add.step"}))[address]
        assert two["steps.1.after"] == ["0"] and two["steps.0.settings.target"] == "many"
        two["steps.1.kind"] = "journal_entries"
        shown = forms(post(manager, preview, two | {"press": "settle"}))[address]
        assert shown["steps.1.shown"] == "journal_entries" and shown["steps.1.settings.target"] == "5"
        moved = forms(post(manager, preview, shown | {"press": "up.step.1"}))[address]
        assert [moved["steps.0.kind"], moved["steps.1.kind"]] == ["journal_entries", "visits"]
        # What waited for the step above now stands above it.
        assert "steps.0.after" not in moved and "steps.1.after" not in moved
        left = forms(post(manager, preview, moved | {"press": "remove.step.0"}))[address]
        assert left["steps.0.kind"] == "visits" and "steps.1.kind" not in left
        assert saved(address)["steps"][0]["kind"] == "visits", "nothing of this was saved"

    def test_there_are_at_most_ten_steps_and_senseless_buttons_do_nothing(self, manager: FlaskClient):
        address = begun(manager, "challenges", "visits")
        preview, form = f"{address}/preview", filled(manager, address)
        for _ in range(11):
            form = forms(post(manager, preview, form | {"press": "add.step"}))[address]
        assert "steps.9.kind" in form and "steps.10.kind" not in form
        for button in ("remove.step.77", "up.step.0", "down.step.9", "up.step.²", "boil.egg", "." * 99, "x" * 5000):
            assert forms(post(manager, preview, form | {"press": button}))[address]["steps.9.kind"]

    def test_a_kind_whose_settings_nobody_has_seen_is_not_saved(self, manager: FlaskClient):
        address = begun(manager, "challenges", "visits")
        answer = post(manager, address, filled(manager, address) | {"steps.0.kind": "lots_traded"})
        assert answer.status_code == 422 and "Look at the settings of this kind" in words(answer)
        assert post(manager, address, forms(answer)[address]).status_code == 303
        assert saved(address)["steps"][0]["kind"] == "lots_traded"

    def test_lessons_are_chosen_by_their_titles(self, manager: FlaskClient):
        address = begun(manager, "challenges", "lessons_passed")
        assert "Only these lessons" in words(manager.get(address))
        answer = post(manager, address, filled(manager, address) | {"steps.0.settings.only": "no_such_lesson"})
        assert answer.status_code == 422 and 'id="steps.0.settings.only-error"' in answer.text


class TestBadges:
    """The form of a badge."""

    def test_what_is_wrong_is_said_at_its_place(self, manager: FlaskClient):
        address = begun(manager, "badges", "lots_traded")
        whole = filled(manager, address)
        for wrong, place in (
            ({"name.en": ""}, "name.en"),
            ({"group": "royals"}, "group"),
            ({"criterion.kind": "stop_loss_row"}, "criterion.kind"),
            ({"criterion.settings.seconds": "-1"}, "criterion.settings.seconds"),
            ({"levels.0": ""}, "levels.0"),
            ({"levels.0": "NaN"}, "levels.0"),
            ({"levels.0": "9" * 400}, "levels.0"),
            ({"levels.0": "5", "levels.1": "4"}, "levels.0"),
            ({"levels.2": "50"}, "levels.1"),
            ({"points.0": "-5"}, "points.0"),
            ({"expiry.n": "1e9"}, "expiry.n"),
        ):
            answer = post(manager, address, whole | wrong)
            assert answer.status_code == 422, wrong
            assert f'id="{place}-error"' in answer.text, (wrong, place)

    def test_levels_are_read_in_the_measures_own_unit(self, manager: FlaskClient):
        address = begun(manager, "badges", "lots_traded")
        assert (
            post(manager, address, filled(manager, address) | {"levels.0": "0.5", "levels.1": "2.25"}).status_code
            == 303
        )
        assert saved(address)["levels"] == ["0.5", "2.25"]

    def test_one_that_is_given_has_as_many_levels_as_are_said(self, manager: FlaskClient):
        address = begun(manager, "badges", "given")
        assert (
            post(manager, address, filled(manager, address) | {"levels.given": "2", "points.1": "5"}).status_code == 303
        )
        assert saved(address)["points"] == [], "the challenge brings them"
        assert saved(address)["levels"] == ["1", "2"] and saved(address)["criterion"] == {
            "kind": "given",
            "settings": {},
        }
