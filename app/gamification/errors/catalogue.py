"""What staff meet when they write, publish and retire challenges, badges and lessons."""

from app.gamification.errors import Conflict, Refusal
from app.lib.i18n import _l


class BadThingName(Refusal):
    msgid = _l("Write a name with letters, of at most %(longest)s characters.")
    field = "name"


class UnknownThingKind(Refusal):
    msgid = _l("Choose what it is about.")
    field = "kind"


class RetiredAlready(Conflict):
    msgid = _l("It is retired already. Load the page again to see how it stands.")


class OfferedAlready(Conflict):
    msgid = _l("It is offered already. Load the page again to see how it stands.")


class PublishedMeanwhile(Conflict):
    msgid = _l("Revision %(number)s was published meanwhile. Load the page again, then decide anew.")
