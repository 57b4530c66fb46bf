"""How lessons do: who tried, who passed, and which question is answered wrong, as the desk shows it."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from app.gamification.ledger.statement import statement
from app.gamification.lessons.definition import Definition
from app.lib.cache import Kept
from app.models.base import kept_by_app, read_all

KEPT_FOR = 60.0  # one count serves every page for a minute
NEWEST, LOOKED_AT = 500, 20_000

_TRIED = statement(
    "SELECT lesson_id, count(*) AS tries, count(DISTINCT member_id) AS members,"
    " count(DISTINCT CASE WHEN passed THEN member_id END) AS passed FROM lesson_attempt GROUP BY lesson_id",
    "lesson_id tries members passed",
)
# There is no index by revision: only the newest attempts of all lessons are looked at.
_ANSWERS = statement(
    f"SELECT cast(answers AS text) AS answers FROM lesson_attempt WHERE revision_id = :revision"
    f" AND id > (SELECT coalesce(max(id), 0) FROM lesson_attempt) - {LOOKED_AT} ORDER BY id DESC LIMIT {NEWEST}",
    "answers",
)


class Tried(NamedTuple):
    """The tries at one lesson, whatever its revision."""

    tries: int = 0
    members: int = 0
    passed: int = 0


def tried() -> Mapping[int, Tried]:
    """Of every lesson that somebody has tried, by lesson."""
    return kept_by_app("lessons_tried", lambda: Kept(_tried, KEPT_FOR))()


def right_answers(revision_id: int, said: Definition) -> tuple[int, tuple[int, ...]]:
    """The newest tries at a revision: how many, and of each question how many were right."""
    rows = [json.loads(row.answers) for row in read_all(_ANSWERS, {"revision": revision_id})]
    return len(rows), tuple(
        sum(place < len(row) and row[place] == question.right for row in rows)
        for place, question in enumerate(said.questions)
    )


def _tried() -> Mapping[int, Tried]:
    return {row.lesson_id: Tried(row.tries, row.members, row.passed) for row in read_all(_TRIED)}
