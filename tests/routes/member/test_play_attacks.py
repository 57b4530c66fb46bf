"""What somebody tries who means harm with what they play."""

from flask import Flask
from flask.testing import FlaskClient

from app.gamification import pipeline
from app.models.base import kept_by_app
from app.routes.member.unchanged import _Parts
from tests.support.cast import Person
from tests.support.playing import LESSONS, badge


def test_invented_addresses_push_nobodys_page_out_of_memory(app: Flask, hers: FlaskClient, alice: Person):
    badge("scholar", LESSONS, "1")
    pipeline.drain()
    assert hers.get("/badges?from=scholar").status_code == 200
    assert hers.get("/badges").status_code == 200
    remembered = kept_by_app("parts", _Parts)._parts
    known = set(remembered)
    for number in range(5):
        assert hers.get(f"/badges?from=invented-{number}").status_code == 200
    assert set(remembered) == known
