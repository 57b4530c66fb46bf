"""What the demo's manager has proposed this morning, so that its approver finds something to decide."""

from datetime import datetime, timedelta

from sqlalchemy import select, text

from app.gamification.accrual.definition import read_definition
from app.gamification.accrual.publishing import drafting
from app.gamification.accrual.publishing.written import Written
from app.gamification.ledger import adjusting
from app.gamification.templates.kinds.classic import RULES
from app.models.base import connection
from app.models.people import Member, Staff
from app.models.rules import Rule

_MANAGER = select(Staff.id).where(Staff.demo_role == "manager")
_LESSONS = select(Rule.id).where(Rule.key == "lessons")
_MIDDLE = select(Member.id).where(Member.demo_role == "middle")
_DRAFT_VERSION = text("SELECT version FROM draft WHERE id = :draft")
POINTS = 1800  # above what one person may give alone


def propose(now: datetime) -> None:
    """Propose a better paid lesson, and points for an outage. Inside an open transaction, at the season's end."""
    conn = connection()
    manager, lessons = conn.execute(_MANAGER).scalar_one(), conn.execute(_LESSONS).scalar_one()
    draft = drafting.begin_revision(manager, lessons, now=now - timedelta(hours=3))
    version = conn.execute(_DRAFT_VERSION, {"draft": draft}).scalar_one()
    better = read_definition({**RULES["lessons"], "base": {"kind": "fixed", "rate": "60"}})
    drafting.save(manager, draft, Written(better), version, now=now - timedelta(hours=2, minutes=50))
    note = "Lessons are what every client may earn by. A little more for each keeps the habit."
    drafting.propose(manager, draft, note, now=now - timedelta(hours=2, minutes=45))
    middle = conn.execute(_MIDDLE).scalar_one()
    note = "The platform was away for an hour on Thursday; our service desk promised this."
    adjusting.adjust(manager, middle, POINTS, note, "demo-outage", now=now - timedelta(hours=1))
