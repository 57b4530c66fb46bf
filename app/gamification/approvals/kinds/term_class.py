"""Saying what one of the broker's own activities pays for, in the eyes of the law packs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification import terms
from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.desk import ProposalChanged, UnknownTerm
from app.gamification.staff.rights import Right
from app.lib.i18n import Sentence, _l
from app.models.activity import BrokerTerm
from app.models.base import read_one

_TERM = select(BrokerTerm.name, BrokerTerm.key).where(BrokerTerm.id == bindparam("term"))


@proposal_kinds.register
class TermClass:
    """Until somebody approves it an own activity counts as trading, the strictest; {"from": fact, "to": fact}."""

    key = terms.KIND
    title = _l("Class an activity")
    proposes = Right.CONFIGURE
    approves = Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        if subject_id is None:
            raise UnknownTerm()
        row = terms.check_class(subject_id, payload)
        if terms.fact_of(row.pays_for) != payload["from"]:
            raise ProposalChanged()

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        assert subject_id is not None  # `check` has seen to that
        terms.classify(by, subject_id, payload["to"], now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        row = read_one(_TERM, {"term": subject_id})
        before, after = (Sentence(terms.FACT_WORDS[payload[end]]) for end in ("from", "to"))
        return Summary(
            Sentence(_l("Let %(name)s count as: %(fact)s"), {"name": row.name if row else "–", "fact": after}),
            (Change(_l("Counts as"), before, after),),
            page=f"/admin/terms/{subject_id}",
            icon="tags",
            warnings=(Sentence(_l("What it earns from then on is judged as that by every law pack.")),),
        )
