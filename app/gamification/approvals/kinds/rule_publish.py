"""A rule's next revision, or a new rule: what it says and from when."""

from collections.abc import Mapping
from typing import Any

from app.gamification import drafts
from app.gamification.accrual.publishing import publication
from app.gamification.accrual.publishing.readiness import warnings
from app.gamification.accrual.publishing.revisions import PUBLISH, of_key, revision
from app.gamification.accrual.telling.changes import changes
from app.gamification.accrual.telling.sentence import whole
from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger.outlook import date_of
from app.gamification.programme import current
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l


@proposal_kinds.register
class RulePublish:
    """Publish a rule."""

    key, title = PUBLISH, _l("Publish a rule")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publication.check_publication)
    apply = staticmethod(publication.publish)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        asked = publication.read_publication(payload)
        values = {"rule": asked.definition.name, "number": asked.based_on + 1}
        return Summary(
            Sentence(_l("%(rule)s, revision %(number)s"), values),
            (*_told(subject_id, asked), *_days(payload)),
            page=_page(subject_id, asked),
            icon="sigma",
            warnings=warnings(asked.definition),
        )


def _told(subject_id: int | None, asked: publication.Publication) -> tuple[Change, ...]:
    before = revision(subject_id, asked.based_on) if subject_id is not None else None
    if before is None:
        return (Change(_l("the rule"), None, whole(asked.definition)),)
    found = changes(before.definition, asked.definition)
    return tuple(Change(one.label, one.before, one.after) for one in found)


def _days(payload: Mapping[str, Any]) -> tuple[Change, ...]:
    zone = current().zone
    starts, ends = payload["effective_from"], payload["effective_to"]
    first = Sentence(_l("once approved")) if starts is None else date_of(starts, zone)
    last = () if ends is None else (Change(_l("last day"), None, date_of(ends - 1, zone)),)
    return (Change(_l("first day"), None, first), *last)


def _page(subject_id: int | None, asked: publication.Publication) -> str:
    """The draft's own page as long as there is one, then the rule's."""
    draft = drafts.read(asked.draft_id)
    if draft is not None and draft.key == asked.key:
        return f"/admin/rules/drafts/{draft.id}"
    found = subject_id or of_key(asked.key)
    return f"/admin/rules/{found}" if found else "/admin/rules"
