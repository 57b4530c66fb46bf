"""Forms as a browser reads them off a page: every control with what stands in it, ready to be sent back."""

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict

VOID = {"", "text", "hidden", "search", "date", "email", "number", "tel", "url"}


class _Controls(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.values = form_id, False, MultiDict[str, str]()
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("id") == self.form_id:
            self.inside = True
        if not self.inside:
            return
        if tag == "input" and "name" in given:
            kind = given.get("type", "")
            if kind in VOID or (kind in ("checkbox", "radio") and "checked" in given):
                self.values.add(given["name"], given.get("value", ""))
        elif tag == "select":
            self._select, self._options = given["name"], []
        elif tag == "option" and self._select is not None:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area = given["name"]
            self.values.add(self._area, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self._select is not None and self.inside:
            chosen = next((value for value, selected in self._options if selected), None)
            if chosen is None and self._options:
                chosen = self._options[0][0]
            self.values.add(self._select, chosen or "")
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self.inside:
            self.values[self._area] = data


def controls(html: str, form_id: str) -> MultiDict[str, str]:
    """What a browser would send if the form were sent as it is."""
    reader = _Controls(form_id)
    reader.feed(html)
    return reader.values
