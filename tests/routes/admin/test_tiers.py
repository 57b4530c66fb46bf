"""The ladder at the desk: who stands where, a draft whose rows need no script, and two people who publish it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from app.gamification.errors.programme import NotSound
from app.gamification.tiers import crowd, publishing
from app.gamification.tiers.check import sound
from app.models.base import transaction
from app.routes.admin.tiers import form
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms
from tests.support.play import play, trade, trader
from tests.support.proposals import approve
from tests.support.queries import counted

DRAFT = "/admin/tiers/draft"
DEFINITION = f"{DRAFT}/definition"


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def drafting(manager: FlaskClient) -> FlaskClient:
    assert post(manager, DRAFT).status_code == 303
    return manager


def filled(client: FlaskClient) -> dict[str, Any]:
    """What a browser would send of the draft's form."""
    return forms(client.get(DRAFT))[DEFINITION]


def saved() -> dict[str, Any]:
    draft = publishing.draft()
    assert draft is not None
    return dict(draft.definition)


class TestThePage:
    """As the ladder is in force."""

    def test_it_says_who_stands_where(self, manager: FlaskClient):
        for lots in ("1", "14.5", "20"):
            play(trader(), trade(lots=lots))
        said = words(manager.get("/admin/tiers"))
        assert "Members: 3." in said
        assert "Qualifying points of the last 180 days decide your level." in said

    def test_it_says_it_in_three_languages(self, manager: FlaskClient):
        page = manager.get("/admin/tiers").text
        assert re.search(r'data-language="ar" lang="ar" dir="rtl"', page)
        assert page.count("data-language=") == 3

    def test_it_says_where_perks_are_withheld(self, manager: FlaskClient):
        said = words(manager.get("/admin/tiers"))
        assert "in 4 of 6 packs" in said
        assert "Lower overnight charges" in said

    def test_a_viewer_reads_it_and_finds_no_button(self, app: Flask, client: FlaskClient, vera: Person):
        sign_in_staff(client, vera)
        assert "Draft a change" not in words(client.get("/admin/tiers"))
        assert client.get("/admin/tiers/revisions").status_code == 200

    def test_it_asks_the_database_a_fixed_number_of_questions(self, manager: FlaskClient):
        manager.get("/admin/tiers")
        with counted() as few:
            manager.get("/admin/tiers")
        for _ in range(5):
            play(trader(), trade(lots="20"))
        with counted() as many:
            manager.get("/admin/tiers")
        assert len(few) == len(many) <= 8

    @pytest.mark.parametrize("page", ["/admin/tiers", "/admin/tiers/revisions"])
    def test_members_and_strangers_do_not_see_it(self, client: FlaskClient, page: str):
        assert client.get(page).status_code == 303


