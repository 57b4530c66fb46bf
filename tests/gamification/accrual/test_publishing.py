"""The life of a rule: written by one, approved by another, immutable, never overlapping, ended for good."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.gamification import drafts, programme
from app.gamification.accrual.publishing import drafting, revisions
from app.gamification.approvals import proposals
from app.gamification.audit import reads as audit
from app.gamification.errors.desk import DraftChanged, OwnProposal, ProposalChanged
from app.gamification.errors.rules import (
    EndsBeforeItStarts,
    NothingToRetire,
    NotReady,
    RevisionChanged,
    RuleNotFound,
    ScheduledAlready,
    StartsInThePast,
)
from app.gamification.errors.staff import NotEntitled
from app.lib import clock
from app.lib.clock import to_micros
from app.models.activity import Reason
from app.models.base import read_all, transaction
from tests.support import programmes
from tests.support.cast import Person, make_staff
from tests.support.examples import examples
from tests.support.play import Said, play, trade, trader
from tests.support.rules import approve, changed, payload, propose, publish, rewrite, rule_id, view, write

DAY = timedelta(days=1)


def ahead(days: int) -> date:
    return (clock.now() + days * DAY).date()


def spans(key: str) -> list[tuple[int, int]]:
    """From when to when each revision is in force, those that never ran left out."""
    end = 2**62
    found = [
        (to_micros(one.effective_from), end if one.effective_to is None else to_micros(one.effective_to))
        for one in view(key).revisions
    ]
    return [span for span in found if span[0] < span[1]]


def test_two_people_publish_a_revision(app: Flask, mia: Person, omar: Person):
    before = view("trades")
    draft_id = write(mia, "trades", base={"kind": "lots", "rate": "15"})
    assert view("trades").draft is not None
    proposal_id = propose(mia, draft_id)
    assert view("trades").publication is not None
    with pytest.raises(OwnProposal):
        approve(mia, proposal_id)
    approve(omar, proposal_id)
    after = view("trades")
    assert after.live is not None and before.live is not None
    assert (after.live.number, after.live.definition.base.rate) == (2, "15")
    assert after.draft is None and after.publication is None
    assert after.revisions[0].plain == before.revisions[0].plain
    assert after.revisions[0].effective_to == after.live.effective_from
    [entry] = [one for one in audit.of_subject("rule", rule_id("trades")) if one.action == "rule.publish"]
    assert entry.staff_id == omar.id
    assert entry.before["base"]["rate"] == "100" and entry.after["base"]["rate"] == "15"
    assert "name" not in entry.after


def test_an_approver_cannot_approve_alone_and_a_manager_never(app: Flask, mia: Person, omar: Person):
    proposal_id = propose(omar, write(omar, "trades", hold_days=9))
    with pytest.raises(OwnProposal):
        approve(omar, proposal_id)
    with pytest.raises(NotEntitled):
        approve(mia, proposal_id)
    assert view("trades").live.number == 1  # type: ignore[union-attr]


def test_a_viewer_writes_nothing(app: Flask, vera: Person):
    now = clock.now()
    with pytest.raises(NotEntitled), transaction():
        drafting.begin(vera.id, "Mine", "visit", now=now)
    with pytest.raises(NotEntitled), transaction():
        drafting.begin_revision(vera.id, rule_id("trades"), now=now)


def test_what_occurred_before_earns_by_the_old_revision_and_what_occurs_now_by_the_new(
    app: Flask, mia: Person, omar: Person
):
    member = trader()
    published = publish(mia, omar, "trades", base={"kind": "lots", "rate": "15"}, factors=[])
    assert published.live is not None
    since = published.live.effective_from
    now = since + timedelta(hours=3)
    new = play(member, Said(trade(at=since + timedelta(hours=2)), at=since + timedelta(hours=2)), now=now)
    old = play(member, Said(trade(at=since - 3 * DAY), at=since - 3 * DAY), now=now)
    assert (new.earned, old.earned) == (15, 100)
    assert new.entries[-1][0] == published.live.id


def test_a_scheduled_revision_begins_on_its_day(app: Flask, mia: Person, omar: Person):
    after = publish(mia, omar, "journal", first=ahead(10), base={"kind": "fixed", "rate": "20"}, caps=[])
    assert after.live is not None and after.scheduled is not None
    assert (after.live.number, after.scheduled.number) == (1, 2)
    assert after.live.effective_to == after.scheduled.effective_from
    begins = after.scheduled.effective_from
    assert begins.astimezone(programme.current().zone).time().isoformat() == "00:00:00"
    member = trader()
    before = play(member, Said(None, kind="journal.written", at=begins - timedelta(seconds=1)), now=begins + DAY)
    on_it = play(member, Said(None, kind="journal.written", at=begins), now=begins + DAY)
    assert (before.earned, on_it.earned) == (10, 20)


def test_at_most_one_revision_is_to_come(app: Flask, mia: Person, omar: Person):
    publish(mia, omar, "trades", first=ahead(10), hold_days=1)
    with pytest.raises(ScheduledAlready):
        propose(mia, write(mia, "trades", first=ahead(20), hold_days=2))
    sooner = publish(mia, omar, "trades", first=ahead(5), hold_days=3)
    assert sooner.scheduled is not None and sooner.scheduled.number == 3
    assert [one.number for one in sooner.revisions if one.never_ran] == [2]
    at_once = publish(mia, omar, "trades", first=None, hold_days=4)
    assert at_once.live is not None and at_once.live.number == 4
    assert at_once.scheduled is None


def test_a_rule_with_a_last_day_can_still_be_revised(app: Flask, mia: Person, omar: Person):
    publish(mia, omar, "trades", last=ahead(30), hold_days=1)
    after = publish(mia, omar, "trades", last=ahead(60), hold_days=2)
    assert after.live is not None and after.live.number == 3
    assert after.live.run(programme.current().zone).last == ahead(60)


def test_nothing_begins_in_the_past(app: Flask, mia: Person, omar: Person):
    with pytest.raises(StartsInThePast):
        propose(mia, write(mia, "trades", first=ahead(-1), hold_days=1))
    with pytest.raises(StartsInThePast):
        propose(mia, write(mia, "trades", first=clock.now().date(), hold_days=2))
    with pytest.raises(EndsBeforeItStarts):
        propose(mia, write(mia, "trades", first=ahead(9), last=ahead(8), hold_days=3))


def test_a_proposal_whose_first_day_has_passed_is_not_approved(app: Flask, mia: Person, omar: Person):
    proposal_id = propose(mia, write(mia, "trades", first=ahead(3), hold_days=1))
    with pytest.raises(StartsInThePast):
        approve(omar, proposal_id, now=clock.now() + 5 * DAY)
    assert view("trades").publication is not None, "and nothing was half done"
    assert len(view("trades").revisions) == 1


def test_saving_lets_the_proposal_fall(app: Flask, mia: Person, omar: Person):
    draft_id = write(mia, "trades", hold_days=1)
    proposal_id = propose(mia, draft_id)
    rewrite(mia, draft_id, hold_days=2)
    assert view("trades").publication is None
    with pytest.raises(Exception, match="decided already"):
        approve(omar, proposal_id)


def test_a_stale_save_is_refused(app: Flask, mia: Person, omar: Person):
    draft_id = write(mia, "trades", hold_days=1)
    draft = drafts.read(draft_id)
    assert draft is not None
    rewrite(omar, draft_id, hold_days=2)
    from app.gamification.accrual.publishing.written import read_written

    with pytest.raises(DraftChanged), transaction():
        drafting.save(mia.id, draft_id, read_written(draft.definition), draft.version, now=clock.now())


def test_a_draft_of_an_older_revision_is_not_published(app: Flask, mia: Person, omar: Person):
    draft_id = write(mia, "trades", hold_days=1)
    programmes.publish("trades", {**view("trades").live.plain, "hold_days": 7}, since=clock.now())  # type: ignore[union-attr]
    with pytest.raises(RevisionChanged):
        propose(mia, draft_id)


def test_a_forged_version_of_the_draft_is_not_published(app: Flask, mia: Person, omar: Person):
    asked = dict(payload(propose(mia, draft_id := write(mia, "trades", hold_days=1))))
    rewrite(mia, draft_id, hold_days=2)
    with pytest.raises(ProposalChanged), transaction():
        proposals.propose(mia.id, "rule.publish", rule_id("trades"), asked, now=clock.now(), draft_id=draft_id)


def test_a_new_rule_is_born_by_its_first_publication(app: Flask, mia: Person, omar: Person):
    with transaction():
        draft_id = drafting.begin(mia.id, "  Early birds! ", "custom.early-bird", now=clock.now())
    [unborn] = [one for one in revisions.every(clock.now()) if one.id is None]
    assert (unborn.key, unborn.state) == ("early_birds", "draft")
    with pytest.raises(NotReady):
        propose(mia, draft_id)
    rewrite(
        mia, draft_id, name={"en": "Early birds", "ar": "المبكرون", "zh": "早起者"}, base={"kind": "fixed", "rate": "7"}
    )
    approve(omar, propose(mia, draft_id))
    born = view("early_birds")
    assert (born.state, born.live.number) == ("live", 1)  # type: ignore[union-attr]
    member = trader()
    from app.gamification.activities import Custom

    at = clock.now()
    assert play(member, Said(Custom(), kind="custom.early-bird", at=at)).earned == 7


def test_keys_are_never_taken_twice(app: Flask, mia: Person):
    with transaction():
        for _ in range(3):
            drafting.begin(mia.id, "Trades", "visit", now=clock.now())
        drafting.begin(mia.id, "早", "visit", now=clock.now())
        drafting.begin_copy(mia.id, rule_id("metals"), now=clock.now())
    keys = [one.key for one in revisions.every(clock.now()) if one.id is None]
    assert keys == ["trades_2", "trades_3", "trades_4", "rule", "metals_2"]


def test_one_rule_has_one_draft(app: Flask, mia: Person, omar: Person):
    with transaction():
        first = drafting.begin_revision(mia.id, rule_id("trades"), now=clock.now())
        assert drafting.begin_revision(omar.id, rule_id("trades"), now=clock.now()) == first


def test_a_retired_rule_pays_nothing_from_then_on(app: Flask, mia: Person, omar: Person):
    with transaction():
        proposal_id = drafting.propose_retirement(mia.id, rule_id("journal"), None, "", now=clock.now())
    assert view("journal").retirement is not None
    approve(omar, proposal_id)
    assert view("journal").state == "retired"
    member, later = trader(), clock.now() + timedelta(hours=1)
    assert play(member, Said(None, kind="journal.written", at=later)).reason == Reason.BEFORE_PROGRAMME
    with pytest.raises(NothingToRetire), transaction():
        drafting.propose_retirement(mia.id, rule_id("journal"), None, "", now=later)


def test_a_retired_rule_comes_back_by_a_new_revision(app: Flask, mia: Person, omar: Person):
    with transaction():
        proposal_id = drafting.propose_retirement(mia.id, rule_id("journal"), None, "", now=clock.now())
    approve(omar, proposal_id)
    back = publish(mia, omar, "journal", base={"kind": "fixed", "rate": "11"})
    assert (back.state, back.retired_at) == ("live", None)


def test_retiring_later_lets_what_is_scheduled_run_until_then(app: Flask, mia: Person, omar: Person):
    publish(mia, omar, "journal", first=ahead(5), base={"kind": "fixed", "rate": "20"})
    at = clock.now() + 8 * DAY
    with transaction():
        proposal_id = drafting.propose_retirement(mia.id, rule_id("journal"), at, "", now=clock.now())
    approve(omar, proposal_id)
    rule = view("journal")
    assert rule.live is not None and rule.scheduled is not None
    assert rule.scheduled.effective_to == at


def test_two_rules_of_a_group_do_not_share_a_priority(app: Flask, mia: Person):
    with pytest.raises(NotReady):
        propose(mia, write(mia, "trades", priority=10))


def test_a_rule_that_the_law_lets_pay_nobody_is_not_published(app: Flask, mia: Person):
    with pytest.raises(NotReady):
        propose(mia, write(mia, "trades", audience={"countries": ["DE", "FR"], "classes": [1]}))


def test_there_is_no_rule_to_retire_that_is_not_there(app: Flask, mia: Person):
    with pytest.raises(RuleNotFound), transaction():
        drafting.propose_retirement(mia.id, 999_999, None, "", now=clock.now())


STEPS = st.lists(
    st.tuples(st.sampled_from(["publish", "retire"]), st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(15))
@given(steps=STEPS)
def test_revisions_of_a_rule_never_overlap_and_what_has_run_never_changes(
    app: Flask, start_over: Any, steps: list[tuple[str, int, int, int]]
):
    """Whatever is published and retired, in whatever order, on whatever days."""
    start_over()
    mia, omar = make_staff("mia@example.com", "Mia", "manager"), make_staff("omar@example.com", "Omar", "approver")
    now = clock.now()
    for act, first, length, later in steps:
        now += later * DAY + timedelta(seconds=1)
        before = spans("trades")
        try:
            if act == "retire":
                with transaction():
                    at = now + first * DAY if first else None
                    proposal_id = drafting.propose_retirement(mia.id, rule_id("trades"), at, "", now=now)
            else:
                starts = (now + first * DAY).date() if first else None
                ends = (now + (first + length) * DAY).date() if length else None
                hold = (view("trades").latest.number + first) % 300  # type: ignore[union-attr]
                proposal_id = propose(
                    mia, write(mia, "trades", first=starts, last=ends, hold_days=hold, now=now), now=now
                )
            approve(omar, proposal_id, now=now)
        except (StartsInThePast, ScheduledAlready, NothingToRetire, EndsBeforeItStarts):
            pass
        after = spans("trades")
        assert all(one[1] <= two[0] for one, two in pairwise(after))
        # What was in force at a moment that lies behind still is.
        cut = to_micros(now)
        assert [(a, min(b, cut)) for a, b in before if a < cut] == [(a, min(b, cut)) for a, b in after if a < cut]
        assert len([one for one in after if one[0] > cut]) <= 1


def test_the_database_itself_refuses_to_change_what_was_published(app: Flask, mia: Person, omar: Person):
    publish(mia, omar, "trades", hold_days=1)
    with pytest.raises(Exception, match="never changed"), transaction() as conn:
        conn.execute(text("UPDATE rule_revision SET definition = '{}' WHERE number = 1"))
    assert changed(view("trades").live.definition).hold_days == 1  # type: ignore[union-attr]
    assert read_all(text("SELECT count(*) FROM rule_revision WHERE number = 2"))[0][0] == 1


def test_nobody_else_sees_a_draft_by_another_kind(app: Flask, mia: Person):
    with transaction():
        draft_id = drafts.begin(mia.id, "ladder", None, "ladder", {}, 0, now=datetime.now(UTC))
    with pytest.raises(Exception, match="not there any more"), transaction():
        drafting.discard(mia.id, draft_id, 1, now=clock.now())
