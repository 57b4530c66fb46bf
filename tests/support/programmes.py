"""Changing what the programme pays, for tests: rules of their own beside the seeded ones."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, text

from app.gamification import programme
from app.models.base import connection, transaction
from app.models.rules import LadderRevision, Rule, RuleRevision

SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def publish(key: str, definition: dict[str, Any], *, since: datetime = SINCE, until: datetime | None = None) -> None:
    """Put a rule in force; `definition` needs no name."""
    with transaction() as conn:
        rule_id = conn.execute(insert(Rule).values(key=key).returning(Rule.id)).scalar_one()
        conn.execute(
            insert(RuleRevision).values(
                rule_id=rule_id,
                number=1,
                definition={"name": {"en": key}, **definition},
                effective_from=since,
                effective_to=until,
                published_at=SINCE,
            )
        )
        programme.touch(conn)


def set_ladder(definition: dict[str, Any]) -> None:
    """Put a ladder of the seeded levels in force."""
    with transaction() as conn:
        number = conn.execute(text("SELECT max(number) + 1 FROM ladder_revision")).scalar_one()
        conn.execute(
            insert(LadderRevision).values(
                number=number, definition=definition, effective_from=SINCE, published_at=SINCE
            )
        )
        programme.touch(conn)


def set_trust(trust: str) -> None:
    """How statements that members upload are taken: review, recognition or trusted."""
    with transaction():
        connection().execute(text("UPDATE programme SET statement_trust = :trust, revision = revision + 1"), {"trust": trust})
