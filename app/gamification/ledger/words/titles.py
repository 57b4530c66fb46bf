"""What activities and transfers are called on the member's pages."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.gamification.activities import BY_CODE, BY_KEY, CUSTOM, Trade, facts_of
from app.gamification.instruments import instrument
from app.gamification.ledger.outcome import compiled
from app.lib.i18n import Sentence, _l
from app.models.ledger import Cause, Code

# What people say; everything else goes by its symbol.
INSTRUMENTS = {
    "EURUSD": _l("Euro against dollar"),
    "GBPUSD": _l("Pound against dollar"),
    "USDJPY": _l("Dollar against yen"),
    "USDCHF": _l("Dollar against franc"),
    "USDCAD": _l("US against Canadian dollar"),
    "AUDUSD": _l("Australian against US dollar"),
    "NZDUSD": _l("New Zealand against US dollar"),
    "EURGBP": _l("Euro against pound"),
    "EURJPY": _l("Euro against yen"),
    "EURCHF": _l("Euro against franc"),
    "EURAUD": _l("Euro against Australian dollar"),
    "GBPJPY": _l("Pound against yen"),
    "AUDJPY": _l("Australian dollar against yen"),
    "XAUUSD": _l("Gold"),
    "XAGUSD": _l("Silver"),
    "BTCUSD": _l("Bitcoin"),
    "ETHUSD": _l("Ether"),
}
ENTRIES = {
    "balance": _l("Balance entry"),
    "credit": _l("Credit entry"),
    "interest": _l("Interest credited"),
    "dividend": _l("Dividend credited"),
    "correction": _l("Correction of the balance"),
    "bonus": _l("Bonus credited"),
    "cancelled": _l("Cancelled order"),
    "archived": _l("Archived trades"),
    "transfer": _l("Transfer between accounts"),
    "fee": _l("Fee charged"),
    "closed_by": _l("Half of two trades closed by each other"),
    "opening_unknown": _l("Trade whose opening was not reported"),
    "without_deal": _l("Position without its deals"),
}
CAUSES = {
    Cause.CHALLENGE: _l("Challenge completed"),
    Cause.BADGE: _l("Badge awarded"),
    Cause.REFERRAL: _l("Friend invited"),
    Cause.CONTEST: _l("Contest prize"),
    Cause.CAMPAIGN: _l("Campaign"),
}
MOVES = {
    Code.ACCRUAL: _l("Points awarded"),
    Code.RELEASE: _l("Released from pending"),
    Code.REDEMPTION: _l("Spent on a reward"),
    Code.REFUND: _l("Given back from a reward"),
    Code.REPAYMENT: _l("Paid towards what was owed"),
    Code.EXPIRY: _l("Lapsed"),
    Code.ADJUSTMENT: _l("Changed by our staff"),
    Code.REVERSAL: _l("Taken back"),
    Code.SETTLEMENT: _l("Settled with a partner"),
}

_BUST = Sentence(_l("Cancellation of an earlier report"))
Titled = Callable[[Any], Sentence]


@lru_cache(maxsize=1024)
def traded(symbol: str) -> Sentence:
    """An instrument as people call it; its plain symbol where there is no such name."""
    plain = instrument(symbol).symbol
    name = INSTRUMENTS.get(plain)
    return Sentence(name) if name else as_it_is(plain)


def facts_in(kind: int, data: str) -> Any:
    """What is kept of an activity by name; None for a bust, which brings nothing itself."""
    return None if data == "[]" and BY_CODE[kind].facts._fields else facts_of(kind, data)  # type: ignore[attr-defined]


def title(kind: int, facts: Any) -> Sentence:
    """An activity in one line: “Gold, 1.5 lots closed”."""
    return _BUST if facts is None else _TITLES[kind](facts)


def short_name(kind: int, facts: Any) -> Sentence:
    """What another line calls it: “Gold”."""
    return traded(facts.symbol) if isinstance(facts, Trade) else title(kind, facts)


def as_it_is(value: Any) -> Sentence:
    """A figure, a name, or what staff wrote by language, to stand where a sentence is expected."""
    return Sentence("%(value)s", {"value": value})


def readable(key: str) -> str:
    """A key of the broker's as words: “risk and reward”."""
    return key.replace("-", " ").replace("_", " ")


def named(term: str, key: str) -> Any:
    """What a key of the broker's is called, by language; the key as words where nobody has named it."""
    return compiled().names.get((term, key)) or readable(key)


def _trade(trade: Trade) -> Sentence:
    lots = Decimal(trade.lots)
    values = {"instrument": traded(trade.symbol), "lots": lots}
    if lots == 1:
        return Sentence(_l("%(instrument)s, 1 lot closed"), values)
    return Sentence(_l("%(instrument)s, %(lots)s lots closed"), values)


def _deposit(deposit: Any) -> Sentence:
    return Sentence(
        _l("Deposit of %(amount)s %(currency)s"), {"amount": Decimal(deposit.amount), "currency": deposit.currency}
    )


def _purchase(purchase: Any) -> Sentence:
    return Sentence(_l("Purchase at %(partner)s"), {"partner": named("partner", purchase.partner)})


def _lesson(lesson: Any) -> Sentence:
    return Sentence(_l("Lesson passed: %(lesson)s"), {"lesson": named("lesson", lesson.lesson)})


def _survey(survey: Any) -> Sentence:
    return Sentence(_l("Survey answered: %(survey)s"), {"survey": named("survey", survey.survey)})


def _entry(entry: Any) -> Sentence:
    return Sentence(ENTRIES.get(entry.entry, BY_KEY["account.entry"].title))


def _own(own: Any) -> Sentence:
    return as_it_is(named("custom", own.name))


def _always(kind: str, words: str) -> tuple[int, Titled]:
    sentence = Sentence(words)
    return BY_KEY[kind].code, lambda _facts: sentence


_TITLES: dict[int, Titled] = {
    BY_KEY["trade.closed"].code: _trade,
    BY_KEY["deposit.made"].code: _deposit,
    BY_KEY["account.entry"].code: _entry,
    BY_KEY["lesson.passed"].code: _lesson,
    BY_KEY["partner.purchase"].code: _purchase,
    BY_KEY["survey.answered"].code: _survey,
    CUSTOM: _own,
    **dict(
        (
            _always("visit", _l("Visit to the programme")),
            _always("journal.written", _l("Journal entry written")),
            _always("kyc.verified", _l("Identity verified")),
            _always("member.joined", _l("Joined the programme")),
            _always("rest.kept", _l("Planned rest day kept")),
        )
    ),
}
