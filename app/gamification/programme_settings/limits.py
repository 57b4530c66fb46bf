"""How much one person of the staff may do alone, as the programme's owner set it."""

from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select

from app.models.base import connection, in_transaction, read_one
from app.models.people import Programme

_SETTINGS = select(Programme.settings).where(Programme.id == 1)


class Limits(NamedTuple):
    """Above `adjustment` points at once, or `adjustment_day` in all on one day, a second person has to approve.

    `liability` caps what outstanding points may cost, in the programme's currency; None: no cap.
    """

    adjustment: int = 1000
    adjustment_day: int = 5000
    liability: Decimal | None = None


def current() -> Limits:
    """The limits in force; inside a transaction as of that."""
    row = connection().execute(_SETTINGS).first() if in_transaction() else read_one(_SETTINGS)
    return read((row[0] or {}).get("limits", {}) if row else {})


def read(stored: dict[str, Any]) -> Limits:
    """Limits as `programme.settings["limits"]` holds them; what is not stored has its default."""
    known = {name: value for name, value in stored.items() if name in Limits._fields and value is not None}
    if "liability" in known:
        known["liability"] = Decimal(known["liability"])
    return Limits(**known)
