"""Forms of the staff area as a browser fills them: opened first, then sent with everything that stands in them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.cast import post


class _Forms(HTMLParser):
    """The forms of a page: address → what a browser would send of each."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self._open: dict[str, Any] | None = None
        self._select = ""
        self._lines = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._open = self.forms.setdefault(given.get("action") or "", {})
        if self._open is None or "disabled" in given:
            return
        name, value = given.get("name") or "", given.get("value") or ""
        kind = given.get("type")
        if tag == "input" and name and kind != "file":
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self._open.setdefault(name, []).append(value)
            else:
                self._open[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open):
            self._open[self._select] = value
        elif tag == "textarea":
            self._lines = name
            self._open[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._lines = ""

    def handle_data(self, data: str) -> None:
        if self._lines and self._open is not None:
            self._open[self._lines] += data.removeprefix("\r\n")


def forms(answer: TestResponse) -> dict[str, dict[str, Any]]:
    """Every form of a page: its address, and what a browser would send if nobody touched it."""
    reader = _Forms()
    reader.feed(answer.text)
    return reader.forms


def fill(client: FlaskClient, page: str, address: str, changes: Mapping[str, Any] | None = None) -> TestResponse:
    """Open a page, change what stands in its form to that address, and send it."""
    opened = client.get(page)
    assert opened.status_code == 200, f"{page} answers {opened.status_code}"
    found = forms(opened)
    assert address in found, f"{page} has no form to {address}, only to {sorted(found)}"
    return post(client, address, {**found[address], **(changes or {})})


def edit(client: FlaskClient, address: str, changes: Mapping[str, Any]) -> TestResponse:
    """Change what is stored at an address by its form: `edit(client, "/admin/entities/1", {"name": …})`."""
    return fill(client, f"{address}/edit", address, changes)


def upload(client: FlaskClient, address: str, content: bytes | str, name: str = "file.csv") -> TestResponse:
    """Send a file by the form of an import."""
    plain = content.encode() if isinstance(content, str) else content
    return post(client, address, {"file": (BytesIO(plain), name)}, content_type="multipart/form-data")
