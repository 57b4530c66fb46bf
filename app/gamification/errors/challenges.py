"""What members meet who join a challenge, leave it, or take what it brings."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l


class ChallengeNotFound(NotFound):
    msgid = _l("There is no such challenge. See which ones you can join.")


class ChallengeNotForYou(Refusal):
    msgid = _l("This challenge is for other members. See which ones you can join.")


class ChallengeForbidden(Refusal):
    msgid = _l("This challenge is not available under your client category.")


class ChallengeNotOpen(Conflict):
    msgid = _l("This challenge is not open now. See which ones you can join.")


class ChallengeFull(Conflict):
    msgid = _l("Every place is taken. Have a look at the other challenges.")


class JoinedAlready(Conflict):
    msgid = _l("You take part already.")


class NotJoined(Conflict):
    msgid = _l("You do not take part in this challenge any more.")


class NothingToClaim(Conflict):
    msgid = _l("There is nothing to claim here now.")


class ClaimsPaused(Conflict):
    msgid = _l("Earning is paused for your account. Ask us, and we tell you why.")
