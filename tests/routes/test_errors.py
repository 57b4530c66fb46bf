"""Error pages: a status and a sentence, as page, fragment and JSON, in three languages."""

from collections.abc import Iterator

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.gamification.errors import Forbidden, NotFound, Refusal
from app.gamification.errors.members import AliasTaken, LinkedElsewhere, PasswordTooShort
from app.gamification.programme import NotSetUp
from app.routes.errors import WORDS, status_of
from tests.support.cast import Person, post, sign_in, token, words

STATUSES = [400, 403, 404, 405, 413, 422, 429, 500]


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A browser of an application with one address that fails as it is told."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    before = app.view_functions.get("probes.alive")

    def fail() -> None:
        from flask import request

        what = request.args.get("with", "")
        if what == "bug":
            raise ZeroDivisionError("a secret: hunter2")
        if what == "database":
            raise OperationalError("SELECT secret", {}, Exception("disk full"))
        if what == "nothing":
            raise NotSetUp("no programme")
        if what == "refusal":
            raise LinkedElsewhere(login="<b>501</b>")
        abort(int(what))

    app.view_functions["probes.alive"] = fail
    yield app.test_client()
    assert before is not None
    app.view_functions["probes.alive"] = before
    app.config["PROPAGATE_EXCEPTIONS"] = None


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_a_page_a_fragment_and_json(client: FlaskClient, status: int, language: str):
    client.set_cookie("lang", language)
    address = f"/healthz?with={status}"
    page = client.get(address)
    assert page.status_code == status and f'lang="{ {"zh": "zh-Hans"}.get(language, language) }"' in page.text
    assert page.text.count("<h1>") == 1
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert fragment.status_code == status
    assert fragment.text.lstrip().startswith("<div") and 'role="alert"' in fragment.text
    assert "HX-Request" in fragment.headers["Vary"] and "HX-Request" in page.headers["Vary"]
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json["error"] == WORDS[status].key and answer.json["message"] and answer.json["next_step"]
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_machines_get_json_without_asking(client: FlaskClient):
    answer = client.get("/api/v1/nothing-here")
    assert answer.status_code == 404 and answer.json["error"] == "not_found"


@pytest.mark.parametrize("what", ["bug", "database"])
def test_a_failure_says_its_number_and_nothing_else(client: FlaskClient, what: str, alice: Person):
    sign_in(client, alice)
    page = client.get(f"/healthz?with={what}")
    assert page.status_code == 500 and page.headers["X-Request-ID"] in words(page)
    for told in (page, client.get(f"/healthz?with={what}", headers={"Accept": "application/json"})):
        for secret in ("hunter2", "Traceback", "SELECT", "ZeroDivision", "disk full"):
            assert secret not in told.text


def test_an_installation_that_is_not_set_up_says_so(client: FlaskClient):
    page = client.get("/healthz?with=nothing")
    assert page.status_code == 503 and "This programme opens soon" in words(page)


def test_a_broken_database_still_gets_a_page(client: FlaskClient, alice: Person, monkeypatch: pytest.MonkeyPatch):
    from app.gamification.members import sign_ins

    sign_in(client, alice)

    def broken(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(sign_ins, "read_one", broken)
    page = client.get("/profile")
    assert page.status_code == 500 and "Something went wrong on our side" in words(page)


def test_a_refusal_is_said_with_its_figures_escaped(client: FlaskClient):
    page = client.get("/healthz?with=refusal")
    assert page.status_code == 409
    assert "The trading account <bdi>&lt;b&gt;501&lt;/b&gt;</bdi> belongs to another member." in page.text
    answer = client.get("/healthz?with=refusal", headers={"Accept": "application/json"})
    assert answer.json["message"] == "The trading account <b>501</b> belongs to another member."


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound(), 404),
        (Forbidden(), 403),
        (AliasTaken(), 409),
        (PasswordTooShort(shortest=10), 422),
        (Refusal(), 422),
    ],
)
def test_each_refusal_has_its_status(refusal: Refusal, status: int):
    assert status_of(refusal) == status


def test_a_method_that_is_not_there_names_those_that_are(client: FlaskClient):
    answer = client.delete("/login", headers={"X-CSRFToken": token(client)})
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


class TestFormsAreOurs:
    @pytest.mark.parametrize(
        "address", ["/login", "/join", "/forgot", "/reset", "/verify", "/logout", "/language", "/visits"]
    )
    def test_a_post_without_a_token_is_refused(self, client: FlaskClient, address: str):
        answer = client.post(address, data={"language": "ar"})
        assert answer.status_code == 400 and "open for too long" in words(answer)

    def test_the_token_of_another_browser_is_refused(self, client: FlaskClient, app: Flask, alice: Person):
        sign_in(client, alice)
        stolen = token(app.test_client())
        assert client.post("/profile", data={"csrf_token": stolen}).status_code == 400

    def test_htmx_sends_the_token_as_a_header(self, client: FlaskClient):
        headers = {"HX-Request": "true", "X-CSRFToken": token(client)}
        assert client.post("/language", data={"language": "ar"}, headers=headers).status_code == 204


def test_a_request_that_is_too_large_is_refused(client: FlaskClient):
    answer = post(client, "/join", {"name": "x" * 7_000_000})
    assert answer.status_code == 413 and "too large" in words(answer)


def test_a_form_of_too_many_parts_is_refused(client: FlaskClient):
    data = {f"field{number}": "x" for number in range(300)}
    answer = post(client, "/join", data, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("place", ["challenges", "badges", "lessons"])
def test_who_looks_for_one_that_is_not_there_is_led_to_the_others(client: FlaskClient, alice: Person, place: str):
    hers = sign_in(client, alice)
    answer = hers.get(f"/{place}/999")
    assert answer.status_code == 404
    main = answer.text.partition("<main")[2]
    assert f'href="/{place}">All {place}<' in main
    assert 'href="/home"' in main
