"""Statements through the pages: nobody else's to touch, never counted twice, and as many as the file has."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.gamification.statements import work
from app.models.base import read_all
from tests.platforms import test_real_statements as real
from tests.platforms import test_samples as own
from tests.platforms.writing import mt4
from tests.routes.member.bringing import bring, brought, files, look, send, shown
from tests.support.bringing import approve, file_of
from tests.support.cast import Person, post, sign_in, token, words
from tests.support.play import balances
from tests.support.together import together

FILES = {
    **{own.SAMPLES / name: own.CONTROL[name] for name in own.CONTROL},
    **{real.FOLDER / name: real.CONTROL[name] for name in real.CONTROL},
}


# Whose it is


@pytest.mark.parametrize("act", ["answers", "confirmation", "removal", "undoing"])
def test_nobody_else_sees_or_touches_it(hers: FlaskClient, alice: Person, bob: Person, browser, act: str):
    page = look(hers, file_of(1))
    before = read_all(text("SELECT * FROM statement_import"))
    his = sign_in(browser(), bob)
    assert his.get(page).status_code == 404
    assert post(his, f"{page}/{act}", {"marks": "", "dates": ""}).status_code == 404
    assert read_all(text("SELECT * FROM statement_import")) == before
    assert "Statement.htm" not in words(his.get("/accounts"))


def test_visitors_are_sent_to_sign_in(hers: FlaskClient, browser: Callable[[], FlaskClient]):
    page = look(hers, file_of(1))
    assert "/login" in str(browser().get(page).location)
    assert hers.post("/accounts/imports").status_code == 400, "without the token of a form"


# Twice, at once, cut short


def test_a_form_sent_twice_is_one_import(hers: FlaskClient, lots_pay: None, alice: Person):
    assert look(hers, file_of(1)) == look(hers, file_of(1))
    page = look(hers, file_of(1))
    for _ in range(2):
        assert post(hers, f"{page}/confirmation").location == page
    work.drain()
    assert balances(alice.id)[:2] == (0, 10)
    for _ in range(2):
        post(hers, f"{page}/undoing")
    work.drain()
    assert balances(alice.id) == (0, 0, 0, 0)


def test_what_comes_too_late_is_said_on_the_page(hers: FlaskClient, alice: Person, omar: Person, lots_pay: None):
    page = bring(hers, file_of(1))
    approve(omar.id, brought(alice, page).id)
    assert post(hers, f"{page}/undoing").location == page
    assert "so it cannot be undone any more" in shown(hers, page)
    assert balances(alice.id)[:2] == (10, 0)
    assert post(hers, f"{page}/removal").status_code == 409
    assert brought(alice, page).state == "approved"


def test_what_is_dropped_is_gone(hers: FlaskClient):
    page = look(hers, file_of(1))
    assert post(hers, f"{page}/removal").location == "/accounts"
    assert "It is forgotten" in words(hers.get("/accounts"))
    assert hers.get(page).status_code == 404
    assert files() == 0


def test_the_same_file_from_two_windows_at_once_counts_once(
    app: Flask, hers: FlaskClient, alice: Person, browser, lots_pay: None
):
    windows = [sign_in(browser(), alice) for _ in range(4)]
    signs = [token(window) for window in windows]

    def sent(window: FlaskClient, sign: str) -> int:
        data = {"file": (io.BytesIO(file_of(1, 2)), "Statement.htm"), "csrf_token": sign}
        return window.post("/accounts/imports", data=data, content_type="multipart/form-data").status_code

    works = [lambda w=window, s=sign: sent(w, s) for window, sign in zip(windows, signs, strict=True)]
    assert together(app, works) == [303] * 4
    assert files() == 1
    work.drain()
    (row,) = read_all(text("SELECT id FROM statement_import"))
    page = f"/accounts/imports/{row.id}"
    confirming = [
        lambda w=window, s=sign: w.post(f"{page}/confirmation", data={"csrf_token": s}).status_code
        for window, sign in zip(windows, signs, strict=True)
    ]
    assert together(app, confirming) == [303] * 4
    work.drain()
    assert balances(alice.id)[:2] == (0, 20)


def test_many_files_at_once_wait_for_an_answer(hers: FlaskClient):
    for number in range(5):
        assert send(hers, file_of(number + 1)).status_code == 303
    answer = send(hers, file_of(9))
    assert answer.status_code == 409
    assert "5 files wait for your answer already." in words(answer)


# Real ones


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_through_the_pages_a_statement_comes_to_its_totals(hers: FlaskClient, alice: Person, file: Any):
    if not file.exists():
        pytest.skip("the real statements of ../shared/data are not here")
    page = look(hers, file.read_bytes(), name=file.name)
    if not brought(alice, page).login:
        post(hers, f"{page}/answers", {"login": "424242", "marks": "", "dates": ""})
        work.drain()
    found = brought(alice, page)
    told = dict(zip(own.FIELDS.split(), FILES[file].split(), strict=True))
    assert (found.rows_read, found.closed, found.cancelled, found.balance_rows, found.open) == tuple(
        int(told[name]) for name in ("rows_read", "closed", "cancelled", "balance_rows", "open")
    )
    tried = (found.earning, found.points, found.duplicates, {why.key: why.number for why in found.not_earning})
    assert found.earning + found.duplicates + sum(tried[3].values()) == found.closed

    post(hers, f"{page}/confirmation")
    work.drain()
    found = brought(alice, page)
    assert found.state == "stored" and found.is_counted
    assert (found.earning, found.points, found.duplicates) == tried[:3]
    assert {why.key: why.number for why in found.not_earning} == tried[3]
    assert f"{found.closed:,}" in shown(hers, page)
    assert balances(alice.id)[1] >= found.points


def test_a_statement_that_was_cut_in_transfer_is_refused_whole(hers: FlaskClient):
    whole = mt4("|1|2025.03.03 09:00:00|buy|1.00|eurusd|1.1|0|0|2025.03.03 10:00:00|1.2|0|0|0|10.00", result="10.00")
    answer = send(hers, whole[: len(whole) // 2].encode())
    assert answer.status_code == 422
    assert files() == 0
