"""What somebody wrote while a colleague published, threw away or saved the same draft: it is said, and nothing is lost."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.gamification import catalogue, drafts
from app.gamification.catalogue import CHALLENGES, LESSONS, reads, writing
from app.lib import clock
from app.models.base import transaction
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms
from tests.support.playing import LESSONS as PASSED
from tests.support.playing import LOTS, challenge
from tests.support.proposals import approve

FOLDERS = ("challenges", "badges", "lessons")
KINDS = {"challenges": "visits", "badges": "lots_traded", "lessons": "all"}
MINE = {"name.en": "Mine & only mine", "name.ar": "لي", "name.zh": "我的"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


def begun(client: FlaskClient, folder: str, name: str = "Steady") -> str:
    """A new draft; its address."""
    return str(post(client, f"/admin/{folder}", {"name": name, "kind": KINDS[folder]}).location)


def revised(client: FlaskClient, challenge_id: int) -> str:
    """The draft of a challenge's next revision; its address."""
    return str(post(client, f"/admin/challenges/{challenge_id}/draft").location)


def written(client: FlaskClient, address: str, **more: Any) -> dict[str, Any]:
    """What somebody has typed into the open form of a draft."""
    return forms(client.get(address))[address] | MINE | more


def number_of(address: str) -> int:
    return int(address.rpartition("/")[2])


def named(address: str) -> str:
    draft = drafts.read(number_of(address))
    assert draft is not None
    return str(writing.named(draft.definition)["en"])


def thrown_away(by: Person, address: str, noun: catalogue.Noun = CHALLENGES) -> None:
    with transaction():
        version = drafts.locked(number_of(address)).version
        writing.discard(noun, by.id, number_of(address), version, now=clock.now())


def published(by: Person, other: Person, address: str) -> None:
    with transaction():
        version = drafts.locked(number_of(address)).version
        proposal = writing.propose(CHALLENGES, by.id, number_of(address), version, "", now=clock.now())
    approve(other, proposal)


def saved(by: Person, address: str, **said: Any) -> None:
    """A colleague's save."""
    with transaction():
        draft = drafts.locked(number_of(address))
        writing.save(CHALLENGES, by.id, draft.id, {**draft.definition, **said}, draft.version, now=clock.now())


def typed_stands(answer: TestResponse) -> bool:
    return all(f'value="{text}"' in answer.text for text in ("Mine &amp; only mine", "لي", "我的"))


def nothing_stored(answer: TestResponse) -> bool:
    return "is not stored" in words(answer)


@pytest.mark.parametrize("folder", FOLDERS)
class TestThrownAway:
    """A colleague threw the draft away."""

    def test_what_was_typed_becomes_a_new_draft(self, manager: FlaskClient, omar: Person, dana: Person, folder: str):
        address = begun(manager, folder)
        mine = written(manager, address)
        thrown_away(dana, address, catalogue.NOUNS[folder.removesuffix("s")])
        answer = post(manager, address, mine)
        assert answer.status_code == 409 and typed_stands(answer) and nothing_stored(answer)
        assert "This draft was thrown away while you were writing." in words(answer)
        again = post(manager, f"/admin/{folder}", forms(answer)[address])
        assert again.status_code == 303 and named(again.location) == MINE["name.en"]
        assert number_of(again.location) != number_of(address)

    def test_it_is_so_for_every_button_and_for_htmx(self, manager: FlaskClient, dana: Person, folder: str):
        address = begun(manager, folder)
        mine = written(manager, address)
        thrown_away(dana, address, catalogue.NOUNS[folder.removesuffix("s")])
        for way in ("", "/proposal"):
            part = post(manager, address + way, mine, headers=HTMX)
            # htmx swaps nothing in of a 409.
            assert part.status_code == 422 and "<html" not in part.text and typed_stands(part)
        beside = post(manager, f"{address}/preview", mine, headers=HTMX)
        assert beside.status_code == 200 and "This draft was thrown away" in words(beside)
        pressed = post(manager, f"{address}/preview", mine | {"press": "settle"})
        assert pressed.status_code == 200 and typed_stands(pressed) and nothing_stored(pressed)

    def test_what_cannot_be_stored_is_marked_all_the_same(self, manager: FlaskClient, dana: Person, folder: str):
        address = begun(manager, folder)
        mine = written(manager, address) | {"name.en": ""}
        thrown_away(dana, address, catalogue.NOUNS[folder.removesuffix("s")])
        answer = post(manager, address, mine)
        assert answer.status_code == 422 and 'id="name.en-error"' in answer.text and nothing_stored(answer)
        again = post(manager, f"/admin/{folder}", forms(answer)[address])
        assert again.status_code == 422 and 'value="我的"' in again.text and nothing_stored(again)


