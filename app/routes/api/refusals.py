"""Why one activity of a delivery was not read: a code, the field's path and a sentence for its sender."""

import re
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from app.routes.api.wire import SENT_BY_KEY, Account, Sent

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"^Object (?P<problem>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL)
LONGEST_PATH = 80


class Refusal(NamedTuple):
    code: str
    field: str | None
    reason: str


def refusal_of(error: Exception, own_error: Exception) -> Refusal:
    """The refusal for what the decoders said: of the known kinds, and of the sender's own."""
    what, path = _parts(error)
    if path == "kind":
        own_what, own_path = _parts(own_error)
        if own_path == "kind":
            return _unknown_kind()
        what, path = own_what, own_path
    return _refusal(error, what, path, _hints(), "An activity")


def refusal_in(error: Exception, struct: type[msgspec.Struct], whole: str) -> Refusal:
    """The refusal for what the decoder of one struct said; `whole` is what a struct of it is called."""
    return _refusal(error, *_parts(error), _described("", struct), whole)


def _refusal(error: Exception, what: str, path: str, hints: dict[str, str], whole: str) -> Refusal:
    if not isinstance(error, msgspec.ValidationError):
        return Refusal("bad_json", None, f"This could not be read: {str(error)[:200]}.")
    if found := _FIELD.match(what):
        field = f"{path}.{found['name']}" if path else found["name"]
        if found["problem"] == "missing required":
            return Refusal("missing_field", field, f"The field is missing{_wanted(hints, field)}.")
        return Refusal("unknown_field", field[:LONGEST_PATH], "There is no such field here: leave it out.")
    if not path:
        return Refusal("bad_value", None, f"{whole} is a JSON object.")
    return Refusal("bad_value", path[:LONGEST_PATH], f"This is not what the field takes{_wanted(hints, path)}.")


def _unknown_kind() -> Refusal:
    return Refusal("unknown_kind", "kind", f"There is no such kind. Send {_known_kinds()}.")


def _known_kinds() -> str:
    return f"one of {', '.join(key for key in SENT_BY_KEY if key != 'custom')}, or custom.<name>"


def _parts(error: Exception) -> tuple[str, str]:
    found = _PLACE.match(str(error))
    assert found is not None
    return found["what"], found["path"] or ""


def _wanted(hints: dict[str, str], path: str) -> str:
    hint = hints.get(path)
    return f": {hint}" if hint else ""


@cache
def _hints() -> dict[str, str]:
    """What each field takes, by path, in the words of its annotation; of kinds that share a name the first."""
    hints = _described("", Sent) | _described("account.", Account) | {"kind": _known_kinds()}
    for sent in SENT_BY_KEY.values():
        for data in get_args(get_type_hints(sent, include_extras=True)["data"]):
            if isinstance(data, type) and issubclass(data, msgspec.Struct):
                hints = _described("data.", data) | hints
    return hints


def _described(prefix: str, struct: type[msgspec.Struct]) -> dict[str, str]:
    found = {}
    for name, annotation in get_type_hints(struct, include_extras=True).items():
        for one in (annotation, *get_args(annotation)):
            if hint := _hint(one):
                found[prefix + name] = hint
                break
    return found


def _hint(annotation: Any) -> str | None:
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(get_args(annotation))}"
    if annotation is bool:
        return "true or false"
    if get_origin(annotation) is Annotated:
        return next((meta.description for meta in annotation.__metadata__ if isinstance(meta, msgspec.Meta)), None)
    return None
