"""What whoever signs with a key of the API may use."""

from app.routes.policy.audiences import MACHINE, Access

LINES: dict[str, Access] = {
    **dict.fromkeys(
        ("POST api_activities.create_delivery", "POST api_accounts.create_delivery", "GET api_accounts.requests"),
        MACHINE,
    ),
}
