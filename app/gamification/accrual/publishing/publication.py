"""What happens when a rule is approved: a new immutable revision, the one before ends; or the rule retires.

Revisions of one rule never overlap: every earlier one ends, at the latest, where the new one begins. Ends only come
nearer, and never into the past, so that nothing that was scored is scored otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from app.gamification import drafts, programme
from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.accrual.publishing.readiness import require
from app.gamification.accrual.publishing.written import plain_definition
from app.gamification.audit import log
from app.gamification.errors.desk import DraftNotFound, KeyTaken, ProposalChanged
from app.gamification.errors.rules import (
    EndsBeforeItStarts,
    NothingToRetire,
    RevisionChanged,
    RuleNotFound,
    ScheduledAlready,
    StartsInThePast,
)
from app.lib import clock
from app.lib.clock import instant_of, to_micros
from app.models.base import connection
from app.models.desk import Draft
from app.models.rules import Rule, RuleRevision

_RULE = select(Rule.id).where(Rule.id == bindparam("rule_id"))
_LOCK = _RULE.with_for_update()
_OF_KEY = select(Rule.id).where(Rule.key == bindparam("named"))
_VERSION = select(Draft.version).where(Draft.id == bindparam("draft_id"))
_REVISIONS = (
    select(
        RuleRevision.id,
        RuleRevision.number,
        RuleRevision.definition,
        RuleRevision.effective_from,
        RuleRevision.effective_to,
    )
    .where(RuleRevision.rule_id == bindparam("rule_id"))
    .order_by(RuleRevision.number)
)
_END = (
    update(RuleRevision)
    .where(RuleRevision.id == bindparam("revision_id"))
    .values(effective_to=bindparam("end", type_=RuleRevision.effective_from.type))
)
_RETIRED = (
    update(Rule)
    .where(Rule.id == bindparam("of_rule"))
    .values(retired_at=bindparam("at", type_=RuleRevision.effective_from.type))
)


class Publication(NamedTuple):
    """What is proposed, read back."""

    key: str
    definition: Definition
    starts: datetime | None  # None: once it is approved
    ends: datetime | None
    based_on: int
    draft_id: int
    version: int


def read_publication(payload: Mapping[str, Any]) -> Publication:
    """The payload of `rule.publish`; raises BadRule where no rule can mean what it says."""
    return Publication(
        payload["key"],
        read_definition(payload["definition"]),
        instant_of(payload["effective_from"]),
        instant_of(payload["effective_to"]),
        payload["based_on"],
        payload["draft"],
        payload["version"],
    )


def check_publication(rule_id: int | None, payload: Mapping[str, Any]) -> None:
    """Raise a Refusal where it cannot be published as things stand. Inside an open transaction."""
    asked = read_publication(payload)
    _check_draft(asked)
    if rule_id is None:
        if connection().execute(_OF_KEY, {"named": asked.key}).first():
            raise KeyTaken(key=asked.key)
    else:
        _check_base(_revisions(rule_id), asked.based_on)
        if asked.starts:
            _check_scheduled(_revisions(rule_id), asked.starts, clock.now())
    require(asked.definition, rule_id, clock.now())


def publish(rule_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
    """Write the new revision and end those before it. Inside the open transaction that approved it."""
    asked = read_publication(payload)
    starts = asked.starts or now
    if starts < now:
        raise StartsInThePast()
    if asked.ends is not None and asked.ends <= starts:
        raise EndsBeforeItStarts()
    if rule_id is None:
        rule_id = connection().execute(insert(Rule).values(key=asked.key).returning(Rule.id)).scalar_one()
    # Locked before it is read again: of two publications that waited for each other the second finds the first.
    connection().execute(_LOCK, {"rule_id": rule_id})
    revisions = _revisions(rule_id) if asked.based_on else []
    if revisions or asked.based_on:
        _check_base(revisions, asked.based_on)
        _check_scheduled(revisions, starts, now)
    _end_at(revisions, starts)
    connection().execute(_RETIRED, {"of_rule": rule_id, "at": None})
    number = asked.based_on + 1
    connection().execute(
        insert(RuleRevision).values(
            rule_id=rule_id,
            number=number,
            definition=plain_definition(asked.definition),
            effective_from=starts,
            effective_to=asked.ends,
            published_at=now,
        )
    )
    drafts.published(asked.draft_id)
    programme.touch(connection())
    before, after = _difference(revisions, asked.definition)
    before |= {"revision": asked.based_on} if asked.based_on else {}
    after |= {"revision": number, "effective_from": to_micros(starts), "effective_to": payload["effective_to"]}
    after |= {"proposal": proposal_id}
    log.record(by, "rule.publish", "rule", rule_id, now=now, before=before, after=after)


def check_retirement(rule_id: int | None, payload: Mapping[str, Any]) -> None:
    """Raise a Refusal where it cannot be retired as things stand. Inside an open transaction."""
    if rule_id is None:
        raise RuleNotFound()
    revisions = _revisions(rule_id)
    _check_base(revisions, payload["based_on"])
    if not _running(revisions, instant_of(payload["at"]) or clock.now()):
        raise NothingToRetire()


def retire(rule_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
    """Let nothing of the rule be in force from an instant on. Inside the open transaction that approved it."""
    at = instant_of(payload["at"]) or now
    if at < now:
        raise StartsInThePast()
    connection().execute(_LOCK, {"rule_id": rule_id})
    check_retirement(rule_id, payload)
    assert rule_id is not None
    _end_at(_revisions(rule_id), at)
    connection().execute(_RETIRED, {"of_rule": rule_id, "at": at})
    programme.touch(connection())
    after = {"retired_at": to_micros(at), "proposal": proposal_id}
    log.record(by, "rule.retire", "rule", rule_id, now=now, before={"revision": payload["based_on"]}, after=after)


def _revisions(rule_id: int) -> Sequence[Any]:
    found = connection().execute(_REVISIONS, {"rule_id": rule_id}).all()
    if not found:
        raise RuleNotFound()
    return found


def _check_draft(asked: Publication) -> None:
    version = connection().execute(_VERSION, {"draft_id": asked.draft_id}).scalar()
    if version is None:
        raise DraftNotFound()
    if version != asked.version:
        raise ProposalChanged()


def _check_base(revisions: Sequence[Any], based_on: int) -> None:
    if revisions[-1].number != based_on:
        raise RevisionChanged(number=revisions[-1].number)


def _check_scheduled(revisions: Sequence[Any], starts: datetime, now: datetime) -> None:
    """At most one revision is to come: a new one takes its place, and so begins where it would have, or before."""
    for row in _running(revisions, now):
        if now < row.effective_from < starts:
            day = row.effective_from.astimezone(programme.current().zone).date()
            raise ScheduledAlready(number=row.number, day=day)


def _running(revisions: Sequence[Any], at: datetime) -> list[Any]:
    """Those that are in force at some time from then on."""
    return [
        row
        for row in revisions
        if row.effective_to is None or (row.effective_to > at and row.effective_to > row.effective_from)
    ]


def _end_at(revisions: Sequence[Any], end: datetime) -> None:
    """End what would go on; what has not begun by then never runs."""
    for row in _running(revisions, end):
        connection().execute(_END, {"revision_id": row.id, "end": max(end, row.effective_from)})


def _difference(revisions: Sequence[Any], definition: Definition) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the new revision says otherwise than the one before, by the names of the definition."""
    new = plain_definition(definition)
    old = plain_definition(read_definition(revisions[-1].definition)) if revisions else {}
    changed = [name for name in new if old.get(name) != new[name]]
    return {name: old[name] for name in changed if name in old}, {name: new[name] for name in changed}
