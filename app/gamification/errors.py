"""What members and staff can meet: each refusal is named for it and says in a sentence what to do next.

app/routes/errors.py alone turns these into a status; commands print them. They know no HTTP.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from app.lib.i18n import Sentence, _l, _n


class Refusal(Exception):
    """Something that was asked for cannot be done; carries the figures its sentence needs."""

    msgid: ClassVar[str] = _l("That is not possible.")
    field: ClassVar[str | None] = None  # the form's field that the sentence belongs to

    def __init__(self, **values: Any) -> None:
        self.sentence = Sentence(self.msgid, values)
        super().__init__(self.msgid % values)


class NotFound(Refusal):
    """What was asked for does not exist, or not for the one who asks."""

    msgid = _l("This does not exist, or not any more.")


class Forbidden(Refusal):
    """It exists, but not for the one who asks."""

    msgid = _l("You may not do this.")


class Conflict(Refusal):
    """It collides with what is stored already."""


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


# Proposals, drafts, keys


class ProposalNotFound(NotFound):
    msgid = _l("There is no such proposal.")


class AlreadyDecided(Conflict):
    msgid = _l("This was decided already. Load the page again to see how.")


class OwnProposal(Forbidden):
    msgid = _l("You proposed this yourself. Somebody else has to decide.")


class SecondPersonNeeded(Conflict):
    msgid = _l("Whoever proposed this may not do so any more. Let somebody else propose it anew.")


class ProposalChanged(Conflict):
    msgid = _l("This was changed after you opened it. Read it again, then decide.")


class ProposedAlready(Conflict):
    msgid = _l("The same was proposed already and waits for a decision. Open it under Approvals.")


class UnknownProposal(Conflict):
    msgid = _l("This version of the programme does not know what this proposes. It can be rejected or withdrawn.")


class NoteMissing(Refusal):
    msgid = _l("Say in a few words why.")
    field = "note"


class NoteTooLong(Refusal):
    msgid = _l("Use at most %(longest)s characters.")
    field = "note"


class DraftNotFound(NotFound):
    msgid = _l("This draft is not there any more: it was published or thrown away.")


class DraftChanged(Conflict):
    msgid = _l("Somebody else saved this draft while you were writing. Load the page again, then repeat your change.")


class KeyTaken(Conflict):
    msgid = _l("%(key)s is in use already. Choose another key.")
    field = "key"


class StaleForm(Conflict):
    msgid = _l(
        "Somebody else changed this while you were writing. What you typed is kept; what is stored now stands beside "
        "it. Look at it again, then save."
    )


class FileGone(NotFound):
    msgid = _l("This file was brought in already, or is older than a day. Choose it again.")


class FileStale(Conflict):
    msgid = _l("Something was changed since you looked through this file. Look at it again, then bring it in.")


class BadEntityKey(Refusal):
    msgid = _l("Use up to 30 small letters, digits and underscores. The key of a stored entity stays as it is.")
    field = "key"


class BadTermKey(Refusal):
    msgid = _l(
        "Use the key exactly as your systems report it: letters, digits and . _ : - only; of an activity of your own "
        "up to 40 small letters, digits and . _ - beginning with a letter."
    )
    field = "key"


class TermFixed(Refusal):
    msgid = _l("What is stored keeps its kind and its key. Make a new one, and retire this.")
    field = "key"


class UnknownTerm(NotFound):
    msgid = _l("This name is not there any more.")


class NotAnOwnActivity(Refusal):
    msgid = _l("Choose what it counts as from the list. Only an activity of your own can be classed.")
    field = "fact"


class SameClass(Conflict):
    msgid = _l("It counts as that already. Choose something else.")
    field = "fact"


class UnknownPack(Refusal):
    msgid = _l("There is no law pack %(pack)s.")
    field = "pack_key"


class BadLossPercentage(Refusal):
    msgid = _l("Write a percentage with at most two decimals, such as 74.2.")
    field = "loss_percentage"


class TooManyKeys(Conflict):
    msgid = _l(
        "Two keys of the name %(name)s are in force already. Revoke the one that is not used any more, then make the "
        "next."
    )
    field = "name"


class BadKeyName(Refusal):
    msgid = _l("Write a name of 1 to %(longest)s characters that says what signs with the key.")
    field = "name"


class BadScopes(Refusal):
    msgid = _l("Choose what the key may do: %(scopes)s.")
    field = "scopes"


class KeyNotFound(NotFound):
    msgid = _l("There is no key %(key)s in force.")


class BadSource(Refusal):
    msgid = _l(
        "%(source)s cannot be the name of a source. Use small letters, digits, dots and dashes, starting with a "
        "letter; the names that the programme itself reports under are taken."
    )
    field = "source"


# The ladder and law packs


class Flaw(NamedTuple):
    """What is wrong at one place of a definition, such as `levels.2.keep`."""

    place: str
    sentence: Sentence


class NotSound(Refusal):
    """A definition that nobody could live by; `flaws` name every place."""

    msgid = _l("Mend what is marked, then save again.")

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__()
        self.flaws = tuple(flaws)


class StaleBase(Conflict):
    msgid = _l("Something else was published since this draft was begun. Throw it away and begin anew.")


class NothingChanged(Refusal):
    msgid = _l("The draft says what is in force already. Change something first.")


# The programme and its brand


class AlreadySetUp(Conflict):
    msgid = _l("The programme was set up already. Sign in with the owner's address.")


class AnswersLost(Refusal):
    msgid = _l("What you had filled in cannot be read any more. Start again from the first step; nothing was stored.")


class UnknownTemplate(Refusal):
    msgid = _l("Choose one of the templates.")
    field = "template"


class UnknownCurrency(Refusal):
    msgid = _l("There is no currency %(currency)s. Choose one from the list.")
    field = "currency"


class BadPointCost(Refusal):
    msgid = _l("Write an amount below 100 with at most six decimals, such as 0.01.")
    field = "point_cost"


class NoLanguage(Refusal):
    msgid = _l("Offer at least one language.")
    field = "languages"


class NoEntity(Refusal):
    msgid = _l("Name at least one legal entity, and at most %(most)s.")
    field = "entities"


class BadPicture(Refusal):
    msgid = _l("This picture cannot be read. Save it as PNG, JPEG or WebP and send it again.")
    field = "logo"


class PictureTooLarge(Refusal):
    msgid = _l("This picture is too large. Send one of at most %(most)s kB and 6000 pixels a side.")
    field = "logo"


class PictureTooSmall(Refusal):
    msgid = _l("This picture is too small. Send one of at least %(least)s pixels a side.")
    field = "logo"


class UnreadableColour(Refusal):
    """Text on it could not be read; carries the nearest colour on which it can."""

    msgid = _l("Text on this colour cannot be read well enough. The nearest that works is %(nearest)s.")
    field = "brand"


class NoColour(Refusal):
    msgid = _l("Write a colour as six hexadecimal digits, such as #2f55f0.")
    field = "brand"


class BadLink(Refusal):
    msgid = _l("Write an address that begins with https://.")
    field = "help"


class BadLimit(Refusal):
    msgid = _l("Write whole points up to %(most)s, no more at once than a day, and a cap that is not negative.")
    field = "adjustment"


class SettingsChanged(Conflict):
    msgid = _l(
        "Somebody else saved these settings while you were writing. Load the page again, then repeat your change."
    )


# The system


class MailNotFound(NotFound):
    msgid = _l("There is no such mail.")


class MailSentAlready(Conflict):
    msgid = _l("This mail was sent. Whoever asked for it can ask for another.")


class NothingGivenUp(Conflict):
    msgid = _l("No mail was given up. There is nothing to send once more.")


class QuarantineNotFound(NotFound):
    msgid = _l("This is not in quarantine any more.")


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


# Rules


class BadRule(Refusal, ValueError):
    """A rule says something that no rule can mean; `place` is the way to it: ("conditions", 0, 1, "value")."""

    def __init__(self, place: tuple[Any, ...], told: str, msgid: str, *, at: str = "", **values: Any) -> None:
        super().__init__()
        self.place, self.sentence = place, Sentence(msgid, values)
        where = at or ".".join(map(str, place))
        # For logs and consoles, where it names keys instead of words.
        self.args = (f"{where}: {told}" if where else told,)


class RuleNotFound(NotFound):
    msgid = _l("There is no such rule.")


class BadRuleName(Refusal):
    msgid = _l("Name the rule in English, with a letter and at most %(longest)s characters.")
    field = "name"


class TooManyRows(Refusal):
    """More than the form would ever draw: nobody has typed them."""

    msgid = _l("A rule has at most %(groups)s groups of %(rows)s conditions, %(rates)s rates and %(factors)s factors.")


class NotReady(Refusal):
    """Something that must be done before a rule can run; `todo` says what."""

    msgid = _l("Before it can run: %(todo)s.")


class RevisionChanged(Conflict):
    msgid = _l("Revision %(number)s was published after this was begun. Throw the draft away and begin anew.")


class StartsInThePast(Refusal):
    msgid = _l("Choose a day from tomorrow on, or leave it empty: it then begins once it is approved.")
    field = "starts"


class EndsBeforeItStarts(Refusal):
    msgid = _l("Choose a last day that is not before the first.")
    field = "ends"


class ScheduledAlready(Conflict):
    msgid = _l("Revision %(number)s is to begin on %(day)s. Begin on that day or before, and this takes its place.")
    field = "starts"


class NothingToRetire(Conflict):
    msgid = _l("No revision of this rule is in force after that.")
