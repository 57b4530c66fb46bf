"""The kinds of activity: what a sender writes, how it is kept, and what it pays for.

On the wire `data` is an object; in the table it is a compact JSON array whose places are fixed by kind (append only:
rows are never rewritten). Decimals stay text from the sender to the rule, so nothing is ever a float.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from app.lib.clock import to_micros
from app.lib.i18n import Sentence, _l
from app.models.activity import ActivityFlag

Money = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,8})?\Z",
        description="an amount as text, such as “-12.50”",
        examples=["-3.50"],
    ),
]
Positive = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,8})?\Z",
        description="a number above zero as text, such as “0.10”: up to 12 digits and 8 decimals",
        examples=["0.10"],
    ),
]
Currency = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{2,5}\Z", description="a currency such as USD", examples=["USD"])
]
Symbol = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._#/&+\- ]{0,31}\Z",
        description="the platform's symbol, such as EURUSD.pro: up to 32 letters, digits and . _ # / & + -",
        examples=["EURUSD"],
    ),
]
Key = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}\Z",
        description="up to 64 letters, digits and . _ : - beginning with a letter or digit",
        examples=["mt5-live-87123456"],
    ),
]
Moment = Annotated[
    datetime,
    msgspec.Meta(
        tz=True,
        description="an instant of RFC 3339 with its zone, such as 2026-03-02T14:05:00Z",
        examples=["2026-03-02T14:05:00Z"],
    ),
]

Percentage = Annotated[int, msgspec.Meta(ge=0, le=100, description="a whole number from 0 to 100")]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000, description="a whole number from 1 to 1,000,000")]

# No trading platform is older; what lies before is a clock that was never set.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=5)

_encode = msgspec.json.Encoder().encode


class PaysFor(IntEnum):
    """What a benefit is for, in the eyes of the law packs. It follows from the kind and is never typed by staff."""

    TRADING = 1
    DEPOSIT = 2
    REFERRAL = 3
    ONBOARDING = 4
    CONTEST = 5
    LEARNING = 6
    HABIT = 7
    COMMUNITY = 8
    SERVICE = 9


class Flaw(NamedTuple):
    """What is wrong with an activity beyond its shape."""

    code: str  # for machines
    field: str
    sentence: Sentence


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender writes under `data`; kinds without figures use it as it is."""

    def kept(self) -> tuple[Any, ...]:
        """The places of the stored array."""
        return msgspec.structs.astuple(self)

    def flaw(self, occurred_at: datetime) -> Flaw | None:
        """What is wrong beyond shape, or None."""
        return None


class TradeClosed(Data, frozen=True):
    """A position or part of one that was closed."""

    symbol: Symbol
    side: Literal["buy", "sell"]
    lots: Positive
    open_price: Positive
    close_price: Positive
    opened_at: Moment
    closed_at: Moment
    profit: Money
    commission: Money
    swap: Money
    currency: Currency
    stop_loss: Positive | None = None
    take_profit: Positive | None = None
    bonus_funds: bool = False

    def kept(self) -> tuple[Any, ...]:
        return (
            self.symbol,
            1 if self.side == "buy" else -1,
            self.lots,
            self.open_price,
            self.close_price,
            to_micros(self.opened_at) // 1000,
            to_micros(self.closed_at) // 1000,
            self.profit,
            self.commission,
            self.swap,
            self.currency,
            self.stop_loss,
            self.take_profit,
            int(self.bonus_funds),
        )

    def flaw(self, occurred_at: datetime) -> Flaw | None:
        if self.closed_at > occurred_at + AHEAD:
            return _CLOSED_LATER
        if self.opened_at > self.closed_at:
            return _CLOSED_BEFORE_OPENED
        return _OPENED_TOO_EARLY if self.opened_at < EARLIEST else None


_CLOSED_LATER = Flaw(
    "closed_later",
    "data.closed_at",
    Sentence(_l("The trade closes after it is said to have occurred: check closed_at and occurred_at.")),
)
_CLOSED_BEFORE_OPENED = Flaw(
    "closed_before_opened",
    "data.opened_at",
    Sentence(_l("The trade closes before it opens: check opened_at and closed_at.")),
)
_OPENED_TOO_EARLY = Flaw(
    "too_early", "data.opened_at", Sentence(_l("The date lies before 1970: the clock that wrote it was not set."))
)


