"""Setting an authenticator app up, and handing out recovery codes: at a first sign-in, and on one's own page."""

from typing import Any

import segno
from markupsafe import Markup
from wtforms import BooleanField, HiddenField, StringField

from app.gamification.brand import brand
from app.gamification.errors import Refusal
from app.gamification.staff.second_factor import address_of, new_secret
from app.lib.i18n import _l
from app.routes.admin import carried
from app.routes.forms import Form, needed

PHONE, CODES = "phone", "codes"  # what the browser carries meanwhile
LONGEST_CODE = 40
FEW = 4  # recovery codes: whoever has fewer is asked to make new ones


def code_field(label: str = _l("Code"), **hints: str) -> StringField:
    """A field for a code of the phone, or for a recovery code."""
    keys = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "dir": "ltr"}
    return StringField(label, needed(LONGEST_CODE), render_kw=keys | hints)


class CodedForm(Form):
    """A form with a code, which is good for a moment: one that was wrong is typed anew, not mended."""

    def refuse_code(self, refusal: Refusal) -> None:
        """Say what was wrong with the code, and empty its field."""
        self["code"].data = ""
        self.refuse(refusal)


class PhoneForm(CodedForm):
    code = code_field(_l("Code that the app shows now"), inputmode="numeric")
    next = HiddenField()


class KeptForm(Form):
    kept = BooleanField(_l("I have kept these codes where I find them without my phone"))
    next = HiddenField()


def start() -> None:
    """Give the browser a new secret to show to a phone."""
    carried.put(PHONE, new_secret())


def shown(secret: str, email: str) -> dict[str, Any]:
    """What the page that sets a phone up shows: a picture for the camera, and the same in signs."""
    address = address_of(secret, email, f"{brand().brand_name} desk")
    picture = segno.make(address, error="m").svg_inline(
        omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None
    )
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return {"picture": Markup(picture), "groups": groups, "address": address}
