"""What OpenAPI says of the addresses by which accounts are linked."""

from typing import Any

import msgspec

from app.gamification.trading_accounts.open_requests import PAGE
from app.gamification.trading_accounts.reporting import MAX_DELIVERY
from app.routes.api.linking_wire import AccountLink, AccountOutcome, AccountReceipt, AccountRequests
from app.routes.api.openapi_parts import REF, headers, listed, plain, reference, refusals
from app.routes.api.problems import JSON, SIGNED

EXAMPLE = {
    "accounts": [
        {"member": "C-20417", "platform": "mt5", "server": "Meridian-Live", "login": "5012345", "currency": "USD"},
        {"member": "C-20502", "platform": "mt5", "server": "Meridian-Live", "login": "5012399", "linked": False},
        {"request": 17},
    ]
}
STATUSES = {
    "linked": "The account is the member's from now on; what was reported of it before is counted.",
    "unlinked": "It was the member's and is nobody's now. What was counted stays theirs.",
    "declined": "The member had asked for it, and was told that it is not theirs.",
    "unchanged": "It was so already. Nothing to do.",
    "rejected": "Not done. Mend it as `reason` says and send it again.",
}
CODES = {
    "bad_json": "It is not JSON in UTF-8.",
    "bad_value": "A field holds what it does not take; `reason` says what it takes.",
    "missing_field": "A field that must be there is not.",
    "unknown_field": "A field that does not exist.",
    "two_ways": "Both an account and the number of a request.",
    "unknown_member": "There is no member with this id.",
    "unknown_request": "There is no such request, or its member withdrew it.",
    "answered_already": "The request was answered otherwise already; send the account itself.",
    "linked_elsewhere": "Another member's. Say first, with `linked` false, that it is not theirs any more.",
}
_SENT = {
    "member": "Your own id of the member.",
    "request": "The number of a request of your list, instead of all the names.",
    "currency": "Of the account.",
    "linked": "Whether the account is the member's. False makes it nobody's, or declines their request for it.",
}
_RECEIVED = {
    "linked": "The member's from now on.",
    "unlinked": "Nobody's from now on.",
    "declined": "Requests that were declined.",
    "unchanged": "So already.",
    "rejected": "Not done.",
    "results": "What became of each account, in the order they were sent.",
}
_REQUESTED = {
    "request": "Its number, by which you can answer it.",
    "member": "Your own id of the member, where there is one.",
    "member_number": "Our number of the member.",
    "email": "Confirmed by the member; only where you have no id of your own to know them by.",
    "linked_elsewhere": "Whether the account is another member's now.",
    "made_at": "When they asked.",
}
DELIVERY_ERRORS = (*SIGNED, "too_large", "not_json", "not_accounts", "busy_linking")
LIST_ERRORS = (*SIGNED, "too_large", "bad_query")


def paths() -> dict[str, Any]:
    """The two addresses."""
    return {"/api/v1/accounts": {"post": _delivery()}, "/api/v1/accounts/requests": {"get": _list()}}


def schemas() -> dict[str, Any]:
    """What travels to and from them."""
    _, made = msgspec.json.schema_components(
        [AccountLink, AccountReceipt, AccountOutcome, AccountRequests], ref_template=REF
    )
    found: dict[str, Any] = {name: plain(schema) for name, schema in made.items()}
    for name, words in (("AccountLink", _SENT), ("AccountReceipt", _RECEIVED), ("AccountRequested", _REQUESTED)):
        for field, description in words.items():
            found[name]["properties"][field]["description"] = description
    link = found["AccountLink"]
    names = ("member", "platform", "server", "login")
    # null is taken too, for senders that cannot leave a field out.
    link["oneOf"] = [
        {"required": list(names), "not": {"required": ["request"]}},
        {"required": ["request"], "not": {"anyOf": [{"required": [name]} for name in names]}},
    ]
    found["AccountRequests"]["properties"]["requests"]["description"] = "Those that wait, oldest first."
    outcome = found["AccountOutcome"]["properties"]
    outcome["status"]["description"] = listed(STATUSES)
    outcome["code"]["description"] = listed(CODES)
    outcome["reason"]["description"] = "A sentence for the one who looks into it."
    outcome["field"]["description"] = "The field that is wrong, such as `login`."
    found["AccountRequests"]["properties"]["next"]["description"] = "Where the next ones are; left out at the end."
    found["AccountDelivery"] = {
        "type": "object",
        "properties": {
            "accounts": {
                "type": "array",
                "description": f"Whose accounts are, 1 to {MAX_DELIVERY:,} at a time, in any order.",
                "minItems": 1,
                "maxItems": MAX_DELIVERY,
                "items": reference("AccountLink"),
            }
        },
        "required": ["accounts"],
        "additionalProperties": False,
    }
    return found


def _delivery() -> dict[str, Any]:
    return {
        "operationId": "linkAccounts",
        "summary": "Link trading accounts",
        "description": f"Needs the scope `link`. Up to {MAX_DELIVERY:,} at once; each is linked, unlinked, unchanged "
        "or rejected on its own. What was reported of an account before is counted once it is linked. Sending the same "
        "again changes nothing.",
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": reference("AccountDelivery"), "example": EXAMPLE}},
        },
        "responses": {
            "200": {
                "description": "The delivery was read; `results` says what became of each account.",
                "headers": headers("X-Request-ID"),
                "content": {JSON: {"schema": reference("AccountReceipt")}},
            },
            **refusals(DELIVERY_ERRORS, "what was not done yet is not done"),
        },
    }


def _list() -> dict[str, Any]:
    return {
        "operationId": "listAccountRequests",
        "summary": "Requests for trading accounts",
        "description": "Needs the scope `read`, of the source `broker`. What members ask for and nobody has answered, "
        f"oldest first, {PAGE:,} at a time. Answer by linking the account, or by its number.",
        "parameters": [
            {
                "name": "after",
                "in": "query",
                "description": "Only requests with a higher number; part of what is signed.",
                "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
            }
        ],
        "responses": {
            "200": {
                "description": "The requests that wait.",
                "headers": headers("X-Request-ID"),
                "content": {JSON: {"schema": reference("AccountRequests")}},
            },
            **refusals(LIST_ERRORS, "nothing is told"),
        },
    }
