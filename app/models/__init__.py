"""Tables, constraints and small questions about one row; importing the package maps them all."""

from app.models import activity, ledger, messages, people, rules

__all__ = ["activity", "ledger", "messages", "people", "rules"]
