"""Trying a statement before joining: counted by the visitor's law, answered at once, and forgotten."""

import io
import logging
from threading import BoundedSemaphore

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.models.base import db, kept_by_app, read_all
from app.platforms.document import MAX_BYTES
from app.routes.public import trying
from tests.platforms.writing import mt4
from tests.support.cast import Person, post, sign_in, words
from tests.support.forms import controls
from tests.support.queries import counted

ROWS = """
|101|2025.03.03 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.03 11:00:00|1.08100|0.00|0.00|0.00|50.00
|102|2025.03.04 10:00:00|buy|0.50|eurusd|1.08000|0.00000|0.00000|2025.03.04 10:02:00|1.08100|0.00|0.00|0.00|50.00
|103|2025.05.06 10:00:00|sell|2.00|xauusd|1900.00|0.00|0.00|2025.05.06 12:00:00|1890.00|0.00|0.00|0.00|2000.00
"""
STATEMENT = mt4(ROWS, account="77001122").encode()


def tried(
    client: FlaskClient,
    content: bytes = STATEMENT,
    country: str = "AE",
    client_class: str = "retail",
    name: str = "Report of Alice Amari.htm",
    **options: object,
) -> TestResponse:
    form = {"file": (io.BytesIO(content), name), "country": country, "client_class": client_class}
    return post(client, "/try", form, content_type="multipart/form-data", **options)


def rows_of_all_tables(app: Flask) -> dict[str, int]:
    tables = inspect(db.engine).get_table_names()
    return {table: read_all(text(f'SELECT count(*) FROM "{table}"'))[0][0] for table in tables}


def test_it_says_what_a_history_would_have_earned(client: FlaskClient):
    answer = tried(client)
    said = words(answer)
    assert answer.status_code == 200 and "This history would have earned" in said
    assert "from 2 of 3 closed trades, 3 Mar 2025 to 6 May 2025" in said
    assert "Trades by the lot" in said and "Metals by the lot" in said and "Gold, 2 lots closed" in said
    assert "Open too short 1" in said and "Open 120 s, needs 180 s" in said
    assert "Points have no cash value" in said and "accounts lose money" in said
    assert 'href="/join"' in answer.text and '.png"' in answer.text


def test_a_retail_client_in_cyprus_reads_what_the_law_says_and_what_earns(client: FlaskClient):
    answer = tried(client, country="CY")
    said = words(answer)
    assert "Trading earns no points for you in Cyprus" in said and "ESMA Decision (EU) 2019/679" in said
    assert "Lessons passed" in said and "Points stay open to you for lessons and surveys" in said
    assert (
        "Trades by the lot" not in said and "would have earned" not in said.split("Your statement")[0].split("Try")[2]
    )
    # What the law does not reward is not praised in a picture either.
    assert ".png" not in answer.text


def test_a_professional_client_in_cyprus_may_earn(client: FlaskClient):
    assert "This history would have earned" in words(tried(client, country="CY", client_class="professional"))


def test_the_warning_is_that_of_the_visitors_law(client: FlaskClient):
    assert "72% of this provider's accounts lose money" in words(tried(client))
    assert "74.2% of retail accounts lose money with this provider" in words(tried(client, country="CY"))


