"""Trading accounts that the cast asked for: one still open, one confirmed, and one that was declined."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from app.gamification.trading_accounts import deciding, requests
from app.models.base import connection
from app.models.people import Member, Staff

_MEMBER = select(Member.id).where(Member.demo_role == bindparam("plays"))
_MANAGER = select(Staff.id).where(Staff.demo_role == "manager")
OPEN = ("mt5", "Meridian-Live", "4419027")
CONFIRMED = ("mt5", "Meridian-Live", "4419313")
DECLINED = ("mt5", "Meridian-Demo", "7700215")


def ask(now: datetime) -> None:
    """Ask, and answer what has an answer. Inside an open transaction, at the season's end."""
    conn = connection()
    manager: int = conn.execute(_MANAGER).scalar_one()
    middle, chinese = (conn.execute(_MEMBER, {"plays": role}).scalar_one() for role in ("middle", "chinese"))
    first = requests.request(chinese, *CONFIRMED, now=now - timedelta(days=3, hours=2))
    deciding.confirm(manager, first, now=now - timedelta(days=2, hours=20))
    demo = requests.request(middle, *DECLINED, now=now - timedelta(days=2, hours=6))
    deciding.decline(manager, demo, "demo", now=now - timedelta(days=2, hours=1))
    requests.request(middle, *OPEN, now=now - timedelta(hours=9))
