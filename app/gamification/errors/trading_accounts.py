"""What members meet who ask for a trading account, and staff who decide about it."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l


class YoursAlready(Conflict):
    msgid = _l("The trading account %(login)s is yours already.")
    field = "login"


class TooManyRequests(Conflict):
    msgid = _l("%(most)s of your requests wait for an answer already. Withdraw one, or wait until we have answered.")
    field = "login"


class AskedTooOften(Conflict):
    msgid = _l("You asked for %(most)s accounts within a day. Try again tomorrow, or ask us.")
    field = "login"


class RequestNotFound(NotFound):
    msgid = _l("There is no such request, or not any more.")


class RequestDecided(Conflict):
    msgid = _l("This request was answered already, so it cannot be withdrawn any more.")


class UnknownDeclineReason(Refusal):
    msgid = _l("Choose one of the reasons.")
    field = "reason"
