"""What members fill in about their accounts: a file, what it leaves open, and an account to ask for."""

from wtforms import FileField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app.gamification.statements.clock import NEW_YORK_CLOSE
from app.gamification.statements.shown import Import
from app.gamification.statements.told import Told
from app.lib.i18n import _l
from app.platforms.hints import Hints
from app.platforms.names import PLATFORMS
from app.routes.countries import LongSelect, currencies, zones
from app.routes.forms import TOO_LONG, Form, either, listed, needed

LONGEST = 64
AS_WRITTEN = {"dir": "ltr", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
GUESSED = ("marks", "dates", "currency")
HINTS = ("login", "server", "currency", "marks", "dates")
GUESS = _l("As the file says")


class FileForm(Form):
    """A statement; the currency is asked for only when a file does not tell it."""

    file = FileField(_l("Statement"))
    currency = SelectField(
        _l("Currency of the account"), validate_choice=False, widget=LongSelect(currencies, _l("Choose a currency"))
    )


class ToldForm(Form):
    """What the owner of a file says where it says nothing, or may be read in two ways."""

    marks = either(
        _l("How are the figures written?"),
        {"": GUESS, "point": _l("1,234.50 (decimal point)"), "comma": _l("1.234,50 (decimal comma)")},
    )
    dates = either(
        _l("How are the dates written?"),
        {"": GUESS, "day_first": _l("03/04/2026 is 3 April"), "month_first": _l("03/04/2026 is 4 March")},
    )
    login = StringField(
        _l("Number of the account (login)"), [Optional(), Length(max=LONGEST, message=TOO_LONG)], render_kw=AS_WRITTEN
    )
    server = StringField(
        _l("Server of the account"),
        [Optional(), Length(max=LONGEST, message=TOO_LONG)],
        description=_l("As the platform shows it, such as Meridian-Live."),
        render_kw=AS_WRITTEN,
    )
    currency = SelectField(_l("Currency of the account"), validate_choice=False, widget=LongSelect(currencies, GUESS))
    clock = SelectField(
        _l("Clock of the broker's server"),
        validate_choice=False,
        widget=LongSelect(zones, _l("Midnight when New York closes, as most brokers have it")),
        description=_l("A statement names no time zone. It decides on which day a trade counts."),
    )

    @classmethod
    def of(cls, one: Import) -> "ToldForm":
        """The form with what was said before, and with what was guessed where the file leaves it open."""
        guessed: dict[str, str] = {doubt.key: doubt.taken for doubt in one.doubts if doubt.key in GUESSED}
        said = {name: getattr(one.told.hints, name) or guessed.get(name, "") for name in HINTS}
        return cls(formdata=None, clock="" if one.told.clock == NEW_YORK_CLOSE else one.told.clock, **said)

    def told(self) -> Told:
        """What is said now; what is left empty is left to the file."""
        hints = Hints(**{name: self[name].data or None for name in HINTS})
        return Told(hints, self.clock.data or NEW_YORK_CLOSE)


class AskForm(Form):
    """An account that a member says is theirs."""

    platform = listed(_l("Platform"), PLATFORMS, choices=[SelectChoice(*known) for known in PLATFORMS.items()])
    login = StringField(_l("Number of the account (login)"), needed(LONGEST), render_kw=AS_WRITTEN)
    server = StringField(
        _l("Server"),
        needed(LONGEST),
        description=_l("As the platform shows it, such as Meridian-Live."),
        render_kw=AS_WRITTEN,
    )
