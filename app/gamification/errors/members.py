"""What members meet, and staff who look after them."""

from app.gamification.errors import Conflict, Forbidden, NotFound, Refusal
from app.lib.i18n import _l

# Members


class MemberNotFound(NotFound):
    msgid = _l("There is no member %(member)s.")


class BadEmail(Refusal):
    msgid = _l("This is not an email address. It should look like name@example.com.")
    field = "email"


class EmailTaken(Conflict):
    msgid = _l("There is a member with the address %(email)s already.")
    field = "email"


class ExternalIdTaken(Conflict):
    msgid = _l("There is a member with the id %(external_id)s already.")
    field = "external_id"


class BadName(Refusal):
    msgid = _l("Write a name of 1 to %(longest)s characters, with at least one letter.")
    field = "name"


class UnknownCountry(Refusal):
    msgid = _l("There is no country with the code %(country)s. Use two letters, such as AE.")
    field = "country"


class UnknownEntity(Refusal):
    msgid = _l("There is no legal entity %(entity)s.")
    field = "entity"


class UnknownTimeZone(Refusal):
    msgid = _l("There is no time zone %(time_zone)s. Choose one from the list.")
    field = "time_zone"


class BadAlias(Refusal):
    msgid = _l("Use %(shortest)s to %(longest)s letters, digits, spaces, dots or dashes, starting with a letter.")
    field = "alias"


class MixedScripts(Refusal):
    msgid = _l("Use the letters of one script only, so that nobody can be mistaken for you.")
    field = "alias"


class AliasTaken(Conflict):
    msgid = _l("Someone else is called that already. Add a letter or a digit.")
    field = "alias"


class PasswordTooShort(Refusal):
    msgid = _l("Use at least %(shortest)s characters. Four unrelated words are easy to remember.")
    field = "password"


class PasswordTooLong(Refusal):
    msgid = _l("Use at most %(longest)s characters.")
    field = "password"


class PasswordTooCommon(Refusal):
    msgid = _l("This password is among the first that others would try. Choose a less common one.")
    field = "password"


class WrongPassword(Refusal):
    msgid = _l("That is not your current password.")
    field = "current"


class BrowserNotFound(NotFound):
    msgid = _l("This browser is not one of those you are signed in with.")


class NotTheClientNumber(Refusal):
    msgid = _l("This is not your client number. It stands above the field; write it as it is there.")
    field = "number"


class NotLeaving(Conflict):
    msgid = _l("This member does not leave, or not yet.")


class WrongSignIn(Refusal):
    msgid = _l("Email and password do not match. Check both, or set a new password.")


class NotVerified(Refusal):
    msgid = _l("Confirm your email address first: we have just sent you a new link.")


class LinkExpired(Refusal):
    msgid = _l("This link has expired or was used already. Ask for a new one.")


class LinkedElsewhere(Conflict):
    msgid = _l("The trading account %(login)s belongs to another member.")
    field = "login"


# Members, as staff look after them


class AccountNotFound(NotFound):
    msgid = _l("This trading account is not linked to the member, or not any more.")


class BadAccountName(Refusal):
    msgid = _l("Use up to %(longest)s plain letters, digits and signs, as the platform writes it.")
    field = "login"


class BadServerName(BadAccountName):
    field = "server"


class UnknownPlatform(Refusal):
    msgid = _l("Write the platform as your systems name it, such as mt5: letters, digits, dots and dashes.")
    field = "platform"


class UnknownBlockReason(Refusal):
    msgid = _l("Choose one of the reasons.")
    field = "reason"


class MemberErased(Conflict):
    msgid = _l("What was known of this member was erased. Nothing can be done for them any more.")


class NoAddress(Conflict):
    msgid = _l("There is no email address on file for this member.")


class NotTheirNumber(Refusal):
    msgid = _l("This is not the member's number. Write %(member)s to erase this person, and nobody else.")
    field = "number"


class ViewingReadOnly(Forbidden):
    msgid = _l("You are looking at the programme as a member sees it, and can change nothing here. End the view first.")
