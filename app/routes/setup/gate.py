"""Until there is a programme, every page says that the setup is not finished."""

from flask import Flask, request

from app.gamification.brand import brand
from app.gamification.programme import NotSetUp

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


def _keep() -> None:
    if not brand().is_set_up and request.endpoint not in OPEN:
        raise NotSetUp()


def install(app: Flask) -> None:
    """Ask at every request; the brand is kept in the process, so that this costs nothing."""
    app.before_request(_keep)
