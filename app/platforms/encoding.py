"""The text of a report, in whatever encoding the terminal wrote it.

A report that says nothing and is no UTF-8 is in the code page of its computer. Which one shows in its letters: those of
a wrong code page are rare ones, or none.
"""

import codecs
import re
from collections import Counter
from typing import NamedTuple

from app.platforms.unreadable import UnreadableStatement

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Only these: Python also knows codecs that unpack archives or take minutes on hostile input.
_DECLARABLE = re.compile(
    r"utf-?8|gb\d+|gbk|big5|shift_?jis|euc-?(?:jp|kr)|iso-8859-\d+|windows-(?:125\d|874|949)|koi8-[ru]|us-ascii"
)
_DECLARATION = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,20})")


# The letters outside ASCII that make up most of a text in the languages of a code page. Left out are those that are
# rarer than what another code page has in their place: Italian ì and ù stand for Czech ě and ů.
_USUAL = {
    "cp1252": "äöüßéèàçâêîôûïëñáíóúãõåøæò",
    "cp1251": "оеаинтсрвлкмдпуяыьгзбчйхжшю",
    "cp1256": "اليمنتروبعسدفحكقةجشطصخ",
    "cp1250": "ąćęłńśźżčřžšěůáíéýőűăâîșțđ",
    "cp1253": "αοιετσνηρπκμλυςάίόέήώγδχθω",
    "cp1254": "ığşçöüâĞİŞÇÖÜ",
    "cp1255": "יוהלארתבמשנעםדקפחטגצ",
    "cp1258": "ăâđêôơưĐ",
    "cp874": "านรอกเงมยลวดทสตะปบคหแจพชขใไ",
}


class Text(NamedTuple):
    """A file as text; `guessed` names the code page that its letters alone speak for, "" where there is no doubt."""

    text: str
    guessed: str = ""


def decode(data: bytes) -> Text:
    """The file as text; raises UnreadableStatement("unknown_format") for what is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Text(data.decode(encoding, "replace"))
    head = data[:512]
    if b"\0" in head:
        return Text(data.decode(_wide_encoding(head), "replace"))
    for encoding in _told_encodings(data):
        try:
            return Text(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    guessed = _likely_encoding(data)
    return Text(data.decode(guessed, "replace"), guessed)


def _wide_encoding(head: bytes) -> str:
    # Markup is ASCII, so without a mark every second byte is zero, and which one tells the order.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4 or min(even, odd) > len(head) // 16:
        raise UnreadableStatement("unknown_format")
    return "utf-16-le" if odd > even else "utf-16-be"


def _told_encodings(data: bytes) -> list[str]:
    found = _DECLARATION.search(data[:4096])
    declared = found[1].decode("ascii").lower() if found else ""
    encodings = ["utf-8"]
    if _DECLARABLE.fullmatch(declared):
        # GB2312 and GBK in the wild hold characters that only their superset has.
        encodings.insert(0, "gb18030" if declared.startswith("gb") else declared)
    return encodings


def _likely_encoding(data: bytes) -> str:
    if _reads_as_chinese(data):
        return "gb18030"
    signs = Counter(data[:200_000].translate(None, bytes(range(128))))
    high = bytes(signs)

    def usual(encoding: str) -> int:
        # These code pages have one byte a letter, what they lack being replaced.
        letters = zip(high, high.decode(encoding, "replace"), strict=True)
        return sum(signs[sign] for sign, letter in letters if letter in _USUAL[encoding])

    return max(_USUAL, key=usual)


def _reads_as_chinese(data: bytes) -> bool:
    # Any western or Cyrillic text decodes as GB18030 too, but into rare characters: common ones lead with B0 to D7.
    leads = re.findall(rb"([\x81-\xfe])[\x40-\xfe]", data[:200_000])
    return bool(leads) and sum(b"\xb0" <= lead <= b"\xd7" for lead in leads) * 10 >= len(leads) * 7
