"""What members meet where they choose what they are told, and when they want to be left alone."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l


class MessageNotFound(NotFound):
    msgid = _l("This message does not exist, or not any more.")


class UnknownRhythm(Refusal):
    msgid = _l("Choose one from the list.")
    field = "digest"


class UnknownQuietTime(Refusal):
    msgid = _l("Choose how long it should be quiet.")
    field = "days"


class HiddenWhileQuiet(Conflict):
    msgid = _l("This is hidden while you are in quiet mode. End it first, and then do it again.")


class NoSuchUnsubscription(NotFound):
    msgid = _l("This link is not one of ours, or it is too old. Sign in, and choose in your profile what we send you.")
