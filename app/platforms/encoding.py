"""The text of an HTML report, in whatever encoding the terminal wrote it."""

import codecs
import re

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


def decode(data: bytes) -> str:
    """The file as text; raises UnreadableStatement("unknown_format") for what is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    head = data[:512]
    if b"\0" in head:
        return data.decode(_wide_encoding(head), "replace")
    for encoding in _likely_encodings(data):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _wide_encoding(head: bytes) -> str:
    # Markup is ASCII, so without a mark every second byte is zero, and which one tells the order.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4 or min(even, odd) > len(head) // 16:
        raise UnreadableStatement("unknown_format")
    return "utf-16-le" if odd > even else "utf-16-be"


def _likely_encodings(data: bytes) -> list[str]:
    found = _DECLARATION.search(data[:4096])
    declared = found[1].decode("ascii").lower() if found else ""
    encodings = ["utf-8"]
    if _DECLARABLE.fullmatch(declared):
        # GB2312 and GBK in the wild hold characters that only their superset has.
        encodings.insert(0, "gb18030" if declared.startswith("gb") else declared)
    if _reads_as_chinese(data):
        encodings.append("gb18030")
    return encodings


def _reads_as_chinese(data: bytes) -> bool:
    # Any western or Cyrillic text decodes as GB18030 too, but into rare characters: common ones lead with B0 to D7.
    leads = re.findall(rb"([\x81-\xfe])[\x40-\xfe]", data[:200_000])
    return bool(leads) and sum(b"\xb0" <= lead <= b"\xd7" for lead in leads) * 10 >= len(leads) * 7