class DepositMade(Data, frozen=True):
    amount: Positive
    currency: Currency
    method: Key | None = None


class AccountEntry(Data, frozen=True):
    """A row of a statement that is no trade and never earns."""

    entry: Literal[
        "balance", "credit", "interest", "dividend", "correction", "bonus", "cancelled", "archived", "transfer", "fee",
        "closed_by", "opening_unknown", "without_deal",
    ]  # fmt: skip
    amount: Money
    currency: Currency
    symbol: Symbol | None = None


class LessonPassed(Data, frozen=True):
    lesson: Key
    score: Percentage | None = None


class SurveyAnswered(Data, frozen=True):
    survey: Key


class PartnerPurchase(Data, frozen=True):
    partner: Key
    amount: Positive
    currency: Currency


class Custom(Data, frozen=True):
    """A kind of the broker's own: `custom.<name>`, a count and an amount."""

    count: Count = 1
    amount: Positive | None = None
    currency: Currency | None = None


class Trade(NamedTuple):
    """A closed trade as it is kept; prices and money are decimal text, times milliseconds since 1970."""

    symbol: str
    side: int
    lots: str
    open_price: str
    close_price: str
    opened_at: int
    closed_at: int
    profit: str
    commission: str
    swap: str
    currency: str
    stop_loss: str | None = None
    take_profit: str | None = None
    bonus_funds: int = 0


class Deposit(NamedTuple):
    amount: str
    currency: str
    method: str | None = None


class Entry(NamedTuple):
    entry: str
    amount: str
    currency: str
    symbol: str | None = None


class Lesson(NamedTuple):
    lesson: str
    score: int | None = None


class Survey(NamedTuple):
    survey: str


class Purchase(NamedTuple):
    partner: str
    amount: str
    currency: str


class Own(NamedTuple):
    """An activity of the broker's own kind; `name` is what follows `custom.`."""

    name: str
    times: int = 1
    amount: str | None = None
    currency: str | None = None


class Nothing(NamedTuple):
    """A kind that carries no figures."""


@dataclass(frozen=True)
class Kind:
    key: str
    code: int  # stored: never renumber
    pays_for: PaysFor
    data: type[Data]  # as it is sent
    facts: type[tuple[Any, ...]]  # as it is kept
    title: str
    by_api: bool = True
    earns: bool = True


KINDS = (
    Kind("trade.closed", 1, PaysFor.TRADING, TradeClosed, Trade, _l("Trade closed")),
    Kind("deposit.made", 2, PaysFor.DEPOSIT, DepositMade, Deposit, _l("Deposit")),
    Kind("account.entry", 3, PaysFor.TRADING, AccountEntry, Entry, _l("Account entry"), earns=False),
    Kind("visit", 4, PaysFor.COMMUNITY, Data, Nothing, _l("Visit")),
    Kind("lesson.passed", 5, PaysFor.LEARNING, LessonPassed, Lesson, _l("Lesson passed")),
    Kind("journal.written", 6, PaysFor.HABIT, Data, Nothing, _l("Journal entry")),
    Kind("kyc.verified", 7, PaysFor.ONBOARDING, Data, Nothing, _l("Identity verified")),
    Kind("partner.purchase", 8, PaysFor.COMMUNITY, PartnerPurchase, Purchase, _l("Partner purchase")),
    Kind("survey.answered", 9, PaysFor.LEARNING, SurveyAnswered, Survey, _l("Survey answered")),
    Kind("member.joined", 10, PaysFor.ONBOARDING, Data, Nothing, _l("Joined the programme"), by_api=False),
    Kind("rest.kept", 11, PaysFor.HABIT, Data, Nothing, _l("Planned rest day")),
    # An approver may class a custom kind more gently; until then it counts as trading, the strictest.
    Kind("custom", 100, PaysFor.TRADING, Custom, Own, _l("Other activity")),
)
BY_KEY = {kind.key: kind for kind in KINDS}
OWN_KINDS = "custom."  # what the keys of the broker's own kinds begin with
BY_CODE = {kind.code: kind for kind in KINDS}
TRADE, DEPOSIT, LESSON, PURCHASE, CUSTOM = (
    BY_KEY[key].code for key in ("trade.closed", "deposit.made", "lesson.passed", "partner.purchase", "custom")
)


