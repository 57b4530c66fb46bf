"""Whom a route can be for."""

from enum import Enum
from typing import NamedTuple

from app.gamification.staff.rights import Right


class Audience(Enum):
    """Who a route is for, beside the rights of staff."""

    ANYONE = "anyone"
    MEMBER = "a signed-in member, about themselves"
    MACHINE = "whoever signs the request with a key of the API"


class Access(NamedTuple):
    """Who may use a route: an audience, or staff with a right; `fresh`: who gave password and code minutes ago."""

    who: Audience | Right
    fresh: bool = False


ANYONE, MEMBER, MACHINE = (Access(audience) for audience in Audience)
READ, CONFIGURE, CARE, APPROVE, PRIVACY, OWN = (Access(right) for right in Right)


def fresh(access: Access) -> Access:
    """The same, for somebody who has just given password and code again."""
    return access._replace(fresh=True)


def resource(
    blueprint: str,
    *,
    read: Access = READ,
    write: Access = CONFIGURE,
    edit: bool = True,
    retire: bool = True,
    imports: bool = False,
) -> dict[str, Access]:
    """The lines of one resource: what routes/admin/resource gives each that can be written; as its can_… say."""
    verbs = dict.fromkeys(("GET index", "GET export", "GET show", "GET history"), read)
    writing = ["GET new", "POST create"]
    writing += ["GET edit", "POST update"] if edit else []
    writing += ["GET retiring", "POST retire"] if retire else []
    writing += ["GET imports", "POST look_through", "POST bring_in"] if imports else []
    verbs |= dict.fromkeys(writing, write)
    return {line.replace(" ", f" {blueprint}."): access for line, access in verbs.items()}


def drafted(blueprint: str) -> dict[str, Access]:
    """The lines of what is drafted and published by two people: what routes/admin/catalogue gives each noun."""
    reading = ("GET index", "GET export", "GET show", "GET history", "GET show_draft", "POST preview")
    writing = ("GET new", "POST create", "POST begin", "POST duplicate", "POST retire", "POST reopen")
    drafting = ("POST save", "POST propose", "POST discard")
    verbs = dict.fromkeys(reading, READ) | dict.fromkeys((*writing, *drafting), CONFIGURE)
    return {line.replace(" ", f" {blueprint}."): access for line, access in verbs.items()}
