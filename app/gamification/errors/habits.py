"""What members meet who keep a journal, plan rest, or set themselves limits and a trading plan."""

from app.gamification.errors import Conflict, NotFound, Refusal
from app.lib.i18n import _l, _n

# The journal


class EntryNotFound(NotFound):
    msgid = _l("There is no such entry in your journal.")


class EntryTooShort(Refusal):
    msgid = _l(
        "Write a little more: at least %(shortest)s characters, these are %(length)s. What did you see, and why?"
    )
    field = "body"


class EntryTooLong(Refusal):
    msgid = _l("Use at most %(longest)s characters. These are %(length)s.")
    field = "body"


class KeepTooLong(Refusal):
    msgid = _l("Use at most %(longest)s characters. These are %(length)s.")
    field = "lesson"


class NoSuchMood(Refusal):
    msgid = _l("Choose one of the five, or none.")
    field = "mood"


class NotToWriteAbout(Refusal):
    msgid = _l("Choose a day of the last %(days)s days, or one of your closed trades.")
    field = "about"


class JournalledAlready(Conflict):
    msgid = _l("There is an entry about this trade already. Open it to write more.")
    field = "about"


class EnoughWritten(Refusal):
    msgid = _n(
        "You wrote %(most)s entry today, which is the most for a day. Go on tomorrow.",
        "You wrote %(most)s entries today, which is the most for a day. Go on tomorrow.",
        "most",
    )


# Planned rest


class RestTooLate(Refusal):
    msgid = _l("This day has begun already. A rest day is planned before it begins.")
    field = "day"


class RestTooFar(Refusal):
    msgid = _n(
        "Plan rest at most %(days)s day ahead.",
        "Plan rest at most %(days)s days ahead.",
        "days",
    )
    field = "day"


class EnoughRest(Refusal):
    msgid = _n(
        "You can plan %(most)s rest day a week. Cancel another one of that week first.",
        "You can plan %(most)s rest days a week. Cancel another one of that week first.",
        "most",
    )
    field = "day"


class RestOverlaps(Conflict):
    msgid = _l("Since you moved to another time zone, this day overlaps with a rest day you planned before.")
    field = "day"


class RestHasBegun(Conflict):
    msgid = _l("This rest day has begun. It can be cancelled only before that.")
    field = "day"


# Limits and plans


class BadRiskLimit(Refusal):
    msgid = _l("Write an amount above 0 and at most %(most)s; this currency has %(places)s decimals.")
    field = "amount"


class NoSuchCurrency(Refusal):
    msgid = _l("Choose a currency from the list.")
    field = "currency"


class EmptyPlan(Refusal):
    msgid = _l("Fill in at least one rule.")


class BadPlanSymbol(Refusal):
    msgid = _l("“%(symbol)s” is no symbol. Write them as your platform does, such as EURUSD, XAUUSD.")
    field = "symbols"


class TooManyPlanSymbols(Refusal):
    msgid = _l("Name at most %(most)s symbols.")
    field = "symbols"


class HalfHours(Refusal):
    msgid = _l("Say both from when and until when, and let them differ. Leave both empty to trade at any hour.")
    field = "closes"


class BadPlanLots(Refusal):
    msgid = _l("Write a volume above 0 and at most %(most)s lots.")
    field = "max_lots"


class BadHold(Refusal):
    msgid = _l("Write minutes from 0 to %(most)s.")
    field = "hold_minutes"


class ChangedTooOften(Refusal):
    msgid = _n(
        "You changed this %(most)s time within a day. Let it stand until tomorrow.",
        "You changed this %(most)s times within a day. Let it stand until tomorrow.",
        "most",
    )


# Streaks, as staff set them


class BadStreakRule(Refusal):
    msgid = _l("One of these numbers is out of its range.")
