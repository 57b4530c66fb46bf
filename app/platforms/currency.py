"""The currency of an account whose file does not name it, as its trades tell it.

The profit of a currency pair is its movement times the size in the pair's quote currency. Where the account is kept in
that currency the two are equal; where it is kept in the base currency the profit is that divided by the price.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from app.platforms.doubts import Doubt
from app.platforms.hints import Hints
from app.platforms.statement import ClosedTrade

COMMON = ("USD", "EUR", "GBP", "JPY", "AUD", "CHF", "CAD")
# Units in a lot of what is quoted in pairs, by its base.
_CONTRACTS = {"XAU": Decimal(100), "XAG": Decimal(5000)}
_CONTRACT = Decimal(100_000)
_ROUNDING = Decimal("0.011")  # a profit is rounded to the cent, and some platforms cut it off
_ENOUGH = 500  # trades to look at


def currency_of(named: str | None, trades: Iterable[ClosedTrade], hints: Hints) -> tuple[str, tuple[Doubt, ...]]:
    """The account's currency: as the file names it, else as told, else as its trades speak for, which is a doubt."""
    if named:
        return named, ()
    if hints.currency:
        return hints.currency, ()
    votes: Counter[str] = Counter()
    for number, trade in enumerate(trades):
        if number == _ENOUGH:
            break
        if vote := _vote(trade):
            votes[vote] += 1
    ranked = [currency for currency, _ in votes.most_common()]
    taken = ranked[0] if ranked else COMMON[0]
    others = dict.fromkeys([*ranked, *COMMON])
    return taken, (Doubt("currency", taken, tuple(other for other in others if other != taken)),)


def _vote(trade: ClosedTrade) -> str | None:
    pair = "".join(filter(str.isalpha, trade.symbol.upper()))
    if len(pair) > 6 and not trade.symbol[0].isupper():
        pair = pair[1:]
    base, quote = pair[:3], pair[3:6]
    if len(quote) != 3 or trade.close_price <= 0:
        return None
    moved = (trade.close_price - trade.open_price) * (1 if trade.side == "buy" else -1)
    in_quote = moved * trade.lots * _CONTRACTS.get(base, _CONTRACT)
    in_base = in_quote / trade.close_price
    if abs(in_quote - in_base) < 4 * _ROUNDING:
        return None  # too small to tell them apart
    if abs(trade.profit - in_quote) < _ROUNDING:
        return quote
    return base if abs(trade.profit - in_base) < _ROUNDING else None
