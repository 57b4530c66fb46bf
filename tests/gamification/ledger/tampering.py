"""Changing rows as somebody would who may do anything to the database."""

from typing import Any

from app.models.base import db, is_sqlite

GUARDS = ("transfer_refuses_update", "transfer_refuses_delete", "allocation_refuses_update", "activity_refuses_update")


def tamper(*statements: str, **values: Any) -> None:
    """Run statements with the guards taken down; the database of the next test has them again."""
    with db.engine.connect() as connection:
        if is_sqlite(connection):
            for guard in GUARDS:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement.format(**values))
        connection.commit()


def literal(value: bytes) -> str:
    """Bytes as they are written in a statement of this database."""
    return f"x'{value.hex()}'" if is_sqlite(db.engine) else f"decode('{value.hex()}', 'hex')"
