"""Shared pictures: drawn from signed figures in their address, shown elsewhere, and never with figures of somebody's own."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.config import Settings
from app.gamification.pictures import earned
from app.gamification.pictures.earned import Card
from app.gamification.pictures.figures import Figures, Signer
from app.gamification.pictures.letters import _is_drawn
from app.lib import clock
from tests.routes.test_trying import tried
from tests.support.cast import words
from tests.support.queries import counted

FIGURES = Figures("en", 47_243, 124, 118, 19_608, 19_720, "month", (13_226, 11_402, 13_351, 9_264), "offshore", 4)


@pytest.fixture
def signer(app: Flask) -> Signer:
    chosen: Settings = app.extensions["laurel_settings"]
    return Signer(chosen.installation_secret)


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """Every picture that is drawn, in its words."""
    seen: list[Card] = []
    draw = earned.draw

    def noting(card: Card) -> bytes:
        seen.append(card)
        return draw(card)

    monkeypatch.setattr(earned, "draw", noting)
    return seen


def picture_of(answer: Any) -> str:
    found = re.search(r'src="(/try/[^"]+\.png)"', answer.text)
    assert found
    return found[1]


def test_an_estimate_leads_to_its_picture(client: FlaskClient, cards: list[Card]):
    answer = client.get(picture_of(tried(client)))
    assert answer.status_code == 200 and answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "from 2 of 3 closed trades" in cards[0].under and "3 Mar 2025 to 6 May 2025" in cards[0].under


def test_a_picture_says_the_risk_and_the_day(client: FlaskClient, signer: Signer, cards: list[Card]):
    client.get(f"/try/{signer.sign(FIGURES)}.png")
    (card,) = cards
    assert (card.points, card.bars, card.first, card.last) == ("47,243", FIGURES.bars, "Sep 2023", "Dec 2023")
    assert card.best == "Strongest month: Nov 2023, 13,351 points"
    assert "accounts lose money" in card.risk and f"{clock.now().year}" in card.foot


def test_it_is_not_drawn_twice_for_one_browser(client: FlaskClient, signer: Signer, cards: list[Card]):
    address = f"/try/{signer.sign(FIGURES)}.png"
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert again.status_code == 304 and not again.data and len(cards) == 1


def test_invented_figures_are_not_drawn(client: FlaskClient, signer: Signer, cards: list[Card]):
    token = signer.sign(FIGURES)
    body, rest = token.split(".", 1)
    for other in (
        f"{body[:-2]}AA.{rest}",
        f"{body}.{rest[:-3]}AAA",
        Signer("mine").sign(FIGURES),
        "x",
        "a.b.c",
        "A" * 9000,
    ):
        for address in (f"/try/{other}.png", f"/try/{other}"):
            answer = client.get(address)
            assert answer.status_code == 404 and "not one of ours" in words(answer)
    assert cards == []


def test_old_pictures_are_gone(client: FlaskClient, signer: Signer):
    token = signer.sign(FIGURES)
    with time_machine.travel(clock.now() + timedelta(days=400)):
        assert client.get(f"/try/{token}.png").status_code == 404
        assert client.get(f"/try/{token}").status_code == 404


@pytest.mark.parametrize("language", ["en", "ar", "zh", "xx", "../../etc", ""])
def test_a_language_that_is_not_offered_is_read_in_english(
    client: FlaskClient, signer: Signer, cards: list[Card], language: str
):
    figures = Figures(language, *tuple(getattr(FIGURES, name) for name in FIGURES.__struct_fields__[1:]))
    answer = client.get(f"/try/{signer.sign(figures)}.png", headers={"Accept-Language": "ar"})
    assert answer.status_code == 200 and cards[0].right_to_left == (language == "ar")


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_every_letter_of_our_own_words_can_be_drawn(
    client: FlaskClient, signer: Signer, cards: list[Card], language: str
):
    for by, first in (("month", 19_358), ("year", 12_000)):
        figures = Figures(language, 47_243, 124, 118, first, 19_720, by, tuple(range(1, 13)), "eu_retail", 1)
        client.get(f"/try/{signer.sign(figures)}.png")
    said = "".join(
        part
        for card in cards
        for part in (
            card.headline, card.unit, *card.under, card.chart_title, card.first, card.last, card.best, card.risk, card.foot
        )
    )  # fmt: skip
    missing = {letter for letter in said if letter.isprintable() and not letter.isspace() and not _is_drawn(letter)}
    assert not missing, "python3 docs/fonts.py cuts them out of the font"


@pytest.mark.parametrize(("pack", "entity"), [("gone", None), ("offshore", 10**9), ("eu_retail", 1)])
def test_packs_and_entities_may_be_gone_by_now(client: FlaskClient, signer: Signer, pack: str, entity: int | None):
    figures = Figures("en", 1, 1, 1, 19_608, 19_608, "year", (1,), pack, entity)
    assert client.get(f"/try/{signer.sign(figures)}.png").status_code == 200


def test_a_shared_link_shows_the_picture_where_it_is_pasted(client: FlaskClient, signer: Signer):
    token = signer.sign(FIGURES)
    answer = client.get(f"/try/{token}")
    assert answer.status_code == 200 and "And yours?" in words(answer)
    assert f'property="og:image" content="http://127.0.0.1:8000/try/{token}.png"' in answer.text
    assert "would have earned 47,243 points from 118 of 124 closed trades" in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text and 'href="/try"' in answer.text


def test_it_asks_the_database_for_next_to_nothing(client: FlaskClient, signer: Signer):
    address = f"/try/{signer.sign(FIGURES)}.png"
    client.get(address)
    with counted() as statements:
        client.get(address)
    assert len(statements) <= 2, statements


def test_drawing_is_limited(client: FlaskClient, signer: Signer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(earned, "draw", lambda card: b"png")
    address = f"/try/{signer.sign(FIGURES)}.png"
    answers = [client.get(address).status_code for _ in range(62)]
    assert answers.count(200) == 60 and answers[-1] == 429
    # For those too who do not look at what was drawn.
    assert client.head(address).status_code == 429
