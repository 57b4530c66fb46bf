"""The application's source as the house tests read it: parsed, never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Source:
    """One Python file of the application."""

    path: Path

    @property
    def name(self) -> str:
        """The path as a person would type it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """The dotted name; a package's is that of its folder."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=self.name)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, wherever it stands; `from a import b` gives `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = self._package_above(node.level)
                start = ".".join(part for part in (above, node.module) if part)
                yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)

    def _package_above(self, level: int) -> str:
        if not level:
            return ""
        parts = self.module.split(".")
        if self.path.name != "__init__.py":
            parts = parts[:-1]
        return ".".join(parts[: len(parts) - level + 1])


@cache
def sources() -> dict[str, Source]:
    """Every Python file of the application by module, with those at the top of the project that belong to it."""
    paths = [*sorted((ROOT / "app").rglob("*.py")), ROOT / "wsgi.py", ROOT / "run.py"]
    return {one.module: one for one in map(Source, paths) if one.path.exists()}


def meant(dotted: str) -> str | None:
    """The application's module that an imported name lives in, or None for one from elsewhere."""
    known = sources()
    while dotted and dotted not in known:
        dotted = dotted.rpartition(".")[0]
    return dotted or None


def report(title: str, findings: list[str], remedy: str) -> str:
    """What a failing house test says: what is wrong, where, and how to mend it."""
    return "\n".join([f"{title}:", *(f"  {finding}" for finding in findings), f"To mend it: {remedy}"])
