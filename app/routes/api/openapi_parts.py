"""The parts that paths of the OpenAPI document are put together from."""

from collections.abc import Collection
from typing import Any

from app.routes.api.problems import JSON, WORDS
from app.routes.api.wording import FIELDS

REF = "#/components/schemas/{name}"


def refusals(errors: Collection[str], what: str) -> dict[str, Any]:
    """Status → answer, for the errors that refuse a request as a whole; `what` says what was then not done."""
    statuses = sorted({WORDS[error].status for error in errors})
    answers = {str(status): _refusal(status, errors, what) for status in statuses}
    return answers | {"500": problem(f"It failed on this side; {what}. Send the same again.", "X-Request-ID")}


def _refusal(status: int, errors: Collection[str], what: str) -> dict[str, Any]:
    reasons = {error: words for error, words in WORDS.items() if words.status == status and error in errors}
    described = " ".join(f"`{error}`: {words.message}" for error, words in reasons.items())
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    answer = problem(f"{what[:1].upper()}{what[1:]}. {described}", "X-Request-ID", *more)
    answer["content"][JSON]["examples"] = {
        error: {
            "value": {
                "error": error,
                "message": words.message,
                "next_step": words.next_step,
                "request_id": "5f2b8c0d9e1a7346",
            }
        }
        for error, words in reasons.items()
    }
    return answer


def problem(description: str, *names: str) -> dict[str, Any]:
    """An answer that says what is wrong."""
    schema = {JSON: {"schema": reference("Problem")}}
    return {"description": description, "headers": headers(*names), "content": schema}


def plain(schema: Any) -> Any:
    """The schema without what only Python understands, nulls left out, fields explained."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if choices and len(choices) < len(schema["anyOf"]):
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        schema = {**rest, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}
    said = {key: plain(value) for key, value in schema.items()}
    if isinstance(said.get("pattern"), str):
        said["pattern"] = said["pattern"].replace(r"\Z", "$")
    for name, field in said.get("properties", {}).items():
        if name in FIELDS:
            takes = field.get("description") or (f"one of {', '.join(field['enum'])}" if "enum" in field else "")
            field["description"] = FIELDS[name] + (f" Takes {takes}." if takes else "")
    return said


def listed(meanings: dict[str, str]) -> str:
    """Keys with their meanings, as a list."""
    return "\n".join(f"- `{key}`: {meaning}" for key, meaning in meanings.items())


def reference(name: str) -> dict[str, str]:
    """Points to a schema."""
    return {"$ref": REF.format(name=name)}


def headers(*names: str) -> dict[str, Any]:
    """Points to headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def header(name: str, text: str) -> dict[str, Any]:
    """Describes a header of an answer."""
    kind = {"type": "integer", "minimum": 1} if name == "Retry-After" else {"type": "string"}
    return {"description": text, "schema": kind}
