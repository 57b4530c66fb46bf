"""What members fill in about their accounts: a file, what it leaves open, and an account to ask for."""

from typing import Any

from wtforms import FileField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app.gamification.statements.clock import NEW_YORK_CLOSE
from app.lib.i18n import _l
from app.routes.countries import LongSelect, currencies, zones
from app.routes.forms import TOO_LONG, Form, either, listed, needed

LONGEST = 64
PLATFORMS = {"mt5": "MetaTrader 5", "mt4": "MetaTrader 4", "ctrader": "cTrader"}
AS_WRITTEN = {"dir": "ltr", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
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


class AskForm(Form):
    """An account that a member says is theirs."""

    platform = listed(_l("Platform"), PLATFORMS)
    login = StringField(_l("Number of the account (login)"), needed(LONGEST), render_kw=AS_WRITTEN)
    server = StringField(
        _l("Server"),
        needed(LONGEST),
        description=_l("As the platform shows it, such as Meridian-Live."),
        render_kw=AS_WRITTEN,
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.platform.choices = [SelectChoice(key, name) for key, name in PLATFORMS.items()]
