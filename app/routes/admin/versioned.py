"""Forms over the programme's own row, which say which save they were drawn from."""

from wtforms import HiddenField

from app.routes.forms import Form


class VersionedForm(Form):
    """A form that carries the version it was drawn from."""

    version = HiddenField()

    @property
    def drawn_from(self) -> int:
        """That version; -1, which never was, for what is no number."""
        written = self.version.data or ""
        return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else -1
