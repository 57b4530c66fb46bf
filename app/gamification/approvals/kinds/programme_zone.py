"""Moving the programme to another time zone: its days begin at another moment from then on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.gamification.approvals.registry import Change, Summary, proposal_kinds
from app.gamification.errors.desk import ProposalChanged
from app.gamification.errors.members import UnknownTimeZone
from app.gamification.programme_settings import saving
from app.gamification.staff.rights import Right
from app.lib.countries import is_time_zone
from app.lib.i18n import Sentence, _l


@proposal_kinds.register
class ProgrammeZone:
    """Caps, expiry and windows of everybody follow it. The payload is {"from": zone, "to": zone}."""

    key = "programme.zone"
    title = _l("Change the programme's time zone")
    proposes = Right.OWN
    approves = Right.APPROVE

    @staticmethod
    def check(subject_id: int | None, payload: Mapping[str, Any]) -> None:
        if not is_time_zone(payload["to"]):
            raise UnknownTimeZone(time_zone=payload["to"])
        if saving.locked().time_zone != payload["from"]:
            raise ProposalChanged()

    @staticmethod
    def apply(subject_id: int | None, payload: Mapping[str, Any], proposal_id: int, by: int, now: datetime) -> None:
        saving.store(by, ProgrammeZone.key, {"time_zone": payload["to"]}, now=now)

    @staticmethod
    def summary(subject_id: int | None, payload: Mapping[str, Any]) -> Summary:
        return Summary(
            Sentence(_l("Let the programme's days begin in %(zone)s"), {"zone": payload["to"]}),
            (Change(_l("Time zone"), payload["from"], payload["to"]),),
            page="/admin/brand/programme",
            icon="clock",
            warnings=(Sentence(WARNING),),
        )


WARNING = _l(
    "What was counted stays where it was counted. From the approval on, days, caps, months and expiry begin at "
    "midnight there. The day of the change is longer or shorter by the difference, and its daily caps with it."
)
