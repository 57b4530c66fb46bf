"""Signed figures: what we counted, unchanged, for a year, in an address that is not too long."""

import random
from datetime import timedelta

import pytest
import time_machine

from app.gamification.errors.trying import PictureNotFound
from app.gamification.pictures.figures import LONGEST, Figures, Signer
from app.lib import clock

FIGURES = Figures("en", 47_243, 124, 118, 19_608, 19_720, "month", (13_226, 11_402, 13_351, 9_264), "offshore", 4)
SIGNER = Signer("a secret of this installation")


def test_what_is_signed_is_read():
    figures, counted_at = SIGNER.read(SIGNER.sign(FIGURES))
    assert figures == FIGURES and abs(counted_at - clock.now()) < timedelta(seconds=5)


def test_nothing_of_it_can_be_changed():
    token = SIGNER.sign(FIGURES)
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "E"
        changed = token[:place] + other + token[place + 1 :]
        # The last letter of a signature has two bits that nobody reads.
        if place < len(token) - 1:
            with pytest.raises(PictureNotFound):
                SIGNER.read(changed)


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", "\u202e.ar.zh", "é" * 50, "A" * 100_000])
def test_what_is_no_token(token: str):
    with pytest.raises(PictureNotFound):
        SIGNER.read(token)


def test_another_installations_figures_are_not_ours():
    with pytest.raises(PictureNotFound):
        SIGNER.read(Signer("another secret").sign(FIGURES))


@pytest.mark.parametrize(("days", "is_good"), [(365, True), (367, False), (4000, False)])
def test_they_are_good_for_a_year(days: int, is_good: bool):
    token = SIGNER.sign(FIGURES)
    with time_machine.travel(clock.now() + timedelta(days=days)):
        if is_good:
            assert SIGNER.read(token)[0] == FIGURES
        else:
            with pytest.raises(PictureNotFound):
                SIGNER.read(token)


def test_figures_of_another_shape_are_not_drawn():
    plain = SIGNER._serializer
    for strange in (None, 7, {}, [], ["en"], ["en", -1, 1, 1, 1, 1, "month", [1], "x", None]):
        with pytest.raises(PictureNotFound):
            SIGNER.read(str(plain.dumps(strange)))


def test_the_longest_history_fits_into_an_address():
    drawn = random.Random(1)
    bars = tuple(drawn.randrange(2**53) for _ in range(60))
    token = SIGNER.sign(Figures("zh", sum(bars), 20_000, 20_000, 0, 20_700, "year", bars, "a" * 40, 2**31))
    assert len(token) < LONGEST and SIGNER.read(token)[0].bars == bars
