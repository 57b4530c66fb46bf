"""Days with an entry in the journal."""

from dataclasses import dataclass, field

from app.gamification.measures.measure import Counted, Measure, Missed, Seen, measures
from app.lib.i18n import Sentence, _l, _n


@measures.register
class JournalEntries(Measure):
    """Write in the journal on a number of days."""

    key, title, icon, unit = "journal_entries", _l("Days journalled"), "notebook-pen", _l("days")
    counts_different = True
    listens_to = frozenset({"journal.written"})

    @dataclass(frozen=True)
    class Settings:
        target: int = field(default=5, metadata={"label": _l("Days"), "min": 1, "max": 366})

    @classmethod
    def count(cls, seen: Seen, settings: Settings) -> Counted | Missed:
        return Counted(1, str(seen.day))

    @classmethod
    def goal(cls, settings: Settings) -> Sentence:
        words = _n("Write in your journal on %(days)s day.", "Write in your journal on %(days)s days.", "days")
        return Sentence(words, {"days": settings.target})