class TestTheDraft:
    """Is written by a manager."""

    def test_it_begins_with_what_is_in_force(self, drafting: FlaskClient):
        assert saved() == sound(publishing.in_force().definition)
        assert "The draft says the same." in words(drafting.get(DRAFT))

    def test_beginning_twice_opens_the_same_one(self, drafting: FlaskClient):
        assert post(drafting, DRAFT).status_code == 303

    def test_saving_what_was_not_touched_changes_nothing(self, drafting: FlaskClient):
        before = publishing.draft()
        assert post(drafting, DEFINITION, filled(drafting)).status_code == 303
        assert publishing.draft() == before

    def test_a_change_is_kept_and_told(self, drafting: FlaskClient):
        answer = post(
            drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1,200", "levels.1.factor": "1.15"}
        )
        assert answer.status_code == 303
        assert saved()["levels"][1]["threshold"] == 1200
        said = words(drafting.get(DRAFT))
        assert "Silver: reached with 1,500 1,200" in said
        assert "Silver: factor 1.1 1.15" in said

    def test_figures_are_understood_in_every_script(self, drafting: FlaskClient):
        assert post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "١٬٢٠٠"}).status_code == 303
        assert saved()["levels"][1]["threshold"] == 1200

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"levels.1.threshold": "0"}, "needs 0 points already"),
            ({"levels.1.threshold": "-5"}, "Write a whole number of points"),
            ({"levels.1.threshold": "1e9"}, "Write a whole number of points"),
            ({"levels.1.threshold": "9" * 400}, "Write a whole number of points"),
            ({"levels.1.threshold": "NaN"}, "Write a whole number of points"),
            ({"levels.1.threshold": ""}, "Write a whole number of points"),
            ({"levels.1.keep": "1501"}, "Keeping a level cannot need more"),
            ({"levels.1.factor": "0"}, "Write a factor above 0"),
            ({"levels.1.factor": "Infinity"}, "Write a factor above 0"),
            ({"levels.1.name.en": " \u202e "}, "Name the level in English"),
            ({"levels.1.name.ar": "ا" * 41}, "Use at most 40 characters"),
            ({"levels.1.key": "bronze"}, "Another level has the key bronze"),
            ({"levels.1.key": "Gold!"}, "Use up to 30 small letters"),
            ({"levels.0.threshold": "5"}, "The lowest level must need 0 points"),
            ({"levels.3.perks.0.text.en": ""}, "Write the perk in English"),
            ({"period.days": "0"}, "Write a number of days from 1 to 3,650"),
            ({"grace_days": "366"}, "Write a number of days from 0 to 365"),
            ({"promotion": "next_period"}, "has a next period"),
            ({"period.kind": "decade"}, "This is not a ladder that the programme can read"),
            ({"levels.3.perks.0.value": "gold"}, "This is not a ladder that the programme can read"),
        ],
    )
    def test_what_nobody_could_stand_on_is_said_and_nothing_is_lost(
        self, drafting: FlaskClient, wrong: dict[str, str], told: str
    ):
        before = publishing.draft()
        answer = post(drafting, DEFINITION, filled(drafting) | {"levels.2.name.zh": "黄金二"} | wrong)
        assert answer.status_code == 422
        assert told in words(answer)
        assert "黄金二" in answer.text
        assert publishing.draft() == before

    def test_a_flaw_points_at_its_field(self, drafting: FlaskClient):
        answer = post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "x"})
        assert 'aria-invalid="true" aria-describedby="levels.1.threshold-error"' in answer.text
        assert 'href="#levels.1.threshold"' in answer.text

    def test_who_saved_in_between_is_not_written_over(self, drafting: FlaskClient, omar: Person):
        stale = filled(drafting)
        draft = publishing.draft()
        assert draft is not None
        with transaction():
            changed = form.definition(form.of_definition(draft.definition)) | {"warn_days": 7}
            publishing.save(omar.id, draft.id, changed, draft.version, now=draft.changed_at)
        answer = post(drafting, DEFINITION, stale | {"warn_days": "9"})
        assert answer.status_code == 422
        assert "Omar Rahal saved this draft while you were writing." in words(answer)
        assert saved()["warn_days"] == 7

    def test_htmx_gets_the_editor_alone(self, drafting: FlaskClient):
        answer = post(drafting, DEFINITION, filled(drafting) | {"warn_days": "x"}, htmx=True)
        assert answer.text.lstrip().startswith('<div class="cols editor"')

    def test_it_can_be_thrown_away(self, drafting: FlaskClient):
        removal = f"{DRAFT}/discard"
        assert post(drafting, removal, forms(drafting.get(DRAFT))[removal]).status_code == 303
        assert publishing.draft() is None
        assert drafting.get(DRAFT).status_code == 404

    def test_names_that_lead_nowhere_are_passed_over(self, drafting: FlaskClient):
        odd = {
            "levels": "x",
            "levels.": "x",
            "levels.x.y": "x",
            "period": "x",
            "a.b.c.d.e.f.g.h.i": "x",
            "levels.0.perks": "x",
            "levels.0.name": "x",
        }
        answer = post(drafting, DEFINITION, filled(drafting) | odd)
        assert answer.status_code in (303, 422)


