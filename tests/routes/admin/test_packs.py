"""Law packs at the desk: the matrix, one pack, its draft, and the bench with the home of a client who is nobody."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.policy import publishing
from app.gamification.policy.definition import sound
from app.gamification.policy.words import FACTS, NEVER, VERDICTS
from app.models.base import read_one
from app.models.people import ClientClass
from app.routes.admin.packs import form
from tests.support.cast import Person, post, sign_in_staff, words
from tests.support.filling import forms
from tests.support.play import trader
from tests.support.proposals import approve
from tests.support.queries import counted

PACKS = ("eu_retail", "uk_retail", "au_retail", "professional", "offshore", "unknown")


@pytest.fixture
def manager(app: Flask, client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def reader(app: Flask, client: FlaskClient, vera: Person) -> FlaskClient:
    return sign_in_staff(client, vera)


def begun(client: FlaskClient, key: str) -> dict[str, Any]:
    """Begin a draft; what a browser would send of its form."""
    assert post(client, f"/admin/packs/{key}/draft").status_code == 303
    return filled(client, key)


def filled(client: FlaskClient, key: str) -> dict[str, Any]:
    return forms(client.get(f"/admin/packs/{key}/draft"))[f"/admin/packs/{key}/draft/definition"]


def save(client: FlaskClient, key: str, said: dict[str, Any]) -> Any:
    return post(client, f"/admin/packs/{key}/draft/definition", said)


class TestTheMatrix:
    """Every pack against every benefit."""

    def test_it_shows_every_benefit_of_every_pack(self, reader: FlaskClient):
        page = reader.get("/admin/packs").text
        matrix = page[page.index('class="table matrix"') : page.index("</table>")]
        rows = re.findall(r"<tr>(.*?)</tr>", matrix, re.S)[1:]
        assert len(rows) == len(PaysFor)
        policy = programme.current().policy
        for fact, row in zip(PaysFor, rows, strict=True):
            assert f">{FACTS[fact]}</th>" in row
            shown = re.findall(r'data-verdict="(\w+)".*?<span>(.*?)</span>', row, re.S)
            wanted = [pack.verdicts[fact - 1] for pack in (policy.pack(key) for key in publishing.in_force())]
            assert shown == [(verdict.name.lower(), VERDICTS[verdict]) for verdict in wanted]

    def test_a_verdict_opens_into_the_rule_that_it_follows_from(self, reader: FlaskClient):
        page = reader.get("/admin/packs").text
        assert re.search(r"<details class=\"cited\"><summary>.*?</summary><p><bdi>ESMA Decision", page, re.S)

    def test_it_says_what_no_pack_can_open(self, reader: FlaskClient):
        said = words(reader.get("/admin/packs"))
        assert all(one in said for one in NEVER)

    def test_the_list_counts_members(self, reader: FlaskClient):
        trader(country="CY", client_class=ClientClass.RETAIL, entity="eu")
        trader()
        page = reader.get("/admin/packs").text
        members = dict(
            re.findall(r'href="/admin/packs/(\w+)"><bdi>[^<]*</bdi></a>.*?data-name="Members".*?>(\d+)<', page, re.S)
        )
        assert members["eu_retail"] == "1"

    def test_the_pages_ask_a_fixed_number_of_questions(self, reader: FlaskClient):
        for address in (
            "/admin/packs",
            "/admin/packs/eu_retail",
            "/admin/packs/eu_retail/revisions",
            "/admin/packs/bench",
        ):
            reader.get(address)
            with counted() as seen:
                assert reader.get(address).status_code == 200
            assert len(seen) <= 9, (address, seen)

    @pytest.mark.parametrize("key", PACKS)
    def test_each_pack_has_its_page(self, reader: FlaskClient, key: str):
        said = words(reader.get(f"/admin/packs/{key}"))
        assert "Draft a change" not in said
        assert "74.2" in said or "71.8" in said or "73.5" in said or "72" in said
        assert "The first one." in words(reader.get(f"/admin/packs/{key}/revisions"))

    def test_what_is_no_pack_is_not_there(self, reader: FlaskClient):
        assert reader.get("/admin/packs/mars").status_code == 404
        assert reader.get("/admin/packs/mars/revisions").status_code == 404


class TestTheDraft:
    """Is written by a manager."""

    @pytest.mark.parametrize("key", PACKS)
    def test_saving_what_was_not_touched_changes_nothing(self, manager: FlaskClient, key: str):
        said = begun(manager, key)
        assert save(manager, key, said).status_code == 303
        draft = publishing.draft_of(key)
        assert draft is not None
        packs = publishing.in_force()
        assert draft.definition == sound(key, packs[key].definition, publishing.others(packs, key))
        assert "The draft says the same." in words(manager.get(f"/admin/packs/{key}/draft"))

    @pytest.mark.parametrize("key", PACKS)
    def test_a_definition_comes_back_from_its_form_as_it_was(self, app: Flask, key: str):
        packs = publishing.in_force()
        stored = sound(key, packs[key].definition, publishing.others(packs, key))
        written = form.of_definition(stored)
        posted = MultiDict(
            [
                *((f"name.{code}", one) for code, one in written["name"].items()),
                *((f"facts.{fact}", one) for fact, one in written["facts"].items()),
                *(
                    (f"cites.{fact}.{code}", one)
                    for fact, said in written["cites"].items()
                    for code, one in said.items()
                ),
                *((f"warning.{code}", one) for code, one in written["warning"].items()),
                *(("countries", code) for code in written["countries"]),
                *([("retail", "on")] if written["retail"] else []),
            ]
        )
        assert sound(key, form.definition(form.of_posted(posted)), publishing.others(packs, key)) == stored

    def test_what_becomes_looser_is_said_beside_it(self, manager: FlaskClient):
        said = begun(manager, "eu_retail")
        save(manager, "eu_retail", said | {"facts.trading": "allow"})
        shown = words(manager.get("/admin/packs/eu_retail/draft"))
        assert "Looser: Trading goes from “Forbidden” to “Allowed”." in shown

    @pytest.mark.parametrize(
        ("key", "wrong", "told"),
        [
            ("unknown", {"facts.trading": "allow"}, "What is not known yet stays the strictest"),
            ("eu_retail", {"facts.learning": "forbid"}, "make that one as strict first"),
            ("uk_retail", {"countries": ["GB", "CY"]}, "Cyprus is in the pack “EU retail” already"),
            ("uk_retail", {"countries": ["GB", "XX"]}, "There is no country with the code XX"),
            ("offshore", {"countries": ["NZ"]}, "leave the countries out"),
            ("unknown", {"retail": "on"}, "cannot make way"),
            ("offshore", {"warning.en": "Nobody loses."}, "Write %(loss)s exactly once"),
            ("offshore", {"warning.zh": "%(loss)s%(loss)s"}, "Write %(loss)s exactly once"),
            ("offshore", {"warning.en": "%(loss)s% and %(x)s"}, "Write other percent signs alone"),
            ("offshore", {"warning.en": "x" * 1001 + "%(loss)s"}, "Use at most 1,000 characters"),
            ("offshore", {"name.en": "\u202e"}, "Name the pack in English"),
            ("offshore", {"facts.trading": "free"}, "Choose one of the four verdicts"),
            ("offshore", {"cites.trading.en": "x" * 241}, "Use at most 240 characters"),
        ],
    )
    def test_what_cannot_be_law_is_said_and_nothing_is_lost(
        self, manager: FlaskClient, key: str, wrong: dict[str, Any], told: str
    ):
        said = begun(manager, key)
        answer = save(manager, key, said | {"name.ar": "اسم آخر"} | wrong)
        assert answer.status_code == 422
        assert told in words(answer)
        assert "اسم آخر" in answer.text

    def test_a_country_of_another_pack_is_shown_as_taken(self, manager: FlaskClient):
        begun(manager, "uk_retail")
        page = manager.get("/admin/packs/uk_retail/draft").text
        assert re.search(r'<label data-taken><input[^>]*value="CY" disabled><span>Cyprus<small>EU retail', page)

    def test_htmx_gets_the_editor_alone(self, manager: FlaskClient):
        said = begun(manager, "offshore") | {"name.en": ""}
        answer = post(manager, "/admin/packs/offshore/draft/definition", said, htmx=True)
        assert answer.text.lstrip().startswith('<div class="cols editor"')

    def test_the_whole_way(self, manager: FlaskClient, omar: Person):
        said = begun(manager, "au_retail")
        assert save(manager, "au_retail", said | {"facts.trading": "recognition"}).status_code == 303
        address = "/admin/packs/au_retail/draft/proposal"
        assert post(manager, address, forms(manager.get("/admin/packs/au_retail/draft"))[address]).status_code == 303
        [proposal] = set(re.findall(r"/admin/approvals/(\d+)", manager.get("/admin/packs/au_retail").text))
        approve(omar, int(proposal))
        assert publishing.in_force()["au_retail"].number == 2
        shown = words(manager.get("/admin/packs/au_retail/revisions"))
        assert "Mia Moreau, approved by Omar Rahal" in shown
        assert "Trading Forbidden Recognition" in shown

    def test_what_another_publish_made_impossible_is_said_when_it_is_proposed(self, manager: FlaskClient, omar: Person):
        for key, countries in (("uk_retail", ["GB", "NZ"]), ("au_retail", ["AU", "NZ"])):
            assert save(manager, key, begun(manager, key) | {"countries": countries}).status_code == 303
        first = forms(manager.get("/admin/packs/uk_retail/draft"))["/admin/packs/uk_retail/draft/proposal"]
        post(manager, "/admin/packs/uk_retail/draft/proposal", first)
        [proposal] = set(re.findall(r"/admin/approvals/(\d+)", manager.get("/admin/packs/uk_retail").text))
        approve(omar, int(proposal))
        draft = publishing.draft_of("au_retail")
        assert draft is not None
        stamp = {"draft": draft.id, "version": draft.version}
        answer = post(manager, "/admin/packs/au_retail/draft/proposal", stamp)
        assert answer.status_code == 422
        assert "New Zealand is in the pack “UK retail” already" in words(answer)

    def test_a_new_pack_is_begun_named_and_thrown_away(self, manager: FlaskClient):
        assert post(manager, "/admin/packs/new", {"key": "eu_retail", "source": "unknown"}).status_code == 422
        assert post(manager, "/admin/packs/new", {"key": "za_retail", "source": "none"}).status_code in (404, 422)
        answer = post(manager, "/admin/packs/new", {"key": "za_retail", "source": "unknown"})
        assert answer.location == "/admin/packs/za_retail/draft"
        assert save(manager, "za_retail", filled(manager, "za_retail") | {"countries": ["ZA"]}).status_code == 303
        assert "New draft" in words(manager.get("/admin/packs"))
        removal = "/admin/packs/za_retail/draft/discard"
        form = forms(manager.get("/admin/packs/za_retail/draft"))[removal]
        assert post(manager, removal, form).status_code == 303
        assert publishing.draft_of("za_retail") is None

    def test_a_viewer_writes_nothing(self, manager: FlaskClient, browser, vera: Person):
        begun(manager, "offshore")
        viewer = sign_in_staff(browser(), vera)
        for address in ("", "/definition", "/proposal", "/discard"):
            assert post(viewer, f"/admin/packs/offshore/draft{address}", {"version": "1"}).status_code == 403
        assert post(viewer, "/admin/packs/new", {"key": "za_retail"}).status_code == 403
        assert viewer.get("/admin/packs/offshore/draft").status_code == 403
        assert publishing.draft_of("offshore") is not None


class TestTheBench:
    """Imagines a client, and stores nobody."""

    def test_without_being_asked_it_is_a_retail_client_in_cyprus(self, reader: FlaskClient):
        said = words(reader.get("/admin/packs/bench"))
        assert "Retail client, Cyprus" in said
        assert "Trades by the lot Trading · ESMA Decision (EU) 2019/679, Article 2(d) Nothing" in said
        assert "Lessons passed Learning Points for recognition and service" in said
        assert "Identity verified Joining and verifying Badge and progress, no points" in said
        assert "74.2% of retail accounts lose money" in said

    @pytest.mark.parametrize("client_class", [int(one) for one in ClientClass])
    @pytest.mark.parametrize("country", ["CY", "GB", "AU", "AE", "-"])
    def test_it_says_what_the_policy_says(self, reader: FlaskClient, country: str, client_class: int):
        for entity in (1, 4, "-"):
            query = f"?country={country}&class={client_class}&entity={entity}&level=diamond"
            answer = reader.get(f"/admin/packs/bench{query}")
            assert answer.status_code == 200
            current = programme.current()
            pack = "" if entity == "-" else current.entity_packs[int(entity)]
            standing = current.policy.standing(pack, country.strip("-"), client_class)
            page = answer.text
            table = page[page.index('class="table matrix"') : page.index("</table>")]
            shown = re.findall(r'data-verdict="(\w+)"', table)
            assert shown == [standing.judge(fact).name.lower() for fact in PaysFor]
            withheld = standing.judge(PaysFor.TRADING).name == "FORBID"
            assert ("Withheld" in words(answer)) == withheld
            home = reader.get(f"/admin/packs/bench/home{query}")
            assert home.status_code == 200
            assert ("Your points come from learning and habits" in words(home)) == withheld

    def test_professionals_of_the_offshore_entity_get_everything(self, reader: FlaskClient):
        said = words(reader.get("/admin/packs/bench?country=AE&class=2&level=platinum"))
        assert "Trades by the lot Trading Points" in said
        assert "Lower overnight charges Platinum Given" in said

    def test_a_rule_for_other_levels_gives_nothing(self, reader: FlaskClient):
        current = programme.current()
        assert all(not rule.definition.audience.levels for rule in current.rules_by_revision.values())
        assert "it is for other levels" not in words(reader.get("/admin/packs/bench?country=AE&class=2"))

    def test_the_home_is_the_members_own_page_and_nothing_in_it_can_be_pressed(self, reader: FlaskClient):
        page = reader.get("/admin/packs/bench/home")
        said = words(page)
        assert "Preview" in said
        assert "Retail client, Cyprus" in said
        assert "Your first steps" in said
        assert "74.2% of retail accounts lose money" in said
        shown = page.text[page.text.index('<div class="previewed">') : page.text.index('<div class="toasts"')]
        assert not re.search(r"<(a|form|button)\b[^>]*\s(href|action|hx-\w+)=", shown)
        assert len(re.findall("<button disabled", shown)) == len(re.findall("<button", shown)) > 0
        assert "<use href=" in shown
        assert "data-visit" not in page.text

    def test_the_home_of_a_professional_asks_to_connect_an_account(self, reader: FlaskClient):
        said = words(reader.get("/admin/packs/bench/home?country=AE&class=2&level=gold"))
        assert "Connect a trading account" in said
        assert "Gold" in said

    def test_it_stores_nobody(self, reader: FlaskClient):
        count = text(
            "SELECT (SELECT count(*) FROM member), (SELECT count(*) FROM wallet), (SELECT count(*) FROM sign_in)"
        )
        before = tuple(read_one(count))
        reader.get("/admin/packs/bench")
        reader.get("/admin/packs/bench/home")
        assert tuple(read_one(count)) == before

    @pytest.mark.parametrize(
        "query",
        [
            "country=XX",
            "country=%00",
            "class=9",
            "class=-1",
            "entity=99999999999",
            "entity=x",
            "level=none",
            "country=",
        ],
    )
    def test_what_makes_no_sense_counts_as_not_asked(self, reader: FlaskClient, query: str):
        assert "Retail client, Cyprus" in words(reader.get(f"/admin/packs/bench?{query}"))
        assert reader.get(f"/admin/packs/bench/home?{query}").status_code == 200

    @pytest.mark.parametrize(
        "page", ["/admin/packs", "/admin/packs/bench", "/admin/packs/bench/home", "/admin/packs/new"]
    )
    def test_members_and_strangers_do_not_see_it(self, client: FlaskClient, page: str):
        assert client.get(page).status_code == 303
