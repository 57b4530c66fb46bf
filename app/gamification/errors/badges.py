"""What members and visitors meet who look at a badge."""

from app.gamification.errors import Conflict, NotFound
from app.lib.i18n import _l


class BadgeNotFound(NotFound):
    msgid = _l("There is no such badge. See which ones there are.")


class BadgeNotHeld(Conflict):
    msgid = _l("You can share a badge once it is yours.")


class HiddenBadge(Conflict):
    msgid = _l("A hidden badge is yours alone: whoever has not found it must not learn of it here.")


class NoAlias(Conflict):
    msgid = _l("Choose an alias first: a shared badge shows it in place of your name.")


class NotShared(NotFound):
    msgid = _l("This badge is not shared any more. Ask whoever sent you the link for a new one.")
