"""What the broker's systems say of accounts: whose each is, whose it is no more, and what they answer to requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam

from app.gamification.audit import log
from app.gamification.errors import Refusal
from app.gamification.errors.members import LinkedElsewhere
from app.gamification.ingest import UNKNOWN_MEMBER
from app.gamification.ledger import wallets
from app.gamification.trading_accounts import answering, linking
from app.gamification.trading_accounts.linking import Linked, Wanted
from app.gamification.trading_accounts.names import Names
from app.gamification.trading_accounts.reasons import NOT_THEIRS
from app.lib.i18n import Sentence, _l
from app.models import bulk
from app.models.base import connection
from app.models.history import AccountRequest

MAX_DELIVERY = 1000
AT_ONCE = 100  # in one transaction: what waited for these accounts is queued in it

_NAMED = answering.REQUESTS.where(AccountRequest.id.in_(bindparam("ids", expanding=True)))
_OPEN = answering.REQUESTS.where(
    AccountRequest.member_id == bindparam("member"),
    AccountRequest.trading_account_id == bindparam("account"),
    AccountRequest.state == "open",
)


class LinkStatus(StrEnum):
    """What became of one of the accounts."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    DECLINED = "declined"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Result(NamedTuple):
    status: LinkStatus
    code: str = ""  # of the reason, for machines
    reason: Sentence | None = None


@dataclass(frozen=True)
class Said:
    """One account that is the member's, or with `linked` false is not: by id and names, or by a request."""

    linked: bool = True
    member: str = ""
    names: Names | None = None
    currency: str | None = None
    request: int | None = None


class _Meant(NamedTuple):
    place: int
    member_id: int
    names: Names
    asked: Any  # the request's row, where one was named


LINKED, UNCHANGED = Result(LinkStatus.LINKED), Result(LinkStatus.UNCHANGED)
_NOBODY = Result(LinkStatus.REJECTED, UNKNOWN_MEMBER.code, Sentence(_l("There is no member with this id.")))
_NO_REQUEST = Result(
    LinkStatus.REJECTED, "unknown_request", Sentence(_l("There is no such request, or its member withdrew it."))
)
_ANSWERED = Result(
    LinkStatus.REJECTED,
    "answered_already",
    Sentence(_l("This request was answered otherwise already; send the account.")),
)
_ELSEWHERE = Result(
    LinkStatus.REJECTED,
    "linked_elsewhere",
    Sentence(_l("This account is linked to another member. Say of that one first that it is not linked any more.")),
)


def accept(said: Sequence[Said], now: datetime) -> list[Result]:
    """Do what is said, inside the open transaction; one result each, in order.

    What is not linked any more comes first, so that an account can change hands in one delivery. Saying the same again
    changes nothing.
    """
    results: list[Result] = [UNCHANGED] * len(said)
    meant = _understood(said, results)
    wallets.lock_in_order(sorted({one.member_id for one in meant}))
    if any(one.asked is not None for one in meant):
        # While the wallets were waited for, its member may have withdrawn a request, and staff have answered it.
        results = [UNCHANGED] * len(said)
        meant = _understood(said, results)
    owners = linking.hold((one.names for one in meant), (one.names for one in meant if said[one.place].linked))
    acts: list[log.Act] = []
    for one in meant:
        if not said[one.place].linked:
            results[one.place] = _part(one, owners.get(one.names), now, acts)
    wanted = [one for one in meant if said[one.place].linked]
    made = linking.link_all(
        [Wanted(one.member_id, one.names, said[one.place].currency) for one in wanted], via="api", by=None, now=now
    )
    for one, came in zip(wanted, made, strict=True):
        results[one.place] = _result(came)
    if acts:
        log.record_all(None, acts, now=now)
    return results


def _understood(said: Sequence[Said], results: list[Result]) -> list[_Meant]:
    members = _members({one.member for one in said if one.request is None})
    ids = sorted({one.request for one in said if one.request is not None})
    rows = {row.id: row for row in connection().execute(_NAMED, {"ids": ids})} if ids else {}
    meant = []
    for place, one in enumerate(said):
        if one.request is not None:
            row = rows.get(one.request)
            if row is None or row.state == "withdrawn":
                results[place] = _NO_REQUEST
            elif row.state == "open":
                meant.append(_Meant(place, row.member_id, Names(row.platform, row.server, row.login), row))
            elif (row.state == answering.CONFIRMED) is not one.linked:
                results[place] = _ANSWERED
        elif (member_id := members.get(one.member)) is None or one.names is None:
            results[place] = _NOBODY
        else:
            meant.append(_Meant(place, member_id, one.names, None))
    return meant


def _members(names: set[str]) -> dict[str, int]:
    statement = "SELECT m.external_id, m.id FROM texts CROSS JOIN member m ON m.external_id = texts.value"
    return dict(bulk.tuples_by_texts(connection(), statement, names)) if names else {}


def _part(one: _Meant, account: linking.Held | None, now: datetime, acts: list[log.Act]) -> Result:
    """Let the account be nobody's if it is the member's; if they only asked for it, decline that."""
    if account is None:
        return UNCHANGED
    if account.member_id == one.member_id:
        linking.let_go(one.member_id, account.id, now=now)
        acts.append(log.Act("member.unlink", "member", one.member_id, {"account": account.id}, {"via": "api"}))
        return Result(LinkStatus.UNLINKED)
    asked = one.asked or connection().execute(_OPEN, {"member": one.member_id, "account": account.id}).first()
    if asked is None or not answering.decline(asked, NOT_THEIRS, via="api", by=None, now=now):
        return UNCHANGED
    facts = {"account": account.id, "reason": NOT_THEIRS, "via": "api"}
    acts.append(log.Act("member.decline_account", "member", one.member_id, after=facts))
    return Result(LinkStatus.DECLINED)


def _result(came: Linked | Refusal) -> Result:
    if isinstance(came, Linked):
        return LINKED if came.is_new else UNCHANGED
    return _ELSEWHERE if isinstance(came, LinkedElsewhere) else _NOBODY
