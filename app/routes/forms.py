"""Forms check shape; what the domain refuses is said beside the field that it belongs to."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.gamification.errors import Refusal
from app.gamification.members.names import LONGEST_EMAIL
from app.gamification.members.passwords import LONGEST
from app.lib.i18n import _l
from app.routes.formats import say

MISSING = _l("Fill this in.")
NOT_OFFERED = _l("Choose one from the list.")
TOO_LONG = _l("This is too long.")
NOT_TICKED = _l("Tick this first.")


class Form(FlaskForm):
    """A form whose messages are our own sentences."""

    class Meta:
        # The sign that a form is ours is checked for every post already, before any view runs.
        csrf = False

    def refuse(self, refusal: Refusal) -> None:
        """Show why the domain said no, at the field it names, else above the form."""
        field = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(say(refusal.sentence))
        else:
            field.errors = [*field.errors, say(refusal.sentence)]

    def check(self, name: str, rule: Callable[[str], object]) -> None:
        """Ask the domain about a field whose shape is right, so that one answer names all there is to mend."""
        field = self[name]
        if not field.errors:
            try:
                rule(field.data or "")
            except Refusal as refusal:
                field.errors = [*field.errors, say(refusal.sentence)]


class OneOf:
    """Refuses what the list does not offer."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = frozenset(values)

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data not in self._values:
            raise ValidationError(NOT_OFFERED)


class Ticked:
    """Refuses a box that was left empty."""

    def __call__(self, _form: Any, field: Field) -> None:
        if not field.data:
            raise ValidationError(NOT_TICKED)


def listed(label: str, values: Iterable[str], **options: Any) -> SelectField:
    """A list to choose from; its `choices` are set for each request, in the reader's language."""
    return SelectField(label, validators=[OneOf(values)], validate_choice=False, **options)


def either(label: str, titles: Mapping[str, str], **options: Any) -> RadioField:
    """A few choices that all show."""
    choices = [SelectChoice(value, title) for value, title in titles.items()]
    return RadioField(label, validators=[OneOf(titles)], validate_choice=False, choices=choices, **options)


def needed(longest: int) -> list[Any]:
    """Validators of a text that must be there."""
    return [InputRequired(MISSING), Length(max=longest, message=TOO_LONG)]


def email_field(autocomplete: str) -> StringField:
    """A field for an address; `autocomplete` says to the browser which of its addresses is meant."""
    hints = {"type": "email", "autocomplete": autocomplete, "inputmode": "email"}
    return StringField(_l("Email"), needed(LONGEST_EMAIL), render_kw=hints)


def new_password_field(label: str) -> PasswordField:
    """A field for a password that is to be."""
    return PasswordField(
        label,
        needed(LONGEST),
        description=_l("At least 10 characters. Four unrelated words are easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )
