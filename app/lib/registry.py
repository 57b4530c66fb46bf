"""Kinds: one file each, registered by the class attribute `key`, found at start-up and never listed anywhere."""

import importlib
import pkgutil
from types import ModuleType
from typing import Generic, TypeVar, cast

Kind = TypeVar("Kind")
Class = TypeVar("Class", bound=type)


class KeyTaken(Exception):
    """Two kinds carry the same key, so stored rows could mean either; the programme refuses to start."""

    def __init__(self, noun: str, key: str, first: type, second: type) -> None:
        super().__init__(
            f"Two {noun} kinds have the key {key!r}: {first.__module__}.{first.__qualname__} "
            f"and {second.__module__}.{second.__qualname__}. Rename one of them."
        )


class UnknownKind(LookupError):
    """A stored or sent key that no installed kind carries; names the key and those that exist."""

    def __init__(self, noun: str, key: str, known: list[str]) -> None:
        super().__init__(f"There is no {noun} kind {key!r}. Known are: {', '.join(known) or 'none'}.")
        self.key = key
        self.known = known


class Registry(Generic[Kind]):
    """The kinds of one noun, such as challenges or statement formats, by key."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._kinds: dict[str, type[Kind]] = {}

    def register(self, kind: Class) -> Class:
        """Class decorator; raises KeyTaken when another kind already carries this key."""
        key = cast(str, kind.key)  # type: ignore[attr-defined]
        if key in self._kinds:
            raise KeyTaken(self.noun, key, self._kinds[key], kind)
        self._kinds[key] = cast("type[Kind]", kind)
        return kind

    def get(self, key: str) -> type[Kind]:
        """The kind with this key; raises UnknownKind."""
        try:
            return self._kinds[key]
        except KeyError:
            raise UnknownKind(self.noun, key, sorted(self._kinds)) from None

    def all(self) -> list[type[Kind]]:
        """Every kind, in order of key, so that nothing depends on the order of files."""
        return [self._kinds[key] for key in sorted(self._kinds)]

    def discover(self, package: ModuleType) -> None:
        """Import every module of a package, which registers the kinds written in them."""
        for module in pkgutil.iter_modules(package.__path__, prefix=f"{package.__name__}."):
            importlib.import_module(module.name)
