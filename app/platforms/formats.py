"""The registry of statement formats; each is one file in `kinds/`."""

from typing import ClassVar, Protocol

from app.lib.registry import Registry
from app.platforms.document import Document
from app.platforms.hints import Hints
from app.platforms.statement import Statement


class Format(Protocol):
    """A file format of a trading platform's account statement."""

    key: ClassVar[str]

    @staticmethod
    def recognises(document: Document) -> bool:
        """Whether the content, never the file's name, is of this format."""
        ...

    @staticmethod
    def read(document: Document, hints: Hints) -> Statement:
        """The statement in a recognised document, told by hints where it is silent; raises UnreadableStatement."""
        ...


formats: Registry[Format] = Registry("statement format")
