"""Signing in by the broker: whoever its site vouches for is found or made a member, and what it says of them is kept.

A link is taken once. Its member is who has the client's number; else who has confirmed the client's address and has no
number yet; else somebody new. The broker's word on country, category, company, name and address is followed each time,
since nobody else can correct them; what it leaves out stays as it is.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.exc import IntegrityError

from app.gamification import postbox
from app.gamification.audit import log
from app.gamification.brand import brand
from app.gamification.errors.handoff import HandoffClosed, HandoffRefused, HandoffUnclear, HandoffUsed
from app.gamification.errors.members import BadEmail, BadName, EmailTaken, ExternalIdTaken
from app.gamification.handoff.accounts import link_accounts
from app.gamification.handoff.links import Claims, Link
from app.gamification.ledger import wallets
from app.gamification.members import letters, sign_ins, words
from app.gamification.members.enrolment import enrol
from app.gamification.members.names import LONGEST_NAME, clean_email, clean_name, visible
from app.gamification.trading_accounts import requests
from app.lib.clock import to_micros
from app.lib.countries import time_zone_of
from app.lib.i18n import best_language
from app.models.base import connection, read_one
from app.models.handoff import UsedHandoff
from app.models.people import ClientClass, LegalEntity, Member

# Longer than any clock is wrong: another process may still take the link for fresh.
REMEMBERED = timedelta(hours=1)
# What the audit log may hold of a member, beside the names of what changed.
_FIGURES = ("country", "client_class", "entity_id")
TRIES = 3  # of who else signs the same client in at this moment

_TAKE = text("INSERT INTO used_handoff (digest, until) VALUES (:digest, :until) ON CONFLICT DO NOTHING")
_FORGET = delete(UsedHandoff).where(UsedHandoff.until < bindparam("before", type_=UsedHandoff.until.type))
_BY_NUMBER = select(Member.id).where(Member.external_id == bindparam("number"), Member.erased_at.is_(None))
_BY_EMAIL = select(Member.id, Member.external_id).where(
    Member.email == bindparam("address"), Member.erased_at.is_(None)
)
_LOCK = (
    select(
        Member.id,
        Member.external_id,
        Member.email,
        Member.email_verified_at,
        Member.password_hash,
        Member.name,
        Member.entity_id,
        Member.country,
        Member.client_class,
        Member.language,
        Member.time_zone,
    )
    .where(Member.id == bindparam("member_id"), Member.erased_at.is_(None))
    .with_for_update(key_share=True)
)
_CHANGE = update(Member).where(Member.id == bindparam("of_member"))
_ENTITY = select(LegalEntity.id, LegalEntity.retired_at).where(LegalEntity.key == bindparam("named"))


class Arrival(NamedTuple):
    """Who came: the member, their zone, whether they joined by this, and how many accounts are somebody else's."""

    member_id: int
    zone: ZoneInfo
    is_new: bool
    elsewhere: int


def whose(claims: Claims) -> int | None:
    """The member whom a link would sign in, as things stand; None for somebody new. Reads only."""
    row = read_one(_BY_NUMBER, {"number": claims.sub})
    if row is None and (address := _email(claims)):
        row = read_one(_BY_EMAIL, {"address": address})
        row = row if row is not None and row.external_id is None else None
    return None if row is None else int(row.id)


def take(link: Link, *, now: datetime) -> Arrival:
    """Use a link: whoever it names is a member afterwards, with the accounts it names. Inside an open transaction.

    The caller starts the sign-in. Raises HandoffUsed, HandoffUnclear, HandoffClosed; then nothing is kept, and the link
    can be tried again.
    """
    if not connection().execute(_TAKE, {"digest": link.digest, "until": to_micros(link.until)}).rowcount:
        raise HandoffUsed("jti was used before")
    entity = _entity(link.claims)
    member, was = _member(link.claims, entity, now)
    changed = {} if was == "joined" else _follow(member, link.claims, entity, now)
    elsewhere, noted = link_accounts(member.id, link.claims.accounts, now)
    told: dict[str, Any] = {"was": was} if was else {}
    told |= {"changed": sorted(changed)} if changed else {}
    told |= {"elsewhere": noted} if noted else {}
    if told:
        before = {name: getattr(member, name) for name in _FIGURES if name in changed}
        after = {name: changed[name] for name in _FIGURES if name in changed}
        after |= {"key": link.key_id, **told}
        log.record(None, "member.handoff", "member", member.id, now=now, before=before, after=after)
    return Arrival(member.id, ZoneInfo(member.time_zone), was == "joined", elsewhere)


def forget(now: datetime) -> int:
    """Forget links that have lapsed anyway; how many. Inside an open transaction."""
    return connection().execute(_FORGET, {"before": now - REMEMBERED}).rowcount


