"""The profile: what a member sets for themselves."""

from typing import Any, cast

from flask import Blueprint, flash
from werkzeug.wrappers import Response
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.members import profile
from app.gamification.members.classes import TITLES
from app.gamification.members.names import LONGEST_ALIAS
from app.lib.i18n import LANGUAGES, _l
from app.models.base import transaction
from app.models.people import ClientClass
from app.routes import htmx
from app.routes.countries import LongSelect, country_name, zones
from app.routes.forms import NOT_OFFERED, TOO_LONG, Form, either
from app.routes.language import language, offered
from app.routes.rendering import page
from app.routes.session import CurrentMember, current_member

bp = Blueprint("profile", __name__)


class SettingsForm(Form):
    alias = StringField(
        _l("Alias"),
        [Optional(), Length(max=4 * LONGEST_ALIAS, message=TOO_LONG)],
        description=_l("How other members see you, on boards and in contests. Your name stays with us."),
        render_kw={"autocomplete": "nickname", "spellcheck": "false"},
    )
    language = either(_l("Language"), LANGUAGES)
    theme = either(_l("Look"), {"light": _l("Light"), "dark": _l("Dark"), "auto": _l("As the device")})
    up_down = either(
        _l("Colour of a profit"),
        {"green": _l("Green"), "red": _l("Red"), "auto": _l("As usual in my language")},
        description=_l("Green means up in London, red means up in Shanghai. An arrow or a sign says it too."),
    )
    time_zone = SelectField(
        _l("Time zone"),
        validate_choice=False,
        widget=LongSelect(zones),
        description=_l("Your days begin at midnight there. Caps and expiry follow the programme's own zone."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.language.choices = [SelectChoice(code, name) for code, name in offered().items()]

    def validate_language(self, field: Field) -> None:
        """Refuse a language that the programme does not offer."""
        if field.data not in offered():
            raise ValidationError(NOT_OFFERED)


@bp.get("/profile")
def show() -> Response:
    """The settings as they are stored, and what the broker knows."""
    return _page(_settings_of(current_member()))


@bp.post("/profile")
def update() -> Response:
    """Store the settings; the page comes back in the new language and look."""
    member, form = current_member(), SettingsForm()
    try:
        if not form.validate():
            return _settings_page(form)
        with transaction():
            profile.save(
                member.id,
                alias=(form.alias.data or "").strip() or None,
                language=form.language.data,
                theme=cast(profile.Theme, form.theme.data),
                up_down=cast(profile.UpDown, form.up_down.data),
                time_zone=form.time_zone.data or "",
            )
    except Refusal as refusal:
        form.refuse(refusal)
        return _settings_page(form)
    flash(_l("Your settings are saved."))
    return htmx.see_other("/profile")


def _settings_of(member: CurrentMember) -> SettingsForm:
    return SettingsForm(
        formdata=None,
        alias=member.alias,
        language=language().code,
        theme=member.theme,
        up_down=member.up_down,
        time_zone=member.time_zone,
    )


def _settings_page(form: SettingsForm) -> Response:
    return _page(form, "member/_profile_settings.html", 422)


def _page(settings: SettingsForm, fragment: str | None = None, status: int = 200) -> Response:
    member = current_member()
    entity = brand().entity(member.entity_id)
    return page(
        "member/profile.html",
        fragment,
        status=status,
        settings=settings,
        entity=entity,
        country=country_name(member.country) if member.country else "",
        client_class=TITLES[ClientClass(member.client_class)],
    )
