"""One place commits: `transaction()` in app/models/base.py."""

import ast
import re
from collections.abc import Iterator

from tests.house.source import Source, report, sources

THE_PLACE = "app/models/base.py"
# `with engine.begin():` commits at its end; a parser may begin what it likes.
OPENING = re.compile(r"(engine|session|connection|conn|reader\(\))\.(begin|begin_nested|autocommit_block)$")

AS_SQL = re.compile(r"\s*(COMMIT\s*(;|$)|BEGIN IMMEDIATE\b)", re.IGNORECASE)


def commits(source: Source) -> Iterator[str]:
    """Every call in a file that commits or opens something that will, by name or as SQL."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called.endswith(".commit") or OPENING.search(called):
            yield f"{source.name}:{node.lineno} calls {called}()"
    for node in ast.walk(source.tree):
        word = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if AS_SQL.match(word):
            yield f"{source.name}:{node.lineno} has COMMIT or BEGIN as SQL"


def test_only_the_transaction_commits():
    elsewhere = [found for source in sources().values() if source.name != THE_PLACE for found in commits(source)]
    assert not elsewhere, report(
        "Commits outside transaction()",
        elsewhere,
        "open `with transaction():` in the route, task or command, and let the functions below only write",
    )
