"""Becoming a member, and saying which trading accounts are whose."""

from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select, text, update

from app.gamification import ingest
from app.gamification.errors.members import (
    AccountNotFound,
    EmailTaken,
    ExternalIdTaken,
    LinkedElsewhere,
    UnknownCountry,
    UnknownEntity,
    UnknownTimeZone,
)
from app.gamification.ledger import wallets
from app.gamification.members import words
from app.gamification.members.names import clean_email, clean_name
from app.gamification.members.passwords import hash_password
from app.lib.clock import to_micros
from app.lib.countries import country_codes, is_time_zone
from app.lib.i18n import best_language
from app.models.base import connection
from app.models.people import ClientClass, LegalEntity, Member, TradingAccount

_INSERT_MEMBER = text(
    """
    INSERT INTO member (external_id, email, name, password_hash, email_verified_at, entity_id, country, client_class,
                        language, theme, up_down, time_zone, joined_at, earning_blocked, demo_role)
    VALUES (:external_id, :email, :name, :password_hash, :email_verified_at, :entity_id, :country, :client_class,
            :language, 'auto', 'auto', :time_zone, :now, false, :demo_role)
    ON CONFLICT DO NOTHING
    RETURNING id
    """
)
_INSERT_WALLET = text(
    """
    INSERT INTO wallet (id, available, pending, debt, lifetime, qualifying, window_from, level_id, level_since,
                        next_expiry_amount, seq, head, decisions)
    VALUES (:id, 0, 0, 0, 0, 0, 0, 0, :now, 0, 0, :head, 0)
    """
)
_INSERT_ACCOUNT = text(
    """
    INSERT INTO trading_account (platform, server, login, member_id, linked_at)
    VALUES (:platform, :server, :login, NULL, NULL)
    ON CONFLICT DO NOTHING
    """
)
# FOR UPDATE on PostgreSQL waits for every delivery that is storing an activity of this account, so that none is
# missed below: deliveries hold the row until they commit.
_LOCK_ACCOUNT = (
    select(TradingAccount.id, TradingAccount.member_id)
    .where(
        TradingAccount.platform == bindparam("platform"),
        TradingAccount.server == bindparam("server"),
        TradingAccount.login == bindparam("login"),
    )
    .with_for_update()
)
_CLAIM_ACCOUNT = (
    update(TradingAccount)
    .where(TradingAccount.id == bindparam("account_id"))
    .values(member_id=bindparam("new_member_id"), linked_at=bindparam("now"))
)
# What was decided while the account was somebody's stays with them; what a member sent in is that member's.
_QUEUE_WHAT_WAITED = text(
    """
    INSERT INTO activity_queue (member_id, recorded_at, activity_id)
    SELECT :member_id, a.recorded_at, a.id FROM activity a
    WHERE a.trading_account_id = :account_id AND a.member_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.activity_id = a.id)
    ORDER BY a.recorded_at, a.id
    """
)
_LOCK_OWN_ACCOUNT = (
    select(TradingAccount.id)
    .where(TradingAccount.id == bindparam("account_id"), TradingAccount.member_id == bindparam("owner"))
    .with_for_update()
)
_LET_WAIT = text(
    """
    DELETE FROM activity_queue WHERE member_id = :member_id
        AND activity_id IN (SELECT id FROM activity WHERE trading_account_id = :account_id AND member_id IS NULL)
    """
)
# A retired one keeps its members and takes no new ones.
_ENTITIES = select(LegalEntity.id, LegalEntity.key).where(LegalEntity.retired_at.is_(None)).order_by(LegalEntity.id)
_TAKEN = select(Member.email, Member.external_id).where(
    (Member.email == bindparam("email")) | (Member.external_id == bindparam("external_id"))
)


