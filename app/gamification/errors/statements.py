"""What members meet who bring their own history, and staff who decide about it."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l

# Members


class ImportNotFound(NotFound):
    msgid = _l("There is no such import, or not any more. Choose the file again.")


class NoFile(Refusal):
    msgid = _l("Choose a file first.")
    field = "file"


class TooManyImports(Conflict):
    msgid = _l("%(most)s files wait for your answer already. Confirm or drop one of them first.")
    field = "file"


class StillReading(Conflict):
    msgid = _l("We are still looking through the file. Wait a moment, then confirm it.")


class NotReadable(Conflict):
    msgid = _l("With these answers the file could not be read. Change them, or drop the file.")


class LoginNeeded(Refusal):
    msgid = _l("The file does not name its account. Write the number of the account first.")
    field = "login"


class NothingToImport(Conflict):
    msgid = _l("There is nothing in this file that could be kept. Drop it and choose another.")


class ConfirmedAlready(Conflict):
    msgid = _l("This file was confirmed already. You can still undo its import.")


class NotConfirmed(Conflict):
    msgid = _l("This file was not confirmed, so there is nothing to undo. Drop it instead.")


class ApprovedAlready(Conflict):
    msgid = _l("The broker has approved this import, so it cannot be undone any more. Ask us if it is wrong.")


class BadFileName(Refusal):
    msgid = _l("Use up to %(longest)s plain letters, digits and signs, as the platform writes it.")
    field = "login"


class BadFileServer(BadFileName):
    field = "server"


class BadFileCurrency(Refusal):
    msgid = _l("Write the currency in three letters, such as USD.")
    field = "currency"


class UnknownAnswer(Refusal):
    msgid = _l("Choose one of the answers.")


# Staff


class NotWaiting(Conflict):
    msgid = _l("This import does not wait for a decision any more: it was approved, rejected or undone.")


class NotStoredYet(Conflict):
    msgid = _l("This import is still being counted. Decide about it in a moment.")


class SomebodyElsesAccount(Conflict):
    msgid = _l(
        "The trading account %(login)s belongs to another member. Reject the import, or unlink the account first."
    )
    field = "login"


class MorePointsByNow(Conflict):
    msgid = _l("More points wait by now than were proposed: %(points)s. Propose it again.")


class UnknownRejection(Refusal):
    msgid = _l("Choose one of the reasons.")
    field = "reason"
