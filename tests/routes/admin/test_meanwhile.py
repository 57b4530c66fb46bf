"""What somebody wrote into a rule, the ladder or a pack while a colleague ended or saved the same draft."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification import drafts
from app.gamification.accrual.publishing import drafting
from app.gamification.policy import publishing as packs
from app.gamification.tiers import publishing as ladder
from app.lib import clock
from app.models.base import read_one, transaction
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms
from tests.support.proposals import approve
from tests.support.rules import rule_id

HTMX = {"HX-Request": "true"}


class Way(NamedTuple):
    """Where a draft's pages are, and one thing to write into its form."""

    begin: Callable[[], str]
    mine: dict[str, str]  # the first is looked for in the page
    theirs: dict[str, str]
    discard: str


RULE = Way(lambda: f"/admin/rules/{rule_id('trades')}/draft", {"name_zh": "我的"}, {"name_zh": "他的"}, "removal")
TIERS = Way(lambda: "/admin/tiers/draft", {"warn_days": "9"}, {"warn_days": "8"}, "discard")
PACK = Way(lambda: "/admin/packs/eu_retail/draft", {"name.zh": "我的"}, {"name.zh": "他的"}, "discard")
WAYS = {"rules": RULE, "tiers": TIERS, "packs": PACK}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, app: Flask) -> Way:
    return WAYS[request.param]


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def colleague(app: Flask, dana: Person) -> FlaskClient:
    return sign_in_staff(app.test_client(), dana)


def begun(client: FlaskClient, way: Way) -> str:
    """Begin a draft; its page."""
    return str(post(client, way.begin()).location)


def form_of(answer: Any) -> tuple[str, dict[str, Any]]:
    """The draft's form on a page: its address, and what a browser would send."""
    found = forms(answer)
    return next((to, said) for to, said in found.items() if "version" in said and len(said) > 10)


def stored() -> Any:
    return read_one(text("SELECT id, kind, version, based_on, definition FROM draft"))


def published(client: FlaskClient, page: str, way: Way, omar: Person) -> None:
    """A colleague changes the draft, and a second person puts it in force."""
    address, whole = form_of(client.get(page))
    assert post(client, address, whole | way.theirs).status_code == 303
    row = stored()
    with transaction():
        draft, by, now = (
            drafts.locked(row.id),
            read_one(text("SELECT id FROM staff WHERE role = 'owner'")).id,
            clock.now(),
        )
        if draft.kind == "rule":
            proposal = drafting.propose(by, draft.id, "", now=now)
        elif draft.kind == "ladder":
            proposal = ladder.propose(by, draft.id, draft.version, now=now)
        else:
            proposal = packs.propose(by, draft.id, draft.version, now=now)
    approve(omar, proposal)


def stands(answer: Any, way: Way) -> bool:
    name, value = next(iter(way.mine.items()))
    return form_of(answer)[1][name] == value and "is not stored" in words(answer)


def test_thrown_away(manager: FlaskClient, colleague: FlaskClient, way: Way):
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    removal = next(to for to in forms(colleague.get(page)) if to.endswith(way.discard))
    assert post(colleague, removal, forms(colleague.get(page))[removal]).status_code == 303
    answer = post(manager, address, whole | way.mine)
    assert answer.status_code in (409, 422) and stands(answer, way)
    assert "This draft was thrown away while you were writing." in words(answer)
    part = post(manager, address, whole | way.mine, headers=HTMX)
    assert part.status_code == 422
    begin = way.begin()
    assert f'formaction="{begin}"' in answer.text
    again = post(manager, begin, form_of(answer)[1])
    assert again.status_code == 303
    name, value = next(iter(way.mine.items()))
    assert form_of(manager.get(again.location))[1][name] == value


def test_published(manager: FlaskClient, colleague: FlaskClient, way: Way, omar: Person):
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    published(colleague, page, way, omar)
    answer = post(manager, address, whole | way.mine)
    assert answer.status_code in (409, 422) and stands(answer, way)
    assert "Omar Rahal approved this draft while you were writing: it is revision 2 now." in words(answer)
    assert post(manager, way.begin(), form_of(answer)[1]).status_code == 303
    assert stored().based_on == 2


def test_published_and_begun_anew(manager: FlaskClient, colleague: FlaskClient, way: Way, omar: Person):
    """Another draft has taken its place: its first version is not the first version that was seen."""
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    published(colleague, page, way, omar)
    begun(colleague, way)
    before = stored()
    answer = post(manager, address, whole | way.mine)
    assert answer.status_code in (409, 422) and stands(answer, way)
    assert post(manager, way.begin(), form_of(answer)[1]).status_code in (409, 422)
    assert stored() == before
    to, again = form_of(answer)
    over = re_over(answer.text)
    assert over == f"{before.id}.{before.version}"
    to = to.replace(f"/{to.rpartition('/')[2]}", f"/{before.id}") if "drafts" in to else to
    assert post(manager, to, again | {"over": over}).status_code == 303
    assert stored().id == before.id and stored().version == before.version + 1


