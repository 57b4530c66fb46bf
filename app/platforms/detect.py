"""From the bytes of a file to the statement in it, the format being told by content."""

from app.platforms import kinds
from app.platforms.document import MAX_BYTES, Document
from app.platforms.encoding import decode
from app.platforms.formats import formats
from app.platforms.html import read_html
from app.platforms.statement import Statement
from app.platforms.unreadable import UnreadableStatement
from app.platforms.xlsx import read_xlsx

formats.discover(kinds)


def read_statement(data: bytes) -> Statement:
    """The account statement in a file's bytes; raises UnreadableStatement and nothing else."""
    document = _open(data)
    for kind in formats.all():
        if kind.recognises(document):
            return kind.read(document)
    raise UnreadableStatement("unknown_format")


def _open(data: bytes) -> Document:
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableStatement("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableStatement("too_large", megabytes=MAX_BYTES // 1_000_000)
    if data.startswith(b"PK"):
        return read_xlsx(data)
    return read_html(decode(data))
