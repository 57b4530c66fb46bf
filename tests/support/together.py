"""Several things at the same moment, each in a thread with a connection of its own."""

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Flask

Made = TypeVar("Made")


def together(app: Flask, works: Sequence[Callable[[], Made]]) -> list[Made | Exception]:
    """Start all at once and wait for all; what each returned or raised, in the order given."""
    gate = threading.Barrier(len(works))
    made: list[Made | Exception] = [RuntimeError("it never ended")] * len(works)

    def alone(place: int, work: Callable[[], Made]) -> None:
        with app.app_context():
            gate.wait()
            try:
                made[place] = work()
            except Exception as error:
                made[place] = error

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(alone, place, work))
        for place, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return made


def no_errors(made: Sequence[Made | Exception]) -> list[Made]:
    """What was made, or the first thing that was raised."""
    for one in made:
        if isinstance(one, Exception):
            raise one
    return [one for one in made if not isinstance(one, Exception)]