def _member(claims: Claims, entity: Any, now: datetime) -> tuple[Any, str]:
    """The member, locked, and what they were to the broker before: "" for one it knew, else "joined" or "bound"."""
    address = _email(claims)
    for _ in range(TRIES):
        conn = connection()
        known = conn.execute(_BY_NUMBER, {"number": claims.sub}).scalar()
        if known is not None:
            member = _locked(known)
            if member is not None and member.external_id == claims.sub:
                return member, ""
            continue
        owner = conn.execute(_BY_EMAIL, {"address": address}).first() if address else None
        if owner is not None and owner.external_id is None:
            member = _locked(owner.id)
            is_theirs = member is not None and member.external_id is None and member.email == address
            if is_theirs and _set(member.id, {"external_id": claims.sub}):
                _tell_bound(member, now)
                return member, "bound"
            continue
        try:
            # An address of another client's stays theirs.
            return _locked(_join(claims, entity, None if owner else address, now)), "joined"
        except (ExternalIdTaken, EmailTaken):
            continue
    raise HandoffRefused("the same client was changed again and again meanwhile")


def _locked(member_id: int) -> Any:
    """The member's row, wallet first, as everything that concerns members; None for who is gone."""
    wallets.lock_in_order([member_id])
    return connection().execute(_LOCK, {"member_id": member_id}).first()


def _join(claims: Claims, entity: Any, address: str | None, now: datetime) -> int:
    if entity is not None and entity.retired_at is not None:
        raise HandoffClosed("entity is retired and takes no new members")
    country, house = (claims.country or "").upper(), brand()
    return enrol(
        address,
        _name(claims) or _called_by(address, claims.sub),
        now=now,
        country=country,
        client_class=ClientClass[(claims.client_class or "unknown").upper()],
        external_id=claims.sub,
        language=best_language(claims.language, offered=house.languages),
        time_zone=time_zone_of(country) or house.zone.key,
        entity_key=claims.entity,
        verified=address is not None,
    )


def _follow(member: Any, claims: Claims, entity: Any, now: datetime) -> dict[str, Any]:
    """Keep what the broker says anew of a member it knows; the columns that changed, and what they are now."""
    wanted = {
        "country": claims.country.upper() if claims.country else None,
        "client_class": int(ClientClass[claims.client_class.upper()]) if claims.client_class else None,
        "entity_id": None if entity is None else entity.id,
        "name": _name(claims),
    }
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(member, name)}
    address = _email(claims)
    if address and address == member.email and member.email_verified_at is None:
        changed |= {"email_verified_at": now} | _without_impostor(member.id, now)
    if changed:
        _set(member.id, changed)
    if address and address != member.email and _set(member.id, {"email": address, "email_verified_at": now}):
        changed["email"] = address
    if {"name", "email"} & changed.keys():
        words.note(member.id)
    return changed


def _without_impostor(member_id: int, now: datetime) -> dict[str, Any]:
    """Shut out whoever joined with an address they never confirmed, before its owner came; the columns to blank."""
    sign_ins.end_all(member_id, now=now)
    requests.withdraw_all(member_id, now=now)
    return {"password_hash": None}


def _set(member_id: int, values: dict[str, Any]) -> bool:
    """Change columns of a member; False where a number or an address is somebody else's."""
    try:
        with connection().begin_nested():
            connection().execute(_CHANGE.values(**values), {"of_member": member_id})
    except IntegrityError:
        return False
    return True


def _tell_bound(member: Any, now: datetime) -> None:
    # The address was theirs before: if it is not they who came from the broker, they should hear of it.
    if member.email_verified_at is not None:
        letter = letters.bound(member.name, brand().name, brand().brand_name)
        postbox.send(letter, member.email, language=member.language, now=now, member_id=member.id)


def _entity(claims: Claims) -> Any:
    if claims.entity is None:
        return None
    entity = connection().execute(_ENTITY, {"named": claims.entity}).first()
    if entity is None:
        raise HandoffUnclear("entity is no key of a legal entity")
    return entity


def _email(claims: Claims) -> str | None:
    """The address that the broker has checked; None for none, and for what is no address."""
    if not claims.email or not claims.email_verified:
        return None
    try:
        return clean_email(claims.email)
    except BadEmail:
        return None


def _name(claims: Claims) -> str | None:
    try:
        return clean_name(visible(claims.name or "")[:LONGEST_NAME])
    except BadName:
        return None


def _called_by(address: str | None, number: str) -> str:
    """What somebody is called whose name the broker did not say."""
    try:
        return clean_name((address or "").partition("@")[0])
    except BadName:
        return f"Client {number}"[:LONGEST_NAME]
