"""What a symbol is: its group, pip and contract size, however the broker's platform decorates the name.

Conventions: lot 100,000 units of the base currency; pip 0.0001, 0.01 where the yen is the quote; gold 100 ounces.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.lib.i18n import _l

MAJORS = frozenset({"EURUSD", "GBPUSD", "USDJPY", "USDCHF", "USDCAD", "AUDUSD", "NZDUSD"})
METALS = {"XAU": 100, "XAG": 5000, "XPT": 100, "XPD": 100}
CRYPTO = frozenset({"BTC", "ETH", "LTC", "XRP", "BCH", "SOL", "ADA", "DOT", "DOGE"})
_CURRENCIES = (
    "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF TRY ZAR MXN SGD HKD CNH CNY THB ILS RON INR KRW BRL"
)
_INDICES = (
    "US30 US500 US100 NAS100 SPX500 DJ30 GER30 GER40 DAX DE30 DE40 UK100 FRA40 EU50 JP225 NI225 NIKKEI HK50 "
    "AUS200 ES35 IT40 CHINA50 USTEC USA30 USA500 USA100 J225"
)
_ENERGIES = "USOIL UKOIL WTI BRENT XTIUSD XBRUSD NGAS NATGAS USOUSD OIL CL BRN"
CURRENCIES, INDICES, ENERGIES = (frozenset(names.split()) for names in (_CURRENCIES, _INDICES, _ENERGIES))
GROUPS = {
    "majors": _l("major pairs"),
    "minors": _l("minor pairs"),
    "metals": _l("metals"),
    "indices": _l("indices"),
    "energies": _l("energies"),
    "crypto": _l("crypto"),
    "shares": _l("shares"),
}

# Before the name: small letters (mEURUSD), or anything short with a sign behind it (FX:EURUSD); MT4's reports write all
# small, where one letter is taken for such. Six letters in a row must follow, so that the share ACAD.USD stays one.
_PREFIXED = re.compile(r"(?:[a-z]{1,3}|[A-Za-z0-9]{1,4}[._:/-])([A-Z]{6}.*)|[a-z]([a-z]{6}(?![a-z]).*)", re.DOTALL)


@dataclass(frozen=True)
class Instrument:
    symbol: str  # the plain name: EURUSD for EURUSD.pro
    group: str
    base: str  # currency or commodity a lot counts; "" for indices and shares
    quote: str
    pip: Decimal
    contract: int


@lru_cache(maxsize=4096)
def instrument(symbol: str) -> Instrument:
    """The instrument behind a platform's symbol; what is unknown counts as a share with a pip of 0.01."""
    found = _named(symbol)
    if found.group == "shares" and (prefixed := _PREFIXED.fullmatch(symbol)):
        behind = _named(prefixed[1] or prefixed[2])
        if behind.base and behind.quote in CURRENCIES:
            return behind
    return found


def _named(symbol: str) -> Instrument:
    plain = re.sub(r"[^A-Z0-9]", "", symbol.upper())
    pair = plain[:6]
    base, quote = pair[:3], pair[3:]
    if len(pair) == 6 and base in CURRENCIES and quote in CURRENCIES:
        pip = Decimal("0.01") if quote in ("JPY", "HUF", "KRW") else Decimal("0.0001")
        return Instrument(pair, "majors" if pair in MAJORS else "minors", base, quote, pip, 100_000)
    if plain.startswith("GOLD"):
        return Instrument("XAUUSD", "metals", "XAU", "USD", Decimal("0.1"), 100)
    if plain.startswith("SILVER"):
        return Instrument("XAGUSD", "metals", "XAG", "USD", Decimal("0.01"), 5000)
    if base in METALS and quote in CURRENCIES:
        pip = Decimal("0.1") if base == "XAU" else Decimal("0.01")
        return Instrument(pair, "metals", base, quote, pip, METALS[base])
    if coin := next((plain[:letters] for letters in (3, 4) if plain[:letters] in CRYPTO), None):
        quote = plain[len(coin) : len(coin) + 3]
        return Instrument(coin + quote, "crypto", coin, quote or "USD", Decimal("1"), 1)
    for known, group, pip in ((ENERGIES, "energies", Decimal("0.01")), (INDICES, "indices", Decimal("1"))):
        if name := next((name for name in sorted(known, key=len, reverse=True) if plain.startswith(name)), None):
            return Instrument(name, group, "", "USD", pip, 1 if group == "indices" else 1000)
    return Instrument(plain, "shares", "", "USD", Decimal("0.01"), 1)