def test_htmx_takes_the_answer_alone(client: FlaskClient):
    answer = tried(client, htmx=True)
    assert answer.text.lstrip().startswith('<div class="try-result') and "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_nothing_of_it_is_kept(app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture):
    client.get("/try")
    before = rows_of_all_tables(app)
    with counted() as statements, capture_logs() as logs, caplog.at_level(logging.DEBUG):
        answer = tried(client)
    assert rows_of_all_tables(app) == before and answer.headers["Cache-Control"] == "no-store"
    assert len(statements) <= 8 and all(sent.startswith("SELECT") for sent in statements), statements
    noted = f"{logs} {caplog.text}"
    assert "statement.tried" in noted and "'rows': 3" in noted
    assert "77001122" not in noted and "Alice" not in noted


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "This is not"),
        (b"<table>" * 5000, "nested deeper"),
        (STATEMENT + b" " * MAX_BYTES, "larger than 5 MB"),
        (mt4(ROWS.replace("1900.00", "<script>alert(1)</script>")).encode(), "where a number or a time belongs"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_cannot_be_read_is_said_in_words(client: FlaskClient, content: bytes, reason: str, htmx: bool):
    answer = tried(client, content, htmx=htmx)
    assert answer.status_code == 422 and reason in words(answer)
    assert "<script>alert" not in answer.text


def test_a_file_without_trades_is_no_failure(client: FlaskClient):
    answer = tried(client, mt4("").encode())
    assert answer.status_code == 200 and "No closed trades" in words(answer)


def test_a_visitor_who_chose_nothing_is_asked(client: FlaskClient):
    answer = post(client, "/try", {"country": "AE", "client_class": "retail"})
    assert answer.status_code == 422 and "Choose a file first." in words(answer)


@pytest.mark.parametrize(
    ("country", "client_class"), [("", "retail"), ("XX", "retail"), ("cy", "retail"), ("AE", "eligible"), ("AE", "")]
)
def test_what_is_not_offered_is_refused(client: FlaskClient, country: str, client_class: str):
    answer = tried(client, country=country, client_class=client_class)
    assert answer.status_code == 422 and "Choose one from the list." in words(answer)


@pytest.mark.parametrize(
    ("accepted", "country"), [("en-GB,en", "GB"), ("zh-CN", "CN"), ("ar-AE", "AE"), ("zh-Hans-MY", "MY")]
)
def test_the_country_is_guessed_by_the_language(client: FlaskClient, accepted: str, country: str):
    for address in ("/", "/try"):
        page = client.get(address, headers={"Accept-Language": accepted}).text
        assert f'value="{country}" selected' in page


@pytest.mark.parametrize("accepted", ["en-US,en", "ar", "de", "es-419", "x-" + "y" * 500, "*"])
def test_a_language_that_names_no_country_is_no_guess(client: FlaskClient, accepted: str):
    page = client.get("/try", headers={"Accept-Language": accepted}).text
    assert controls(page, "try-form")["country"] == ""


def test_statements_are_looked_through_one_at_a_time(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trying, "PATIENCE", 0.01)
    turn = kept_by_app("trying", lambda: BoundedSemaphore(1))
    with turn:
        answer = tried(client)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "5"
    assert "Somebody else's statement is being looked through" in words(answer)
    assert tried(client).status_code == 200


def test_a_failure_lets_the_next_one_in(client: FlaskClient):
    for content in (b"nothing", b"nothing", STATEMENT):
        answer = tried(client, content)
    assert answer.status_code == 200


def test_a_bot_is_slowed_down(client: FlaskClient):
    answers = [tried(client, b"nothing").status_code for _ in range(12)]
    assert answers.count(422) == 10 and answers[-2:] == [429, 429]


def test_it_needs_the_forms_own_sign(client: FlaskClient):
    form = {"file": (io.BytesIO(STATEMENT), "r.htm"), "country": "AE", "client_class": "retail"}
    assert client.post("/try", data=form, content_type="multipart/form-data").status_code == 400


def test_a_member_is_led_to_their_accounts(client: FlaskClient, alice: Person):
    sign_in(client, alice)
    answer = tried(client)
    assert "Bring it to your account" in words(answer) and 'href="/accounts"' in answer.text


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_it_speaks_the_visitors_language(client: FlaskClient, language: str):
    client.set_cookie("lang", language)
    answer = tried(client)
    assert answer.status_code == 200 and f'dir="{"rtl" if language == "ar" else "ltr"}"' in answer.text


def test_the_front_page_asks_the_database_no_more_for_it(client: FlaskClient):
    client.get("/")
    with counted() as statements:
        page = client.get("/")
    assert 'action="/try"' in page.text and len(statements) <= 2, statements


def test_who_has_no_statement_is_shown_an_example(client: FlaskClient):
    answer = post(client, "/try", {"country": "AE", "client_class": "retail", "example": "1"})
    said = words(answer)
    assert answer.status_code == 200 and "This invented history would have earned" in said
    assert "An example: invented trades" in said and "Open too short" in said
    # Nobody keeps a picture of somebody else's trades.
    assert ".png" not in answer.text
    assert "Trading earns no points for you in Cyprus" in words(
        post(client, "/try", {"country": "CY", "client_class": "retail", "example": "1"})
    )
