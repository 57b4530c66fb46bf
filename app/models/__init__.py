"""Tables, constraints and small questions about one row; importing the package maps them all."""

from app.models import activity, desk, insight, ledger, messages, people, rules

__all__ = ["activity", "desk", "insight", "ledger", "messages", "people", "rules"]
