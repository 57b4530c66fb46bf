"""How a trading account is named: by platform, server and login, as deliveries name it."""

import re
from typing import NamedTuple

from app.gamification.errors.members import BadAccountName, BadServerName, UnknownPlatform

LONGEST = 64
# As deliveries may name them, or what is linked here would never be theirs.
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9._\-]{0,31}")
_NAME = re.compile(r"[!-~]([ -~]{0,62}[!-~])?")


class Names(NamedTuple):
    """What tells one account from every other."""

    platform: str
    server: str
    login: str


def is_name(text: str) -> bool:
    """Whether a delivery may name a server or a login like this."""
    return _NAME.fullmatch(text) is not None


def clean(platform: str, server: str, login: str) -> Names:
    """The names as they are stored: MT5 is mt5, and nothing stands around a name.

    Raises UnknownPlatform, BadServerName, BadAccountName.
    """
    names = Names(platform.strip().lower(), server.strip(), login.strip())
    if not _PLATFORM.fullmatch(names.platform):
        raise UnknownPlatform()
    if not is_name(names.server):
        raise BadServerName(longest=LONGEST)
    if not is_name(names.login):
        raise BadAccountName(longest=LONGEST)
    return names
