"""What a member has been told, newest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.gamification.members import messages as _member_words  # noqa: F401
from app.gamification.messages.wording import WORDS, Wording
from app.gamification.questions import messages as _question_words  # noqa: F401
from app.gamification.statements import messages as _statement_words  # noqa: F401
from app.gamification.tiers import messages as _tier_words  # noqa: F401
from app.gamification.tiers.ladder import Ladder
from app.gamification.trading_accounts import messages as _account_words  # noqa: F401
from app.lib.clock import from_micros
from app.models.base import read_all

_LATEST = text(
    "SELECT kind, facts, created_at, read_at FROM message WHERE member_id = :member ORDER BY id DESC LIMIT :most"
)


@dataclass(frozen=True)
class Told:
    """One message, as it is said."""

    wording: Wording
    at: datetime
    is_new: bool


def latest(member_id: int, most: int, ladder: Ladder, language: str) -> tuple[Told, ...]:
    """The newest messages; those of a kind that nobody can say any more are left out."""
    rows = read_all(_LATEST, {"member": member_id, "most": most})
    told = (said(row.kind, row.facts, row.created_at, row.read_at is None, ladder, language) for row in rows)
    return tuple(one for one in told if one is not None)


def said(kind: str, facts: Any, created_at: int, is_new: bool, ladder: Ladder, language: str) -> Told | None:
    """A stored message in words; None for a kind that nobody can say any more."""
    if kind not in WORDS:
        return None
    return Told(WORDS[kind](_plain(facts), ladder, language), from_micros(created_at), is_new)


def _plain(facts: Any) -> Mapping[str, Any]:
    # SQLite hands JSON over as text, PostgreSQL as a dict.
    plain: Mapping[str, Any] = json.loads(facts) if isinstance(facts, str) else facts
    return plain
