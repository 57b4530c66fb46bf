"""Forms that were sent: each carries a token of its own, so that one sent twice makes one."""

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text, update

from app.lib.clock import to_micros
from app.models.base import connection
from app.models.desk import SentForm

KEPT = timedelta(days=2)
TOKEN = re.compile(r"[0-9a-f]{32}")

_FORGET = delete(SentForm).where(SentForm.staff_id == bindparam("of_staff"), SentForm.sent_at < bindparam("before"))
_TAKE = text(
    "INSERT INTO sent_form (staff_id, token, page, sent_at) VALUES (:staff_id, :token, '', :now) ON CONFLICT DO NOTHING"
)
_PAGE = select(SentForm.page).where(SentForm.staff_id == bindparam("of_staff"), SentForm.token == bindparam("carried"))
_ANSWER = (
    update(SentForm)
    .where(SentForm.staff_id == bindparam("of_staff"), SentForm.token == bindparam("carried"))
    .values(page=bindparam("answer"))
)


def new_token() -> str:
    """What a fresh form carries."""
    return secrets.token_hex(16)


def take(staff_id: int, token: str, *, now: datetime) -> str | None:
    """Take a form in: None when it is new, else the page that answered it before.

    Inside an open transaction, as its first statement: of two that arrive at once the second waits here. A form
    without a token is always new.
    """
    if not TOKEN.fullmatch(token):
        return None
    conn = connection()
    if conn.execute(_TAKE, {"staff_id": staff_id, "token": token, "now": to_micros(now)}).rowcount:
        conn.execute(_FORGET, {"of_staff": staff_id, "before": now - KEPT})
        return None
    page: str = conn.execute(_PAGE, {"of_staff": staff_id, "carried": token}).scalar_one()
    return page


def answer(staff_id: int, token: str, page: str) -> None:
    """Remember the page that answers the form. Inside the transaction that took it."""
    if TOKEN.fullmatch(token):
        connection().execute(_ANSWER, {"of_staff": staff_id, "carried": token, "answer": page})