class TestPublished:
    """A colleague published it."""

    def test_of_something_new_the_next_revision_is_begun(self, manager: FlaskClient, dana: Person, omar: Person):
        address = begun(manager, "challenges")
        saved(dana, address, name={"en": "Steady", "ar": "ثبات", "zh": "稳定"})
        mine = written(manager, address)
        published(dana, omar, address)
        answer = post(manager, address, mine)
        assert answer.status_code == 409 and typed_stands(answer)
        assert "Omar Rahal approved this draft while you were writing: it is revision 1 now." in words(answer)
        [view] = reads.every(CHALLENGES)
        again = post(manager, f"/admin/challenges/{view.id}/draft", forms(answer)[address])
        assert again.status_code == 303
        draft = drafts.of("challenge", view.id or 0)
        assert draft is not None and draft.based_on == 1 and named(again.location) == MINE["name.en"]

    def test_of_a_revision_the_one_after_it_is_begun(self, manager: FlaskClient, dana: Person, omar: Person):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        mine = written(manager, address, places="77")
        saved(dana, address, name={"en": "Steady", "ar": "ثبات", "zh": "稳定"})
        published(dana, omar, address)
        answer = post(manager, address, mine)
        assert "it is revision 2 now" in words(answer)
        begin = f"/admin/challenges/{thing}/draft"
        assert f'formaction="{begin}"' in answer.text
        assert post(manager, begin, forms(answer)[address]).status_code == 303
        draft = drafts.of("challenge", thing)
        assert draft is not None and draft.based_on == 2 and draft.definition["places"] == 77
        assert not reads.one(CHALLENGES, thing).is_stale

    def test_or_a_duplicate_of_its_own(self, manager: FlaskClient, dana: Person, omar: Person):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        mine = written(manager, address)
        saved(dana, address, name={"en": "Steady", "ar": "ثبات", "zh": "稳定"})
        published(dana, omar, address)
        answer = post(manager, address, mine)
        again = post(manager, "/admin/challenges", forms(answer)[address] | {"copy": "yes"})
        assert again.status_code == 303
        draft = drafts.read(number_of(again.location))
        assert draft is not None and draft.subject_id is None and draft.key != "steady"
        assert draft.definition["name"]["en"] == "Mine & only mine (copy)"

    def test_where_the_next_one_is_begun_already_both_are_kept_in_sight(
        self, manager: FlaskClient, dana: Person, omar: Person
    ):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        mine = written(manager, address, places="77")
        saved(dana, address, name={"en": "Steady", "ar": "ثبات", "zh": "稳定"})
        published(dana, omar, address)
        with transaction():
            other = writing.begin_revision(CHALLENGES, dana.id, thing, now=clock.now())
        theirs = f"/admin/challenges/drafts/{other}"
        answer = post(manager, address, mine)
        assert answer.status_code == 409 and f'formaction="{theirs}"' in answer.text
        # Whoever does not look begins nothing over it.
        blind = post(manager, f"/admin/challenges/{thing}/draft", forms(answer)[address])
        assert blind.status_code == 409 and typed_stands(blind)
        assert post(manager, theirs, forms(answer)[address]).status_code == 409
        over = post(manager, theirs, forms(answer)[address] | {"over": f"{other}.1"})
        assert over.status_code == 303
        draft = drafts.read(other)
        assert draft is not None and draft.definition["places"] == 77

    def test_a_draft_that_a_publication_overtook_goes_on_over_it(self, manager: FlaskClient):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        with transaction():
            catalogue.publish(CHALLENGES, "steady", reads.one(CHALLENGES, thing).plain | {"places": 5}, now=clock.now())
        page = manager.get(address)
        assert "Revision 2 was published since this draft was begun." in words(page)
        begin = f"/admin/challenges/{thing}/draft"
        assert f'formaction="{begin}"' in page.text
        assert post(manager, begin, forms(page)[address] | MINE).status_code == 303
        draft = drafts.of("challenge", thing)
        assert draft is not None and draft.based_on == 2 and draft.definition["name"]["zh"] == "我的"


