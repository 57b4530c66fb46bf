"""What a browser carries from one page of the desk to the next and nobody may read: sealed, and bound to its sign-in.

The secret of a phone that is being set up, recovery codes that nobody has kept yet, a link that is shown once. Nothing
of it is stored here before it counts.
"""

import json
from typing import Any

from cryptography.fernet import InvalidToken
from flask import session

from app.lib.sealing import Sealer
from app.routes.desk import COOKIE, cookie
from app.routes.settings import settings


def put(name: str, value: Any) -> None:
    """Let the browser carry a value until it is dropped, or until its sign-in becomes another."""
    session[_key(name)] = _sealer().seal(json.dumps([cookie(), value])).decode()


def get(name: str) -> Any:
    """What the browser carries under a name; None when it is nothing, or another sign-in's."""
    sealed = session.get(_key(name))
    if not isinstance(sealed, str):
        return None
    try:
        of, value = json.loads(_sealer().open(sealed.encode()))
    except (InvalidToken, ValueError):
        return None
    return value if of == cookie() else None


def take(name: str) -> Any:
    """The same, for the last time."""
    value = get(name)
    drop(name)
    return value


def drop(name: str) -> None:
    """Let the browser carry it no longer."""
    session.pop(_key(name), None)


def _key(name: str) -> str:
    return f"{COOKIE}_{name}"


def _sealer() -> Sealer:
    return Sealer(settings().installation_secret)
