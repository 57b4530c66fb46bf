"""Letting one person do more alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.desk import ProposalChanged
from app.gamification.programme_settings import bounds
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l

_LABELS = {
    "adjustment": _l("Points that one person may adjust at once"),
    "adjustment_day": _l("Points that one person may adjust a day"),
    "liability": _l("What outstanding points may cost"),
    "statement_trust": _l("Statements that members upload"),
}
TRUST_WORDS = {
    "recognition": _l("Bring progress, no points"),
    "review": _l("Wait until staff have looked"),
    "trusted": _l("Count at once, of linked accounts"),
}
NO_CAP = _l("No cap")


@proposal_kinds.register
class ProgrammeLimits:
    """Looser limits. The payload is {"from": the bounds as they stood, "to": the bounds to be}."""

    key = bounds.KIND
    title = _l("Loosen the limits of staff")
    proposes = Right.OWN
    approves = Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        if bounds.present().plain() != payload["from"]:
            raise ProposalChanged()

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        bounds.put(by, bounds.of_plain(payload["to"]), now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        before, after = payload["from"], payload["to"]
        changes = tuple(
            Change(label, said(name, before[name]), said(name, after[name]))
            for name, label in _LABELS.items()
            if before[name] != after[name]
        )
        title = Sentence(_l("Loosen the limits of what one person may do alone"))
        return Summary(title, changes, page="/admin/brand/programme", icon="sliders-horizontal")


def said(name: str, value: Any) -> Any:
    """A bound as people read it."""
    if name == "statement_trust":
        return Sentence(TRUST_WORDS[value])
    return Sentence(NO_CAP) if value is None else value
