"""What the API says about itself: the document for machines, the page and docs/api.md for people, and that it is true."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.serving import make_server

from app.gamification import ingest
from app.gamification.trading_accounts import reporting
from app.models.base import read_one
from app.routes.api import openapi_accounts
from app.routes.api.linking_wire import AccountLink, AccountOutcome, AccountReceipt, AccountRequested, AccountRequests
from app.routes.api.problems import WORDS
from app.routes.api.wire import KIND_OF, Outcome, Problem, Receipt
from app.routes.api.wording import CODES, STATUSES
from tests.routes.api.test_rejected import HOSTILE
from tests.support.cast import Person, words
from tests.support.deliveries import Sender, trade_sent

LINKING = (AccountLink, AccountOutcome, AccountReceipt, AccountRequested, AccountRequests)
DOCS = Path(__file__).resolve().parents[3] / "docs/api.md"
EXAMPLES = Path(__file__).resolve().parents[3] / "app/templates/api/examples"


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    response = client.get("/api/openapi.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json
    return found


def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]):
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        place: Any = document
        for part in reference.split("/"):
            place = place[part]


def test_every_field_of_the_document_is_described(document: dict[str, Any]):
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, about in schema.get("properties", {}).items()
        if not about.get("description")
    ]
    assert not bare


def test_every_answer_is_in_the_document(document: dict[str, Any]):
    responses = document["paths"]["/api/v1/activities"]["post"]["responses"]
    assert set(responses) == {"202", "401", "403", "413", "415", "422", "429", "500", "503"}
    assert "Retry-After" in responses["429"]["headers"]
    described = {
        error
        for path in document["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
        for error in described_errors(response)
    }
    assert described == set(WORDS)


def described_errors(response: dict[str, Any]) -> set[str]:
    return set(response.get("content", {}).get("application/json", {}).get("examples", {}))


def test_the_document_knows_the_fields_of_the_answers(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    for struct in (Receipt, Outcome, Problem, *LINKING, *KIND_OF):
        fields = set(schemas[struct.__name__]["properties"]) - {"kind"}
        assert fields == set(struct.__struct_fields__) - {"kind"}


def test_every_status_and_code_is_explained():
    results = [value for value in vars(ingest).values() if isinstance(value, ingest.Result) and value.code]
    assert {code for _, code, _ in HOSTILE} | {result.code for result in results} | {"bad_json"} == set(CODES)
    assert set(STATUSES) == set(ingest.Status)
    assert set(openapi_accounts.STATUSES) == set(reporting.LinkStatus)
    linking = {value.code for value in vars(reporting).values() if isinstance(value, reporting.Result) and value.code}
    assert linking <= set(openapi_accounts.CODES)


def test_the_document_may_be_kept(client: FlaskClient):
    first = client.get("/api/openapi.json")
    again = client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_says_all_of_it(client: FlaskClient):
    page = words(client.get("/api"))
    linking = (*openapi_accounts.CODES, *openapi_accounts.STATUSES, "/api/v1/accounts/requests")
    for term in (*CODES, *STATUSES, *WORDS, *linking, "custom.<name>", "X-Laurel-Signature", "hash_hmac", "createHmac"):
        assert term in page
    for kind in KIND_OF.values():
        assert kind.key in page


@pytest.mark.parametrize("example", sorted(path.stem for path in EXAMPLES.glob("*.txt")))
def test_the_examples_of_the_docs_are_those_of_the_page(client: FlaskClient, example: str):
    assert f"\n{(EXAMPLES / f'{example}.txt').read_text()}```" in DOCS.read_text()


def test_the_docs_name_what_the_api_says():
    docs = DOCS.read_text()
    missing = [
        term
        for term in (
            *CODES,
            *STATUSES,
            *WORDS,
            *openapi_accounts.CODES,
            *openapi_accounts.STATUSES,
            *(kind.key for kind in KIND_OF.values()),
        )
        if term not in docs
    ]
    assert not missing


def test_the_signature_to_check_by_is_right(client: FlaskClient):
    (header,) = re.findall(r"X-Laurel-Signature: (v1=[0-9a-f]{64})", DOCS.read_text())
    assert header in words(client.get("/api"))


def test_the_example_of_the_document_is_taken(broker: Sender, alice: Person, document: dict[str, Any]):
    content = document["paths"]["/api/v1/activities"]["post"]["requestBody"]["content"]["application/json"]
    assert broker.results(*content["example"]["activities"])[0]["status"] == "accepted"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


PROGRAMS = {"curl": ["bash"], "python": [sys.executable], "node": ["node"], "php": ["php"]}
NAMES = {"node": "deliver.mjs"}


@pytest.mark.parametrize("example", PROGRAMS)
def test_the_programs_to_copy_deliver(example: str, address: str, broker: Sender, alice: Person, tmp_path: Path):
    needed = [PROGRAMS[example][0], *(["curl", "openssl"] if example == "curl" else [])]
    if missing := [name for name in needed if shutil.which(name) is None]:
        pytest.skip(f"{', '.join(missing)} is not installed here")
    program = (EXAMPLES / f"{example}.txt").read_text()
    for placeholder, value in (
        ("lk_0123456789abcdef01234567", broker.key),
        ("the-secret-shown-once", broker.secret),
        ("http://127.0.0.1:8000", address),
    ):
        assert placeholder in program
        program = program.replace(placeholder, value)
    path = tmp_path / NAMES.get(example, "deliver")
    path.write_text(program)
    done = subprocess.run([*PROGRAMS[example], path], capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["results"] == [{"id": "mt5-live-1001", "status": "accepted"}], done.stderr
    assert read_one(text("SELECT count(*) FROM activity WHERE external_id = 'mt5-live-1001'"))[0] == 1


def test_a_body_in_chunks_over_a_real_connection(address: str, broker: Sender, alice: Person):
    import http.client

    body = json.dumps({"activities": [trade_sent("t-1")]}).encode()
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    parts = (body[start : start + 50] for start in range(0, len(body), 50))
    headers = {name: str(value) for name, value in broker.headers(body).items()}
    connection.request("POST", "/api/v1/activities", parts, headers, encode_chunked=True)
    assert connection.getresponse().status == 202
