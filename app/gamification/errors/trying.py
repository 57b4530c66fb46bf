"""What visitors meet who try a statement."""

from app.gamification.errors import NotFound, Refusal
from app.lib.i18n import _l


class PictureNotFound(NotFound):
    """Not signed by us, or longer ago than a year."""

    msgid = _l("This picture is not one of ours, or it is older than a year.")


class OthersAreTrying(Refusal):
    """Statements of visitors are looked through one at a time."""

    msgid = _l("Somebody else's statement is being looked through just now. Wait a few seconds, then send yours again.")
    field = "file"