class TestSaved:
    """A colleague saved it."""

    def test_the_later_one_reads_what_the_other_wrote_and_chooses(self, manager: FlaskClient, dana: Person):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        mine = written(manager, address)
        saved(dana, address, places=5)
        answer = post(manager, address, mine)
        assert answer.status_code == 409 and typed_stands(answer) and nothing_stored(answer)
        assert "Dana Dahl saved this draft while you were writing." in words(answer)
        assert "What yours says differently" in words(answer)
        # Sent once more without a choice it is refused once more.
        again = post(manager, address, forms(answer)[address])
        assert again.status_code == 409
        stored = drafts.read(number_of(address))
        assert stored is not None and stored.definition["places"] == 5
        chosen = post(manager, address, forms(again)[address] | {"over": f"{stored.id}.{stored.version}"})
        assert chosen.status_code == 303 and named(address) == MINE["name.en"]

    def test_a_choice_holds_for_what_was_read_and_nothing_later(self, manager: FlaskClient, dana: Person):
        address = revised(manager, challenge("steady", LOTS))
        mine = written(manager, address)
        saved(dana, address, places=5)
        read = drafts.read(number_of(address))
        assert read is not None
        saved(dana, address, places=6)
        answer = post(manager, address, mine | {"over": f"{read.id}.{read.version}"})
        assert answer.status_code == 409 and typed_stands(answer)

    def test_it_is_said_while_somebody_types(self, manager: FlaskClient, dana: Person):
        address = revised(manager, challenge("steady", LOTS))
        mine = written(manager, address)
        saved(dana, address, places=5)
        assert "Dana Dahl saved this draft" in words(post(manager, f"{address}/preview", mine, headers=HTMX))

    def test_another_window_of_ones_own_is_called_so(self, manager: FlaskClient, mia: Person):
        address = revised(manager, challenge("steady", LOTS))
        mine = written(manager, address)
        saved(mia, address, places=5)
        assert "You saved this draft in another window." in words(post(manager, address, mine))

    def test_nobody_throws_away_what_they_have_not_read(self, manager: FlaskClient, dana: Person):
        address = revised(manager, challenge("steady", LOTS))
        removal = f"{address}/removal"
        form = forms(manager.get(address))[removal]
        saved(dana, address, places=5)
        answer = post(manager, removal, form)
        assert answer.status_code == 409 and "Read it as it stands now" in words(answer)
        assert 'name="places" value="5"' in answer.text
        assert post(manager, removal, forms(answer)[removal]).status_code == 303
        assert drafts.read(number_of(address)) is None

    def test_a_duplicate_leaves_the_other_alone(self, manager: FlaskClient, dana: Person):
        address = revised(manager, challenge("steady", LOTS))
        mine = written(manager, address)
        saved(dana, address, places=5)
        answer = post(manager, address, mine)
        again = post(manager, "/admin/challenges", forms(answer)[address] | {"copy": "yes"})
        assert again.status_code == 303 and len(drafts.every("challenge")) == 2
        stored = drafts.read(number_of(address))
        assert stored is not None and stored.definition["places"] == 5


class TestNonsense:
    """What no page of ours would send."""

    def test_it_is_refused_and_begins_nothing(self, manager: FlaskClient):
        thing = challenge("steady", LOTS)
        address = revised(manager, thing)
        whole = written(manager, address)
        for wrong in ({"draft": "x"}, {"draft": "9" * 40}, {"version": "-1"}, {"over": "1.x"}, {"over": "²."}):
            assert post(manager, address, whole | wrong).status_code == 409, wrong
        gone = "/admin/challenges/drafts/999"
        assert post(manager, gone, {}).status_code == 404
        for wrong in ({"of": "999"}, {"of": "x"}, {"key": "<b>"}, {"of": "9" * 30}):
            answer = post(manager, gone, whole | wrong)
            assert answer.status_code == 409 and typed_stands(answer), wrong
        # Another noun's draft is none of these.
        lesson = begun(manager, "lessons")
        assert post(manager, f"/admin/challenges/drafts/{number_of(lesson)}", whole).status_code == 404

    def test_a_viewer_is_offered_nothing(self, app: Flask, client: FlaskClient, vera: Person, mia: Person):
        thing = challenge("steady", PASSED)
        with transaction():
            draft_id = writing.begin_revision(CHALLENGES, mia.id, thing, now=clock.now())
        sign_in_staff(client, vera)
        address = f"/admin/challenges/drafts/{draft_id}"
        form = forms(client.get(address))[address]
        assert post(client, f"/admin/challenges/{thing}/draft", form).status_code == 403
        assert post(client, "/admin/challenges", form).status_code == 403
        assert not drafts.every(LESSONS.key)
