"""What is wrong with a ladder, a law pack, the programme's settings or its brand."""

from collections.abc import Sequence
from typing import NamedTuple

from app.gamification.errors import Conflict, Refusal
from app.lib.i18n import Sentence, _l

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
