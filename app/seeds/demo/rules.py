"""What the demo programme changed on its way: a second revision of the trade rules, and a rule that came later."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.gamification import programme
from app.gamification.templates.kinds.classic import RULES
from app.gamification.templates.parts import YEAR
from app.models.base import connection
from app.models.rules import Rule, RuleRevision

ROUND_TABLES: dict[str, Any] = {
    "name": {"en": "Analyst round tables", "ar": "لقاءات المحللين", "zh": "分析师圆桌"},
    "kind": "custom.round-table",
    "base": {"kind": "fixed", "rate": "60"},
    "audience": {"levels": ["gold", "platinum", "diamond"]},
    "expiry": YEAR,
    "qualifying": False,
}
LOWER_CAP = [{"per": "day", "points": 4000}]


def publish_changes(lowered_at: datetime, opened_at: datetime) -> None:
    """Lower the daily cap of trades from one day on, and pay for round tables from another.

    Inside an open transaction, before anything is scored.
    """
    conn = connection()
    for key in ("metals", "trades"):
        rule_id = conn.execute(select(Rule.id).where(Rule.key == key)).scalar_one()
        conn.execute(
            update(RuleRevision)
            .where(RuleRevision.rule_id == rule_id, RuleRevision.number == 1)
            .values(effective_to=lowered_at)
        )
        _publish(rule_id, 2, {**RULES[key], "caps": LOWER_CAP}, lowered_at)
    rule_id = conn.execute(insert(Rule).values(key="round_tables").returning(Rule.id)).scalar_one()
    _publish(rule_id, 1, ROUND_TABLES, opened_at)
    programme.touch(conn)


def _publish(rule_id: int, number: int, definition: dict[str, Any], since: datetime) -> None:
    connection().execute(
        insert(RuleRevision).values(
            rule_id=rule_id, number=number, definition=definition, effective_from=since, published_at=since
        )
    )
