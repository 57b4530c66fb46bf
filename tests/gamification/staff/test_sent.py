"""Forms that carry a token, and files that wait for a word: each its owner's own, and for a while only."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.gamification.errors.desk import FileGone
from app.gamification.staff import sent, staged
from app.lib import clock
from app.models.base import read_one, transaction
from app.models.desk import SentForm, StagedFile
from tests.support.cast import Person


def test_a_form_is_new_once_and_then_has_an_answer(app: Flask, dana: Person):
    token, now = sent.new_token(), clock.now()
    with transaction():
        assert sent.take(dana.id, token, now=now) is None
        sent.answer(dana.id, token, "/admin/terms/1")
    with transaction():
        assert sent.take(dana.id, token, now=now) == "/admin/terms/1"


def test_somebody_elses_token_is_nothing_to_me(app: Flask, dana: Person, mia: Person):
    token, now = sent.new_token(), clock.now()
    for person in (dana, mia):
        with transaction():
            assert sent.take(person.id, token, now=now) is None


def test_what_was_refused_may_be_sent_again(app: Flask, dana: Person):
    token = sent.new_token()
    with pytest.raises(RuntimeError), transaction():
        sent.take(dana.id, token, now=clock.now())
        raise RuntimeError("the domain said no")
    with transaction():
        assert sent.take(dana.id, token, now=clock.now()) is None


@pytest.mark.parametrize("token", ["", "x", "0" * 31, "0" * 33, "G" * 32, "' OR 1=1"])
def test_a_token_that_is_none_is_never_kept(app: Flask, dana: Person, token: str):
    for _ in range(2):
        with transaction():
            assert sent.take(dana.id, token, now=clock.now()) is None
    assert read_one(select(func.count()).select_from(SentForm))[0] == 0


def test_old_tokens_are_forgotten(app: Flask, dana: Person):
    now = clock.now()
    with transaction():
        sent.take(dana.id, sent.new_token(), now=now - timedelta(days=3))
    with transaction():
        sent.take(dana.id, sent.new_token(), now=now)
    assert read_one(select(func.count()).select_from(SentForm))[0] == 1


def test_a_file_is_taken_once_by_its_owner_for_its_purpose(app: Flask, dana: Person, mia: Person):
    now = clock.now()
    with transaction():
        file_id = staged.stage(dana.id, "terms", b"a,b", now=now)
    for person, purpose in ((mia, "terms"), (dana, "entities")):
        with pytest.raises(FileGone), transaction():
            staged.take(person.id, purpose, file_id, now=now)
    with transaction():
        assert staged.take(dana.id, "terms", file_id, now=now) == b"a,b"
    with pytest.raises(FileGone), transaction():
        staged.take(dana.id, "terms", file_id, now=now)


def test_after_a_day_it_is_gone(app: Flask, dana: Person):
    now = clock.now()
    with transaction():
        file_id = staged.stage(dana.id, "terms", b"a", now=now - timedelta(hours=25))
    with pytest.raises(FileGone), transaction():
        staged.take(dana.id, "terms", file_id, now=now)
    with transaction():
        staged.stage(dana.id, "terms", b"b", now=now)
    assert read_one(select(func.count()).select_from(StagedFile))[0] == 1
