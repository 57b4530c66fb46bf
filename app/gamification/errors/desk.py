"""What staff meet when they propose, draft, import and make keys."""

from app.gamification.errors import Conflict, Forbidden, NotFound, Refusal
from app.lib.i18n import _l


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
    msgid = _l("Somebody else saved this draft after you opened it. Read it as it stands now, then decide.")


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
