"""What definitions have in common: how they are read, what is wrong with many of them, and how they are stored."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from app.gamification.accrual.definition import Expiry
from app.gamification.errors.programme import Flaw, NotSound
from app.lib.i18n import LANGUAGES, Sentence, _l

Defined = TypeVar("Defined", bound=msgspec.Struct)

NO_KIND = _l("There is no such kind. Choose one from the list.")
NO_SETTINGS = _l("This cannot be read. Fill it in again.")
_NAME = _l("Name it in English at least.")
_INACTIVITY = _l("Say after how many days without earning points lapse.")


def read(plain: Mapping[str, Any], kind: type[Defined], otherwise: str) -> Defined:
    """A definition as its type has it. Raises NotSound, which says `otherwise` of what has another shape."""
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise NotSound([Flaw("", Sentence(otherwise))]) from error


def stored(definition: msgspec.Struct, flaws: Iterable[Flaw] = ()) -> dict[str, Any]:
    """A definition in its one stored form. Raises NotSound with everything that is wrong, by field."""
    if found := tuple(flaws):
        raise NotSound(found)
    plain: dict[str, Any] = msgspec.to_builtins(definition)
    return plain


def unnamed(texts: Mapping[str, str], place: str = "name") -> Iterator[Flaw]:
    """What is wrong with the name of a thing, by language."""
    if not texts.get("en", "").strip() or set(texts) - set(LANGUAGES):
        yield Flaw(f"{place}.en", Sentence(_NAME))


def never_lapsing(expiry: Expiry, place: str) -> Iterator[Flaw]:
    """What is wrong with points that are to lapse by inactivity."""
    if expiry.mode == "inactivity" and not expiry.n:
        yield Flaw(place, Sentence(_INACTIVITY))
