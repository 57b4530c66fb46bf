"""Why a request for a trading account is declined: keys, their words for staff, and their sentences for the member."""

from app.lib.i18n import Sentence, _l

NOT_THEIRS = "not_theirs"
# Kept for ever in the audit log, and therefore by key: what staff would write may name people.
REASONS = {
    NOT_THEIRS: _l("The account is not this client's"),
    "unknown": _l("There is no such account"),
    "demo": _l("It is a demo account"),
    "closed": _l("The account is closed"),
    "other": _l("For another reason"),
}
# None of them says whether the account is somebody else's.
_TOLD = {
    NOT_THEIRS: _l("We could not confirm that this account is yours. Ask us if you think that it is."),
    "unknown": _l("We found no account with this number there. Check platform, server and number, and ask again."),
    "demo": _l("Only accounts with real money take part."),
    "closed": _l("The account is closed."),
    "other": _l("Ask us, and we will tell you why."),
}


def told(reason: str | None) -> Sentence:
    """What the member reads; an unknown reason points to us."""
    return Sentence(_TOLD.get(reason or "", _TOLD["other"]))
