"""What the law keeps of a badge from a member, in words."""

from dataclasses import dataclass

from app.gamification.badges.compiled import CompiledBadge
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.law import NOT_FOR_YOUR_CATEGORY, RECOGNITION_ONLY, UNDER
from app.gamification.policy.packs import Standing, Verdict
from app.lib.i18n import Sentence, _l

_NOTHING = _l(
    "Badges for this are not given to you: the law allows no benefit for it. What you do is not counted here."
)
_NO_POINTS = _l("The badge is yours to earn; its points are not paid to you.")


@dataclass(frozen=True)
class Law:
    """A verdict with its sentence, and the key of the rules that say so."""

    verdict: Verdict
    pack: str

    @property
    def title(self) -> str:
        return NOT_FOR_YOUR_CATEGORY if self.verdict == Verdict.FORBID else RECOGNITION_ONLY

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What it means, and which rules say so."""
        name = dict(compiled().policy.pack(self.pack).name)
        said = _NOTHING if self.verdict == Verdict.FORBID else _NO_POINTS
        return Sentence(said), Sentence(UNDER, {"pack": name})


def law_of(badge: CompiledBadge, standing: Standing) -> Law | None:
    """What is withheld; None where nothing is."""
    if not badge.facts:
        return None
    verdict = badge.verdict(standing)
    if verdict < Verdict.RECOGNITION or (verdict == Verdict.RECOGNITION and not any(badge.definition.points)):
        return None
    _, pack = compiled().policy.deciding_on_all(standing, badge.facts)
    return Law(verdict, pack.key)
