"""A law pack becomes law by two people; what is looser is said, and what is unknown stays the strictest."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.approvals import proposals
from app.gamification.approvals import reads as approvals
from app.gamification.approvals.registry import kind_of
from app.gamification.audit import reads as audit
from app.gamification.brand import brand, risk_warning
from app.gamification.errors import NotFound
from app.gamification.errors.desk import DraftChanged, KeyTaken, OwnProposal
from app.gamification.errors.programme import NothingChanged, NotSound, StaleBase
from app.gamification.errors.staff import NotEntitled
from app.gamification.policy import publishing
from app.gamification.policy.changes import changes
from app.gamification.policy.definition import as_stored, as_written, sound
from app.gamification.policy.packs import Verdict
from app.models.activity import Reason
from app.models.base import transaction
from app.routes.formats import say_plainly
from tests.support.cast import Person
from tests.support.play import play, trade, trader

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
LOSS = "%(loss)s"


def said(key: str) -> dict[str, Any]:
    return dict(publishing.in_force()[key].definition)


def with_facts(key: str, **facts: str) -> dict[str, Any]:
    definition = said(key)
    return definition | {"facts": {**definition["facts"], **facts}}


def proposed(by: Person, key: str, definition: dict[str, Any]) -> int:
    with transaction():
        draft_id = publishing.begin(by.id, key, now=NOW)
        version = publishing.save(by.id, draft_id, definition, 1, now=NOW)
        return publishing.propose(by.id, draft_id, version, now=NOW)


def approve(by: Person, proposal_id: int) -> None:
    with transaction():
        proposals.approve(by.id, proposal_id, approvals.one(proposal_id).digest, now=NOW)


def published(by: Person, second: Person, key: str, definition: dict[str, Any]) -> int:
    proposal_id = proposed(by, key, definition)
    approve(second, proposal_id)
    return proposal_id


def flaws(key: str, definition: dict[str, Any]) -> list[str]:
    try:
        sound(key, definition, publishing.others(publishing.in_force(), key))
    except NotSound as refusal:
        return [flaw.place for flaw in refusal.flaws]
    return []


def test_two_people_make_a_pack_stricter(app: Flask, mia: Person, omar: Person):
    published(mia, omar, "offshore", with_facts("offshore", deposit="forbid"))
    pack = programme.current().policy.pack("offshore")
    assert pack.verdicts[PaysFor.DEPOSIT - 1] == Verdict.FORBID
    assert [one.number for one in publishing.revisions("offshore")] == [2, 1]
    assert publishing.draft_of("offshore") is None
    [entry, *_] = audit.of_subject("pack", publishing.in_force()["offshore"].pack_id)
    assert (entry.action, entry.staff_id, entry.after["number"]) == ("pack.publish", omar.id, 2)


def test_trades_are_judged_by_the_revision_in_force_at_the_award(app: Flask, mia: Person, omar: Person):
    member = trader()
    assert play(member, trade(lots="1")).earned > 0
    published(mia, omar, "offshore", with_facts("offshore", trading="forbid"))
    published(mia, omar, "professional", with_facts("professional", trading="forbid"))
    found = play(member, trade(lots="1"))
    assert (found.earned, found.reason) == (0, Reason.LAW)
    assert found.context[0] == Verdict.FORBID


def test_the_first_award_keeps_the_revision_that_judged_it(app: Flask, mia: Person, omar: Person):
    member = trader()
    first = play(member, trade(lots="1"))
    published(mia, omar, "offshore", with_facts("offshore", learning="forbid"))
    second = play(member, trade(lots="1"))
    assert first.context[5:7] != second.context[5:7]


class TestANewPack:
    """The broker opens in a country that is in no pack yet."""

    def test_it_takes_in_its_country(self, app: Flask, mia: Person, omar: Person):
        with transaction():
            draft_id = publishing.begin_new(mia.id, "za_retail", "unknown", now=NOW)
            definition = said("unknown") | {"name": {"en": "South Africa"}, "countries": ["ZA"], "retail": True}
            version = publishing.save(mia.id, draft_id, definition, 1, now=NOW)
            proposal_id = publishing.propose(mia.id, draft_id, version, now=NOW)
        approve(omar, proposal_id)
        policy = programme.current().policy
        assert policy.standing("offshore", "ZA", 1).pack_keys == ("offshore", "za_retail")
        assert policy.standing("offshore", "ZA", 2).pack_keys == ("offshore", "professional")
        assert publishing.in_force()["za_retail"].number == 1

    @pytest.mark.parametrize("key", ["eu_retail", "bench", "new", "drafts", "", "A", "a b", "x" * 31, "../x"])
    def test_it_is_not_called_like_another_or_like_a_page(self, app: Flask, mia: Person, key: str):
        with pytest.raises(NotSound), transaction():
            publishing.begin_new(mia.id, key, "unknown", now=NOW)

    def test_it_needs_a_pack_to_start_from(self, app: Flask, mia: Person):
        with pytest.raises(NotFound), transaction():
            publishing.begin_new(mia.id, "za_retail", "none", now=NOW)

    def test_two_drafts_of_one_key_are_refused(self, app: Flask, mia: Person):
        with transaction():
            publishing.begin_new(mia.id, "za_retail", "unknown", now=NOW)
        with pytest.raises(KeyTaken), transaction():
            publishing.begin_new(mia.id, "za_retail", "unknown", now=NOW)


class TestCountries:
    """A country is in one pack at most."""

    def test_one_that_another_pack_has_is_refused_by_name(self, app: Flask):
        with pytest.raises(NotSound) as refused:
            sound("uk_retail", said("uk_retail") | {"countries": ["GB", "CY"]}, {"eu_retail": said("eu_retail")})
        [flaw] = refused.value.flaws
        assert flaw.place == "countries"
        assert say_plainly(flaw.sentence) == "Cyprus is in the pack “EU retail” already. Take it out there first."

    def test_two_drafts_that_take_the_same_one_are_judged_one_after_the_other(
        self, app: Flask, mia: Person, omar: Person
    ):
        first = proposed(mia, "uk_retail", said("uk_retail") | {"countries": ["GB", "NZ"]})
        second = proposed(mia, "au_retail", said("au_retail") | {"countries": ["AU", "NZ"]})
        approve(omar, first)
        with pytest.raises(NotSound):
            approve(omar, second)
        assert "NZ" not in said("au_retail")["countries"]

    @pytest.mark.parametrize("key", ["unknown", "professional", "offshore"])
    def test_packs_that_no_country_chooses_take_none(self, app: Flask, key: str):
        assert flaws(key, said(key) | {"countries": ["NZ"]}) == ["countries"]

    @pytest.mark.parametrize("code", ["XX", "nz", "N", "🇳🇿", ""])
    def test_what_is_no_country_is_refused(self, app: Flask, code: str):
        assert flaws("au_retail", said("au_retail") | {"countries": ["AU", code]}) == ["countries"]


class TestWhatIsUnknown:
    """Stays the strictest, whichever side is changed."""

    @pytest.mark.parametrize("fact", [fact.name.lower() for fact in PaysFor])
    def test_it_cannot_be_made_looser_than_a_retail_pack(self, app: Flask, fact: str):
        assert flaws("unknown", with_facts("unknown", **{fact: "allow"})) == [f"facts.{fact}"]

    def test_a_retail_pack_cannot_be_made_stricter_than_it(self, app: Flask):
        assert flaws("eu_retail", with_facts("eu_retail", learning="forbid")) == ["facts.learning"]

    def test_first_it_then_the_other(self, app: Flask, mia: Person, omar: Person):
        published(mia, omar, "unknown", with_facts("unknown", learning="forbid"))
        published(mia, omar, "eu_retail", with_facts("eu_retail", learning="forbid"))
        assert programme.current().policy.standing("eu_retail", "CY", 1).judge(PaysFor.LEARNING) == Verdict.FORBID

    @pytest.mark.parametrize("key", ["unknown", "professional"])
    def test_it_never_makes_way_for_professionals(self, app: Flask, key: str):
        assert "retail" in flaws(key, said(key) | {"retail": True})


class TestTheWarning:
    """Is filled in on every page: nothing that a form says may break that."""

    @pytest.mark.parametrize(
        "written",
        [
            "No figure at all.",
            f"{LOSS}% lose, and {LOSS}% more.",
            "%(evil)s% lose.",
            f"{LOSS}% lose, %(other)s.",
            "%s% lose.",
            "%(loss)d% lose.",
            "%(loss)S% lose.",
            "%%(loss) lose.",
            "%(LOSS)s lose.",
            "{loss} lose.",
            "",
            "\u202e\u202d",
            f"{LOSS}%" + "x" * 1001,
        ],
    )
    def test_what_cannot_be_filled_in_once_is_refused(self, app: Flask, written: str):
        definition = said("offshore") | {"warning": {"en": as_stored(written)}}
        assert flaws("offshore", definition) == ["warning.en"]

    @pytest.mark.parametrize(
        "written",
        [
            f"{LOSS}% lose.",
            f"{LOSS} percent lose, 100% sure.",
            f"100 % of you? {LOSS}%.",
            f"%{LOSS}",
            f"5%5%5% {LOSS}",
            f"<b>{LOSS}</b>% & co",
        ],
    )
    def test_other_percent_signs_stand_as_they_were_written(self, app: Flask, mia: Person, omar: Person, written: str):
        definition = said("unknown") | {"warning": {"en": as_stored(written)}}
        published(mia, omar, "unknown", definition)
        house = brand()
        warning = risk_warning(house, "en", pack=programme.current().policy.pack("unknown"))
        assert say_plainly(warning) == written.replace(LOSS, "74.2")

    @given(st.text(alphabet="%()sloe x1", max_size=30))
    def test_whatever_was_accepted_can_be_filled_in(self, written: str):
        stored = as_stored(written)
        definition = {"name": {"en": "x"}, "facts": {}, "warning": {"en": stored}}
        definition["facts"] = {fact.name.lower(): "allow" for fact in PaysFor}
        try:
            kept = sound("x", definition, {})
        except NotSound:
            return
        shown = kept["warning"]["en"] % {"loss": "74.2"}
        assert shown == " ".join(written.split()).replace(LOSS, "74.2")
        assert as_stored(as_written(kept["warning"]["en"])) == kept["warning"]["en"]

    def test_a_warning_that_was_stored_as_it_was_written_is_refused(self, app: Flask):
        assert flaws("offshore", said("offshore") | {"warning": {"en": f"{LOSS}% lose."}}) == ["warning.en"]


class TestAttempts:
    """What does not get through."""

    def test_nobody_publishes_alone(self, app: Flask, omar: Person, vera: Person):
        proposal_id = proposed(omar, "offshore", with_facts("offshore", deposit="forbid"))
        for who, refusal in ((omar, OwnProposal), (vera, NotEntitled)):
            with pytest.raises(refusal):
                approve(who, proposal_id)

    def test_a_viewer_writes_nothing(self, app: Flask, vera: Person, mia: Person):
        with transaction():
            draft_id = publishing.begin(mia.id, "offshore", now=NOW)
        for attempt in (
            lambda: publishing.begin(vera.id, "eu_retail", now=NOW),
            lambda: publishing.begin_new(vera.id, "za_retail", "unknown", now=NOW),
            lambda: publishing.save(vera.id, draft_id, said("offshore"), 1, now=NOW),
            lambda: publishing.propose(vera.id, draft_id, 1, now=NOW),
            lambda: publishing.discard(vera.id, draft_id, 1, now=NOW),
        ):
            with pytest.raises(NotEntitled), transaction():
                attempt()

    def test_a_draft_over_an_older_revision_is_refused(self, app: Flask, mia: Person, omar: Person):
        stale = proposed(mia, "offshore", with_facts("offshore", deposit="forbid"))
        with transaction() as conn:
            conn.execute(text("DELETE FROM draft"))
        published(mia, omar, "offshore", with_facts("offshore", learning="forbid"))
        with pytest.raises(StaleBase):
            approve(omar, stale)
        assert said("offshore")["facts"]["deposit"] == "allow"

    def test_who_read_an_older_version_neither_saves_nor_proposes(self, app: Flask, mia: Person, omar: Person):
        with transaction():
            draft_id = publishing.begin(mia.id, "offshore", now=NOW)
            publishing.save(omar.id, draft_id, with_facts("offshore", deposit="forbid"), 1, now=NOW)
        with pytest.raises(DraftChanged), transaction():
            publishing.save(mia.id, draft_id, said("offshore"), 1, now=NOW)
        with pytest.raises(DraftChanged), transaction():
            publishing.propose(mia.id, draft_id, 1, now=NOW)

    def test_a_draft_that_changes_nothing_is_not_proposed(self, app: Flask, mia: Person):
        with transaction():
            draft_id = publishing.begin(mia.id, "offshore", now=NOW)
        with pytest.raises(NothingChanged), transaction():
            publishing.propose(mia.id, draft_id, 1, now=NOW)

    def test_there_is_no_pack_to_draft_under_another_key(self, app: Flask, mia: Person):
        with pytest.raises(NotFound), transaction():
            publishing.begin(mia.id, "mars", now=NOW)

    def test_a_published_revision_never_changes(self, app: Flask, mia: Person, omar: Person):
        published(mia, omar, "offshore", with_facts("offshore", deposit="forbid"))
        for statement in ("UPDATE pack_revision SET definition = '{}'", "DELETE FROM pack_revision"):
            with pytest.raises(IntegrityError), transaction() as conn:
                conn.execute(text(statement))

    @pytest.mark.parametrize("verdict", ["", "ALLOW ", "free", "0"])
    def test_there_are_four_verdicts(self, app: Flask, verdict: str):
        assert flaws("offshore", with_facts("offshore", trading=verdict)) == ["facts.trading"]


class TestTheSecondPerson:
    """Is told in words what becomes looser."""

    def warnings(self, key: str, definition: dict[str, Any]) -> list[str]:
        payload = {"key": key, "definition": definition, "based_on": publishing.in_force()[key].number}
        return [say_plainly(one) for one in kind_of(publishing.KIND).summary(1, payload).warnings]

    def test_a_looser_verdict(self, app: Flask):
        found = self.warnings("eu_retail", with_facts("eu_retail", trading="allow", learning="forbid"))
        assert "Looser: Trading goes from “Forbidden” to “Allowed”." in found
        assert not any("Learning" in one for one in found)

    def test_a_country_that_leaves_its_pack(self, app: Flask):
        found = self.warnings("uk_retail", said("uk_retail") | {"countries": ["GB"]})
        assert any("Gibraltar" in one and "International" in one for one in found)

    def test_a_country_that_a_stricter_pack_takes_in_is_not_looser(self, app: Flask):
        found = self.warnings("uk_retail", said("uk_retail") | {"countries": [*said("uk_retail")["countries"], "NZ"]})
        assert not any(one.startswith("Looser") for one in found)

    def test_what_no_pack_can_open_is_always_said(self, app: Flask):
        assert "Streaks of trading days" in self.warnings("offshore", with_facts("offshore", trading="forbid"))[-1]

    def test_a_pack_that_protects_retail_clients_no_more(self, app: Flask):
        said_now = said("offshore") | {"retail": True}
        assert any("professional pack" in one for one in self.warnings("offshore", said_now))


def test_changes_name_every_line(app: Flask):
    before = said("eu_retail")
    after = {
        **with_facts("eu_retail", trading="recognition"),
        "name": {"en": "Europe"},
        "cites": {},
        "countries": ["CY"],
    }
    labels = [say_plainly(one.label) if not isinstance(one.label, str) else one.label for one in changes(before, after)]
    assert "Trading" in labels
    assert "Countries taken out" in labels
    assert any(label.startswith("Trading: rule cited") for label in labels)
    assert changes(before, before) == ()


def test_a_stored_definition_is_sound_as_it_is(app: Flask):
    packs = publishing.in_force()
    for key, revision in packs.items():
        kept = sound(key, revision.definition, publishing.others(packs, key))
        assert sound(key, kept, publishing.others(packs, key)) == kept
