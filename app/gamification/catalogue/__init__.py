"""What staff publish for members to play, all alike: challenges, badges and lessons, as immutable revisions."""

from app.gamification.catalogue.noun import BADGES, CHALLENGES, LESSONS, NOUNS, Noun
from app.gamification.catalogue.stored import publish, retire

__all__ = ["BADGES", "CHALLENGES", "LESSONS", "NOUNS", "Noun", "publish", "retire"]
