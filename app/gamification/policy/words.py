"""What law packs speak of, in words: benefits, verdicts, and what no pack can ever allow."""

from app.gamification.activities import PaysFor
from app.gamification.policy.packs import Verdict
from app.gamification.terms import FACT_WORDS
from app.lib.i18n import _l

FACTS = {fact: FACT_WORDS[fact.name.lower()] for fact in PaysFor}
VERDICTS = {
    Verdict.ALLOW: _l("Allowed"),
    Verdict.SERVICE_ONLY: _l("Services only"),
    Verdict.RECOGNITION: _l("Recognition"),
    Verdict.FORBID: _l("Forbidden"),
}
MEANS = {
    Verdict.ALLOW: _l("Points, qualifying points and perks of any worth."),
    Verdict.SERVICE_ONLY: _l("Points and qualifying points that buy recognition and service alone."),
    Verdict.RECOGNITION: _l("Badge, progress and place. No points, no qualifying points."),
    Verdict.FORBID: _l("Nothing at all, and perks that are worth money are withheld."),
}
# No revision of any pack opens these, and no form offers them.
NEVER = (
    _l("Celebrating a trade, or a countdown beside an order"),
    _l("Streaks of trading days"),
    _l("Rewards for becoming a professional client"),
    _l("Paying to repair a streak"),
    _l("Prizes that are drawn by chance"),
)


def key_of(fact: PaysFor) -> str:
    """What a definition calls it."""
    return fact.name.lower()
