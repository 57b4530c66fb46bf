"""A table of a file of separated values: where its heading stands, what its columns are, its rows in plain figures."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.platforms.document import Document, Row
from app.platforms.hints import Hints
from app.platforms.notation import Notation, names_offset, notation_of
from app.platforms.unreadable import UnreadableStatement

FIGURES = frozenset(
    {
        "lots", "units", "price", "close_price", "stop_loss", "take_profit", "commission", "fee", "taxes", "swap",
        "profit", "gross", "net", "balance",
    }
)  # fmt: skip
MOMENTS = frozenset({"opened", "closed"})
LONGEST_LOGIN = 64
# What a heading may say twice: the second is of the closing.
SECOND = {"opened": "closed", "price": "close_price"}
# What both tables of MetaTrader 5 call their columns, in the terminal's languages and without accents.
_MT5_WORDS = {
    "opened": "time zeit hora fechahora heure 时间",
    "symbol": "symbol simbolo symbole 交易品种",
    "type": "type typ tipo 类型",
    "lots": "volume lots volumen 交易量",
    "price": "price preis kurs precio prix 价位 价格",
    "stop_loss": "sl stoploss 止损",
    "take_profit": "tp takeprofit 止盈",
    "commission": "commission kommission comision 手续费",
    "fee": "fee gebuhr tasa frais 费用",
    "swap": "swap echange 库存费",
    "profit": "profit gewinn beneficio 盈利",
    "balance": "balance kontostand solde 结余",
    "comment": "comment kommentar comentario commentaire 注释",
    "login": "login account",
    "currency": "currency",
}
MT5_NAMES = {word: name for name, words in _MT5_WORDS.items() for word in words.split()}
_CURRENCIES = (
    "USD EUR GBP JPY CHF AUD CAD NZD SGD HKD CNY CNH PLN CZK HUF SEK NOK DKK RON TRY ZAR AED THB INR IDR MYR KRW MXN "
    "BRL ILS"
)
CURRENCIES = frozenset(_CURRENCIES.split())

_OFFSET = re.compile(r"\(?\bUTC\s*(?:([+-])(\d{1,2})(?::?(\d\d))?)?\)?", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by field, and the index of the first row under the heading; `currency` is that of its headings."""

    document: Document
    start: int
    where: Mapping[str, int]
    offset: timedelta | None = None
    currency: str | None = None

    def notation(self, hints: Hints) -> Notation:
        """How the figures and times of this table are written."""
        figures = {self.where[name] for name in FIGURES & self.where.keys()}
        moments = {self.where[name] for name in MOMENTS & self.where.keys()}
        numbers: set[str] = set()
        times: set[str] = set()
        for row in self.rows():
            for cell in row:
                if cell.column in figures:
                    numbers.add(cell.text)
                elif cell.column in moments:
                    times.add(cell.text)
        return notation_of(numbers, times, hints, delimiter=self.document.delimiter, offset=self.offset)

    def rows(self) -> Iterator[Row]:
        """The rows under the heading, as far as the title of the next table."""
        for row in self.document.rows[self.start :]:
            if len(row) == 1 and row[0].column == 0 and row[0].text.isalpha():
                return
            yield row

    def records(self, notation: Notation) -> Iterator["Record"]:
        """The rows in plain figures and times."""
        readers = {
            column: (name, notation.number if name in FIGURES else notation.moment if name in MOMENTS else None)
            for name, column in self.where.items()
        }
        for row in self.rows():
            record = Record()
            for cell in row:
                if cell.column in readers:
                    name, reader = readers[cell.column]
                    record[name] = reader(cell.text) if reader else cell.text
            yield record

    def only(self, name: str) -> str | None:
        """What all rows have in a column, such as the login; raises UnreadableStatement where they differ."""
        if name not in self.where:
            return None
        column = self.where[name]
        found = {cell.text for row in self.rows() for cell in row if cell.column == column}
        if len(found) > 1:
            raise UnreadableStatement("several_accounts")
        return found.pop()[:LONGEST_LOGIN] if found else None

    def clock(self) -> str | None:
        """`UTC` where the headings or the times themselves name their offset."""
        if self.offset is not None:
            return "UTC"
        column = self.where.get("closed", self.where.get("opened", -1))
        first = next((cell.text for row in self.rows() for cell in row if cell.column == column), "")
        return "UTC" if names_offset(first) else None


class Record(dict[str, str]):
    """One row of a table; a field that is not there is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def find_table(
    document: Document, names: Mapping[str, str], needed: Collection[str], *, start: int = 0, within: int = 60
) -> Table | None:
    """The first table whose heading names all that is needed; None where there is none, or where it is no such file."""
    if document.container != "csv":
        return None
    for index, row in enumerate(document.rows[start : start + within], start):
        if len(row) >= len(needed) and (table := _table(document, index, row, names)).where.keys() >= set(needed):
            return table
    return None


def _table(document: Document, index: int, row: Row, names: Mapping[str, str]) -> Table:
    where: dict[str, int] = {}
    offset: timedelta | None = None
    currency: str | None = None
    for cell in row:
        text = cell.text.replace("_", " ")
        if found := _OFFSET.search(text):
            offset = timedelta(hours=int(found[2] or 0), minutes=int(found[3] or 0)) * (-1 if found[1] == "-" else 1)
            text = text[: found.start()] + text[found.end() :]
        words = _WORD.findall(_without_accents(text))
        if len(words) > 1 and words[-1].upper() in CURRENCIES:
            currency = currency or words[-1].upper()
            words.pop()
        name = names.get("".join(words).lower().removeprefix("order"), names.get("".join(words).lower(), ""))
        if name in where:
            name = SECOND.get(name, "")
        if name:
            where.setdefault(name, cell.column)
    return Table(document, index + 1, where, offset, currency)


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
