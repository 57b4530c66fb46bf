"""Who may sign in to the demo: the cast and the programme's owner, with passwords made for this installation."""

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, text, update

from app.gamification.members.passwords import hash_password
from app.gamification.staff import people as staff
from app.models.base import read_all, transaction
from app.models.people import Member, Staff
from app.routes.settings import settings

OWNER_NAME, OWNER_EMAIL = "Inês Marques", "ines.marques@meridian.example"
ABOUT = {
    "middle": "in the middle of the ladder",
    "new": "joined today",
    "top": "at the highest level",
    "cyprus": "retail client in Cyprus",
    "arabic": "reads Arabic",
    "chinese": "reads Chinese",
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike

_CAST = text("SELECT id, demo_role, name, email FROM member WHERE demo_role IS NOT NULL")
_LET_IN = update(Member).where(Member.id == bindparam("member")).values(password_hash=bindparam("hashed"))
_LET_OWNER_IN = update(Staff).where(Staff.email == OWNER_EMAIL).values(password_hash=bindparam("hashed"))


class Door(NamedTuple):
    """One who may sign in; the name is last, because a console cannot align all scripts."""

    email: str
    password: str
    about: str
    name: str


def hire_owner(at: datetime) -> None:
    """Add the programme's owner, who gets in when the cast does. Inside an open transaction."""
    staff.create(OWNER_EMAIL, OWNER_NAME, "owner", _password(), now=at)


def open_to_cast() -> list[dict[str, str]]:
    """Give the cast and the owner passwords, written down in the data folder for its owner's eyes only."""
    cast = sorted(read_all(_CAST), key=lambda row: list(ABOUT).index(row.demo_role))
    doors = [Door(row.email, _password(), ABOUT[row.demo_role], row.name) for row in cast]
    owner = Door(OWNER_EMAIL, _password(), "staff: owns the programme", OWNER_NAME)
    with transaction() as conn:
        hashes = [hash_password(door.password) for door in doors]
        conn.execute(_LET_IN, [{"member": row.id, "hashed": one} for row, one in zip(cast, hashes, strict=True)])
        conn.execute(_LET_OWNER_IN, {"hashed": hash_password(owner.password)})
    found = [door._asdict() for door in (*doors, owner)]
    _write(json.dumps(found, ensure_ascii=False, indent=1))
    return found


def sign_ins() -> list[dict[str, str]]:
    """Who may sign in, with passwords; empty without a demo season."""
    path = _path()
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def _write(content: str) -> None:
    path = _path()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)


def _path() -> Path:
    return settings().data / "demo_sign_ins.json"
