"""The people who run the programme for the broker."""

from datetime import datetime

from sqlalchemy import text

from app.gamification.errors import StaffEmailTaken
from app.gamification.members.names import clean_email, clean_name
from app.gamification.members.passwords import check_strength, hash_password
from app.lib.clock import to_micros
from app.models.base import connection

_INSERT = text(
    """
    INSERT INTO staff (email, name, role, password_hash, language, created_at)
    VALUES (:email, :name, :role, :password_hash, 'en', :now)
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)


def create(email: str, name: str, role: str, password: str, *, now: datetime) -> int:
    """Add somebody to the staff; returns their id. Inside an open transaction.

    Raises BadEmail, BadName, StaffEmailTaken and what `check_strength` raises.
    """
    email, name = clean_email(email), clean_name(name)
    check_strength(password, email, name)
    values = {"email": email, "name": name, "role": role, "password_hash": hash_password(password)}
    staff_id = connection().execute(_INSERT, values | {"now": to_micros(now)}).scalar()
    if staff_id is None:
        raise StaffEmailTaken(email=email)
    return int(staff_id)
