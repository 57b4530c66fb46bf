"""Changing what the programme pays, for tests: rules of their own beside the seeded ones."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update

from app.gamification import programme
from app.models.base import connection, transaction
from app.models.people import Programme
from app.models.rules import LadderRevision, Rule, RuleRevision

SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def publish(key: str, definition: dict[str, Any], *, since: datetime = SINCE, until: datetime | None = None) -> int:
    """Put a rule in force, or the next revision of one; the revision's id. `definition` needs no name."""
    with transaction() as conn:
        rule_id = conn.execute(select(Rule.id).where(Rule.key == key)).scalar()
        if rule_id is None:
            rule_id = conn.execute(insert(Rule).values(key=key).returning(Rule.id)).scalar_one()
        number = conn.execute(select(func.count()).where(RuleRevision.rule_id == rule_id)).scalar_one() + 1
        revision_id: int = conn.execute(
            insert(RuleRevision)
            .values(
                rule_id=rule_id,
                number=number,
                definition={"name": {"en": key}, **definition},
                effective_from=since,
                effective_to=until,
                published_at=SINCE,
            )
            .returning(RuleRevision.id)
        ).scalar_one()
        programme.touch(conn)
    return revision_id


def end_all_rules() -> None:
    """Let no rule have been in force ever: a test publishes its own."""
    with transaction() as conn:
        conn.execute(text("UPDATE rule_revision SET effective_to = effective_from WHERE effective_to IS NULL"))
        programme.touch(conn)


def set_zone(zone: str) -> None:
    """The programme's zone, by which its days and periods begin."""
    with transaction() as conn:
        conn.execute(update(Programme).values(time_zone=zone))
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
        connection().execute(
            text("UPDATE programme SET statement_trust = :trust, revision = revision + 1"), {"trust": trust}
        )
