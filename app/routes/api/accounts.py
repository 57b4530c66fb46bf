"""`POST /api/v1/accounts`: whose trading accounts are; `GET /api/v1/accounts/requests`: what members ask for."""

import re
from datetime import datetime

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from structlog import get_logger

from app.gamification import keys
from app.gamification.trading_accounts import reporting
from app.gamification.trading_accounts.names import Names
from app.gamification.trading_accounts.open_requests import PAGE, waiting
from app.gamification.trading_accounts.reporting import LinkStatus, Said
from app.lib import clock
from app.models.base import transaction
from app.routes.api import problems
from app.routes.api.authorised import sent_with
from app.routes.api.linking_wire import (
    AccountDelivery,
    AccountLink,
    AccountOutcome,
    AccountReceipt,
    AccountRequested,
    AccountRequests,
)
from app.routes.api.problems import JSON, Refused
from app.routes.api.refusals import Refusal, refusal_in

log = get_logger(__name__)
bp = Blueprint("api_accounts", __name__, url_prefix="/api/v1/accounts")
bp.register_error_handler(Refused, problems.answer)

_decode = msgspec.json.Decoder(AccountDelivery).decode
_decode_one = msgspec.json.Decoder(AccountLink).decode
_encode = msgspec.json.Encoder().encode

_AFTER = re.compile(r"[0-9]{1,9}")
_NAMED = ("member", "platform", "server", "login")
_BOTH = Refusal("two_ways", "request", "Send either the account with its member, or the number of a request, not both.")


@bp.post("")
def create_delivery() -> Response:
    """Link and unlink accounts, and say of each what became of it."""
    body, key = sent_with(keys.LINK)
    now = clock.now()
    read_items = [_read(raw) for raw in _items(body)]
    # What is not linked any more comes first, so that an account can change hands in one delivery.
    places = [place for place, item in enumerate(read_items) if isinstance(item, Said)]
    places.sort(key=lambda place: _said(read_items[place]).linked)
    outcomes = [
        item if isinstance(item, AccountOutcome) else AccountOutcome(LinkStatus.UNCHANGED) for item in read_items
    ]
    for start in range(0, len(places), reporting.AT_ONCE):
        some = places[start : start + reporting.AT_ONCE]
        results = _stored(key, [_said(read_items[place]) for place in some], now)
        for place, result in zip(some, results, strict=True):
            outcomes[place] = _outcome(result)
    count = dict.fromkeys(LinkStatus, 0)
    for outcome in outcomes:
        count[outcome.status] += 1
    receipt = AccountReceipt(
        linked=count[LinkStatus.LINKED],
        unlinked=count[LinkStatus.UNLINKED],
        declined=count[LinkStatus.DECLINED],
        unchanged=count[LinkStatus.UNCHANGED],
        rejected=count[LinkStatus.REJECTED],
        results=outcomes,
    )
    return Response(_encode(receipt), 200, mimetype=JSON)


@bp.get("/requests")
def requests() -> Response:
    """The requests that wait for an answer, oldest first."""
    _, key = sent_with(keys.READ)
    if key.source_key != keys.BROKER:  # a partner's may read too, but who the broker's clients are is not theirs
        raise Refused("not_in_scope", f"Only keys of the source “{keys.BROKER}” read who asks.")
    after = request.args.get("after", "0")
    if not _AFTER.fullmatch(after):
        raise Refused("bad_query")
    rows = waiting(int(after))
    found = [
        AccountRequested(
            request=row.id,
            member=row.external_id,
            member_number=row.member_id,
            # Only where you have no id of your own to know the member by, and only an address they have confirmed.
            email=row.email if row.external_id is None and row.email_verified_at is not None else None,
            platform=row.platform,
            server=row.server,
            login=row.login,
            linked_elsewhere=row.owner_id is not None and row.owner_id != row.member_id,
            made_at=row.made_at,
        )
        for row in rows
    ]
    onward = f"/api/v1/accounts/requests?after={rows[-1].id}" if len(rows) == PAGE else None
    return Response(_encode(AccountRequests(found, onward)), 200, {"Cache-Control": "no-store"}, mimetype=JSON)


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        return _decode(body).accounts
    except RecursionError:
        raise Refused("not_accounts", "It is nested too deeply.") from None
    except ValueError as error:
        raise Refused("not_accounts", f"{error}.") from None


def _read(raw: msgspec.Raw) -> Said | AccountOutcome:
    """One account as it was sent, or the outcome `rejected` that says why it is none."""
    try:
        sent = _decode_one(raw)
    except (ValueError, RecursionError) as error:
        return _rejected(refusal_in(error, AccountLink, "An account"))
    if sent.request is not None:
        if any(getattr(sent, name) is not None for name in _NAMED):
            return _rejected(_BOTH)
        return Said(sent.linked, request=sent.request, currency=sent.currency)
    if sent.member is None or sent.platform is None or sent.server is None or sent.login is None:
        missing = next(name for name in _NAMED if getattr(sent, name) is None)
        return _rejected(Refusal("missing_field", missing, "The field is missing: an account has all its names."))
    names = Names(sent.platform.lower(), sent.server, str(sent.login))
    return Said(sent.linked, sent.member, names, sent.currency)


def _said(item: Said | AccountOutcome) -> Said:
    assert isinstance(item, Said)
    return item


def _stored(key: keys.Key, said: list[Said], now: datetime) -> list[reporting.Result]:
    try:
        with transaction():
            results = reporting.accept(said, now)
            keys.see(key, now=now)
    except OperationalError as error:
        log.warning("a delivery of accounts was not stored in full", error=str(error.orig))
        raise Refused("busy_linking", headers={"Retry-After": "1"}) from error
    return results


def _outcome(result: reporting.Result) -> AccountOutcome:
    if result.reason is None:
        return AccountOutcome(result.status)
    return AccountOutcome(result.status, result.code, result.reason.msgid % result.reason.values)


def _rejected(refusal: Refusal) -> AccountOutcome:
    return AccountOutcome(LinkStatus.REJECTED, refusal.code, refusal.reason, refusal.field)
