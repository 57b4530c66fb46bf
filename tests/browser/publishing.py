"""Gives a running installation something to play, as founding does: `python -m tests.browser.publishing`."""

from app.config import Settings
from app.factory import create_app
from app.gamification.setup.founding import publish_play
from app.lib import clock
from app.models.base import transaction
from app.seeds.base import MERIDIAN


def publish() -> None:
    """Lessons, challenges and badges of the start, into the installation that the settings name."""
    with create_app(Settings()).app_context(), transaction():
        publish_play(MERIDIAN, clock.now())


if __name__ == "__main__":
    publish()