def test_saved(manager: FlaskClient, colleague: FlaskClient, way: Way):
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    to, other = form_of(colleague.get(page))
    assert post(colleague, to, other | way.theirs).status_code == 303
    before = stored()
    answer = post(manager, address, whole | way.mine)
    assert answer.status_code in (409, 422) and stands(answer, way)
    assert "Dana Dahl saved this draft while you were writing." in words(answer)
    assert "What yours says differently" in words(answer)
    again = post(manager, address, form_of(answer)[1])
    assert again.status_code in (409, 422) and stored() == before
    assert post(manager, address, form_of(again)[1] | {"over": re_over(again.text)}).status_code == 303
    name, value = next(iter(way.mine.items()))
    assert form_of(manager.get(page))[1][name] == value


def test_what_was_saved_since_is_not_thrown_away_unread(manager: FlaskClient, colleague: FlaskClient, way: Way):
    page = begun(manager, way)
    removal = next(to for to in forms(manager.get(page)) if to.endswith(way.discard))
    whole = forms(manager.get(page))[removal]
    to, other = form_of(colleague.get(page))
    assert post(colleague, to, other | way.theirs).status_code == 303
    answer = post(manager, removal, whole)
    assert answer.status_code in (409, 422) and "Read it as it stands now" in words(answer)
    assert post(manager, removal, forms(answer)[removal]).status_code == 303 and stored() is None


@pytest.mark.parametrize("way", ["tiers", "packs"], indirect=True)
def test_a_publication_overtook_it(manager: FlaskClient, way: Way):
    """Only what comes past the desk does this; what was written goes on over it."""
    page = begun(manager, way)
    table, of = ("pack_revision", "pack_id, ") if way is PACK else ("ladder_revision", "")
    thing = "AND pack_id = (SELECT subject_id FROM draft)" if of else ""
    columns = f"{of}definition, effective_from, published_at"
    with transaction() as connection:
        connection.execute(
            text(f"INSERT INTO {table} (number, {columns}) SELECT 2, {columns} FROM {table} WHERE number = 1 {thing}")
        )
    answer = manager.get(page)
    assert "Revision 2 was published since this draft was begun." in words(answer)
    assert post(manager, way.begin(), form_of(answer)[1] | way.mine).status_code == 303
    assert stored().based_on == 2


def test_the_word_to_the_second_person_is_kept(manager: FlaskClient, colleague: FlaskClient, way: Way):
    page = begun(manager, way)
    to, whole = form_of(manager.get(page))
    assert post(manager, to, whole | way.mine).status_code == 303
    asks = f"{page}/proposal"
    said = forms(manager.get(page)).get(asks) or form_of(manager.get(page))[1]
    to, other = form_of(colleague.get(page))
    assert post(colleague, to, other | way.theirs).status_code == 303
    answer = post(manager, asks, said | {"note": "Please look at the weekends."})
    assert answer.status_code in (409, 422) and "Please look at the weekends." in answer.text
    assert read_one(text("SELECT id FROM proposal")) is None


@pytest.mark.parametrize("way", [TIERS, PACK])
def test_a_draft_of_something_else_is_nobodys_here(manager: FlaskClient, way: Way):
    """By a number that was written into the form: what it names is neither written over nor thrown away."""
    theirs = begun(manager, RULE)
    row = stored()
    stamp = {"draft": str(row.id), "version": str(row.version), "over": f"{row.id}.{row.version}"}
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    removal = next(to for to in forms(manager.get(page)) if to.endswith(way.discard))
    mine = drafts.read(row.id)
    for to in (address, removal):
        post(manager, to, whole | way.mine | stamp)
        assert drafts.read(row.id) == mine
    # Nor when there is none of its own left.
    post(manager, removal, forms(manager.get(page))[removal])
    for to in (address, removal, address.rpartition("/")[0] + "/proposal"):
        assert post(manager, to, whole | way.mine | stamp).status_code in (404, 409, 422)
        assert drafts.read(row.id) == mine
    assert manager.get(theirs).status_code == 200


def test_the_return_key_writes_over_nobody(manager: FlaskClient, colleague: FlaskClient, way: Way):
    page = begun(manager, way)
    address, whole = form_of(manager.get(page))
    assert post(colleague, address, form_of(colleague.get(page))[1] | way.theirs).status_code == 303
    answer = post(manager, address, whole | way.mine).text
    form = answer[answer.index('name="version"') :]
    first = re.search(r"<button[^>]*>", form)
    assert first and "/draft/definition" not in first[0] and 'name="over"' not in first[0], first


def re_over(page: str) -> str:
    """What the button says that writes over what is stored."""
    return page.partition('name="over" value="')[2].partition('"')[0]
