"""The settings of the application that answers."""

from flask import Flask, current_app

from app.config import Settings
from app.gamification.members.credentials import Links
from app.gamification.setup.checklist import Installation
from app.gamification.staff.second_factor import SecondFactor

KEY = "laurel_settings"


def settings() -> Settings:
    """What this installation was started with."""
    found: Settings = current_app.extensions[KEY]
    return found


def install(app: Flask, settings: Settings) -> None:
    """Keep the settings where every route finds them."""
    app.extensions[KEY] = settings


def links() -> Links:
    """Makes and reads the links in mails, signed with this installation's secret."""
    return Links(settings().installation_secret)


def second_factor() -> SecondFactor:
    """Takes the codes of the staff, whose secrets are sealed with this installation's own."""
    return SecondFactor(settings().installation_secret)


def installation() -> Installation:
    """What the checklist until the programme is live looks at."""
    return Installation(settings().mail_server, settings().public_url)
