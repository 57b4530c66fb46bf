"""Choosing a reason: those that are kept by key, because what is written freely may name people."""

from collections.abc import Mapping

from app.lib.i18n import _l
from app.routes.language import language


def reason_choices(reasons: Mapping[str, str]) -> list[tuple[str, str]]:
    """The reasons in the reader's language, with none of them chosen yet."""
    words = language()
    return [("", words.text(_l("Choose a reason"))), *((key, words.text(said)) for key, said in reasons.items())]
