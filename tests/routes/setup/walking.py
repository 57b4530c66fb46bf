"""Walking through the setup as a browser does: what a page carries is sent back with what is filled in."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')

OWNER = {"name": "Dana Dahl", "email": "dana@northwind.example", "password": "four unrelated words here"}
BRAND = {
    "brand_name": "Northwind Markets",
    "programme_name": "Northwind Rewards",
    "support_email": "rewards@northwind.example",
}
PLACE = {"time_zone": "Asia/Nicosia", "currency": "EUR", "point_cost": "0.02", "en": "y", "ar": "y", "zh": "y"}
COMPANIES = [
    {"name": "Northwind Europe Ltd", "country": "CY", "pack": "", "loss": "74.2"},
    {"name": "Northwind Global Ltd", "country": "SC", "pack": "", "loss": ""},
]


def rows(companies: list[dict[str, str]]) -> dict[str, str]:
    """Companies as the form sends them."""
    filled = {f"e{place}-{name}": value for place, row in enumerate(companies) for name, value in row.items()}
    return {"rows": str(len(companies)), **filled}


class Walker:
    """One browser in the setup; `page` is what it shows."""

    def __init__(self, client: FlaskClient, link: str) -> None:
        self.client = client
        self.page = client.get(link, follow_redirects=True)

    @property
    def carried(self) -> dict[str, str]:
        """The hidden fields of the page."""
        return {name: unescape(value) for name, value in _HIDDEN.findall(self.page.text)}

    @property
    def step(self) -> str:
        return self.carried.get("step", "")

    def send(self, fields: Mapping[str, Any] | None = None, go: str = "next", **more: str) -> TestResponse:
        """Press a button of the page."""
        self.page = self.client.post("/setup", data={**self.carried, **(fields or {}), "go": go, **more})
        return self.page

    def walk(
        self,
        template: str = "classic",
        *,
        place: Mapping[str, str] = PLACE,
        companies: list[dict[str, str]] = COMPANIES,
    ) -> "Walker":
        """Answer everything, up to the summary."""
        for fields in (OWNER, BRAND, place, rows(companies), {"template": template}):
            assert self.send(fields).status_code == 200, self.page.text
        assert self.step == "summary"
        return self
