"""Tables, constraints and small questions about one row; importing the package maps them all."""

from app.models import (
    activity,
    desk,
    habits,
    handoff,
    history,
    insight,
    ledger,
    lessons,
    messages,
    people,
    play,
    questions,
    rules,
)

__all__ = [
    "activity",
    "desk",
    "habits",
    "handoff",
    "history",
    "insight",
    "ledger",
    "lessons",
    "messages",
    "people",
    "play",
    "questions",
    "rules",
]
