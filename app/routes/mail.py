"""Letters become mails: said in the reader's language, as text and as simple HTML, and put into the outbox."""

from datetime import datetime
from typing import NamedTuple

from flask import current_app

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.branding.palette import OWN, palette
from app.gamification.members.letters import Letter
from app.lib.i18n import best_language
from app.routes.formats import say, say_plainly
from app.routes.language import speaking
from app.routes.settings import settings
from app.tasks.outbox import post


class Look(NamedTuple):
    """The brand's colours as a mail writes them on its elements."""

    fill: str
    on_brand: str
    text: str


@postbox.written_by
def send(letter: Letter, recipient: str, *, language: str, now: datetime, member_id: int | None = None) -> None:
    """Write a letter to somebody inside the open transaction."""
    link = settings().public_url.rstrip("/") + letter.address if letter.button else ""
    if member_id is not None:
        language = best_language(language, offered=brand().languages)
    with speaking(language) as spoken:
        subject = say_plainly(letter.subject)
        paragraphs = [say_plainly(paragraph) for paragraph in letter.paragraphs]
        button = say_plainly(letter.button) if letter.button else ""
        # Without what a page's frame needs to know of the reader: letters are written at the console too.
        html = current_app.jinja_env.get_template("mail/letter.html").render(
            language=spoken,
            subject=subject,
            paragraphs=[say(paragraph) for paragraph in letter.paragraphs],
            button=button,
            link=link,
            sender=brand(),
            look=_look(),
            address=settings().public_url.rstrip("/"),
        )
    body = "\n\n".join([*paragraphs, *([f"{button}:\n{link}"] if link else []), f"{brand().brand_name}\n"])
    post(recipient, subject, body, html=html, member_id=member_id, now=now)


def _look() -> Look:
    made = palette(brand().colours or OWN)
    return Look(made.fill.light.hex, made.on_brand.hex, made.text.light.hex)
