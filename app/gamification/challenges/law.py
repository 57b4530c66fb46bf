"""What the law says to a challenge for one member, in words: never a dead button without its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.law import NOT_FOR_YOUR_CATEGORY, RECOGNITION_ONLY, SERVICE_ONLY, UNDER
from app.gamification.policy.packs import Standing, Verdict
from app.lib.i18n import Sentence, _l, _n

_SERVICE = _l("Points for recognition and service")
_NOTHING = Sentence(_l("You cannot take part: what it counts may bring you no benefit."))
_GOES_ON = Sentence(_l("You earn the badge and your progress counts."))
_PROGRESS = Sentence(_l("Your progress counts."))
_NOT_PAID = _n(
    "The %(points)s point of this challenge is not paid to you.",
    "The %(points)s points of this challenge are not paid to you.",
    "points",
)
_FOLLOWS = _l("It follows from: %(cite)s.")


@dataclass(frozen=True, slots=True)
class Law:
    """The notice above a challenge; the law's own tone, or a plain one where everything but the use is open."""

    verdict: Verdict
    title: str
    sentences: tuple[Sentence, ...]
    tone: Literal["law", "info"] = "law"


def law_of(challenge: CompiledChallenge, standing: Standing) -> Law | None:
    """What the member has to know before joining; None where nothing is withheld."""
    verdict, reward = challenge.verdict(standing), challenge.definition.reward
    if verdict == Verdict.ALLOW or (verdict == Verdict.SERVICE_ONLY and not reward.points):
        return None
    if verdict == Verdict.SERVICE_ONLY:
        return Law(verdict, _SERVICE, (SERVICE_ONLY,), "info")
    if verdict == Verdict.FORBID:
        return Law(verdict, NOT_FOR_YOUR_CATEGORY, (_NOTHING, *_rule(challenge, standing)))
    said = [_GOES_ON if reward.badge else _PROGRESS]
    if reward.points:
        said.append(Sentence(_NOT_PAID, {"points": reward.points}))
    return Law(verdict, RECOGNITION_ONLY, (*said, *_rule(challenge, standing)))


def _rule(challenge: CompiledChallenge, standing: Standing) -> tuple[Sentence, ...]:
    """Which rules say so, and what those follow from."""
    fact, pack = compiled().policy.deciding_on_all(standing, challenge.facts)
    said = [Sentence(UNDER, {"pack": _plain(pack.name)})]
    if cite := pack.cites.get(fact.name.lower()):
        said.append(Sentence(_FOLLOWS, {"cite": _plain(cite)}))
    return tuple(said)


def _plain(texts: Mapping[str, str]) -> dict[str, Any]:
    return dict(texts)