class TestRowsWithoutAScript:
    """A button draws the form anew; nothing is stored, and nothing that was typed is lost."""

    def press(self, client: FlaskClient, button: str, **typed: str) -> dict[str, Any]:
        answer = post(client, DEFINITION, filled(client) | typed | {"do": button})
        assert answer.status_code == 200
        return forms(answer)[DEFINITION]

    def test_a_level_is_added_at_the_end(self, drafting: FlaskClient):
        before = publishing.draft()
        found = self.press(drafting, "add.level", **{"levels.1.threshold": "not a number"})
        assert found["levels.5.key"] == ""
        assert found["levels.1.threshold"] == "not a number"
        assert publishing.draft() == before

    def test_and_saved_in_its_place(self, drafting: FlaskClient):
        found = self.press(drafting, "add.level")
        new = {"levels.5.key": "steel", "levels.5.name.en": "Steel", "levels.5.threshold": "500"}
        assert post(drafting, DEFINITION, found | new).status_code == 303
        assert [level["key"] for level in saved()["levels"]][:3] == ["bronze", "steel", "silver"]

    def test_a_level_is_taken_away(self, drafting: FlaskClient):
        found = self.press(drafting, "remove.level.1")
        assert [found[f"levels.{place}.key"] for place in range(4)] == ["bronze", "gold", "platinum", "diamond"]

    def test_a_perk_is_added_and_taken_away(self, drafting: FlaskClient):
        found = self.press(drafting, "add.perk.1")
        assert found["levels.1.perks.1.text.en"] == ""
        found = self.press(drafting, "remove.perk.2.0")
        assert found["levels.2.perks.0.text.en"] == "Monthly call with an analyst"

    @pytest.mark.parametrize(
        "button",
        [
            "remove.level.99",
            "add.perk.99",
            "remove.perk.0.99",
            "remove.level",
            "x",
            ".",
            "add.level.-1",
            "remove.level.1.2",
        ],
    )
    def test_a_button_that_makes_no_sense_does_nothing(self, drafting: FlaskClient, button: str):
        before, found = filled(drafting), self.press(drafting, button)
        same = [name for name in before if name != "csrf_token" and found.get(name) == before[name]]
        assert len(same) == len(before) - 1

    def test_there_is_an_end_to_adding(self, drafting: FlaskClient):
        written = form.of_definition(saved())
        for _ in range(30):
            form.press(written, "add.level")
            form.press(written, "add.perk.0")
        assert (len(written["levels"]), len(written["levels"][0]["perks"])) == (12, 12)


class TestPublishing:
    """One proposes, another publishes."""

    def propose(self, client: FlaskClient) -> int:
        found = forms(client.get(DRAFT))[f"{DRAFT}/proposal"]
        assert post(client, f"{DRAFT}/proposal", found | {"note": "Easier for the many"}).status_code == 303
        [address] = set(re.findall(r"/admin/approvals/(\d+)", client.get("/admin/tiers").text))
        return int(address)

    def test_the_whole_way(self, drafting: FlaskClient, omar: Person):
        assert post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1200"}).status_code == 303
        proposal_id = self.propose(drafting)
        assert "Waits for a second person" in words(drafting.get("/admin/tiers"))
        assert "Mia Moreau proposed it as it stands" in words(drafting.get(DRAFT))
        approve(omar, proposal_id)
        assert publishing.in_force().definition["levels"][1]["threshold"] == 1200
        said = words(drafting.get("/admin/tiers/revisions"))
        assert "Mia Moreau, approved by Omar Rahal" in said
        assert "Silver: reached with 1,500 1,200" in said

    def test_what_was_not_saved_is_not_proposed(self, drafting: FlaskClient):
        assert f"{DRAFT}/proposal" not in forms(drafting.get(DRAFT))
        assert post(drafting, f"{DRAFT}/proposal", {"version": "1"}).status_code == 422

    def test_an_older_version_is_not_proposed(self, drafting: FlaskClient):
        post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1200"})
        answer = post(drafting, f"{DRAFT}/proposal", filled(drafting) | {"version": "1"})
        assert answer.status_code == 422
        assert "Somebody else saved this draft" in words(answer)

    def test_saving_takes_the_proposal_back(self, drafting: FlaskClient):
        post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1200"})
        self.propose(drafting)
        post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1300"})
        assert "Waits for a second person" not in words(drafting.get("/admin/tiers"))

    def test_a_viewer_writes_nothing(self, drafting: FlaskClient, browser, vera: Person):
        viewer = sign_in_staff(browser(), vera)
        for address in (DRAFT, DEFINITION, f"{DRAFT}/proposal", f"{DRAFT}/discard"):
            assert post(viewer, address, {"version": "1"}).status_code == 403
        assert viewer.get(DRAFT).status_code == 403
        assert publishing.draft() is not None


