"""What members meet who ask the broker something, and staff who answer."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l, _n


class QuestionNotFound(NotFound):
    msgid = _l("There is no such question.")


class NothingWritten(Refusal):
    msgid = _l("Write something first.")
    field = "text"


class TextTooLong(Refusal):
    msgid = _l("Use at most %(longest)s characters. These are %(length)s.")
    field = "text"


class UnknownTopic(Refusal):
    msgid = _l("Choose what it is about.")
    field = "topic"


class TooManyQuestions(Refusal):
    msgid = _n(
        "%(most)s question of yours waits for an answer. Write what else there is in that one.",
        "%(most)s questions of yours wait for an answer. Write what else there is in one of them.",
        "most",
    )


class TooMuchWritten(Refusal):
    msgid = _n(
        "You wrote %(most)s time within a day. We have it all; go on tomorrow.",
        "You wrote %(most)s times within a day. We have it all; go on tomorrow.",
        "most",
    )


class WrittenMeanwhile(Conflict):
    msgid = _l("Somebody wrote here while you did. Read it above, then send yours if it still fits.")


class StaleQuestion(Conflict):
    msgid = _l("This question is closed already.")
