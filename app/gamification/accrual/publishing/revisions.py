"""Rules as staff see them: the revision in force, the one that is to come, the draft, what waits for a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, or_, select

from app.gamification import drafts
from app.gamification.accrual.definition import Definition, examine
from app.gamification.accrual.publishing.written import Written, read_written
from app.gamification.accrual.telling.whom import Run
from app.gamification.approvals.waiting import Waiting, waiting
from app.gamification.drafts import Draft
from app.gamification.errors.rules import RuleNotFound
from app.models.base import read_all, read_one
from app.models.rules import Rule, RuleRevision

DRAFTS = "rule"
PUBLISH, RETIRE = "rule.publish", "rule.retire"
State = Literal["draft", "scheduled", "live", "ended", "retired"]


class Revision(NamedTuple):
    """One immutable version, in force for what occurs in [effective_from, effective_to)."""

    id: int
    number: int
    plain: Mapping[str, Any]
    effective_from: datetime
    effective_to: datetime | None
    published_at: datetime

    @property
    def definition(self) -> Definition:
        """What it says."""
        found, _ = examine(self.plain)
        assert found is not None, "it could be read when it was published"
        return found

    @property
    def never_ran(self) -> bool:
        """Whether another one took its place before its first day."""
        return self.effective_to is not None and self.effective_to <= self.effective_from

    def state(self, now: datetime) -> Literal["ahead", "now", "past"]:
        """Where it stands in time."""
        if self.effective_to is not None and self.effective_to <= max(now, self.effective_from):
            return "past"
        return "ahead" if now < self.effective_from else "now"

    def run(self, zone: ZoneInfo) -> Run:
        """The days it was published for, in the programme's zone; None where it began at once or has no end."""
        last = self.effective_to and (self.effective_to - timedelta(microseconds=1)).astimezone(zone).date()
        return Run(self.effective_from.astimezone(zone).date(), last)


@dataclass(frozen=True)
class RuleView:
    """A rule, or one that is only a draft so far (`id` is None), as of one moment."""

    id: int | None
    key: str
    retired_at: datetime | None
    revisions: tuple[Revision, ...]  # of the list only those that are not over, and the last
    draft: Draft | None
    waiting: tuple[Waiting, ...]
    now: datetime

    @property
    def live(self) -> Revision | None:
        """The revision in force."""
        return next((one for one in self.revisions if one.state(self.now) == "now"), None)

    @property
    def scheduled(self) -> Revision | None:
        """The revision that is to come."""
        return next((one for one in self.revisions if one.state(self.now) == "ahead"), None)

    @property
    def latest(self) -> Revision | None:
        """The last one published."""
        return self.revisions[-1] if self.revisions else None

    @property
    def shown(self) -> Revision | None:
        """The one to speak of: in force, else to come, else the last that ran."""
        ran = [one for one in self.revisions if not one.never_ran]
        return self.live or self.scheduled or (ran or [*self.revisions])[-1] if self.revisions else None

    @property
    def state(self) -> State:
        """Where the rule is in its life; a draft or a proposal may stand beside any of them but the first."""
        if self.live:
            return "live"
        if self.scheduled:
            return "scheduled"
        if not self.revisions:
            return "draft"
        return "retired" if self.retired_at else "ended"

    @cached_property
    def written(self) -> Written | None:
        """What the draft says."""
        return read_written(self.draft.definition) if self.draft else None

    @property
    def definition(self) -> Definition:
        """What to name it by: the revision shown, else the draft."""
        if self.shown:
            return self.shown.definition
        assert self.written is not None
        return self.written.definition

    @property
    def publication(self) -> Waiting | None:
        """The proposal to publish its draft."""
        return next((one for one in self.waiting if one.kind == PUBLISH), None)

    @property
    def retirement(self) -> Waiting | None:
        """The proposal to retire it."""
        return next((one for one in self.waiting if one.kind == RETIRE), None)


_REVISION = (
    RuleRevision.id,
    RuleRevision.number,
    RuleRevision.definition,
    RuleRevision.effective_from,
    RuleRevision.effective_to,
    RuleRevision.published_at,
)
_BASE = (
    select(Rule.id, Rule.key, Rule.retired_at, *_REVISION)
    .join(RuleRevision, RuleRevision.rule_id == Rule.id)
    .order_by(Rule.id, RuleRevision.number)
)
_last = select(func.max(RuleRevision.number)).where(RuleRevision.rule_id == Rule.id).correlate(Rule).scalar_subquery()
_EVERY = _BASE.where(
    or_(
        RuleRevision.effective_to.is_(None),
        RuleRevision.effective_to > bindparam("now", type_=RuleRevision.effective_from.type),
        RuleRevision.number == _last,
    )
)
_ONE = _BASE.where(Rule.id == bindparam("rule_id"))
_OF_KEY = select(Rule.id).where(Rule.key == bindparam("named"))
_NUMBERED = select(*_REVISION).where(
    RuleRevision.rule_id == bindparam("rule_id"), RuleRevision.number == bindparam("numbered")
)


def every(now: datetime) -> list[RuleView]:
    """All rules in the order they were made, then the drafts of new ones; three statements."""
    return _views(read_all(_EVERY, {"now": now}), drafts.every(DRAFTS), now)


def one(rule_id: int, now: datetime) -> RuleView:
    """A rule with all its revisions. Raises RuleNotFound."""
    rows = read_all(_ONE, {"rule_id": rule_id})
    if not rows:
        raise RuleNotFound()
    draft = drafts.of(DRAFTS, rule_id)
    return _views(rows, [draft] if draft else [], now)[0]


def of_draft(draft: Draft, now: datetime) -> RuleView:
    """The rule that a draft revises, or is to become."""
    if draft.subject_id is not None:
        rows = read_all(_ONE, {"rule_id": draft.subject_id})
        return _views(rows, [draft], now)[0]
    return _views([], [draft], now)[0]


def revision(rule_id: int, number: int) -> Revision | None:
    """One revision of a rule by its number."""
    row = read_one(_NUMBERED, {"rule_id": rule_id, "numbered": number})
    return None if row is None else Revision._make(row)


def of_key(key: str) -> int | None:
    """The rule with this key."""
    row = read_one(_OF_KEY, {"named": key})
    return None if row is None else int(row.id)


def _views(rows: Sequence[Any], written: Sequence[Draft], now: datetime) -> list[RuleView]:
    of_rule = {draft.subject_id: draft for draft in written if draft.subject_id is not None}
    proposals = waiting(PUBLISH, RETIRE)
    views = []
    for (rule_id, key, retired_at), found in groupby(rows, key=lambda row: tuple(row[:3])):
        draft = of_rule.get(rule_id)
        mine = tuple(one for one in proposals if one.subject_id == rule_id)
        views.append(RuleView(rule_id, key, retired_at, tuple(Revision._make(r[3:]) for r in found), draft, mine, now))
    for draft in written:
        if draft.subject_id is None:
            mine = tuple(one for one in proposals if one.draft_id == draft.id)
            views.append(RuleView(None, draft.key, None, (), draft, mine, now))
    return views
