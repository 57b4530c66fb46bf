"""Who may sign in to the demo: the cast and the staff, with passwords made for this installation."""

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import bindparam, text, update

from app.gamification.members.passwords import hash_password
from app.gamification.staff import people as staff
from app.gamification.staff.recovery import new_codes
from app.gamification.staff.second_factor import SecondFactor, new_secret
from app.lib.sealing import Sealer
from app.models.base import connection, read_all, transaction
from app.models.people import Member, Staff
from app.routes.settings import settings

ABOUT = {
    "middle": "in the middle of the ladder",
    "new": "joined today",
    "top": "at the highest level",
    "cyprus": "retail client in Cyprus",
    "arabic": "reads Arabic",
    "chinese": "reads Chinese",
}
# By role: name, mailbox, time zone. The first is the one who looked after members during the season.
STAFF = {
    "manager": ("Dana Kovac", "dana.kovac", "Europe/Zagreb"),
    "approver": ("Omar Rahal", "omar.rahal", "Asia/Dubai"),
    "owner": ("Inês Marques", "ines.marques", "Europe/Lisbon"),
    "viewer": ("Lena Hart", "lena.hart", "Europe/London"),
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike

_CAST = text("SELECT id, demo_role, name, email FROM member WHERE demo_role IS NOT NULL")
_DESK = text("SELECT id, demo_role, name, email FROM staff WHERE demo_role IS NOT NULL ORDER BY id")
_LET_IN = update(Member).where(Member.id == bindparam("member")).values(password_hash=bindparam("hashed"))
_PLACE = update(Staff).where(Staff.id == bindparam("staff"))
_GIVE_DESK = _PLACE.values(demo_role=bindparam("plays"), time_zone=bindparam("zone"))
_LET_STAFF_IN = _PLACE.values(
    password_hash=bindparam("hashed"), totp_secret=bindparam("sealed"), totp_since=Staff.created_at, totp_step=None
)


class Door(NamedTuple):
    """One who may sign in; the name is last, because a console cannot align all scripts.

    `code_secret` goes into an authenticator app, as staff need it; members need none.
    """

    email: str
    password: str
    about: str
    code_secret: str
    name: str


def hire_staff(at: datetime) -> None:
    """Add one person of each role, who get in when the cast does. Inside an open transaction."""
    for role, (name, mailbox, zone) in STAFF.items():
        staff_id = staff.create(f"{mailbox}@meridian.example", name, role, _password(), now=at)
        connection().execute(_GIVE_DESK, {"staff": staff_id, "plays": role, "zone": zone})


def open_to_cast() -> list[dict[str, str]]:
    """Give cast and staff passwords, and staff a phone, written down in the data folder for its owner's eyes only."""
    cast = sorted(read_all(_CAST), key=lambda row: list(ABOUT).index(row.demo_role))
    desk = read_all(_DESK)
    doors = [Door(row.email, _password(), ABOUT[row.demo_role], "", row.name) for row in cast]
    desk_doors = [Door(row.email, _password(), f"staff: {row.demo_role}", new_secret(), row.name) for row in desk]
    secret = settings().installation_secret
    sealer, factor = Sealer(secret), SecondFactor(secret)
    with transaction() as conn:
        for row, door in zip(cast, doors, strict=True):
            conn.execute(_LET_IN, {"member": row.id, "hashed": hash_password(door.password)})
        for row, door in zip(desk, desk_doors, strict=True):
            sealed = sealer.seal(door.code_secret)
            conn.execute(_LET_STAFF_IN, {"staff": row.id, "hashed": hash_password(door.password), "sealed": sealed})
            # Nobody knows these: whoever wants recovery codes makes new ones on their own page.
            factor.keep_codes(row.id, new_codes())
    found = [door._asdict() for door in (*doors, *desk_doors)]
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
