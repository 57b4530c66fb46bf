"""From one activity as it was sent to one that can be stored, or to what its sender must change."""

from datetime import datetime
from typing import Any

import msgspec

from app.gamification.activities import CUSTOM, Data, Incoming, flaw_of, incoming
from app.gamification.ingest import Status
from app.models.activity import ActivityFlag
from app.routes.api.refusals import Refusal, refusal_of
from app.routes.api.wire import KIND_OF, OWN_KIND, TAGGED, Outcome, Sent

_decode = msgspec.json.Decoder(TAGGED).decode
_decode_own = msgspec.json.Decoder(OWN_KIND).decode

LONGEST_ID = 64


class _Named(msgspec.Struct):
    """No more than the id, whatever else is wrong."""

    id: Any = None


_read_name = msgspec.json.Decoder(_Named).decode


def _nothing_to_say(data: type[Data]) -> Data | None:
    try:
        return data()
    except TypeError:  # it has fields that must be sent
        return None


# What an activity without `data` says, for the kinds that need none.
_WITHOUT_DATA = {sent: _nothing_to_say(kind.data) for sent, kind in KIND_OF.items()}

_NO_OWNER = Refusal("no_owner", "member", "Say whose it is: send either `member` or `account`.")
_TWO_OWNERS = Refusal("two_owners", "member", "Send either `member` or `account`, not both.")
_TWO_AMENDS = Refusal("two_amendments", "busts", "Send either `corrects` or `busts`, not both.")
_ITSELF = Refusal("amends_itself", "id", "An activity cannot correct or bust itself: it needs an id of its own.")
_BUST_WITH_DATA = Refusal("bust_with_data", "data", "A bust takes an activity back and has no data: leave it out.")
_NO_DATA = Refusal("missing_field", "data", "The field is missing: this kind says in it what happened.")


def read(raw: msgspec.Raw, now: datetime) -> Incoming | Outcome:
    """The activity, checked and encoded for keeping, or the outcome `rejected` that says why it is none."""
    try:
        sent: Sent = _decode(raw)
    except (ValueError, RecursionError) as error:
        try:
            sent = _decode_own(raw)
        except (ValueError, RecursionError) as own_error:
            return _rejected(_id_in(raw), refusal_of(error, own_error))
    return _checked(sent, now)


def _checked(sent: Sent, now: datetime) -> Incoming | Outcome:
    account, data = sent.account, sent.data
    amends, flags = sent.corrects, 0
    if sent.busts is not None:
        if amends is not None:
            return _rejected(sent.id, _TWO_AMENDS)
        if data is not None:
            return _rejected(sent.id, _BUST_WITH_DATA)
        amends, flags = sent.busts, ActivityFlag.BUSTS.value
    else:
        if data is None and (data := _WITHOUT_DATA[type(sent)]) is None:
            return _rejected(sent.id, _NO_DATA)
        if amends is not None:
            flags = ActivityFlag.CORRECTS.value
    if amends == sent.id:
        return _rejected(sent.id, _ITSELF)
    if (account is None) is (sent.member is None):
        return _rejected(sent.id, _NO_OWNER if account is None else _TWO_OWNERS)
    if (flaw := flaw_of(data, sent.occurred_at, now)) is not None:
        return _rejected(sent.id, Refusal(flaw.code, flaw.field, flaw.sentence.msgid % flaw.sentence.values))
    kind = KIND_OF[type(sent)]
    key = sent.kind if kind.code == CUSTOM else kind.key  # type: ignore[attr-defined]
    if account is None:
        where, deal = None, None
    else:
        where = (account.platform.lower(), account.server, str(account.login))
        deal = None if account.deal is None else str(account.deal)
    return incoming(
        sent.id,
        kind,
        data,
        sent.occurred_at,
        key=key,
        member=sent.member,
        account=where,
        deal=deal,
        amends=amends,
        flags=flags,
    )


def _rejected(id: str | None, refusal: Refusal) -> Outcome:
    return Outcome(id, Status.REJECTED, refusal.code, refusal.reason, refusal.field)


def _id_in(raw: msgspec.Raw) -> str | None:
    """The id of an activity that could not be read, so that its sender finds it again; None where there is none."""
    try:
        found = _read_name(raw).id
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, str) and len(found) <= LONGEST_ID and found.isprintable() else None
