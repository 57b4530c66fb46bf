"""Challenges and badges by the numbers that rows keep of them, as pages look them up."""

from app.gamification import programme
from app.gamification.badges.compiled import CompiledBadge
from app.gamification.badges.definition import METALS
from app.gamification.challenges.compiled import CompiledChallenge
from app.gamification.ledger.outcome import compiled
from app.gamification.play import Play
from app.lib.i18n import Sentence


def challenge_of(revision_id: int) -> CompiledChallenge:
    """The immutable revision that somebody joined."""
    found = compiled().play.challenges.get(revision_id)
    # Published within the last second.
    return found or programme.current().play.challenges[revision_id]


def newest_challenge(challenge_id: int) -> CompiledChallenge:
    """The newest revision of a challenge, offered or not. Raises LookupError for one that never was."""
    found = _newest(compiled().play, challenge_id) or _newest(programme.current().play, challenge_id)
    if found is None:
        raise LookupError(challenge_id)
    return found


def _newest(play: Play, challenge_id: int) -> CompiledChallenge | None:
    offered = play.by_challenge.get(challenge_id)
    if offered is not None:
        return offered
    mine = (one for one in play.challenges.values() if one.challenge_id == challenge_id)
    return max(mine, key=lambda one: one.number, default=None)


def badge_by_id(badge_id: int) -> CompiledBadge:
    """The newest revision of a badge, offered or not. Raises LookupError for one that never was."""
    found = compiled().play.badges.get(badge_id)
    return found or programme.current().play.badges[badge_id]


def badge_by_key(key: str) -> CompiledBadge | None:
    """The same by its key; None where nobody has published it."""
    return compiled().play.badges_by_key.get(key)


def level_of(badge: CompiledBadge, level: int) -> Sentence | None:
    """What a level of a badge is called; None where there is only the one."""
    return Sentence(METALS[level]) if len(badge.definition.levels) > 1 else None