def enrol(
    email: str | None,
    name: str,
    *,
    now: datetime,
    country: str = "",
    client_class: ClientClass = ClientClass.UNKNOWN,
    external_id: str | None = None,
    password: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
    entity_key: str | None = None,
    demo_role: str | None = None,
    verified: bool = False,
) -> int:
    """Make a member with an empty wallet and report that they joined; returns the member's id.

    Without `entity_key` the member belongs to the broker's only entity, or, where there are several, to none until
    the broker says, which the law packs read as the strictest. Inside an open transaction. Raises BadEmail, BadName,
    EmailTaken, ExternalIdTaken, UnknownCountry, UnknownEntity, UnknownTimeZone.
    """
    email = clean_email(email) if email else None
    country = country.strip().upper()
    if country and country not in country_codes():
        raise UnknownCountry(country=country)
    if not is_time_zone(time_zone):
        raise UnknownTimeZone(time_zone=time_zone)
    micros = to_micros(now)
    values = {
        "external_id": external_id,
        "email": email,
        "name": clean_name(name),
        "password_hash": hash_password(password) if password else None,
        "email_verified_at": micros if verified else None,
        "entity_id": _entity_id(entity_key),
        "country": country,
        "client_class": int(client_class),
        "language": best_language(language),
        "time_zone": time_zone,
        "now": micros,
        "demo_role": demo_role,
    }
    member_id = connection().execute(_INSERT_MEMBER, values).scalar()
    if member_id is None:
        raise _collision(email, external_id)
    connection().execute(_INSERT_WALLET, {"id": member_id, "now": micros, "head": b""})
    words.note(member_id)
    ingest.record(member_id, "member.joined", external_id=f"joined:{member_id}", occurred_at=now, now=now)
    return int(member_id)


def link(member_id: int, platform: str, server: str, login: str, *, now: datetime) -> int:
    """Make a trading account the member's and queue what it did before; returns the account's id.

    Linking again changes nothing. Inside an open transaction. Raises LinkedElsewhere.
    """
    # As deliveries name them: MT5 is mt5, and nothing stands around a name.
    names = {"platform": platform.strip().lower(), "server": server.strip(), "login": login.strip()}
    connection().execute(_INSERT_ACCOUNT, names)
    account_id, owner_id = connection().execute(_LOCK_ACCOUNT, names).one()
    if owner_id == member_id:
        return int(account_id)
    if owner_id is not None:
        raise LinkedElsewhere(login=login)
    connection().execute(_CLAIM_ACCOUNT, {"account_id": account_id, "new_member_id": member_id, "now": now})
    connection().execute(_QUEUE_WHAT_WAITED, {"account_id": account_id, "member_id": member_id})
    return int(account_id)


def unlink(member_id: int, account_id: int) -> None:
    """Let a trading account be nobody's: what was counted stays the member's, what was not waits for the next link.

    Inside an open transaction. Raises AccountNotFound.
    """
    # First the wallet, so that no round is counting what goes back to waiting; then the account, whose deliveries
    # hold it until they are stored.
    wallets.lock_in_order([member_id])
    if connection().execute(_LOCK_OWN_ACCOUNT, {"account_id": account_id, "owner": member_id}).first() is None:
        raise AccountNotFound()
    connection().execute(_LET_WAIT, {"member_id": member_id, "account_id": account_id})
    connection().execute(_CLAIM_ACCOUNT, {"account_id": account_id, "new_member_id": None, "now": None})


def _entity_id(key: str | None) -> int | None:
    entities: list[RowMapping] = list(connection().execute(_ENTITIES).mappings())
    if key is None:
        return entities[0]["id"] if len(entities) == 1 else None
    for entity in entities:
        if entity["key"] == key:
            return int(entity["id"])
    raise UnknownEntity(entity=key)


def _collision(email: str | None, external_id: str | None) -> EmailTaken | ExternalIdTaken:
    taken = connection().execute(_TAKEN, {"email": email, "external_id": external_id}).all()
    if any(row.email == email and email is not None for row in taken):
        return EmailTaken(email=email)
    return ExternalIdTaken(external_id=external_id)
