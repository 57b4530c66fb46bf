"""Tables, constraints and small questions about one row; importing the package maps them all."""

from app.models import activity, desk, handoff, history, insight, ledger, messages, people, questions, rules

__all__ = [
    "activity",
    "desk",
    "handoff",
    "history",
    "insight",
    "ledger",
    "messages",
    "people",
    "questions",
    "rules",
]
