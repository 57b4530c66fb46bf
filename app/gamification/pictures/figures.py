"""The figures of a shared picture, signed: nobody draws our brand over figures that we did not count.

They are all there is. Nothing of a picture is stored: its address holds everything that it shows, and nothing that says
whose it is.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from itsdangerous import BadData, URLSafeTimedSerializer

from app.gamification.errors.trying import PictureNotFound

GOOD_FOR = 366 * 86_400  # seconds: after a year the rules are others, and nobody should be shown these figures any more
LONGEST = 2000  # characters; a history of years has some 200
_SALT = "laurel-picture-1"  # another number when the figures change their meaning
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Figures(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a history would have earned; days are numbers, days since 1970-01-01."""

    language: str
    points: _Count
    closed: _Count
    earning: _Count
    first_day: int
    last_day: int
    by: Literal["month", "year"]
    bars: Annotated[tuple[_Count, ...], msgspec.Meta(min_length=1, max_length=80)]
    pack: str  # whose risk warning stands on it
    entity_id: int | None


class Signer:
    """Makes and reads the addresses of pictures with the secret of an installation."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=_SALT)

    def sign(self, figures: Figures) -> str:
        """The figures as a part of an address."""
        return str(self._serializer.dumps(msgspec.to_builtins(figures)))

    def read(self, token: str) -> tuple[Figures, datetime]:
        """The figures, and when they were counted; raises PictureNotFound."""
        if len(token) > LONGEST:
            raise PictureNotFound()
        try:
            plain, counted_at = self._serializer.loads(token, max_age=GOOD_FOR, return_timestamp=True)
            return msgspec.convert(plain, Figures), counted_at
        except (BadData, msgspec.ValidationError):
            raise PictureNotFound() from None
