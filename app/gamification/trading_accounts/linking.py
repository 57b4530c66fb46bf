"""Saying whose a trading account is: everything that links one, or lets it go, comes through here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, select, update

from app.gamification.audit import log
from app.gamification.errors import Refusal
from app.gamification.errors.members import LinkedElsewhere, MemberErased, MemberNotFound
from app.gamification.ledger import wallets
from app.gamification.members import enrolment
from app.gamification.messages.telling import tell
from app.gamification.trading_accounts import answering, messages
from app.gamification.trading_accounts.names import Names
from app.models import bulk
from app.models.base import connection, is_sqlite
from app.models.people import Member, TradingAccount

Via = Literal["staff", "api", "handoff", "console"]

_NAMES = {"platform": "text", "server": "text", "login": "text"}
_KNOWN = """
    SELECT a.platform, a.server, a.login, a.id, a.member_id FROM keys CROSS JOIN trading_account a
    ON a.platform = keys.platform AND a.server = keys.server AND a.login = keys.login
    ORDER BY a.id
"""
# Held, because answering passes over members that somebody else holds.
_MEMBERS = (
    select(Member.id, Member.erased_at)
    .where(Member.id.in_(bindparam("ids", expanding=True)))
    .order_by(Member.id)
    .with_for_update(key_share=True)
)
_SET_CURRENCY = (
    update(TradingAccount)
    .where(TradingAccount.id == bindparam("account_id"), TradingAccount.currency.is_distinct_from(bindparam("code")))
    .values(currency=bindparam("code"))
)


class Wanted(NamedTuple):
    """An account that is to be a member's; `currency` is left as it is when it is not said."""

    member_id: int
    names: Names
    currency: str | None = None


class Held(NamedTuple):
    """An account that is locked, and whose it is."""

    id: int
    member_id: int | None


class Linked(NamedTuple):
    """What came of it: the account, and whether it is the member's only since now."""

    account_id: int
    is_new: bool


def link(member_id: int, platform: str, server: str, login: str, *, via: Via, by: int | None, now: datetime) -> int:
    """Make a trading account the member's and queue what it did before; the account's id.

    The member's open request for it is confirmed, those of others are declined, everybody concerned is told, and the
    audit log says who did it; `by` is somebody of the staff, or nobody. Linking again changes nothing. Inside an open
    transaction; whoever calls has locked nothing but people of the staff and this member. Raises MemberNotFound,
    MemberErased, LinkedElsewhere.
    """
    names = Names(platform.strip().lower(), server.strip(), login.strip())
    [made] = link_all([Wanted(member_id, names)], via=via, by=by, now=now)
    if isinstance(made, Refusal):
        raise made
    return made.account_id


def link_all(wanted: Sequence[Wanted], *, via: Via, by: int | None, now: datetime) -> list[Linked | Refusal]:
    """Link several accounts, like `link`, in one transaction; for each what came of it, or what refused it.

    1. Lock the members' wallets in order of id, as everything does that concerns members. 2. Lock the accounts that are
    known, in the order in which deliveries hold them, and read whose they are. 3. Link. 4. Answer requests, tell
    members, note it.
    """
    ids = sorted({one.member_id for one in wanted})
    wallets.lock_in_order(ids)
    erased = {row.id: row.erased_at for row in connection().execute(_MEMBERS, {"ids": ids})} if ids else {}
    held = hold((one.names for one in wanted), (one.names for one in wanted if erased.get(one.member_id, now) is None))
    results: list[Linked | Refusal] = [MemberNotFound(member=one.member_id) for one in wanted]
    # In one order for all, because what is not known yet is inserted by a unique key.
    for place in sorted(range(len(wanted)), key=lambda place: wanted[place].names):
        if wanted[place].member_id in erased:
            gone = erased[wanted[place].member_id] is not None
            results[place] = MemberErased() if gone else _link(wanted[place], held, now)
    _settle(wanted, results, via, by, now)
    return results


def hold(names: Iterable[Names], wanted: Iterable[Names] = ()) -> dict[Names, Held]:
    """Lock the accounts that are known, in order of id, with the wallets of their members-to-be locked before them.

    Those that are `wanted` are made first: one that somebody else makes meanwhile would be locked out of order.
    """
    conn, keys = connection(), sorted(set(names))
    if not keys:
        return {}
    if fresh := set(wanted):
        # Asked for before, because an insert that meets a row has used up an id.
        fresh -= {Names(*key) for *key, _, _ in bulk.tuples_by_keys(conn, _KNOWN, _NAMES, keys)}
        bulk.insert_new(conn, "trading_account", _NAMES, sorted(fresh))
    statement = _KNOWN if is_sqlite(conn) else f"{_KNOWN} FOR UPDATE OF a"
    rows = bulk.tuples_by_keys(conn, statement, _NAMES, keys)
    return {Names(*key): Held(account_id, member_id) for *key, account_id, member_id in rows}


def unlink(member_id: int, account_id: int, *, now: datetime, by: int | None) -> None:
    """Let a trading account be nobody's: by the member, or by somebody of the staff, who holds the right to.

    What was counted stays the member's; what comes later waits for the next link. Inside an open transaction. Raises
    AccountNotFound, also for what is not theirs.
    """
    if by is None:
        enrolment.unlink(member_id, account_id)
    else:
        let_go(member_id, account_id, now=now)
    log.record(by, "member.unlink", "member", member_id, now=now, before={"account": account_id})


def let_go(member_id: int, account_id: int, *, now: datetime) -> None:
    """The same when it was not the member, who is told; whoever calls writes it into the audit log."""
    enrolment.unlink(member_id, account_id)
    tell(member_id, messages.UNLINKED, {}, now=now)


def _link(one: Wanted, held: dict[Names, Held], now: datetime) -> Linked | Refusal:
    known = held.get(one.names)
    if known is not None and known.member_id == one.member_id:
        made = Linked(known.id, False)
    else:
        try:
            account_id = enrolment.link(one.member_id, *one.names, now=now)
        except LinkedElsewhere as refusal:
            return refusal
        made, held[one.names] = Linked(account_id, True), Held(account_id, one.member_id)
    if one.currency:
        connection().execute(_SET_CURRENCY, {"account_id": made.account_id, "code": one.currency})
    return made


def _settle(
    wanted: Sequence[Wanted], results: Sequence[Linked | Refusal], via: Via, by: int | None, now: datetime
) -> None:
    fresh = {
        result.account_id: one.member_id
        for one, result in zip(wanted, results, strict=True)
        if isinstance(result, Linked) and result.is_new
    }
    asked_for = answering.settle(fresh, via=via, by=by, now=now)
    given: dict[int, int] = {}
    for account_id in sorted(fresh.keys() - asked_for):
        given[fresh[account_id]] = given.get(fresh[account_id], 0) + 1
    for member_id, count in sorted(given.items()):
        tell(member_id, messages.LINKED, {"accounts": count}, now=now)
    acts = [
        log.Act("member.link", "member", member_id, after={"account": account_id, "via": via})
        for account_id, member_id in sorted(fresh.items())
    ]
    if acts:
        log.record_all(by, acts, now=now)
