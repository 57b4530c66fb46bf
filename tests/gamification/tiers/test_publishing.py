"""A ladder becomes law by two people, and nobody falls by it before the night."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.gamification import drafts, programme
from app.gamification.activities import Custom
from app.gamification.approvals import proposals
from app.gamification.approvals import reads as approvals
from app.gamification.approvals.registry import kind_of
from app.gamification.audit import reads as audit
from app.gamification.errors import Refusal
from app.gamification.errors.desk import AlreadyDecided, DraftChanged, KeyTaken, OwnProposal
from app.gamification.errors.programme import NothingChanged, NotSound, StaleBase
from app.gamification.errors.staff import NotEntitled
from app.gamification.messages import reads as messages
from app.gamification.tiers import publishing
from app.lib.clock import from_micros
from app.models.base import read_all, transaction
from tests.gamification.tiers.climbing import (
    climb,
    drawn,
    earn,
    history,
    level,
    night,
    programme_with,
    proposed,
    published,
)
from tests.support.cast import Person
from tests.support.play import Said, play, trader, wallet
from tests.support.programmes import publish

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
FOUR = (("bronze", 0, None), ("silver", 100, None), ("gold", 150, 75), ("titanium", 400, None))


def test_two_people_put_a_ladder_in_force(app: Flask, mia: Person, omar: Person):
    programme_with()
    before = publishing.in_force()
    proposal_id = published(mia, omar, drawn(*FOUR), JUNE)
    after, current = publishing.in_force(), programme.current()
    assert (after.number, after.published_at) == (before.number + 1, JUNE)
    assert [one.key for one in current.ladder.levels] == ["bronze", "silver", "gold", "titanium"]
    assert publishing.draft() is None
    [entry, *_] = audit.of_subject("ladder", 1)
    assert (entry.action, entry.staff_id, entry.after["number"]) == ("ladder.publish", omar.id, after.number)
    assert approvals.one(proposal_id).state == "approved"


def test_a_new_level_gets_an_id_that_no_level_had(app: Flask, mia: Person, omar: Person):
    programme_with()
    ids = {row.key: row.id for row in read_all(text("SELECT key, id FROM tier_level"))}
    published(mia, omar, drawn(*FOUR), JUNE)
    published(mia, omar, drawn(), JUNE)
    published(mia, omar, drawn(*FOUR[:3], ("vibranium", 900, None)), JUNE)
    now = {row.key: row.id for row in read_all(text("SELECT key, id FROM tier_level"))}
    assert now == {**ids, "titanium": max(ids.values()) + 1, "vibranium": max(ids.values()) + 2}


def test_the_pipeline_multiplies_by_the_new_ladder(app: Flask, mia: Person, omar: Person):
    programme_with()
    publish(
        "doubled", {"kind": "custom.doubled", "base": {"kind": "count", "rate": "1"}, "factors": [{"kind": "tier"}]}
    )
    member = trader()
    earn(member, 100, JUNE)
    definition = drawn()
    definition["levels"][1]["factor"] = "2"
    published(mia, omar, definition, JUNE + timedelta(hours=1))
    said = Said(Custom(count=7), "custom.doubled", JUNE + timedelta(hours=2))
    assert play(member, said).earned == 14


class TestAttempts:
    """What does not get through."""

    def test_nobody_publishes_alone(self, app: Flask, omar: Person, vera: Person):
        programme_with()
        proposal_id = proposed(omar, drawn(*FOUR), JUNE)
        digest = approvals.one(proposal_id).digest
        for who, refusal in ((omar, OwnProposal), (vera, NotEntitled)):
            with pytest.raises(refusal), transaction():
                proposals.approve(who.id, proposal_id, digest, now=JUNE)

    def test_a_viewer_writes_nothing(self, app: Flask, vera: Person, mia: Person):
        with pytest.raises(NotEntitled), transaction():
            publishing.begin(vera.id, now=JUNE)
        with transaction():
            draft_id = publishing.begin(mia.id, now=JUNE)
        for attempt in (
            lambda: publishing.save(vera.id, draft_id, drawn(), 1, now=JUNE),
            lambda: publishing.propose(vera.id, draft_id, 1, now=JUNE),
            lambda: publishing.discard(vera.id, draft_id, 1, now=JUNE),
        ):
            with pytest.raises(NotEntitled), transaction():
                attempt()

    def test_a_draft_over_an_older_ladder_is_refused(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        proposal_id = proposed(mia, drawn(*FOUR), JUNE)
        climb(("bronze", 0, None), ("silver", 90, None))
        with pytest.raises(StaleBase), transaction():
            proposals.approve(omar.id, proposal_id, approvals.one(proposal_id).digest, now=JUNE)
        assert publishing.in_force().definition["levels"][1]["threshold"] == 90

    def test_a_draft_that_changes_nothing_is_not_proposed(self, app: Flask, mia: Person):
        with transaction():
            draft_id = publishing.begin(mia.id, now=JUNE)
        with pytest.raises(NothingChanged), transaction():
            publishing.propose(mia.id, draft_id, 1, now=JUNE)

    def test_saving_lets_an_open_proposal_fall(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        proposal_id = proposed(mia, drawn(*FOUR), JUNE)
        draft = publishing.draft()
        assert draft is not None
        digest = approvals.one(proposal_id).digest
        with transaction():
            publishing.save(omar.id, draft.id, drawn(*FOUR[:3]), draft.version, now=JUNE)
        with pytest.raises(AlreadyDecided), transaction():
            proposals.approve(omar.id, proposal_id, digest, now=JUNE)

    def test_who_read_an_older_version_neither_saves_nor_proposes(self, app: Flask, mia: Person, omar: Person):
        with transaction():
            draft_id = publishing.begin(mia.id, now=JUNE)
            publishing.save(omar.id, draft_id, drawn(*FOUR), 1, now=JUNE)
        with pytest.raises(DraftChanged), transaction():
            publishing.save(mia.id, draft_id, drawn(), 1, now=JUNE)
        with pytest.raises(DraftChanged), transaction():
            publishing.propose(mia.id, draft_id, 1, now=JUNE)

    def test_there_is_one_draft(self, app: Flask, mia: Person, omar: Person):
        with transaction():
            publishing.begin(mia.id, now=JUNE)
        with pytest.raises(KeyTaken), transaction():
            publishing.begin(omar.id, now=JUNE)

    def test_a_published_ladder_never_changes(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        published(mia, omar, drawn(*FOUR), JUNE)
        for statement in ("UPDATE ladder_revision SET definition = '{}'", "DELETE FROM ladder_revision"):
            with pytest.raises(IntegrityError), transaction() as conn:
                conn.execute(text(statement))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"levels": []}, "levels"),
        ({"levels": drawn(("bronze", 5, None))["levels"]}, "levels.0.threshold"),
        ({"levels": drawn(("bronze", 0, None), ("silver", 0, None))["levels"]}, "levels.1.threshold"),
        ({"levels": drawn(("bronze", 0, None), ("silver", 9, 10))["levels"]}, "levels.1.keep"),
        ({"levels": drawn(("bronze", 0, 1))["levels"]}, "levels.0.keep"),
        ({"levels": drawn(("bronze", 0, None), ("bronze", 9, None))["levels"]}, "levels.1.key"),
        ({"levels": drawn(("Bronze!", 0, None))["levels"]}, "levels.0.key"),
        ({"levels": drawn(("bronze", 0, None), ("silver", 2**60, None))["levels"]}, "levels.1.threshold"),
        ({"levels": drawn(("bronze", 0, None), ("silver", 10**400, None))["levels"]}, "levels.1.threshold"),
        ({"levels": drawn(("bronze", 0, None), ("silver", "NaN", None))["levels"]}, "levels.1.threshold"),
        ({"levels": [{**drawn()["levels"][0], "factor": "0"}]}, "levels.0.factor"),
        ({"levels": [{**drawn()["levels"][0], "factor": "1e3"}]}, "levels.0.factor"),
        ({"levels": [{**drawn()["levels"][0], "name": {"ar": "برونزي"}}]}, "levels.0.name.en"),
        ({"levels": [{**drawn()["levels"][0], "name": {"en": "\u202e" * 9}}]}, "levels.0.name.en"),
        ({"levels": [{**drawn()["levels"][0], "perks": [{"text": {"en": ""}}]}]}, "levels.0.perks.0.text.en"),
        ({"period": {"kind": "rolling", "days": 0}}, "period.days"),
        ({"grace_days": 366}, "grace_days"),
        ({"warn_days": -1}, "warn_days"),
        ({"promotion": "next_period"}, "promotion"),
        ({"downgrade": "to the dungeon"}, ""),
        ({"levels": drawn(*((f"l{n}", n, None) for n in range(13)))["levels"]}, "levels"),
    ],
)
def test_what_nobody_could_stand_on_is_named_at_its_place(app: Flask, mia: Person, changed, place):
    with transaction():
        draft_id = publishing.begin(mia.id, now=JUNE)
    with pytest.raises(NotSound) as refused, transaction():
        publishing.save(mia.id, draft_id, {**drawn(), **changed}, 1, now=JUNE)
    assert place in [flaw.place for flaw in refused.value.flaws]
    assert drafts.read(draft_id).version == 1


class TestALevelThatGoes:
    """Gold is taken out of the ladder."""

    def test_its_members_stand_on_the_level_below_at_once_and_the_night_takes_nothing(
        self, app: Flask, mia: Person, omar: Person
    ):
        programme_with()
        member = trader()
        earn(member, 160, JUNE)
        published(mia, omar, drawn(*FOUR[:2]), JUNE)
        ladder = programme.current().ladder
        assert ladder.level(wallet(member).level_id).key == "silver"
        assert night(JUNE + timedelta(days=1)).fallen == 0
        assert ladder.level(wallet(member).level_id).key == "silver"

    def test_what_was_told_of_it_stays_true(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        member = trader()
        earn(member, 160, JUNE)
        published(mia, omar, drawn(*FOUR[:2]), JUNE)
        told = read_all(text("SELECT kind, facts FROM message ORDER BY id"))
        said = [messages.said(row.kind, row.facts, 0, True, programme.current().ladder, "en") for row in told]
        assert [one.wording.sentence.values["level"] for one in said if one] == ["Gold"]

    def test_it_can_fall_further_by_the_new_ladder(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        member = trader()
        earn(member, 160, JUNE)
        published(mia, omar, drawn(("bronze", 0, None), ("silver", 150, None)), JUNE)
        night(JUNE + timedelta(days=180))
        assert level(member) == "bronze"

    def test_who_stood_on_it_stands_on_it_again_when_it_comes_back(self, app: Flask, mia: Person, omar: Person):
        programme_with()
        member = trader()
        earn(member, 160, JUNE)
        published(mia, omar, drawn(*FOUR[:2]), JUNE)
        published(mia, omar, drawn(*FOUR), JUNE)
        assert (level(member), [key for key, _ in history(member)]) == ("gold", ["gold"])

    def test_the_second_person_is_told_whom_it_concerns(self, app: Flask, mia: Person):
        programme_with()
        publish(
            "golden",
            {"kind": "visit", "base": {"kind": "fixed", "rate": "1"}, "audience": {"levels": ["gold"]}},
        )
        proposal_id = proposed(mia, drawn(*FOUR[:2]), JUNE)
        row = approvals.one(proposal_id)
        summary = kind_of("ladder.publish").summary(1, {"definition": drawn(*FOUR[:2]), "based_on": 2})
        said = [warning.msgid for warning in summary.warnings]
        assert row.kind == "ladder.publish"
        assert any("would pay nobody" in words for words in said)
        assert any("stands on %(other)s" in words for words in said)


def test_a_lowered_threshold_lifts_in_the_night_in_a_calendar_period_too(app: Flask, mia: Person, omar: Person):
    programme_with(period={"kind": "month"})
    member = trader()
    earn(member, 90, JUNE)
    published(mia, omar, drawn(("bronze", 0, None), ("silver", 80, None), period={"kind": "month"}), JUNE)
    assert level(member) == "bronze"
    assert night(JUNE + timedelta(days=1)).risen == 1
    assert level(member) == "silver"
    assert history(member)[-1][1] == from_micros(wallet(member).level_since)


def test_refusals_say_what_to_do(app: Flask):
    for refusal in (StaleBase(), NothingChanged(), NotSound([])):
        assert isinstance(refusal, Refusal)
        assert refusal.sentence.msgid.endswith(".")
