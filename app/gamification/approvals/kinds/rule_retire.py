"""A rule's end: nothing of it is in force from an instant on."""

from collections.abc import Mapping
from typing import Any

from app.gamification.accrual.publishing import publication
from app.gamification.accrual.publishing.revisions import RETIRE, revision
from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.ledger.outlook import date_of
from app.gamification.programme import current
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l


@proposal_kinds.register
class RuleRetire:
    """Retire a rule."""

    key, title = RETIRE, _l("Retire a rule")
    proposes, approves = Right.CONFIGURE, Right.APPROVE
    check = staticmethod(publication.check_retirement)
    apply = staticmethod(publication.retire)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        last = revision(subject_id, payload["based_on"]) if subject_id is not None else None
        name = last.definition.name if last else payload["key"]
        at = payload["at"]
        when = Sentence(_l("once approved")) if at is None else date_of(at, current().zone)
        return Summary(
            Sentence(_l("Retire %(rule)s"), {"rule": name}),
            (Change(_l("pays nothing from"), None, when),),
            page=f"/admin/rules/{subject_id}",
            icon="archive",
            warnings=(Sentence(_l("What was earned by it stays as it is.")),),
        )
