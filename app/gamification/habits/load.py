"""The limits and plans that members set themselves, as a round and whoever folds a history ask for them."""

from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection

from app.gamification.habits.own import Limit, OwnRules, Plan
from app.gamification.state import MemberState
from app.models import bulk
from app.models.base import plain_json

log = structlog.get_logger()

_OWN = (
    "SELECT l.member_id, 0 AS what, l.since, l.amount AS said, l.currency FROM ids"
    " CROSS JOIN risk_limit l ON l.member_id = ids.id"
    " UNION ALL SELECT p.member_id, 1, p.since, cast(p.rules AS text), '' FROM ids"
    " CROSS JOIN trading_plan p ON p.member_id = ids.id ORDER BY 1, 2, 3"
)


def load(conn: Connection, states: Mapping[int, MemberState], kinds: Set[int]) -> None:
    """The rules of those who have done, or taken back, something that is judged by them."""
    judged = [
        id_
        for id_, state in states.items()
        if state.effects or any(activity.kind in kinds for activity in state.happenings)
    ]
    for id_, own in own_rules(conn, judged).items() if judged else ():
        states[id_].own = own


def own_rules(conn: Connection, member_ids: Iterable[int]) -> dict[int, OwnRules]:
    """The members' own limits and plans, every version; of whoever has any."""
    limits: dict[int, list[tuple[int, Limit | None]]] = {}
    plans: dict[int, list[tuple[int, Plan | None]]] = {}
    for member_id, is_plan, since, said, currency in bulk.tuples_by_ids(conn, _OWN, member_ids):
        if is_plan:
            plans.setdefault(member_id, []).append((since, _plan(member_id, plain_json(said))))
        else:
            limits.setdefault(member_id, []).append((since, Limit(Decimal(said), currency) if said else None))
    return {id_: OwnRules(limits.get(id_, ()), plans.get(id_, ())) for id_ in limits.keys() | plans.keys()}


def _plan(member_id: int, plain: Any) -> Plan | None:
    """A plan as it was written; one that cannot be read judges nothing, so that what the member does goes on."""
    try:
        return msgspec.convert(plain, Plan) if plain else None
    except msgspec.ValidationError as error:
        log.error("plan.unreadable", member=member_id, error=str(error))
        return None
