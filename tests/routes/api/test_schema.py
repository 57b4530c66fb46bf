"""The API against its own document: whatever schemathesis makes of it, the answers are those that are described."""

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import TestResponse

from tests.support.cast import Person
from tests.support.deliveries import ADDRESS, Sender
from tests.support.examples import examples

BUDGET = settings(max_examples=examples(40), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
ANSWERS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# What the document cannot say: dates that belong together, ids that exist, a kind that needs its data.
BEYOND_SHAPE = {
    "amends_itself", "bust_with_data", "closed_before_opened", "closed_later", "in_the_future", "missing_field",
    "other_account", "too_early", "two_amendments", "unknown_member",
}  # fmt: skip


def deliver(broker: Sender, case: Case) -> TestResponse:
    """Send what was made up, rightly signed; the answer is one that the document describes."""
    response = broker.send_body(case.body if isinstance(case.body, bytes) else written(case.body))
    validate(case, response)
    return response


def written(body: Any) -> bytes:
    # To JSON Schema 5.0 is a whole number too; no sender writes one like that.
    whole = json.loads(json.dumps(body, default=str), parse_float=lambda digits: int(float(digits)))
    return json.dumps(whole).encode()


def validate(case: Case, response: TestResponse) -> None:
    # Its other checks expect a bad activity to refuse the whole delivery, and do not know who signed.
    case.validate_response(response, checks=ANSWERS)


def cases(app: Flask, mode: GenerationMode) -> st.SearchStrategy[Case]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return schema[ADDRESS]["POST"].as_strategy(generation_mode=mode)


def test_what_the_document_allows_is_taken(app: Flask, broker: Sender, alice: Person):
    @BUDGET
    @given(case=cases(app, GenerationMode.POSITIVE))
    def check(case: Case) -> None:
        # To Python, in whose words the cases are made, $ also stands before a line's end; to JSON Schema it does not.
        assume('\\n"' not in json.dumps(case.body))
        response = deliver(broker, case)
        assert response.status_code == 202, response.text
        receipt: dict[str, Any] = response.json  # type: ignore[assignment]
        codes = {one["code"] for one in receipt["results"] if one["status"] == "rejected"}
        assert codes <= BEYOND_SHAPE, [one for one in receipt["results"] if one.get("code") not in BEYOND_SHAPE]

    check()


def test_what_the_document_forbids_is_refused_in_its_words(app: Flask, broker: Sender, alice: Person):
    @BUDGET
    @given(case=cases(app, GenerationMode.NEGATIVE))
    def check(case: Case) -> None:
        response = deliver(broker, case)
        assert response.status_code in (202, 422), response.text

    check()


@pytest.mark.parametrize("headers", [{}, {"Content-Type": None}, {"X-Laurel-Key": None}, {"X-Laurel-Signature": "v1="}])
def test_refusals_are_described(app: Flask, broker: Sender, alice: Person, headers: dict[str, str | None]):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    case = schema[ADDRESS]["POST"].Case(body={"activities": []}, media_type="application/json")
    response = broker.send_body(b'{"activities": []}', headers=headers)
    validate(case, response)
    assert response.status_code in (401, 415, 422)