def kind_of(key: str) -> Kind | None:
    """The kind a key names, `custom.<name>` included; None when there is no such kind."""
    if key.startswith(OWN_KINDS):
        return BY_KEY["custom"]
    return BY_KEY.get(key) if key != "custom" else None


def code_of(key: str) -> int:
    """The code under which activities of this key are kept; the broker's own have one together."""
    return CUSTOM if key.startswith(OWN_KINDS) else BY_KEY[key].code


def full_key(kind: int, facts: Any) -> str:
    """The key of what was kept under a code: of an own activity with its name."""
    return BY_CODE[kind].key if kind != CUSTOM else OWN_KINDS + facts.name


def key_of(kind: int, data: str) -> str:
    """The same of what is not read yet; only an own activity has to be, for its name."""
    return full_key(kind, facts_of(kind, data) if kind == CUSTOM else None)


class Incoming(NamedTuple):
    """One activity on its way in: checked, and encoded as it will be kept."""

    id: str
    kind: int
    member: str | None  # the broker's id of the member
    member_id: int | None  # our own id, for what the app itself reports
    account: tuple[str, str, str] | None  # platform, server, login
    deal: str | None
    occurred_at: int  # microseconds
    amends: str | None
    flags: int
    data: str
    digest: bytes


def incoming(
    id: str,
    kind: Kind,
    data: Data | None,
    occurred_at: datetime,
    *,
    key: str = "",
    member: str | None = None,
    member_id: int | None = None,
    account: tuple[str, str, str] | None = None,
    deal: str | None = None,
    amends: str | None = None,
    flags: int = 0,
) -> Incoming:
    """Encode an activity for keeping; its digest is the SHA-256 of all that the sender said.

    `key` is the full key of a custom kind: its name is kept in the first place of the array.
    """
    places = () if data is None else data.kept()
    if kind.code == CUSTOM:
        places = (key.removeprefix(OWN_KINDS), *places)
    text = _encode(places)
    micros = to_micros(occurred_at)
    digest = _digest(text, kind.code, member, member_id, account, deal, micros, amends, flags)
    return Incoming(id, kind.code, member, member_id, account, deal, micros, amends, flags, text.decode(), digest)


def correcting(item: Incoming, id: str) -> Incoming:
    """The same activity under another id, as the correction of what was reported under its own."""
    said = (item.kind, item.member, item.member_id, item.account, item.deal, item.occurred_at)
    amends, flags = item.id, int(ActivityFlag.CORRECTS)
    digest = _digest(item.data.encode(), *said, amends, flags)
    return item._replace(id=id, amends=amends, flags=flags, digest=digest)


def _digest(text: bytes, *said: Any) -> bytes:
    return hashlib.sha256(_encode(said) + text).digest()


_TOO_EARLY = _OPENED_TOO_EARLY._replace(field="occurred_at")
_TOO_LATE = Flaw(
    "in_the_future",
    "occurred_at",
    Sentence(_l("This lies more than five minutes ahead: check the sender's clock and time zone.")),
)


def flaw_of(data: Data | None, occurred_at: datetime, now: datetime) -> Flaw | None:
    """What is wrong with an activity that was read, or None; `data` is None for a bust."""
    if occurred_at > now + AHEAD:
        return _TOO_LATE
    if occurred_at < EARLIEST:
        return _TOO_EARLY
    return None if data is None else data.flaw(occurred_at)


_decode = msgspec.json.Decoder(list).decode


def facts_of(kind: int, data: str) -> Any:
    """What is kept of an activity, by name: a Trade, a Deposit … as its kind says."""
    return BY_CODE[kind].facts(*_decode(data))
