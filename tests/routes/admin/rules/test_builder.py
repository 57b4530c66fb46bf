"""The form of a rule: nothing is lost in it, everything works without a script, and nothing gets past it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.gamification import drafts
from app.gamification.accrual.definition import MOST_ROWS, Definition, read_definition
from app.gamification.accrual.publishing import drafting
from app.gamification.accrual.publishing.written import Written, read_written
from app.gamification.accrual.telling.whom import ALWAYS, Run
from app.gamification.templates.kinds.classic import RULES
from app.lib import clock
from app.models.base import transaction
from app.routes.admin.rules.filled import of_posted, of_written
from app.routes.admin.rules.reading import read
from app.routes.admin.rules.rows import OPS
from tests.routes.admin.rules.definitions import definitions
from tests.support.cast import Person, post, sign_in_staff, token, words
from tests.support.examples import examples
from tests.support.forms import controls
from tests.support.play import Said, play, trade, trader
from tests.support.queries import counted
from tests.support.rules import changed, digest, rule_id, view

EVERYTHING: dict[str, Any] = {
    "name": {"en": "All <of> it & “more”", "ar": "كل شيء", "zh": "全部"},
    "kind": "trade.closed",
    "base": {"kind": "notional", "rate": "0.5", "groups": {"metals": "2"}, "symbols": {"EURUSD": "3.25"}},
    "conditions": [
        [
            {"field": "group", "op": "in", "value": ["majors", "metals"]},
            {"field": "symbol", "op": "not in", "value": ["GBPUSD", "XAUUSD"]},
            {"field": "has_stop_loss", "op": "!=", "value": False},
            {"field": "lots", "op": "in", "value": ["0.5", "1"]},
        ],
        [{"field": "group", "op": "!=", "value": "crypto"}, {"field": "pips_moved", "op": "<", "value": "30.5"}],
    ],
    "factors": [
        {"kind": "tier"},
        {"kind": "fixed", "factor": "1.5", "name": {"en": "Early", "zh": "早"}},
        {"kind": "fixed", "factor": "2"},
    ],
    "strategy": "highest",
    "caps": [{"per": "activity", "points": 50}, {"per": "week", "points": 400}, {"per": "year", "points": 10_000}],
    "hold_days": 3,
    "expiry": {"mode": "inactivity", "n": 90},
    "audience": {"levels": ["silver", "gold"], "countries": ["AE", "CN"], "classes": [2, 3]},
    "group": "trading",
    "priority": 7,
    "qualifying": False,
}


def stored(definition: Definition, by: Person, run: Run = ALWAYS) -> int:
    """A draft of a new rule that says this."""
    with transaction():
        draft_id = drafting.begin(by.id, "Tried", "visit", now=clock.now())
    save(draft_id, definition, by, run)
    return draft_id


def save(draft_id: int, definition: Definition, by: Person, run: Run = ALWAYS) -> None:
    draft = drafts.read(draft_id)
    assert draft is not None
    with transaction():
        drafting.save(by.id, draft_id, Written(definition, run), draft.version, now=clock.now())


def written(draft_id: int) -> Written:
    draft = drafts.read(draft_id)
    assert draft is not None
    return read_written(draft.definition)


def form(answer: TestResponse) -> MultiDict[str, str]:
    return controls(answer.text, "rule")


def send(client: FlaskClient, address: str, data: MultiDict[str, str], **more: Any) -> TestResponse:
    sent = MultiDict([*data.items(multi=True), *more.pop("also", {}).items()])
    sent["csrf_token"] = token(client)
    headers = {"HX-Request": "true"} if more.pop("htmx", False) else {}
    return client.post(address, data=sent, headers=headers, **more)


@pytest.fixture
def manager(client: FlaskClient, mia: Person) -> FlaskClient:
    return sign_in_staff(client, mia)


@pytest.fixture
def metals(app: Flask, mia: Person) -> str:
    """The address of the draft of the rule for metals."""
    with transaction():
        return f"/admin/rules/drafts/{drafting.begin_revision(mia.id, rule_id('metals'), now=clock.now())}"


@pytest.mark.parametrize("plain", [*RULES.values(), EVERYTHING], ids=[*RULES, "everything"])
def test_a_page_sent_back_as_it_is_says_the_same(manager: FlaskClient, mia: Person, plain: dict[str, Any]):
    definition, run = read_definition(plain), Run(date(2030, 1, 2), date(2030, 3, 4))
    draft_id = stored(definition, mia, run)
    address = f"/admin/rules/drafts/{draft_id}"
    for path in ("", "/preview"):
        page = manager.get(address) if not path else send(manager, address + path, form(manager.get(address)))
        assert page.status_code == 200
        answer = send(manager, address, form(page))
        assert answer.status_code == 303, words(answer)
        assert written(draft_id) == Written(definition, run)
    draft = drafts.read(draft_id)
    assert draft is not None and draft.version == 2, "and so there was nothing to save"


@settings(max_examples=examples(150))
@given(definition=definitions())
def test_any_rule_goes_through_the_form_unchanged(definition: Definition):
    filled = of_written(Written(definition))
    posted = MultiDict[str, str]()
    for code, name in filled.name.items():
        posted.add(f"name_{code}", name)
    for g, group in enumerate(filled.groups):
        for r, row in enumerate(group):
            posted.update({f"c-{g}-{r}-field": row.field, f"c-{g}-{r}-op": row.op})
            for value in [row.text] if row.control == "text" else row.values:
                posted.add(f"c-{g}-{r}-value", value)
    for letter, rows in (("g", filled.group_rates), ("s", filled.symbol_rates)):
        for n, rate in enumerate(rows):
            posted.update({f"{letter}-{n}-of": rate.of, f"{letter}-{n}-rate": rate.rate})
    for n, factor in enumerate(filled.factors):
        posted.update({f"f-{n}-factor": factor.factor, **{f"f-{n}-{code}": text for code, text in factor.name.items()}})
    posted.update({f"cap_{per}": text for per, text in filled.caps.items()})
    for name in ("kind", "base", "rate", "strategy", "hold", "mode", "n", "starts", "ends", "group", "priority"):
        posted.add(name, getattr(filled, name))
    posted.add("counts", "tiers" if filled.qualifying else "spend")
    posted.add("tier", "yes" if filled.tier else "")
    for name in ("levels", "countries", "classes"):
        posted.setlist(name, getattr(filled, name))
    reading = read(of_posted(posted))
    assert reading.errors == {}
    assert reading.written == Written(definition)


# Without a script


def press(client: FlaskClient, address: str, page: TestResponse, button: str, **typed: str) -> TestResponse:
    data = form(page)
    for name, value in typed.items():
        data[name.replace("__", "-")] = value
    answer = send(client, f"{address}/preview", data, also={"press": button})
    assert answer.status_code == 200
    return answer


def test_rows_come_and_go_and_nothing_typed_is_lost(manager: FlaskClient, metals: str):
    page = press(manager, metals, manager.get(metals), "add:c:0", rate="77", name_en="Typed, not saved")
    assert form(page)["c-0-4-field"] == "lots", "the first thing that is not asked for yet"
    assert form(page)["rate"] == "77" and form(page)["name_en"] == "Typed, not saved"
    assert "Something needs another look" not in words(page)
    page = press(manager, metals, page, "remove:c:0:1", **{"c__0__4__value": "0.5"})
    assert [form(page)[f"c-0-{n}-field"] for n in range(4)] == ["group", "pips_moved", "bonus_funds", "lots"]
    assert form(page)["c-0-3-value"] == "0.5"
    page = press(manager, metals, page, "add:group", **{"c__0__3__value": "0.5"})
    assert "c-1-0-field" in form(page)
    page = press(manager, metals, page, "remove:c:1:0")
    assert "c-1-0-field" not in form(page)
    for button, name in (("add:g", "g-0-rate"), ("add:s", "s-0-of"), ("add:f", "f-1-factor")):
        page = press(manager, metals, page, button)
        assert name in form(page)
    for button, name in (("remove:g:0", "g-0-rate"), ("remove:s:0", "s-0-of"), ("remove:f:1", "f-1-factor")):
        page = press(manager, metals, page, button)
        assert name not in form(page)
    page = press(manager, metals, page, "add:country", country="CY")
    assert form(page).getlist("countries") == ["CY"]
    page = press(manager, metals, page, "remove:country:CY")
    assert form(page).getlist("countries") == []
    assert view("metals").written.definition.base.rate == "100"  # type: ignore[union-attr]


def test_the_value_follows_the_field_and_the_comparison(manager: FlaskClient, metals: str):
    page = press(manager, metals, manager.get(metals), "", **{"c__0__1__field": "has_stop_loss"})
    assert (form(page)["c-0-1-op"], form(page)["c-0-1-value"]) == ("=", "true")
    page = press(manager, metals, page, "", **{"c__0__1__field": "seconds_open"})
    assert form(page)["c-0-1-op"] == "="


def test_the_fields_follow_the_kind(manager: FlaskClient, metals: str):
    page = press(manager, metals, manager.get(metals), "", kind="lesson.passed", base="fixed")
    assert "“Lesson passed” does not tell this." in words(page)
    assert form(page)["c-0-0-field"] == "group", "what was there stays until somebody removes it"
    for _ in range(4):
        page = press(manager, metals, page, "remove:c:0:0")
    assert "Always, whatever it was like." in words(page)
    page = press(manager, metals, page, "add:group")
    assert form(page)["c-0-0-field"] == "score"


# With one


def test_a_preview_tells_and_saves_nothing(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["rate"] = "15"
    with counted() as statements:
        answer = send(manager, f"{metals}/verdict", data, htmx=True)
    assert answer.status_code == 200
    assert "15 points a lot" in words(answer) and "rate 100 points a lot 15 points a lot" in words(answer)
    assert 'id="rule-side"' in answer.text and "<html" not in answer.text
    assert not [one for one in statements if re.match("(INSERT|DELETE|UPDATE (?!sign_in))", one)]
    assert view("metals").written.definition.base.rate == "100"  # type: ignore[union-attr]


def test_what_means_no_rule_is_said_at_its_row_and_the_sentence_stays(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["c-0-1-value"] = "soon"
    answer = send(manager, f"{metals}/verdict", data, htmx=True)
    assert re.search(r'id="e-c-0-1"[^>]*>.*?Write a number', answer.text)
    assert 'id="rule-sentence"' not in answer.text
    whole = send(manager, f"{metals}/preview", data)
    assert "at least 180 seconds" in words(whole), "as it was saved last"
    assert form(whole)["c-0-1-value"] == "soon"


# Saving


@pytest.mark.parametrize(
    ("typed", "slot", "told"),
    [
        ({"rate": "10" * 400}, "rate", "Write a number such as"),
        ({"rate": "NaN"}, "rate", "Write a number such as"),
        ({"rate": "1e400"}, "rate", "Write a number such as"),
        ({"rate": "-1"}, "rate", "Write a number such as"),
        ({"rate": ""}, "rate", "Write a number such as"),
        ({"name_en": "", "name_ar": "", "name_zh": ""}, "name_en", "Name the rule"),
        ({"name_en": "x" * 81}, "form", "Nothing was saved"),
        ({"kind": "trade.opened"}, "kind", "Choose what the rule is about."),
        ({"kind": "account.entry"}, "kind", "Choose what the rule is about."),
        ({"base": "amount"}, "base", "brings nothing of this to count"),
        ({"base": "moon"}, "base", "Choose what one point is paid for."),
        ({"c-0-1-field": "moon"}, "c-0-1", "does not tell this"),
        ({"c-0-1-field": "score"}, "c-0-1", "does not tell this"),
        ({"c-0-1-value": "1" * 5000}, "c-0-1", "Write a number such as"),
        ({"c-0-1-op": "~"}, "form", "cannot be read"),
        ({"c-0-0-op": ">"}, "c-0-0", "This can only be, or not be, one of several."),
        ({"c-0-0-value": "moons"}, "c-0-0", "There is no instrument group moons."),
        ({"cap_day": "0"}, "cap_day", "Write a whole number from 1"),
        ({"cap_day": "9" * 16}, "cap_day", "Write a whole number from 1"),
        ({"hold": "366"}, "hold", "from 0 to 365"),
        ({"n": "x"}, "n", "from 0 to 3,650"),
        ({"mode": "sometimes"}, "n", "cannot be read"),
        ({"strategy": "lowest"}, "form", "cannot be read"),
        ({"countries": "XX"}, "countries", "There is no country with the code XX."),
        ({"classes": "9"}, "form", "Choose client categories"),
        ({"classes": "x"}, "form", "Choose client categories"),
        ({"starts": "tomorrow"}, "starts", "Write a date"),
        ({"starts": "0001-01-01"}, "starts", "Write a date"),
        ({"priority": "1.5"}, "priority", "from 0 to 9,999"),
        ({"group": "g" * 41}, "group", "at most 40 characters"),
        ({"f-0-factor": "two"}, "f-0", "Write a number such as"),
    ],
)
def test_bad_input_is_said_at_its_place_and_nothing_is_lost(
    manager: FlaskClient, metals: str, typed: dict[str, str], slot: str, told: str
):
    data = form(manager.get(metals)) | MultiDict(typed)
    for name, value in typed.items():
        data[name] = value
    answer = send(manager, metals, data)
    assert answer.status_code == 422
    assert told in words(answer), words(answer)
    if slot != "form":
        assert re.search(rf'id="e-{slot}">\s*<svg', answer.text), f"not at {slot}"
    assert view("metals").written.definition == view("metals").live.definition  # type: ignore[union-attr]
    again = form(answer)
    assert all(
        again.get(name, "")[:30] == value[:30] for name, value in typed.items() if name in ("rate", "starts", "n")
    )


def test_digits_of_other_keyboards_are_digits(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["rate"], data["c-0-1-value"], data["cap_day"] = "١٥٫٥", "２４０", "۵۰۰"
    assert send(manager, metals, data).status_code == 303
    saved = view("metals").written.definition  # type: ignore[union-attr]
    assert (saved.base.rate, saved.conditions[0][1].value, saved.caps[0].points) == ("15.5", "240", 500)


def test_a_symbol_is_kept_without_what_the_platform_adds(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["c-0-0-field"], data["c-0-0-op"], data["c-0-0-value"] = "symbol", "in", "xauusd.pro، eurusd; <b>gold</b>"
    assert send(manager, metals, data).status_code == 303
    assert view("metals").written.definition.conditions[0][0].value == ["XAUUSD", "EURUSD", "BGOLDB"]  # type: ignore[union-attr]


def test_names_are_shown_as_names(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["name_en"], data["f-0-en"] = "<script>alert(1)</script>\u202e", "<i>bonus</i>"
    page = send(manager, metals, data, follow_redirects=True)
    assert "<script>alert" not in page.text and "<i>bonus" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "\u202e" not in page.text
    assert "<script>alert" not in manager.get("/admin/rules").text


@pytest.mark.parametrize("path", ["", "/preview", "/verdict"])
def test_thousands_of_rows_are_refused(manager: FlaskClient, metals: str, path: str):
    data = MultiDict({f"c-0-{n}-field": "lots" for n in range(5000)})
    assert send(manager, metals + path, data).status_code == 422
    data = form(manager.get(metals)) | MultiDict({f"c-0-{n}-field": "lots" for n in range(MOST_ROWS + 1)})
    assert send(manager, metals + path, data).status_code == 422


def test_what_nobody_asked_for_changes_nothing(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data.update({"c-x-0-field": "lots", "c-٣-0-field": "lots", "zz": "1", "f--1-factor": "9", "press": "drop:table"})
    assert send(manager, metals, data).status_code == 303
    assert view("metals").written.definition == view("metals").live.definition  # type: ignore[union-attr]
    for button in ("remove:c:9:9", "add:c:99", "add:c:x", "remove:f", "::::", "remove:c:0", "add"):
        assert send(manager, f"{metals}/preview", form(manager.get(metals)), also={"press": button}).status_code == 200


def test_a_stale_page_saves_nothing_and_keeps_what_was_typed(manager: FlaskClient, metals: str, mia: Person):
    old = form(manager.get(metals))
    draft_id = int(metals.rsplit("/", 1)[1])
    save(draft_id, changed(written(draft_id).definition, hold_days=9), mia)
    old["rate"] = "15"
    answer = send(manager, metals, old)
    assert answer.status_code == 409
    assert "You saved this draft in another window." in words(answer) and form(answer)["rate"] == "15"
    assert send(manager, metals, form(answer)).status_code == 409, "sent back as it was answered"
    assert written(draft_id).definition.base.rate == "100"


# Proposing


def test_proposing_saves_and_asks_for_a_second_person(manager: FlaskClient, metals: str, mia: Person):
    data = form(manager.get(metals))
    data["rate"], data["note"] = "15", "More for metals"
    answer = send(manager, f"{metals}/proposal", data, follow_redirects=True)
    assert "Waiting for a second person" in words(answer) and "Mia Moreau" in words(answer)
    waiting = view("metals").publication
    assert waiting is not None
    assert waiting.payload["definition"]["base"]["rate"] == "15"
    assert waiting.note == "More for metals"
    assert "Saving a change takes the proposal back." in words(answer)
    again = form(answer)
    again["rate"] = "16"
    assert "Waiting for a second person" not in words(send(manager, metals, again, follow_redirects=True))
    assert view("metals").publication is None


def test_the_second_person_reads_what_changes_and_publishes_it(
    manager: FlaskClient, browser: Callable[[], FlaskClient], metals: str, omar: Person
):
    data = form(manager.get(metals))
    data["rate"], data["starts"] = "15", ""
    assert send(manager, f"{metals}/proposal", data).status_code == 303
    waiting = view("metals").publication
    assert waiting is not None
    approver, address = sign_in_staff(browser(), omar), f"/admin/approvals/{waiting.id}"
    page = approver.get(address)
    said = words(page)
    assert "Metals by the lot, revision 2" in said and "once approved" in said
    assert "100 points a lot" in said and "15 points a lot" in said
    assert f'href="{metals}"' in page.text
    assert post(approver, f"{address}/approval", {"digest": digest(waiting.id)}).status_code == 303
    live = view("metals").live
    assert live is not None and (live.number, live.definition.base.rate) == (2, "15")
    assert "/admin/rules/" in approver.get(address).text, "though the draft is gone by now"
    assert manager.get(metals).status_code == 404


def test_what_is_not_ready_is_not_proposed_and_not_saved(manager: FlaskClient, metals: str):
    data = form(manager.get(metals))
    data["name_ar"], data["rate"] = "", "15"
    answer = send(manager, f"{metals}/proposal", data)
    assert answer.status_code == 422
    assert "Before it can run: Rule and factors named in every language" in words(answer)
    assert form(answer)["rate"] == "15"
    assert view("metals").written.definition.base.rate == "100"  # type: ignore[union-attr]
    data["name_ar"], data["starts"] = "المعادن", "2020-01-01"
    answer = send(manager, f"{metals}/proposal", data)
    assert re.search(r'id="e-starts">\s*<svg', answer.text)


def test_the_checklist_says_who_may_approve_and_what_is_left(manager: FlaskClient, metals: str, omar: Person):
    said = words(manager.get(metals))
    assert "Omar Rahal" in said and "Ready to propose" in said
    data = form(manager.get(metals))
    data["priority"] = "20"
    assert "1 to do" in words(send(manager, f"{metals}/preview", data))


def test_a_draft_can_be_thrown_away(manager: FlaskClient, metals: str):
    seen = {name: form(manager.get(metals))[name] for name in ("draft", "version")}
    assert post(manager, f"{metals}/removal").status_code == 409, "only what was seen is thrown away"
    assert post(manager, f"{metals}/removal", seen).status_code == 303
    assert view("metals").draft is None
    assert manager.get(metals).status_code == 404
    assert post(manager, f"{metals}/removal", seen).status_code == 404


def test_a_viewer_reads_and_tries_but_does_not_write(client: FlaskClient, metals: str, vera: Person):
    sign_in_staff(client, vera)
    page = client.get(metals)
    assert page.status_code == 200 and "Save draft" not in words(page)
    assert send(client, f"{metals}/preview", form(page)).status_code == 200
    for path in ("", "/proposal", "/removal"):
        assert send(client, metals + path, form(page)).status_code == 403


# Trying it


def test_it_is_tried_on_what_members_really_did(manager: FlaskClient, metals: str):
    member = trader()
    play(member, Said(trade("XAUUSD", "2.00", moved="10"), deal="D-77", id="gold"))
    play(member, Said(trade("EURUSD", "1.00"), id="euro"))
    data = form(manager.get(metals))
    data["rate"] = "120"
    said = words(send(manager, f"{metals}/preview", data))
    assert "Gold, 2 lots closed" in said, "the one that shows most stands first"
    assert "Draft pays live pays 240 288" in said
    data["find"] = "euro"
    found = words(send(manager, f"{metals}/preview", data))
    assert "Euro against dollar, 1 lot closed" in found and "The rule is about other instruments" in found
    data["find"] = "D-77"
    assert "Ticket D-77" in words(send(manager, f"{metals}/preview", data))
    data["find"] = "nowhere"
    assert "None of this kind is called nowhere." in words(send(manager, f"{metals}/preview", data))


def test_where_nobody_did_it_that_is_said(manager: FlaskClient, metals: str):
    assert "No member has done this lately." in words(manager.get(metals))


def test_the_page_asks_little_of_the_database(manager: FlaskClient, metals: str):
    member = trader()
    for number in range(12):
        play(member, Said(trade("XAUUSD", "2.00", moved="10"), id=f"gold{number}"))
    manager.get(metals)
    with counted() as statements:
        manager.get(metals)
    assert len(statements) <= 13, statements


def test_every_comparison_has_its_type(app: Flask):
    assert set(OPS) == {"number", "text", "flag"}
