"""What staff meet where they keep the installation going."""

from app.gamification.errors import Conflict, NotFound
from app.lib.i18n import _l


class MailNotFound(NotFound):
    msgid = _l("There is no such mail.")


class MailSentAlready(Conflict):
    msgid = _l("This mail was sent. Whoever asked for it can ask for another.")


class NothingGivenUp(Conflict):
    msgid = _l("No mail was given up. There is nothing to send once more.")


class QuarantineNotFound(NotFound):
    msgid = _l("This is not in quarantine any more.")
