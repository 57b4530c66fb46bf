"""What entries of the audit log say was done, and to what, in words; their keys stand in the log, for good."""

from collections.abc import Mapping
from typing import NamedTuple

from app.lib.i18n import _l


class Noun(NamedTuple):
    """A kind of thing in words, and what was done to one, by the verb of its action."""

    title: str
    verbs: Mapping[str, str]


NOUNS = {
    "account": Noun(_l("Trading account"), {}),
    "activity": Noun(_l("Activities"), {"reprocess": _l("Failed activities tried again")}),
    "badge": Noun(
        _l("Badge"),
        {
            "draft": _l("Draft of a badge begun"),
            "edit": _l("Draft of a badge saved"),
            "discard": _l("Draft of a badge thrown away"),
            "publish": _l("Badge published"),
            "retire": _l("Badge retired"),
            "reopen": _l("Badge offered again"),
        },
    ),
    "brand": Noun(
        _l("Brand"),
        {
            "update": _l("Names and links of the brand changed"),
            "colours": _l("Colours of the brand changed"),
            "logo": _l("Logo changed"),
        },
    ),
    "challenge": Noun(
        _l("Challenge"),
        {
            "draft": _l("Draft of a challenge begun"),
            "edit": _l("Draft of a challenge saved"),
            "discard": _l("Draft of a challenge thrown away"),
            "publish": _l("Challenge published"),
            "retire": _l("Challenge retired"),
            "reopen": _l("Challenge offered again"),
        },
    ),
    "draft": Noun(
        _l("Draft of a rule"),
        {
            "begin": _l("Draft of a rule begun"),
            "save": _l("Draft of a rule saved"),
            "discard": _l("Draft of a rule thrown away"),
        },
    ),
    "entity": Noun(
        _l("Legal entity"),
        {
            "create": _l("Legal entity added"),
            "update": _l("Legal entity changed"),
            "retire": _l("Legal entity retired"),
            "restore": _l("Legal entity brought back"),
        },
    ),
    "handoff_key": Noun(
        _l("Key of your site"),
        {"add": _l("Key of your site added"), "retire": _l("Key of your site retired")},
    ),
    "invitation": Noun(
        _l("Invitation"),
        {"send": _l("Invitation sent"), "revoke": _l("Invitation taken back")},
    ),
    "key": Noun(_l("API key"), {"create": _l("Key made"), "revoke": _l("Key revoked")}),
    "ladder": Noun(
        _l("Ladder"),
        {
            "draft": _l("Draft of the ladder begun"),
            "edit": _l("Draft of the ladder saved"),
            "discard": _l("Draft of the ladder thrown away"),
            "publish": _l("Ladder published"),
        },
    ),
    "lesson": Noun(
        _l("Lesson"),
        {
            "draft": _l("Draft of a lesson begun"),
            "edit": _l("Draft of a lesson saved"),
            "discard": _l("Draft of a lesson thrown away"),
            "publish": _l("Lesson published"),
            "retire": _l("Lesson retired"),
            "reopen": _l("Lesson offered again"),
            "move": _l("Order of lessons changed"),
        },
    ),
    "mail": Noun(_l("Mail"), {"resend": _l("Mail sent again"), "resend_all": _l("All failed mails sent again")}),
    "member": Noun(
        _l("Member"),
        {
            "block": _l("Earning blocked for a member"),
            "unblock": _l("Earning allowed again"),
            "link": _l("Trading account linked"),
            "unlink": _l("Trading account unlinked"),
            "decline_account": _l("Request for a trading account declined"),
            "sign_out": _l("Member signed out everywhere"),
            "mail_reset": _l("Link for a new password sent"),
            "view": _l("Viewing as a member begun"),
            "view_end": _l("Viewing as a member ended"),
            "handoff": _l("Member entered by the broker’s sign-in"),
            "export": _l("Everything known of a member exported"),
            "export_list": _l("List of members exported"),
            "erase": _l("Member erased"),
        },
    ),
    "pack": Noun(
        _l("Law pack"),
        {
            "draft": _l("Draft of a law pack begun"),
            "edit": _l("Draft of a law pack saved"),
            "discard": _l("Draft of a law pack thrown away"),
            "publish": _l("Law pack published"),
        },
    ),
    "points": Noun(
        _l("Points"),
        {
            "adjust": _l("Points adjusted by hand"),
            "award": _l("Points awarded to many"),
            "reverse": _l("Line of the ledger reversed"),
        },
    ),
    "programme": Noun(
        _l("Programme"),
        {
            "create": _l("Programme set up"),
            "update": _l("Settings of the programme changed"),
            "limits": _l("Limits of what one person may do changed"),
            "zone": _l("Time zone of the programme changed"),
            "streak": _l("Settings of streaks changed"),
        },
    ),
    "proposal": Noun(
        _l("Proposal"),
        {
            "open": _l("Second person asked for"),
            "approve": _l("Proposal approved"),
            "reject": _l("Proposal rejected"),
            "withdraw": _l("Proposal withdrawn"),
            "void": _l("Proposal fell, because its draft was changed"),
        },
    ),
    "quarantine": Noun(_l("Conflict of activities"), {"dismiss": _l("Conflict of activities put aside")}),
    "question": Noun(_l("Question of a member"), {"answer": _l("Question answered"), "close": _l("Question closed")}),
    "rule": Noun(_l("Rule"), {"publish": _l("Rule published"), "retire": _l("Rule retired")}),
    "staff": Noun(
        _l("Staff"),
        {
            "create": _l("Somebody of the staff added"),
            "join": _l("Invitation accepted"),
            "update": _l("Particulars of staff changed"),
            "role": _l("Role changed"),
            "leave": _l("Somebody of the staff left"),
            "sign_in": _l("Signed in"),
            "sign_out": _l("Signed out everywhere"),
            "end_sign_in": _l("Sign-in of a browser ended"),
            "password": _l("Password changed"),
            "second_factor": _l("Second factor set up"),
            "reset_second_factor": _l("Second factor taken away"),
            "recovery_codes": _l("New recovery codes made"),
        },
    ),
    "start": Noun(_l("First steps"), {"dismiss": _l("List of first steps put away")}),
    "statement": Noun(
        _l("Statement"),
        {"approve": _l("Statement approved"), "reject": _l("Statement rejected")},
    ),
    "statement_import": Noun(_l("Statement"), {}),
    "term": Noun(
        _l("Name of a key"),
        {
            "create": _l("Name of a key added"),
            "update": _l("Name of a key changed"),
            "retire": _l("Name of a key retired"),
            "restore": _l("Name of a key brought back"),
            "class": _l("What an activity counts as changed"),
        },
    ),
}
ACTIONS = {f"{noun}.{verb}": words for noun, (_, verbs) in NOUNS.items() for verb, words in verbs.items()}


def of_action(action: str) -> str:
    """What was done, marked for translation; "" for what an older or newer version called otherwise."""
    return ACTIONS.get(action, "")


def of_kind(kind: str) -> str:
    """What it was done to, marked for translation; "" for what is not known."""
    return NOUNS[kind].title if kind in NOUNS else ""
