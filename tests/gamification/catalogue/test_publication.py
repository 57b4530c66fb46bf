"""What the catalogue holds is published, retired and offered again by two people, and by nobody on what is stale."""

from datetime import timedelta
from typing import Any

import pytest

from app.gamification import catalogue, drafts, programme
from app.gamification.approvals import reads as approvals
from app.gamification.audit import reads as audit
from app.gamification.catalogue import BADGES, CHALLENGES, reads, writing
from app.gamification.errors.catalogue import OfferedAlready, PublishedMeanwhile, RetiredAlready
from app.gamification.errors.desk import DraftChanged, OwnProposal, ProposedAlready
from app.gamification.errors.programme import NothingChanged, NotSound, StaleBase
from app.gamification.errors.rules import NotReady
from app.gamification.errors.staff import NotEntitled
from app.lib import clock
from app.models.base import transaction
from tests.support.cast import Person
from tests.support.desk import acts
from tests.support.play import NOON
from tests.support.playing import JOURNAL, LESSONS, LOTS, badge, challenge
from tests.support.proposals import approve, reject, state_of

NAME = {"en": "Steady", "ar": "ثبات", "zh": "稳定"}


def plain(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A challenge that lacks nothing."""
    return {"name": NAME, "steps": list(steps or (JOURNAL,)), **more}


def drafted(by: Person, definition: dict[str, Any]) -> int:
    with transaction():
        return writing.begin(CHALLENGES, by.id, definition, now=clock.now())


def proposed(by: Person, draft_id: int) -> int:
    draft = drafts.read(draft_id)
    assert draft is not None
    with transaction():
        return writing.propose(CHALLENGES, by.id, draft_id, draft.version, "", now=clock.now())


def published(by: Person, other: Person, definition: dict[str, Any]) -> int:
    """A challenge that one wrote and the other published; its id."""
    draft_id = drafted(by, definition)
    key = drafts.read(draft_id).key  # type: ignore[union-attr]
    approve(other, proposed(by, draft_id))
    found = reads.of_key(CHALLENGES, key)
    assert found is not None
    return found


def revised(by: Person, challenge_id: int, **changes: Any) -> int:
    """The draft of a challenge's next revision, saved with these parts otherwise."""
    with transaction():
        draft_id = writing.begin_revision(CHALLENGES, by.id, challenge_id, now=clock.now())
        draft = drafts.locked(draft_id)
        writing.save(CHALLENGES, by.id, draft_id, {**draft.definition, **changes}, draft.version, now=clock.now())
    return draft_id


def turned(by: Person, challenge_id: int, to: str) -> int:
    with transaction():
        return writing.propose_turn(CHALLENGES, by.id, challenge_id, to, "", now=clock.now())


class TestTwoPeople:
    """One writes, another publishes."""

    def test_a_challenge_is_offered_once_a_second_person_has_approved(self, mia: Person, omar: Person):
        draft_id = drafted(mia, plain())
        proposal = proposed(mia, draft_id)
        assert not programme.current().play.live
        approve(omar, proposal)
        [live] = programme.current().play.live
        assert live.key == "steady" and live.number == 1
        assert drafts.read(draft_id) is None

    def test_nobody_publishes_their_own(self, dana: Person):
        proposal = proposed(dana, drafted(dana, plain()))
        with pytest.raises(OwnProposal):
            approve(dana, proposal)
        assert not programme.current().play.live

    def test_a_viewer_writes_nothing(self, vera: Person):
        with pytest.raises(NotEntitled):
            drafted(vera, plain())

    def test_saving_takes_the_proposal_back(self, mia: Person, omar: Person):
        draft_id = drafted(mia, plain())
        proposal = proposed(mia, draft_id)
        with transaction():
            writing.save(CHALLENGES, mia.id, draft_id, plain(LESSONS), 1, now=clock.now())
        assert state_of(proposal) == "void"

    def test_of_two_who_save_at_once_the_second_is_told(self, mia: Person):
        draft_id = drafted(mia, plain())
        with transaction():
            writing.save(CHALLENGES, mia.id, draft_id, plain(LESSONS), 1, now=clock.now())
        with pytest.raises(DraftChanged), transaction():
            writing.save(CHALLENGES, mia.id, draft_id, plain(LOTS), 1, now=clock.now())

    def test_saving_what_it_says_already_changes_nothing(self, mia: Person):
        draft_id = drafted(mia, plain(LESSONS, {**JOURNAL, "after": [0]}))
        with transaction():
            draft = drafts.locked(draft_id)
            assert writing.save(CHALLENGES, mia.id, draft_id, draft.definition, 1, now=clock.now()) == 1

    def test_each_act_is_in_the_log(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        approve(omar, proposed(mia, revised(mia, challenge_id, places=50)))
        approve(omar, turned(mia, challenge_id, writing.RETIRED))
        mine = [act for act in acts() if act.startswith("challenge.")]
        new, publish, retire = ["challenge.draft"], "challenge.publish", "challenge.retire"
        assert mine == [*new, publish, *new, "challenge.edit", publish, retire]
        told = audit.of_subject("challenge", challenge_id)[1]
        assert told.before["places"] is None and told.after["places"] == 50 and told.after["revision"] == 2

    def test_the_second_person_reads_what_changes_and_what_it_can_cost(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        proposal = proposed(mia, revised(mia, challenge_id, places=100, reward={"points": 50}))
        summary = approvals.one(proposal).summary
        assert summary is not None
        assert {str(change.label) for change in summary.changes} >= {"Places", "Points"}
        costs = [one for warning in summary.warnings if (one := warning.values.get("note")) and "amount" in one.values]
        assert costs[0].values["points"] == 5000


class TestStale:
    """What was begun before something else was published comes to nothing."""

    def test_a_draft_over_an_older_revision_is_refused(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        draft_id = revised(mia, challenge_id, places=50)
        proposal = proposed(mia, draft_id)
        with transaction():
            catalogue.publish(CHALLENGES, "steady", plain(LESSONS), now=clock.now())
        with pytest.raises(StaleBase):
            approve(omar, proposal)

    def test_what_says_the_same_is_not_published(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        with transaction():
            draft_id = writing.begin_revision(CHALLENGES, mia.id, challenge_id, now=clock.now())
        with pytest.raises(NothingChanged):
            proposed(mia, draft_id)

    def test_a_second_draft_is_the_first(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        assert revised(mia, challenge_id, places=5) == revised(mia, challenge_id, places=6)

    def test_a_copy_has_a_key_and_names_of_its_own(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        with transaction():
            draft_id = writing.begin_copy(CHALLENGES, mia.id, challenge_id, now=clock.now())
        draft = drafts.read(draft_id)
        assert draft is not None and draft.key == "steady_2" and draft.subject_id is None
        assert draft.definition["name"]["en"] == "Steady (copy)"

    def test_a_copy_of_a_long_name_says_so_too(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain() | {"name": dict.fromkeys(NAME, "名" * 80)})
        with transaction():
            draft_id = writing.begin_copy(CHALLENGES, mia.id, challenge_id, now=clock.now())
        copied = drafts.read(draft_id).definition["name"]  # type: ignore[union-attr]
        assert all(len(name) <= 80 for name in copied.values())
        assert copied["en"].endswith("名 (copy)") and copied["zh"].endswith("名（副本）")


class TestTurning:
    """Out of the offer, and back."""

    def test_retired_and_offered_again(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        approve(omar, turned(mia, challenge_id, writing.RETIRED))
        assert not programme.current().play.live
        assert reads.one(CHALLENGES, challenge_id).state == "retired"
        approve(omar, turned(mia, challenge_id, writing.OFFERED))
        assert len(programme.current().play.live) == 1

    def test_not_twice(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        with pytest.raises(OfferedAlready):
            turned(mia, challenge_id, writing.OFFERED)
        first = turned(mia, challenge_id, writing.RETIRED)
        with pytest.raises(ProposedAlready):
            turned(mia, challenge_id, writing.RETIRED)
        approve(omar, first)
        with pytest.raises(RetiredAlready):
            turned(mia, challenge_id, writing.RETIRED)

    def test_not_what_was_published_after_it_was_proposed(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        proposal = turned(mia, challenge_id, writing.RETIRED)
        approve(omar, proposed(mia, revised(mia, challenge_id, places=5)))
        with pytest.raises(PublishedMeanwhile):
            approve(omar, proposal)
        reject(omar, proposal)

    def test_a_new_revision_brings_back_what_was_retired(self, mia: Person, omar: Person):
        challenge_id = published(mia, omar, plain())
        approve(omar, turned(mia, challenge_id, writing.RETIRED))
        approve(omar, proposed(mia, revised(mia, challenge_id, places=9)))
        assert reads.one(CHALLENGES, challenge_id).state == "live"


class TestReadiness:
    """What must be done before anybody is offered it."""

    @pytest.mark.parametrize(
        ("definition", "todo"),
        [
            (plain() | {"name": {"en": "Only English"}}, "Named in every language"),
            (plain(LOTS, audience={"countries": ["CY"], "classes": [1]}), "A law pack lets somebody take part"),
            (plain(audience={"levels": ["adamant"]}), "Is for levels of the ladder"),
            (plain(reward={"badge": "nobodys"}), "Its badge is published and has that level"),
            (
                plain(window={"kind": "fixed", "first": "2020-01-01", "last": "2020-01-31"}),
                "Its last day lies ahead",
            ),
        ],
    )
    def test_it_is_refused_and_said(self, mia: Person, definition: dict[str, Any], todo: str):
        with pytest.raises(NotReady) as refused:
            proposed(mia, drafted(mia, definition))
        assert refused.value.sentence.values["todo"].msgid == todo

    def test_a_level_that_its_badge_lacks_is_refused(self, mia: Person):
        badge("process", {"kind": "given"}, "1")
        with pytest.raises(NotReady):
            proposed(mia, drafted(mia, plain(reward={"badge": "process", "badge_level": 2})))
        proposed(mia, drafted(mia, plain(reward={"badge": "process"})))

    def test_a_quest_takes_its_strictest_step(self, mia: Person):
        retail = {"countries": ["CY"], "classes": [1]}
        proposed(mia, drafted(mia, plain(JOURNAL, LESSONS, audience=retail)))
        with pytest.raises(NotReady):
            proposed(mia, drafted(mia, plain(JOURNAL, LOTS, audience=retail)))

    def test_what_nobody_could_read_is_not_even_kept(self, mia: Person):
        with pytest.raises(NotSound):
            drafted(mia, plain({"kind": "lots_traded", "settings": {"target": "NaN"}}))

    def test_nothing_becomes_ready_by_waiting(self, mia: Person, omar: Person):
        """What is offered again is judged by the day on which it is."""
        day = (clock.now() - timedelta(days=3)).date().isoformat()
        window = {"kind": "fixed", "first": "2020-01-01", "last": day}
        challenge_id = challenge("over", JOURNAL, name=NAME, window=window, now=NOON)
        with transaction():
            catalogue.retire(CHALLENGES, challenge_id, now=clock.now())
        with pytest.raises(NotReady):
            turned(mia, challenge_id, writing.OFFERED)


class TestBadges:
    """Badges go the same way."""

    def test_a_badge_is_published_and_retired_by_two(self, mia: Person, omar: Person):
        definition = {"name": NAME, "criterion": {"kind": "journal_entries"}, "levels": ["3", "10"], "points": [5, 10]}
        with transaction():
            draft_id = writing.begin(BADGES, mia.id, definition, now=clock.now())
            proposal = writing.propose(BADGES, mia.id, draft_id, 1, "", now=clock.now())
        approve(omar, proposal)
        [live] = programme.current().play.live_badges
        assert live.key == "steady"
        with transaction():
            out = writing.propose_turn(BADGES, mia.id, live.badge_id, writing.RETIRED, "", now=clock.now())
        approve(omar, out)
        assert not programme.current().play.live_badges
        assert [act for act in acts() if act.startswith("badge.")] == ["badge.draft", "badge.publish", "badge.retire"]
