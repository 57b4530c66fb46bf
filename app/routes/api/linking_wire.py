"""What travels to and from `/api/v1/accounts`. OpenAPI is made from these."""

from typing import Annotated

import msgspec

from app.gamification.activities import Currency, Moment
from app.gamification.trading_accounts.reporting import MAX_DELIVERY, LinkStatus
from app.routes.api.wire import Name, Number, PlatformName

RequestNumber = Annotated[
    int, msgspec.Meta(ge=1, le=2**31 - 1, description="the number of a request, as it was read from its list")
]


class AccountLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose an account is: by your id of the member and the account's names, or by the number of a request."""

    member: Name | None = None
    platform: PlatformName | None = None
    server: Name | None = None
    login: Name | Number | None = None
    currency: Currency | None = None
    request: RequestNumber | None = None
    linked: bool = True


class AccountDelivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts as they were sent; each is read on its own, so that a bad one stops nobody else's."""

    accounts: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MAX_DELIVERY)]


class AccountOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one account."""

    status: LinkStatus
    code: str | None = None
    reason: str | None = None
    field: str | None = None


class AccountReceipt(msgspec.Struct, frozen=True):
    """The answer to a delivery of accounts; results stand in the order of the accounts sent."""

    linked: int
    unlinked: int
    declined: int
    unchanged: int
    rejected: int
    results: list[AccountOutcome]


class AccountRequested(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member says that an account is theirs, and waits for an answer."""

    request: int
    member: str | None = None
    member_number: int
    email: str | None = None
    platform: str
    server: str
    login: str
    linked_elsewhere: bool
    made_at: Moment


class AccountRequests(msgspec.Struct, frozen=True, omit_defaults=True):
    """Requests that wait, oldest first, and where there are more."""

    requests: list[AccountRequested]
    next: str | None = None