class TestWhoWouldMove:
    """Stands beside the form."""

    def test_flows_are_told(self, drafting: FlaskClient):
        risen, stays = trader(), trader()
        with transaction() as conn:
            for member, points in ((risen, 1300), (stays, 900)):
                conn.execute(text("UPDATE wallet SET qualifying = :p WHERE id = :id"), {"p": points, "id": member})
        post(drafting, DEFINITION, filled(drafting) | {"levels.1.threshold": "1200"})
        said = words(drafting.get(DRAFT))
        assert "1 would move, 1 stay" in said
        assert "Bronze to Silver 1" in said
        assert f'href="/admin/members/{risen}"' in drafting.get(DRAFT).text

    def test_of_a_large_programme_they_are_counted_once_the_page_stands(self, drafting: FlaskClient, monkeypatch):
        trader()
        monkeypatch.setattr(crowd, "LARGE", 0)
        assert "Count everybody now" in words(drafting.get(DRAFT))
        assert "Nobody: all 1 stay" in words(drafting.get(f"{DRAFT}?count=1"))
        alone = drafting.get(f"{DRAFT}/movement", headers={"HX-Request": "true"})
        assert alone.text.startswith('<section class="card movement" id="movement">')

    def test_the_page_asks_a_fixed_number_of_questions(self, drafting: FlaskClient):
        post(drafting, DEFINITION, filled(drafting) | {"period.kind": "lifetime"})
        drafting.get(DRAFT)
        with counted() as few:
            drafting.get(DRAFT)
        for _ in range(5):
            play(trader(), trade(lots="20"))
        with counted() as many:
            drafting.get(DRAFT)
        assert len(many) <= len(few) + 1 <= 10


texts = st.dictionaries(st.sampled_from(["en", "ar", "zh"]), st.text("abcابت青铜", min_size=1, max_size=12))


@st.composite
def ladders(draw: st.DrawFn) -> dict[str, Any]:
    numbers = sorted(draw(st.sets(st.integers(1, 10**9), max_size=6)))
    named = texts.map(lambda found: {"en": "Level", **found})
    levels = [
        {
            "key": f"level{place}",
            "name": draw(named),
            "threshold": threshold,
            "keep": draw(st.none() | st.integers(0, threshold)) if threshold else None,
            "factor": draw(st.sampled_from(["1", "1.25", "0.5", "100", "1.10", "007"])),
            "perks": draw(
                st.lists(
                    st.fixed_dictionaries(
                        {"text": named, "value": st.sampled_from(["recognition", "service", "cash"])}
                    ),
                    max_size=3,
                )
            ),
        }
        for place, threshold in enumerate([0, *numbers])
    ]
    kind = draw(st.sampled_from(["rolling", "month", "quarter", "year", "lifetime"]))
    calendar = kind in ("month", "quarter", "year")
    return {
        "period": {"kind": kind, "days": draw(st.integers(1, 3650))},
        "promotion": draw(st.sampled_from(["at_once", "next_period"] if calendar else ["at_once"])),
        "downgrade": draw(st.sampled_from(["never", "one_level", "to_balance"])),
        "grace_days": draw(st.integers(0, 365)),
        "warn_days": draw(st.integers(0, 365)),
        "levels": levels,
    }


@given(ladders())
def test_a_definition_comes_back_from_its_form_as_it_was(plain: dict[str, Any]):
    stored = sound(plain)
    posted = MultiDict(flat(form.of_definition(stored)))
    assert sound(form.definition(form.of_posted(posted))) == stored


@given(st.dictionaries(st.text("levlperksname.0123", max_size=14), st.text(max_size=8), max_size=12))
def test_whatever_is_posted_is_a_form(posted: dict[str, str]):
    written = form.of_posted(MultiDict(posted))
    try:
        sound(form.definition(written))
    except NotSound as refusal:
        assert refusal.flaws


def flat(tree: Any, name: str = "") -> list[tuple[str, str]]:
    """A tree as the names and values of a form."""
    if isinstance(tree, dict):
        return [pair for part, value in tree.items() for pair in flat(value, f"{name}.{part}" if name else part)]
    if isinstance(tree, list):
        return [pair for place, value in enumerate(tree) for pair in flat(value, f"{name}.{place}")]
    return [(name, tree)]
