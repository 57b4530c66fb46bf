"""Letters become mails: said in the reader's language, as text and as simple HTML, and put into the outbox."""

from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from markupsafe import Markup

from app.gamification import postbox
from app.gamification.brand import brand
from app.gamification.branding.palette import OWN, palette
from app.gamification.members.letters import Letter, Line
from app.lib.i18n import Sentence, _l, best_language
from app.routes.addresses import address_of
from app.routes.formats import moment, reading_in, say, say_plainly
from app.routes.language import Language, speaking
from app.routes.settings import settings
from app.tasks.outbox import post

CHOICES = "/profile/messages"
STOP, CHOOSE = Sentence(_l("Stop these mails")), Sentence(_l("Choose what you are told"))


class Look(NamedTuple):
    """The brand's colours as a mail writes them on its elements."""

    fill: str
    on_brand: str
    text: str


class Listed(NamedTuple):
    """A line of a mail in words."""

    words: Markup
    plain: str
    at: str
    address: str
    tone: str


@postbox.written_by
def send(letter: Letter, recipient: str, *, language: str, now: datetime, member_id: int | None = None) -> None:
    """Write a letter to somebody inside the open transaction."""
    outside = settings().public_url.rstrip("/")
    if member_id is not None:
        language = best_language(language, offered=brand().languages)
    with ExitStack() as as_reader:
        spoken = as_reader.enter_context(speaking(language))
        if letter.zone:
            as_reader.enter_context(reading_in(ZoneInfo(letter.zone)))
        subject = say_plainly(letter.subject)
        lines = [_listed(line, outside) for line in letter.lines]
        html = _html(letter, spoken, subject, lines, outside)
        body = _text(letter, lines, outside)
    post(
        recipient,
        subject,
        body,
        html=html,
        member_id=member_id,
        headers=_way_out(letter, outside),
        now=now,
        rings=not letter.lines,
    )


def _html(letter: Letter, spoken: Language, subject: str, lines: list[Listed], outside: str) -> str:
    # Without what a page's frame needs to know of the reader: letters are written at the console too.
    return current_app.jinja_env.get_template("mail/letter.html").render(
        language=spoken,
        subject=subject,
        paragraphs=[say(paragraph) for paragraph in letter.paragraphs],
        lines=lines,
        more=say(letter.more) if letter.more else "",
        button=say_plainly(letter.button) if letter.button else "",
        link=outside + letter.address if letter.button else "",
        why=say(letter.why) if letter.why else "",
        choices=outside + CHOICES,
        unsubscribe=outside + letter.unsubscribe if letter.unsubscribe else "",
        foot=say(letter.foot) if letter.foot else "",
        sender=brand(),
        look=_look(),
        address=outside,
    )


def _text(letter: Letter, lines: list[Listed], outside: str) -> str:
    parts = [say_plainly(paragraph) for paragraph in letter.paragraphs]
    parts += [f"• {line.plain}{f' ({line.at})' if line.at else ''}\n  {line.address}" for line in lines]
    parts += [say_plainly(letter.more)] if letter.more else []
    if letter.button:
        parts.append(f"{say_plainly(letter.button)}:\n{outside}{letter.address}")
    parts.append(brand().brand_name)
    if letter.unsubscribe:
        why = f"{say_plainly(letter.why)}\n" if letter.why else ""
        parts.append(
            f"{why}{say_plainly(STOP)}: {outside}{letter.unsubscribe}\n{say_plainly(CHOOSE)}: {outside}{CHOICES}"
        )
    parts += [say_plainly(letter.foot)] if letter.foot else []
    return "\n\n".join(parts) + "\n"


def _listed(line: Line, outside: str) -> Listed:
    sentence = line.wording.sentence
    at = "" if line.at is None else moment(line.at)
    return Listed(say(sentence), say_plainly(sentence), at, outside + address_of(line.wording), line.wording.tone)


def _way_out(letter: Letter, outside: str) -> dict[str, str] | None:
    """What lets a mailbox show its own button for it, which needs one press and no page (RFC 8058)."""
    if not letter.unsubscribe:
        return None
    return {
        "List-Unsubscribe": f"<{outside}{letter.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _look() -> Look:
    made = palette(brand().colours or OWN)
    return Look(made.fill.light.hex, made.on_brand.hex, made.text.light.hex)
