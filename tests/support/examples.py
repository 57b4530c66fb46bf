"""How many examples the property tests try."""

from tests.support.databases import ON_POSTGRES


def examples(count: int) -> int:
    """`count`, and on PostgreSQL a third of it: the pass on SQLite has tried the same code with all of them.

    What differs there is the database, which a few histories show as well as many that take three times as long.
    """
    return max(5, count // 3) if ON_POSTGRES else count
