"""What staff meet at the door and among themselves."""

from app.gamification.errors import Conflict, Forbidden, NotFound, Refusal
from app.gamification.errors.members import WrongSignIn
from app.lib.i18n import _l

# Staff and keys


class StaffEmailTaken(Conflict):
    msgid = _l("There is somebody on the staff with the address %(email)s already.")
    field = "email"


class NotEntitled(Forbidden):
    msgid = _l("Your role does not allow this. Ask an owner of the programme.")


# Signing in at the desk


class WrongStaffSignIn(WrongSignIn):
    msgid = _l(
        "Email and password do not match. Check both; if you forgot the password, ask an owner of the programme."
    )


class SignInTookTooLong(Refusal):
    msgid = _l("That took too long, or this sign-in was ended. Start again with email and password.")


class WrongCode(Refusal):
    msgid = _l("That is not the code of this moment. Look at your phone again.")
    field = "code"


class CodeUsedBefore(Refusal):
    msgid = _l("That code was used already. Wait until your phone shows the next one.")
    field = "code"


class WrongRecoveryCode(Refusal):
    msgid = _l("That is not one of your recovery codes, or it was used already.")
    field = "code"


class WrongConfirmation(Refusal):
    msgid = _l("Password or code is not right. Each code counts once: wait for the next one, then try again.")


class CodesNotKept(Refusal):
    msgid = _l("Keep the codes first: without them a lost phone locks you out.")
    field = "kept"


# People of the staff


class StaffNotFound(NotFound):
    msgid = _l("There is nobody like that on the staff.")


class OwnRole(Forbidden):
    msgid = _l("Nobody changes their own role. Ask another owner.")
    field = "role"


class SameRole(Refusal):
    msgid = _l("That is their role already. Choose another one.")
    field = "role"


class LastOwner(Conflict):
    msgid = _l("This is the last owner. Make somebody else an owner first.")
    field = "role"


class InvitationOpen(Conflict):
    msgid = _l("There is an open invitation for %(email)s. Send its link again, or revoke it.")
    field = "email"


class InvitationNotFound(NotFound):
    msgid = _l("This invitation is not open any more.")


class InvitationDead(Refusal):
    msgid = _l("This invitation was used, was revoked or has expired. Ask whoever invited you for a new one.")
