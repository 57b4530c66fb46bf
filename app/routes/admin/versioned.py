"""Forms that say which save they were drawn from, and where they are to be mended."""

from flask import request
from wtforms import HiddenField

from app.gamification.errors import Refusal
from app.gamification.errors.programme import NotSound
from app.lib.i18n import Sentence
from app.routes.forms import Form


class VersionedForm(Form):
    """A form that carries the version it was drawn from."""

    version = HiddenField()

    @property
    def drawn_from(self) -> int:
        """That version; -1, which never was, for what is no number."""
        return number_in(self.version.data or "")


def posted_version() -> int:
    """The version that a posted draft was drawn from; -1, which never was, for what is no number."""
    return number_in(request.form.get("version", ""))


def version_shown(newest: int) -> int:
    """The version that a page's form is drawn from: of one that is sent back the same, whatever was saved meanwhile.

    With the newest one, sending it a second time would overwrite what its sender has never seen.
    """
    return posted_version() if request.method == "POST" else newest


def flaws_of(refusal: Refusal | None) -> dict[str, Sentence]:
    """What is wrong by the name of its field; empty where the refusal is about the whole."""
    return {flaw.place: flaw.sentence for flaw in refusal.flaws} if isinstance(refusal, NotSound) else {}


def number_in(written: str) -> int:
    """A number as a hidden field carries it; -1, which never was, for what is none."""
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else -1
