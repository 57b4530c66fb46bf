"""What the owner keeps of the brand: names, links, colours and the logo. Each act is in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from app.gamification.branding.palette import Colours, palette
from app.gamification.branding.pictures import Picture, read_logo
from app.gamification.errors.programme import BadLink, NoColour, UnreadableColour
from app.gamification.members.names import clean_email, clean_name
from app.gamification.programme_settings import saving
from app.lib.colour import BadColour, from_hex
from app.models.base import connection, is_sqlite, read_one
from app.models.desk import BrandAsset

LONGEST_LINK = 300
LINKS = ("help", "terms", "complaints")
PNG = "image/png"

_CONTENT = select(BrandAsset.content).where(BrandAsset.digest == bindparam("digest"))


@dataclass(frozen=True)
class Names:
    """Names, the address for questions, and where a reader finds help; every link may be empty."""

    brand_name: str
    programme_name: str
    support_email: str
    help: str = ""
    terms: str = ""
    complaints: str = ""


def save_names(by: int, names: Names, *, version: int, now: datetime) -> None:
    """Store names and links. Inside an open transaction. Raises SettingsChanged or a Refusal that names the field."""
    links = {name: link for name in LINKS if (link := clean_link(getattr(names, name)))}
    values = {
        "brand_name": clean_name(names.brand_name),
        "programme_name": clean_name(names.programme_name),
        "support_email": clean_email(names.support_email) if names.support_email.strip() else "",
        "links": links or None,
    }
    saving.change(by, "brand.update", values, version=version, now=now)


def save_colours(by: int, colours: Colours | None, *, version: int, now: datetime) -> None:
    """Store the colours, or go back to the product's own. Inside an open transaction.

    Raises NoColour, and UnreadableColour with the nearest shade for what text could not be read on.
    """
    kept = None if colours is None else _readable(colours)
    saving.change(by, "brand.colours", {"colours": kept}, version=version, now=now)


def save_logo(by: int, data: bytes, *, has_name: bool, version: int, now: datetime) -> None:
    """Draw an uploaded logo anew and show it from now on; `has_name`: the brand's name is part of it.

    Inside an open transaction. Raises PictureTooLarge, PictureTooSmall, BadPicture or SettingsChanged.
    """
    logo = read_logo(data)
    for kind, picture in (("logo", logo.picture), ("icon", logo.icon), ("touch", logo.touch)):
        _keep(kind, picture, now)
    kept = {
        "digest": logo.picture.digest,
        "width": logo.picture.width,
        "height": logo.picture.height,
        "icon": logo.icon.digest,
        "touch": logo.touch.digest,
        "plate": logo.plate,
        "has_name": has_name,
    }
    saving.change(by, "brand.logo", {"logo": kept}, version=version, now=now)


def drop_logo(by: int, *, version: int, now: datetime) -> None:
    """Show the product's own mark again; mails that were sent still find the picture. Inside an open transaction."""
    saving.change(by, "brand.logo", {"logo": None}, version=version, now=now)


def picture(digest: str) -> bytes | None:
    """The bytes of a kept picture."""
    row = read_one(_CONTENT, {"digest": digest})
    return None if row is None else bytes(row.content)


def clean_link(written: str) -> str:
    """An address of the web, or ""; raises BadLink for anything that is no plain https address."""
    link = written.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        good = False
    if not good or len(link) > LONGEST_LINK or not link.isprintable() or any(char in " \"'<>\\" for char in link):
        raise BadLink()
    return link


def _readable(colours: Colours) -> Mapping[str, str]:
    try:
        made = palette(colours)
    except BadColour as error:
        raise NoColour() from error
    if made.suggested is not None:
        nearest = made.suggested
        raise UnreadableColour(nearest=" · ".join(one for one in (nearest.brand, nearest.hero) if one))
    kept = {"brand": from_hex(colours.brand).hex}
    return kept | ({"hero": from_hex(colours.hero).hex} if colours.hero else {})


def _keep(kind: str, picture: Picture, now: datetime) -> None:
    conn = connection()
    insert = (sqlite if is_sqlite(conn) else postgresql).insert(BrandAsset)
    values = {"digest": picture.digest, "kind": kind, "content_type": PNG, "content": picture.content, "made_at": now}
    conn.execute(insert.values(**values).on_conflict_do_nothing())
