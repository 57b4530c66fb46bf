"""Revisions of the catalogue as they are stored: put in force, taken out, brought back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from app.gamification import programme
from app.gamification.badges import recounting
from app.gamification.catalogue.noun import BADGES, Noun
from app.gamification.errors import NotFound
from app.models.base import connection


def publish(noun: Noun, key: str, definition: Mapping[str, Any], *, now: datetime) -> int:
    """Put a revision in force, of a new thing where there is none of that key; the thing's id. A retired one is back.

    Inside an open transaction. Raises NotSound.
    """
    conn, stored = connection(), noun.sound(definition)
    row = conn.execute(
        select(noun.table.id, noun.table.retired_at).where(noun.table.key == key).with_for_update()
    ).first()
    if row is None:
        found: int = conn.execute(insert(noun.table).values(key=key).returning(noun.table.id)).scalar_one()
    else:
        found = row.id
        conn.execute(update(noun.table).where(noun.table.id == found).values(retired_at=None))
    parent = getattr(noun.revision, noun.parent)
    newest = select(noun.revision.number, noun.revision.definition).where(parent == found)
    before = conn.execute(newest.order_by(noun.revision.number.desc()).limit(1)).first()
    number = 1 if before is None else before.number + 1
    said = {noun.parent: found, "number": number, "definition": stored, "published_at": now}
    conn.execute(insert(noun.revision).values(said))
    programme.touch(conn)
    if noun is BADGES:
        was_retired = row is not None and row.retired_at is not None
        recounting.published(found, stored, before.definition if before is not None else None, was_retired=was_retired)
    return found


def retire(noun: Noun, thing_id: int, *, now: datetime | None) -> None:
    """Offer it no longer, or with `now` None offer it again; who takes part goes on. Raises NotFound.

    Inside an open transaction.
    """
    statement = update(noun.table).where(noun.table.id == bindparam("thing")).values(retired_at=bindparam("at"))
    if not connection().execute(statement, {"thing": thing_id, "at": now}).rowcount:
        raise NotFound()
    programme.touch(connection())
    if noun is BADGES and now is None:
        recounting.request(thing_id)  # nothing was counted while it was not offered
