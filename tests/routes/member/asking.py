"""What a member's page asks of the database about its reader."""

from flask.testing import FlaskClient

from tests.support.queries import counted


def asked_for(client: FlaskClient, address: str, **headers: str) -> list[str]:
    """The statements of one request; the programme's own rows are kept for a second by all pages together."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with counted() as statements:
        assert client.get(address, headers=sent).status_code == 200
    return [one for one in statements if "FROM programme" not in one and "FROM legal_entity" not in one]
