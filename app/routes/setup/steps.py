"""The steps of the setup as forms: what is asked, and what the domain says to each answer."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.gamification.entities import LOSS
from app.gamification.errors.desk import BadLossPercentage
from app.gamification.errors.programme import NoLanguage
from app.gamification.members.names import LONGEST_EMAIL, LONGEST_NAME, clean_email, clean_name
from app.gamification.members.passwords import check_strength
from app.gamification.policy.starting import PACKS
from app.gamification.setup import founding
from app.gamification.templates.registry import every
from app.lib.countries import country_codes, time_zones
from app.lib.currencies import currency_codes
from app.lib.i18n import LANGUAGES, _l, pick
from app.routes.countries import LongSelect, countries, currencies, zones
from app.routes.formats import say
from app.routes.forms import MISSING, TOO_LONG, Form, OneOf, email_field, listed, needed, new_password_field
from app.routes.language import gettext, language

Raw = Mapping[str, Any]


class Step(NamedTuple):
    """A step: its key, what it is called, and its icon."""

    key: str
    title: str
    icon: str


STEPS = (
    Step("owner", _l("You"), "user"),
    Step("brand", _l("Your brand"), "palette"),
    Step("place", _l("Place and money"), "globe"),
    Step("entities", _l("Legal entities"), "landmark"),
    Step("template", _l("The programme"), "layers"),
    Step("summary", _l("Check and create"), "list-checks"),
)
KEYS = tuple(step.key for step in STEPS)
AS_COUNTRY = _l("As the country says")


class OwnerForm(Form):
    name = StringField(_l("Your name"), needed(LONGEST_NAME), render_kw={"autocomplete": "name"})
    email = email_field("username")
    password = new_password_field(_l("Password"))

    def settle(self) -> None:
        """Ask the domain."""
        self.check("name", clean_name)
        self.check("email", clean_email)
        self.check("password", lambda password: check_strength(password, self.email.data or "", self.name.data or ""))


class BrandForm(Form):
    brand_name = StringField(
        _l("Name of your brand"),
        needed(LONGEST_NAME),
        description=_l("As your clients know it. It stands at the head of every page and mail."),
        render_kw={"autocomplete": "organization"},
    )
    programme_name = StringField(
        _l("Name of the programme"),
        needed(LONGEST_NAME),
        description=_l("What members join, such as “Northwind Rewards”."),
    )
    support_email = StringField(
        _l("Address for questions"),
        [Optional(), Length(max=LONGEST_EMAIL, message=TOO_LONG)],
        description=_l("Members write there from every page. You may add it later."),
        render_kw={"type": "email", "autocomplete": "off", "inputmode": "email"},
    )

    def settle(self) -> None:
        self.check("brand_name", clean_name)
        self.check("programme_name", clean_name)
        if self.support_email.data:
            self.check("support_email", clean_email)


class PlaceForm(Form):
    time_zone = listed(
        _l("Time zone of the programme"),
        time_zones(),
        widget=LongSelect(zones, _l("Choose a time zone")),
        description=_l("Days, months and caps begin at midnight there. Changing it later needs a second person."),
    )
    currency = listed(
        _l("Currency"),
        currency_codes(),
        widget=LongSelect(currencies, _l("Choose a currency")),
        description=_l("What the cost of points is counted in."),
    )
    point_cost = StringField(
        _l("What one point costs you"),
        needed(12),
        default="0.01",
        description=_l("In that currency. It is the measure of your liability; members never see it."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    en = BooleanField(LANGUAGES["en"], default=True)
    ar = BooleanField(LANGUAGES["ar"], default=True)
    zh = BooleanField(LANGUAGES["zh"], default=True)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that were ticked."""
        return tuple(code for code in LANGUAGES if self[code].data)

    def settle(self) -> None:
        self.check("point_cost", founding.clean_point_cost)
        if not self.languages:
            self.en.errors = [say(NoLanguage().sentence)]


class EntityForm(Form):
    name = StringField(_l("Registered name"), needed(LONGEST_NAME), render_kw={"autocomplete": "off"})
    country = listed(_l("Regulated in"), country_codes(), widget=LongSelect(countries, _l("Choose a country")))
    pack = listed(_l("Law pack"), ("", *PACKS))
    loss = StringField(
        _l("Retail accounts that lose money, percent"),
        [Optional(), Length(max=6, message=TOO_LONG)],
        render_kw={"inputmode": "decimal", "autocomplete": "off", "placeholder": "74.2"},
    )

    def settle(self) -> None:
        self.check("name", clean_name)
        if self.loss.data and not LOSS.fullmatch(self.loss.data.strip()):
            self.loss.errors = [say(BadLossPercentage().sentence)]


class TemplateForm(Form):
    template = RadioField(
        _l("The programme"),
        [InputRequired(MISSING), OneOf([template.key for template in every()])],
        validate_choice=False,
    )

    def settle(self) -> None:
        """Nothing that the list has not said."""


KEEPS_PASSWORD = _l("Leave it empty to keep the one you have typed.")
FORMS: Mapping[str, type[Any]] = {
    "owner": OwnerForm,
    "brand": BrandForm,
    "place": PlaceForm,
    "template": TemplateForm,
}


def form_of(key: str, answer: Raw | None) -> Any:
    """The form of a step as it was answered, or empty."""
    return FORMS[key](formdata=None if answer is None else MultiDict(answer))


def entity_forms(rows: Sequence[Raw]) -> list[EntityForm]:
    """A form for each row of legal entities."""
    packs = [("", gettext(AS_COUNTRY)), *((key, pick(pack["name"], language().code)) for key, pack in PACKS.items())]
    forms = []
    for place, row in enumerate(rows):
        prefix = f"e{place}-"
        form = EntityForm(prefix=prefix, formdata=MultiDict({prefix + name: value for name, value in row.items()}))
        form.pack.choices = packs
        forms.append(form)
    return forms


def is_right(form: Any) -> bool:
    """Whether shape and domain agree; the form says what they do not like."""
    form.validate()
    form.settle()
    return not form.errors
