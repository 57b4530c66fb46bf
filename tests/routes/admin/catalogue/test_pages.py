"""Challenges and badges at the desk: the list, one with who takes part, the preview, and the way to a second person."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.gamification import drafts
from app.gamification.badges.publishing import criteria
from app.gamification.catalogue import figures
from app.gamification.challenges.starting import STARTING
from app.models.base import connection, read_one, transaction
from app.routes.admin.catalogue.shelf import icons
from app.routes.admin.challenges.drawing import MOST_RUNS, funnel
from app.routes.admin.challenges.filled import kinds
from tests.house.source import ROOT
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms
from tests.support.play import play, trade, trader
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge, join
from tests.support.proposals import approve
from tests.support.queries import counted

EVIL = "<script>alert(1)</script>\"'><img src=x>"
NAME = {"en": "Steady", "ar": "ثبات", "zh": "稳定"}


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def draft_of(client: FlaskClient, folder: str, thing_id: int) -> str:
    """Begin a thing's next revision; the draft's address."""
    answer = post(client, f"/admin/{folder}/{thing_id}/draft")
    assert answer.status_code == 303
    address: str = answer.location
    return address


def filled(client: FlaskClient, address: str) -> dict[str, object]:
    return forms(client.get(address))[address]


def filled_by(page: TestResponse, address: str) -> dict[str, object]:
    """What a browser would send of the form on a page."""
    return forms(page)[address]


def open_proposal() -> int:
    row = read_one(text("SELECT id FROM proposal WHERE state = 'open' ORDER BY id DESC"))
    assert row is not None
    return int(row.id)


def test_every_icon_that_is_offered_is_drawn():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "app/static/icons.svg").read_text(encoding="utf-8")))
    offered = icons([*kinds().values(), *criteria().values()]).keys()
    assert offered <= drawn
    assert {plain["icon"] for plain in STARTING.values() if "icon" in plain} <= offered, "staff can keep what they have"


class TestTheList:
    """What there is, and how it goes."""

    def test_it_says_state_window_and_who_takes_part(self, manager: FlaskClient, alice: Person):
        first = challenge("lots", LOTS, places=500)
        challenge("quest", JOURNAL, {**LOTS, "after": [0]}, window={"kind": "personal", "days": 30})
        join(alice.id, first)
        said = words(manager.get("/admin/challenges"))
        assert "Lots traded Live Open, without an end" in said and "1 of 500" in said and "1 → 0 → 0" in said
        assert "Quest of several steps" in said and "30 days from joining on" in said

    def test_it_is_narrowed_by_state_kind_and_words(self, manager: FlaskClient):
        first = challenge("lots", LOTS)
        challenge("paper", JOURNAL)
        draft_of(manager, "challenges", first)
        assert post(manager, "/admin/challenges", {"name": "Brand new", "kind": "visits"}).status_code == 303
        shown = {
            query: [
                name
                for name in ("lots", "paper", "brand new")
                if name in words(manager.get(query)).lower().split("found")[-1]
            ]
            for query in (
                "/admin/challenges?state=draft",
                "/admin/challenges?kind=journal_entries",
                "/admin/challenges?q=PAP",
                "/admin/challenges?state=nonsense&q=lots",
            )
        }
        assert list(shown.values()) == [["brand new"], ["paper"], ["paper"], ["lots"]]
        assert "Nothing matches" in words(manager.get("/admin/challenges?q=zzz"))

    @pytest.mark.parametrize("folder", ["challenges", "badges"])
    def test_it_asks_a_fixed_number_of_questions(self, manager: FlaskClient, folder: str):
        challenge("first"), badge("first")
        manager.get(f"/admin/{folder}")
        with counted() as few:
            manager.get(f"/admin/{folder}")
        for number in range(5):
            challenge(f"one{number}"), badge(f"one{number}")
        manager.get(f"/admin/{folder}")
        with counted() as many:
            manager.get(f"/admin/{folder}")
        assert len(few) == len(many) <= 6, many

    def test_a_viewer_reads_and_finds_no_button(self, app: Flask, client: FlaskClient, vera: Person):
        one = challenge()
        sign_in_staff(client, vera)
        assert "New challenge" not in words(client.get("/admin/challenges"))
        said = words(client.get(f"/admin/challenges/{one}"))
        assert "Revise" not in said and "Retire" not in said

    def test_a_cell_that_would_be_a_formula_is_defused(self, manager: FlaskClient):
        challenge("one", LOTS, name={"en": '=HYPERLINK("http://evil")'})
        badge("two", None, "1", name={"en": "@SUM(A1)"})
        assert "'=HYPERLINK" in manager.get("/admin/challenges/export.csv").text
        assert "'@SUM" in manager.get("/admin/badges/export.csv").text

    def test_the_file_is_narrowed_like_the_list(self, manager: FlaskClient):
        challenge("lots", LOTS), challenge("paper", JOURNAL)
        lines = manager.get("/admin/challenges/export.csv?kind=journal_entries").text.strip().splitlines()
        assert len(lines) == 2 and "paper" in lines[1]


class TestOne:
    """Everything about one of them."""

    def test_it_says_the_definition_the_law_and_who_takes_part(self, manager: FlaskClient, alice: Person):
        reward = {"points": 50, "keep_days": 7}
        one = challenge("lots", LOTS, reward=reward, audience={"countries": ["CY", "AE"]})
        join(alice.id, one)
        said = words(manager.get(f"/admin/challenges/{one}"))
        assert "Close trades of 3 lots in all." in said and "Cyprus or United Arab Emirates" in said
        assert "EU retail Forbidden" in said and "Professional Allowed Everything" in said
        assert "1 Joined" in said.replace("Joined 1", "1 Joined")

    def test_its_runs_are_drawn_and_stand_in_a_table(self, manager: FlaskClient, alice: Person):
        one = challenge("lots", LOTS)
        join(alice.id, one)
        with transaction():
            for run, state in ((1, 2), (2, 3), (3, 5)):
                connection().execute(
                    text(
                        "INSERT INTO challenge_entry (member_id, challenge_id, run, revision_id, state, joined_at, zone,"
                        " since_seq, progress, awards, points) SELECT member_id, challenge_id, :run, revision_id, :state,"
                        " joined_at, zone, since_seq, progress, 0, 0 FROM challenge_entry WHERE run = 0"
                    ),
                    {"run": run, "state": state},
                )
        page = manager.get(f"/admin/challenges/{one}")
        assert 'class="completed"' in page.text and 'class="claimed"' in page.text
        found = figures.taking_part()[one]
        assert found.total == figures.Entered(3, 2, 1), "who left is not counted"
        assert len(funnel(found).runs) == 4 <= MOST_RUNS

    def test_holders_are_counted_by_level(self, manager: FlaskClient):
        one = badge("volume", LOTS, "1", "3", "10")
        play(trader(), trade(lots="4"))
        said = words(manager.get(f"/admin/badges/{one}"))
        assert "Bronze level 1 100% of members Silver level 1 100% of members Gold level 0" in said

    def test_its_revisions_say_what_they_changed_and_its_history_who_did_it(self, manager: FlaskClient, omar: Person):
        one = challenge("lots", LOTS, name=NAME)
        address = draft_of(manager, "challenges", one)
        answer = post(manager, f"{address}/proposal", filled(manager, address) | {"places": "40", "note": "Fewer."})
        assert answer.status_code == 303
        assert "Its next revision waits for a second person" in words(manager.get(f"/admin/challenges/{one}"))
        approve(omar, open_proposal())
        said = words(manager.get(f"/admin/challenges/{one}"))
        assert "Revision 2 Live" in said and "Places No limit 40" in said
        history = words(manager.get(f"/admin/challenges/{one}/history"))
        assert "challenge.publish" in history and "challenge.draft" in history

    def test_what_is_not_there_is_not_found(self, manager: FlaskClient):
        one = badge()
        draft = draft_of(manager, "badges", one)
        for address in ("/admin/challenges/9", "/admin/challenges/9/history", draft.replace("badges", "challenges")):
            assert manager.get(address).status_code == 404
        for address in ("/admin/challenges/9/draft", "/admin/challenges/9/copy", "/admin/challenges/9/retirement"):
            assert post(manager, address).status_code == 404
        for verb in ("", "/preview", "/proposal", "/removal"):
            assert post(manager, draft.replace("badges", "challenges") + verb).status_code == 404
        assert drafts.read(int(draft.rpartition("/")[2])) is not None


class TestTheWay:
    """From a draft to what members see."""

    def test_a_draft_is_proposed_approved_and_gone(self, app: Flask, manager: FlaskClient, omar: Person):
        answer = post(manager, "/admin/badges", {"name": "Steady", "kind": "journal_entries"})
        address = answer.location
        refused = post(manager, f"{address}/proposal", filled(manager, address))
        assert refused.status_code == 422 and "Before it can run: Named in every language." in words(refused)
        whole = filled(manager, address) | {"name.ar": NAME["ar"], "name.zh": NAME["zh"]}
        assert post(manager, f"{address}/proposal", whole).status_code == 303
        assert "Proposed" in words(manager.get("/admin/badges"))
        other = sign_in_staff(app.test_client(), omar)
        said = words(other.get(f"/admin/approvals/{open_proposal()}"))
        assert "Steady, revision 1" in said and "Write in your journal on 5 days." in said
        assert "Advised, but not done: Explained in every language (missing: English, العربية and 中文)" in said
        approve(omar, open_proposal())
        assert manager.get(address).status_code == 404
        assert words(manager.get("/admin/badges")).count("Live") >= 2

    def test_retiring_and_offering_again_wait_for_somebody_else(self, manager: FlaskClient, omar: Person):
        one = challenge("lots", JOURNAL, name=NAME)
        page = f"/admin/challenges/{one}"
        for address, waits in (("retirement", "Its retirement waits"), ("reopening", "Offering it again waits")):
            assert post(manager, f"{page}/{address}", {"note": "As agreed."}).status_code == 303
            assert waits in words(manager.get(page))
            again = post(manager, f"{page}/{address}")
            assert again.status_code == 409 and "was proposed already" in words(again)
            approve(omar, open_proposal())
        assert post(manager, f"{page}/reopening").status_code == 409
        assert post(manager, f"{page}/retirement", {"note": "x" * 5000}).status_code == 422

    def test_what_somebody_else_saved_is_not_overwritten(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL, name=NAME))
        old = filled(manager, address)
        assert post(manager, address, old | {"places": "10"}).status_code == 303
        late = post(manager, address, old | {"places": "99"})
        assert late.status_code == 409 and 'value="99"' in late.text
        again = post(manager, address, filled_by(late, address))
        assert again.status_code == 409, "sent back as it was answered"
        pressed = post(manager, f"{address}/preview", old | {"press": "add.step"})
        assert post(manager, address, filled_by(pressed, address)).status_code == 409
        for version in ("", "x", "-1", "9" * 50):
            assert post(manager, address, old | {"places": "98", "version": version}).status_code == 409

    def test_a_draft_is_thrown_away(self, manager: FlaskClient):
        one = challenge("lots", JOURNAL)
        address = draft_of(manager, "challenges", one)
        removal = f"{address}/removal"
        form = filled_by(manager.get(address), removal)
        assert post(manager, removal, form).location == f"/admin/challenges/{one}"
        assert post(manager, removal, form).status_code == 404

    def test_a_draft_is_thrown_away_in_two_steps(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL))
        page = manager.get(address).text
        behind = page.partition('<details class="discarding">')[2].partition("</details>")[0]
        assert f'action="{address}/removal"' in behind and page.count("/removal") == 1

    def test_what_is_retired_is_copied_and_revised_like_anything_else(
        self, app: Flask, manager: FlaskClient, omar: Person
    ):
        one = challenge("lots", JOURNAL, name=NAME)
        post(manager, f"/admin/challenges/{one}/retirement")
        approve(omar, open_proposal())
        copy = post(manager, f"/admin/challenges/{one}/copy").location
        assert "Draft, revision 1" in words(manager.get(copy))
        form = filled_by(manager.get(copy), f"{copy}/removal")
        assert post(manager, f"{copy}/removal", form).location == "/admin/challenges"
        address = draft_of(manager, "challenges", one)
        assert "Nothing of it is live" in words(manager.get(address))
        # As it stands: being offered again is the change.
        assert post(manager, f"{address}/proposal", filled(manager, address)).status_code == 303
        other = sign_in_staff(app.test_client(), omar)
        assert "offered from once approved" in words(other.get(f"/admin/approvals/{open_proposal()}"))
        approve(omar, open_proposal())
        assert "Revision 2 Live" in words(manager.get(f"/admin/challenges/{one}"))

    def test_the_second_person_reads_what_every_law_pack_says(self, app: Flask, manager: FlaskClient, omar: Person):
        for folder, one in (
            ("challenges", challenge("lots", LOTS, name=NAME)),
            ("badges", badge("volume", LOTS, "1", name=NAME)),
        ):
            address = draft_of(manager, folder, one)
            changed = {"about.en": "Another word about it."}
            assert post(manager, f"{address}/proposal", filled(manager, address) | changed).status_code == 303
            other = sign_in_staff(app.test_client(), omar)
            page = f"/admin/approvals/{open_proposal()}"
            said = words(other.get(page))
            assert "EU retail Forbidden" in said and "Professional Allowed Everything" in said
            approve(omar, int(page.rpartition("/")[2]))
            assert "What the law packs say" not in words(other.get(page)), (
                "what they say now is not what was decided by"
            )

    def test_a_stale_draft_says_so(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL, name=NAME))
        challenge("lots", LOTS, name=NAME)
        assert "Revision 2 was published since this draft was begun" in words(manager.get(address))
        late = post(manager, f"{address}/proposal", filled(manager, address) | {"places": "4"})
        assert late.status_code == 409

    @pytest.mark.parametrize("folder", ["challenges", "badges"])
    def test_a_bad_name_or_kind_begins_nothing(self, manager: FlaskClient, folder: str):
        for name, kind in (("", "visits"), ("123", "visits"), ("x" * 81, "visits"), ("Fine", "no_such"), ("Fine", "")):
            assert post(manager, f"/admin/{folder}", {"name": name, "kind": kind}).status_code == 422
        assert not drafts.every(folder[:-1])


class TestThePreview:
    """The member's card beside the form."""

    def test_it_follows_what_is_typed_and_saves_nothing(self, manager: FlaskClient):
        one = challenge("lots", LOTS, name=NAME, reward={"points": 50})
        address = draft_of(manager, "challenges", one)
        typed = filled(manager, address) | {"name.en": "Another name", "reward.points": "75"}
        shown = post(manager, f"{address}/preview", typed, htmx=True)
        assert "<html" not in shown.text and "Another name" in words(shown)
        assert "<s>" in shown.text and "Not available under your client category" in words(shown)
        allowed = post(manager, f"{address}/preview", typed | {"as": "professional"}, htmx=True)
        assert "<s>" not in allowed.text.partition('class="at-rest"')[2].partition("</article>")[0]
        assert drafts.read(1).definition["name"] == NAME  # type: ignore[union-attr]

    def test_its_buttons_lead_nowhere(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL, name=NAME))
        card = manager.get(address).text.partition('class="at-rest"')[2].partition("</article>")[0]
        assert "<button disabled" in card and "action=" not in card and "href=" not in card.replace("<use href=", "")

    def test_what_cannot_be_read_leaves_the_card_as_it_was_saved(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL, name=NAME))
        shown = post(
            manager, f"{address}/preview", filled(manager, address) | {"steps.0.settings.target": "NaN"}, htmx=True
        )
        assert shown.status_code == 200 and "As it was saved" in words(shown)

    def test_what_keeps_it_from_following_is_named_and_linked(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", JOURNAL, name=NAME))
        wrong = filled(manager, address) | {"steps.0.settings.target": "NaN", "places": "-1"}
        shown = post(manager, f"{address}/preview", wrong, htmx=True)
        assert 'href="#places"' in shown.text and 'href="#steps.0.settings.target"' in shown.text
        assert "Write a whole number from 1 to" in words(shown)

    def test_the_law_is_said_beside_the_card_whatever_it_brings(self, manager: FlaskClient):
        address = draft_of(manager, "challenges", challenge("lots", LOTS, name=NAME))
        said = words(manager.get(address))
        assert "You cannot take part: what it counts may bring you no benefit." in said
        as_pro = post(manager, f"{address}/preview", filled(manager, address) | {"as": "professional"}, htmx=True)
        assert "You cannot take part" not in words(as_pro)

    def test_the_steps_of_a_quest_are_read_in_order(self, manager: FlaskClient):
        quest = challenge("quest", JOURNAL, {**LESSONS, "after": [0]}, name=NAME)
        shown = words(manager.get(draft_of(manager, "challenges", quest)))
        assert "Write in your journal on 2 days. Pass 2 different lessons. Opens after Step 1" in shown

    def test_who_is_not_meant_would_not_see_it(self, manager: FlaskClient):
        one = challenge("lots", JOURNAL, name=NAME, audience={"countries": ["GB"]})
        address = draft_of(manager, "challenges", one)
        assert "Such a client is not of the audience" in words(manager.get(address))

    def test_a_badge_shows_which_points_are_withheld(self, manager: FlaskClient):
        address = draft_of(manager, "badges", badge("volume", LOTS, "1", "3", points=[5, 10]))
        assert "Badges for this are not given to you" in words(manager.get(address))
        as_pro = post(manager, f"{address}/preview", filled(manager, address) | {"as": "professional"}, htmx=True)
        assert "<s>" not in as_pro.text and "+10" in words(as_pro)


def test_something_new_says_what_each_kind_would_ask_for(manager: FlaskClient):
    for folder in ("challenges", "badges"):
        assert "Lots traded Close trades of 5 lots in all." in words(manager.get(f"/admin/{folder}/new"))


def test_a_new_quest_begins_with_two_different_steps_that_every_law_allows(manager: FlaskClient):
    address = post(manager, "/admin/challenges", {"name": "Steady", "kind": "quest"}).location
    form = filled(manager, address)
    assert (form["steps.0.kind"], form["steps.1.kind"]) == ("lessons_passed", "journal_entries")
    assert form["steps.1.after"] == ["0"]
    assert "Forbidden" not in words(manager.get(address))


@pytest.mark.parametrize("folder", ["challenges", "badges"])
def test_what_staff_type_is_never_markup(manager: FlaskClient, folder: str):
    texts = {"en": EVIL, "ar": EVIL, "zh": EVIL}
    one = (
        challenge("evil", JOURNAL, name=texts, about=texts)
        if folder == "challenges"
        else badge("evil", JOURNAL, "1", name=texts, about=texts)
    )
    address = draft_of(manager, folder, one)
    pages = [
        manager.get(page)
        for page in (f"/admin/{folder}", f"/admin/{folder}/{one}", f"/admin/{folder}/{one}/history", address)
    ]
    pages.append(post(manager, f"{address}/preview", filled(manager, address), htmx=True))
    assert post(manager, f"/admin/{folder}/{one}/retirement").status_code == 303
    pages += [manager.get("/admin/approvals"), manager.get(f"/admin/approvals/{open_proposal()}")]
    for page in pages:
        assert page.status_code == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text
