"""Where a message leads, with or without a request: pages and mails ask the same."""

from flask import current_app
from werkzeug.routing import BuildError

from app.gamification.messages.wording import Wording

INBOX = "/messages"


def address_of(wording: Wording) -> str:
    """The page that tells more, within this installation; the inbox, should that page be gone."""
    values = dict(wording.values)
    anchor = values.pop("_anchor", "")
    try:
        address = current_app.url_map.bind("localhost").build(f"{wording.page}.{wording.view}", values)
    except BuildError:
        return INBOX
    return f"{address}#{anchor}" if anchor else address
