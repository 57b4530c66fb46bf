"""What cannot be done to points."""

from typing import ClassVar

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l, _n

# Points


class NotEnoughPoints(Refusal):
    """More was to be spent than is available for it; carries `short_by`."""

    msgid: ClassVar[str] = _n("You need %(short_by)s more point.", "You need %(short_by)s more points.", "short_by")


# Points by hand


class NotThatManyPoints(NotEnoughPoints):
    """Staff want to take more than a member has available."""

    msgid = _l("The member has %(short_by)s points fewer than that. Take less.")
    field = "amount"


class BadAmount(Refusal):
    msgid = _l("Write a whole number of points, not zero and at most %(largest)s, with a minus sign to take points.")
    field = "amount"


class ForbiddenByLaw(Refusal):
    msgid = _l("The law pack of member %(member)s allows no points by hand.")
    field = "amount"


class FormSentAlready(Conflict):
    msgid = _l("This form was sent already, with other figures. Open it anew.")


class TransferNotFound(NotFound):
    msgid = _l("This member has no line %(seq)s.")


class NotReversible(Refusal):
    msgid = _l(
        "Only a line that brought points can be taken back. Points that were taken are given back by adding them."
    )


class AlreadyReversed(Conflict):
    msgid = _l("This line was taken back already.")


class BadAward(Refusal):
    msgid = _l("Name 1 to %(most)s members, each once, with 1 to %(largest)s points each.")
    field = "rows"


class AwardNotPossible(Conflict):
    """Members of a bulk award cannot be given points as things stand: erased, unknown, or not by law."""

    msgid = _l("%(count)s of these members cannot be given points any more, member %(member)s among them.")
    field = "rows"
