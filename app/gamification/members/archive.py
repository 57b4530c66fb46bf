"""Everything known of a person as one archive, sent while it is read: JSON for programs, CSV for spreadsheets.

A part is read once, in stretches; its table waits on disk until its JSON is through. No transaction is open meanwhile,
so that nobody waits for whoever takes long to receive it. An archive that breaks off lacks its directory, so that no
program takes it for whole.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from app.gamification.members import known
from app.gamification.members.known import Part
from app.lib import spreadsheet
from app.lib.i18n import Sentence, _l

IN_MEMORY = 1024 * 1024  # a larger table goes to disk while it is written
PIECE = 64 * 1024

_HEAD = _l("Everything that is known of you, as of %(at)s.")
_HOW = _l(
    "Each subject is there twice: as .csv, which spreadsheets open, and as .json, for programs. Times are in UTC."
)
_FILES = _l("Statements that you sent in and that are still kept are in the folder “statements”.")
_LEFT_OUT = _l("Left out is what would open your account, and the names of staff.")


class _Unsent(io.RawIOBase):
    """What the archive is written to: it keeps what has not been sent yet, and cannot be wound back."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces += piece
        return len(piece)

    @property
    def is_much(self) -> bool:
        return len(self._pieces) >= PIECE

    def take(self) -> bytes:
        taken = bytes(self._pieces)
        self._pieces.clear()
        return taken


def written(member_id: int, say: Callable[[Any], Any], now: datetime, *, own: bool = False) -> Iterator[bytes]:
    """The archive, piece by piece; with what nobody else may read if it is their `own`. Raises MemberNotFound.

    `say` writes what JSON has no word for, as text: instants, days, decimals, and sentences in the reader's language.
    """
    unsent = _Unsent()
    about: list[tuple[str, str]] = []
    with zipfile.ZipFile(unsent, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in known.parts(member_id, now, own=own):
            about.append((part.name, part.about))
            yield from _part(archive, unsent, part, say, now)
        for name, content in known.files(member_id):
            yield from _file(archive, unsent, name, io.BytesIO(content), now)
        yield from _file(archive, unsent, "README.txt", io.BytesIO(_read_me(about, say, now).encode()), now)
    yield unsent.take()


def _part(
    archive: zipfile.ZipFile, unsent: _Unsent, part: Part, say: Callable[[Any], Any], now: datetime
) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as table:
        with archive.open(_entry(f"{part.name}.json", now), "w") as entries:
            entries.write(b"[")
            for line in spreadsheet.written(part.columns, _rows(part, entries, say)):
                table.write(line.encode())
                if unsent.is_much:
                    yield unsent.take()
            entries.write(b"\n]\n")
        table.seek(0)
        yield from _file(archive, unsent, f"{part.name}.csv", table, now)


def _rows(part: Part, entries: IO[bytes], say: Callable[[Any], Any]) -> Iterator[list[Any]]:
    """The rows of a part's table; each is written as JSON on its way."""
    paths = [column.split(".") for column in part.columns]
    for place, entry in enumerate(part.entries):
        said = json.dumps(entry, ensure_ascii=False, default=say)
        entries.write(((",\n" if place else "\n") + said).encode())
        # What was said stands in the table as it does in the JSON.
        plain = json.loads(said)
        yield [_cell(_at(plain, path)) for path in paths]


def _file(archive: zipfile.ZipFile, unsent: _Unsent, name: str, content: Any, now: datetime) -> Iterator[bytes]:
    with archive.open(_entry(name, now), "w") as entry:
        while piece := content.read(PIECE):
            entry.write(piece)
            if unsent.is_much:
                yield unsent.take()
    if unsent.is_much:
        yield unsent.take()


def _entry(name: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16  # whoever unpacks it reads it, and nobody else on that machine
    return entry


def _at(entry: Any, path: list[str]) -> Any:
    for step in path:
        entry = entry.get(step) if isinstance(entry, dict) else None
    return entry


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _read_me(about: list[tuple[str, str]], say: Callable[[Any], Any], now: datetime) -> str:
    head = [Sentence(_HEAD, {"at": now.isoformat(timespec="seconds")}), Sentence(_HOW), Sentence(_FILES)]
    lines = [say(sentence) for sentence in (*head, Sentence(_LEFT_OUT))]
    return "\r\n".join([*lines, "", *(f"{name}: {say(Sentence(sentence))}" for name, sentence in about), ""])
