"""What members meet who answer the questions of a lesson."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l


class LessonNotFound(NotFound):
    msgid = _l("There is no such lesson. See which ones you can read.")


class LessonChanged(Conflict):
    msgid = _l("This lesson was changed while you were reading. Please answer its questions as they are now.")


class LessonRetired(Conflict):
    msgid = _l("This lesson is not offered any more. You can still read it.")


class NotAnswered(Refusal):
    msgid = _l("Choose an answer to every question. Nothing was counted yet.")


class TooManyTries(Conflict):
    msgid = _l("You have tried %(most)s times today. Read the lesson once more, and go on tomorrow.")
