"""How migrations run: in one transaction on either database, one process at a time."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import BigInteger, text

import app.models  # noqa: F401  (maps every table, for `flask db revision --autogenerate`)
from app.models.base import Instant, db

# Any fixed number: whoever migrates holds the advisory lock of this name.
LOCK = 0x1A00E1


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Types of the application as plain ones, so that a migration never changes with the code."""
    if kind == "type" and isinstance(item, Instant):
        return f"sa.{BigInteger.__name__}()"
    return False


options: dict[str, Any] = {
    "target_metadata": db.metadata,
    "compare_type": True,
    "render_as_batch": False,
    "render_item": render_item,
    # SQLite can undo table changes as well, once `BEGIN` is ours: see models/base.py.
    "transactional_ddl": True,
}

if context.is_offline_mode():
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    context.configure(url=url, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()
