"""What members really did lately, of one kind, with the circumstances it was judged in."""

from typing import Any, NamedTuple

from app.gamification.activities import CUSTOM, OWN_KINDS, facts_of, kind_of
from app.gamification.ledger.statement import statement
from app.gamification.ledger.words.titles import title
from app.gamification.programme import NO_END
from app.lib.i18n import Sentence
from app.models.activity import ActivityFlag, Reason
from app.models.base import read_all

MOST = 40
# How far back is looked: there is no index by kind or ticket, which every delivery would pay for. What is common is
# among the first few; what is rare is worth a second, longer look.
NEAR, FAR = 400, 20_000
LONGEST_WORDS = 64
# Of these the rules were never asked.
_UNASKED = (Reason.BUST, Reason.BUSTED, Reason.SUPERSEDED, Reason.OTHER_ACCOUNT, Reason.FAILED, Reason.WITHDRAWN)


class Act(NamedTuple):
    """Something a member did, in the order of the columns; `outcome` is the one it was decided with."""

    id: int
    kind: int
    data: str
    deal: str | None
    external_id: str
    occurred_at: int
    recorded_at: int
    verified: bool
    member_id: int
    member: str
    outcome: str

    @property
    def facts(self) -> Any:
        """Its figures by name."""
        return facts_of(self.kind, self.data)

    @property
    def title(self) -> Sentence:
        """What it was: “Gold, 1.5 lots closed”."""
        return title(self.kind, self.facts)


_LATEST = "(SELECT * FROM activity WHERE id <= :until ORDER BY id DESC LIMIT :reach)"
_JUDGED = f"""
    FROM {{activities}} a JOIN decision d ON d.activity_id = a.id JOIN member m ON m.id = d.member_id
    WHERE a.kind = :kind AND substr(a.data, 1, :letters) = :beginning AND a.flags < {int(ActivityFlag.BUSTS)}
        AND d.reason NOT IN ({", ".join(str(int(reason)) for reason in _UNASKED)})
"""
_ACT = """
    SELECT a.id, a.kind, a.data, a.deal, a.external_id, a.occurred_at, a.recorded_at, a.verified,
        m.id, m.name, d.outcome
"""
_COLUMNS = " ".join(Act._fields)
_RECENT = statement(f"{_ACT} {_JUDGED.format(activities=_LATEST)} ORDER BY a.id DESC LIMIT :most", _COLUMNS)
_NAMED = statement(
    f"""
    {_ACT} {_JUDGED.format(activities=f"(SELECT * FROM {_LATEST} l WHERE l.deal = :words)")}
    UNION
    {_ACT} {_JUDGED.format(activities="source s CROSS JOIN activity")} AND a.source_id = s.id AND a.external_id = :words
    ORDER BY 1 DESC LIMIT 1
    """,
    _COLUMNS,
)


def recent(kind: str, *, until: int = NO_END, most: int = MOST) -> list[Act]:
    """The latest activities of a kind that the rules have judged, from one on back."""
    asked = _asked(kind) | {"until": until, "most": most}
    found = read_all(_RECENT, asked | {"reach": NEAR})
    if len(found) < most:
        found = read_all(_RECENT, asked | {"reach": FAR})
    return [Act._make(row) for row in found]


def named(kind: str, words: str) -> Act | None:
    """The activity of a kind with the sender's reference, or, of the latest, with that ticket."""
    if not words or len(words) > LONGEST_WORDS:
        return None
    found = read_all(_NAMED, _asked(kind) | {"until": NO_END, "reach": FAR, "words": words})
    return Act._make(found[0]) if found else None


def _asked(key: str) -> dict[str, Any]:
    kind = kind_of(key)
    assert kind is not None, "the definition was examined"
    # The first place of a broker's own activity is its name.
    beginning = f'["{key.removeprefix(OWN_KINDS)}"' if kind.code == CUSTOM else "["
    return {"kind": kind.code, "beginning": beginning, "letters": len(beginning)}
