"""Until there is a programme, every page says that the setup is not finished."""

from flask import Flask, request

from app.gamification.brand import brand
from app.gamification.programme import NotSetUp
from app.models.base import kept_by_app

OPEN = frozenset(
    {
        "setup.show",
        "setup.answer",
        "preferences.speak",
        "preferences.dress",
        "probes.alive",
        "probes.ready",
        "stylesheet",
    }
)


class _Found:
    """Whether this process has seen a programme; once there is one, it stays."""

    programme = False


def _keep() -> None:
    if request.endpoint in OPEN:
        return
    found = kept_by_app("gate", _Found)
    if not found.programme:
        found.programme = brand().is_set_up
        if not found.programme:
            raise NotSetUp()


def install(app: Flask) -> None:
    """Ask at every request, until there is nothing left to ask."""
    app.before_request(_keep)
