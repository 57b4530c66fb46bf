"""From the bytes of a file to the statement in it, the format being told by content."""

from dataclasses import replace

from app.platforms import kinds
from app.platforms.document import MAX_BYTES, Document
from app.platforms.doubts import Doubt
from app.platforms.encoding import decode
from app.platforms.formats import formats
from app.platforms.hints import NOTHING_TOLD, Hints
from app.platforms.html import read_html
from app.platforms.separated import read_separated
from app.platforms.statement import Statement
from app.platforms.unreadable import UnreadableStatement
from app.platforms.xlsx import read_xlsx

formats.discover(kinds)


def read_statement(data: bytes, hints: Hints = NOTHING_TOLD) -> Statement:
    """The account statement in a file's bytes; raises UnreadableStatement and nothing else.

    A hint settles what the file leaves open and never goes before what it says. What nobody settles is taken as is
    likeliest and kept among the statement's `doubts`.
    """
    document, guessed = _open(data)
    for kind in formats.all():
        if kind.recognises(document):
            if document.damaged:
                raise UnreadableStatement("damaged")
            return _settled(kind.read(document, hints), hints, guessed)
    raise UnreadableStatement("unknown_format")


def _settled(statement: Statement, hints: Hints, guessed: str) -> Statement:
    login, server = statement.login or hints.login, statement.server or hints.server
    doubts = list(statement.doubts)
    if guessed:
        doubts.append(Doubt("encoding", guessed))
    if not login:
        doubts.append(Doubt("login", ""))
    if not server:
        doubts.append(Doubt("server", statement.company))
    return replace(statement, login=login, server=server, doubts=tuple(doubts))


def _open(data: bytes) -> tuple[Document, str]:
    """The file as a document, and the code page where that was only guessed."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableStatement("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableStatement("too_large", megabytes=MAX_BYTES // 1_000_000)
    if data.startswith(b"PK"):
        return read_xlsx(data), ""
    text, guessed = decode(data)
    return (read_html(text) if _is_markup(text) else read_separated(text)), guessed


def _is_markup(text: str) -> bool:
    return text.lstrip()[:1] == "<" or "<table" in text[:20_000].lower()
