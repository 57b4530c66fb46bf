"""Whoever asks for pictures at once waits for them alone: everybody else is served meanwhile."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from msgspec.structs import replace
from sqlalchemy import text

from app.gamification import brand
from app.gamification.pictures import earned
from app.gamification.pictures.figures import Signer
from app.models.base import connection, transaction
from app.routes.public.pictured import MOST_WAITING
from tests.routes.test_tried import FIGURES
from tests.support.patience import wait_until


@pytest.fixture
def pen(monkeypatch: pytest.MonkeyPatch) -> Iterator["Pen"]:
    pen = Pen()
    monkeypatch.setattr(earned, "draw", pen.draw)
    yield pen
    pen.free.set()


class Pen:
    """Draws when it is free."""

    def __init__(self) -> None:
        self.free, self.asked = threading.Event(), 0

    def draw(self, card: object) -> bytes:
        self.asked += 1
        self.free.wait(30)
        return b"png"


def addresses(app: Flask, number: int) -> list[str]:
    signer = Signer(app.extensions["laurel_settings"].installation_secret)
    return [f"/try/{signer.sign(replace(FIGURES, points=points))}.png" for points in range(1, number + 1)]


def test_a_picture_is_drawn_once_whoever_asks(app: Flask, pen: Pen):
    (address,) = addresses(app, 1)
    pen.free.set()
    first, second = (app.test_client().get(address) for _ in range(2))
    assert (first.data, second.data, first.headers["ETag"]) == (b"png", b"png", second.headers["ETag"])
    assert pen.asked == 1


def test_who_asks_for_one_that_is_being_drawn_waits_for_that(app: Flask, pen: Pen):
    (address,) = addresses(app, 1)
    found: list[bytes] = []
    waiting = [
        threading.Thread(target=lambda: found.append(app.test_client().get(address).data))
        for _ in range(MOST_WAITING + 2)
    ]
    for thread in waiting:
        thread.start()
    wait_until(lambda: pen.asked == 1)
    pen.free.set()
    for thread in waiting:
        thread.join(30)
    assert (found, pen.asked) == ([b"png"] * (MOST_WAITING + 2), 1)


def test_another_warning_is_another_picture(app: Flask, pen: Pen):
    (address,) = addresses(app, 1)
    pen.free.set()
    before = app.test_client().get(address).headers["ETag"]
    with transaction():
        connection().execute(text("UPDATE legal_entity SET loss_percentage = '93.5'"))
    brand.forget()
    after = app.test_client().get(address, headers={"If-None-Match": before})
    assert (after.status_code, pen.asked) == (200, 2)
    assert after.headers["ETag"] != before


def test_a_few_wait_and_the_others_come_again(app: Flask, pen: Pen):
    wanted = addresses(app, MOST_WAITING + 1)
    statuses: list[int] = []
    waiting = [
        threading.Thread(target=lambda one=one: statuses.append(app.test_client().get(one).status_code))
        for one in wanted[:-1]
    ]
    for thread in waiting:
        thread.start()
    wait_until(lambda: pen.asked == MOST_WAITING)
    refused = app.test_client().get(wanted[-1])
    assert (refused.status_code, refused.headers["Retry-After"], refused.headers["Cache-Control"]) == (
        503, "5", "no-store",
    )  # fmt: skip
    pen.free.set()
    for thread in waiting:
        thread.join(30)
    assert statuses == [200] * MOST_WAITING
    assert app.test_client().get(wanted[-1]).status_code == 200
