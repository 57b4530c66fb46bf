"""What travels over the API: deliveries as they come in, answers as they go out. OpenAPI is made from these."""

from typing import Annotated, Any, Union, cast

import msgspec

from app.gamification.activities import BY_KEY, CUSTOM, KINDS, Key, Kind, Moment
from app.gamification.ingest import MAX_DELIVERY, Status

# Printable ASCII: no space at either end, no control or direction characters that would make two names look the same.
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[!-~]([ -~]{0,62}[!-~])?\Z",
        description="up to 64 printable ASCII characters",
    ),
]
PlatformName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,31}\Z",
        description="the trading platform, such as mt4, mt5 or ctrader; capital letters do not matter",
        examples=["mt5"],
    ),
]
CustomKind = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^custom\.[a-z][a-z0-9_.\-]{0,39}\Z",
        description="a kind of your own: `custom.` and a name of small letters, digits and _ . -",
        examples=["custom.webinar"],
    ),
]


# Platforms count in whole numbers, and many systems send them as such.
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1, description="a whole number")]


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A login on a trading platform. One that no member is linked to yet is kept, and its activities wait."""

    platform: PlatformName
    server: Name
    login: Name | Number
    # A deal counts once for an account, whoever reports it: the closing deal of MT5 and cTrader, the ticket of MT4.
    deal: Key | Number | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What activities of every kind have in common."""

    id: Key  # unique for the sender; sending it again changes nothing
    occurred_at: Moment
    member: Name | None = None
    account: Account | None = None
    corrects: Key | None = None
    busts: Key | None = None
    data: Any = None


def _sent(kind: Kind) -> type[Sent]:
    name = "".join(word.title() for word in kind.key.split(".")) + "Activity"
    fields: list[Any] = [("data", kind.data | None, None)]
    tagged: dict[str, Any] = {"tag_field": "kind", "tag": kind.key}
    if kind.code == CUSTOM:  # its name is the sender's, so no tag can tell it
        fields, tagged = [("kind", CustomKind), *fields], {}
    made = msgspec.defstruct(name, fields, bases=(Sent,), frozen=True, kw_only=True, **tagged)
    return cast("type[Sent]", made)


# A struct for each kind, made here so that a new kind in activities.py is one on the wire at once.
KIND_OF = {_sent(kind): kind for kind in KINDS if kind.by_api}
OWN_KIND = next(sent for sent, kind in KIND_OF.items() if kind is BY_KEY["custom"])
SENT_BY_KEY = {kind.key: sent for sent, kind in KIND_OF.items()}
TAGGED = Union[tuple(sent for sent in KIND_OF if sent is not OWN_KIND)]  # type: ignore[valid-type]  # noqa: UP007


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Activities as they were sent; each is read on its own, so that a bad one stops nobody else's."""

    activities: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MAX_DELIVERY)]


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one activity."""

    id: str | None  # null where none could be read
    status: Status
    code: str | None = None
    reason: str | None = None
    field: str | None = None  # path of the field that is wrong, such as `data.lots`


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a delivery that was read; results stand in the order of the activities sent."""

    recorded_at: Moment
    accepted: int  # stored now, those that wait for a link included
    waiting: int  # of those accepted, the ones whose account is linked to no member yet
    duplicate: int
    conflict: int
    rejected: int
    results: list[Outcome]


class Problem(msgspec.Struct, frozen=True):
    """Why nothing of a request was taken."""

    error: str  # for machines
    message: str
    next_step: str
    request_id: str
