"""What one revision of a rule changes against another, part by part, as the sentence names them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from app.gamification.accrual.definition import Condition, Definition
from app.gamification.accrual.fields import FIELDS
from app.gamification.accrual.telling import sentence as words
from app.gamification.accrual.telling import whom
from app.gamification.accrual.telling.parts import clause, measured
from app.gamification.accrual.telling.whom import ALWAYS, Run
from app.gamification.ledger.words.titles import as_it_is
from app.lib.i18n import Sentence, _l


class Changed(NamedTuple):
    """One difference. `key` is the part's in the newer sentence; None: there was, or is, no such part."""

    key: str
    label: str  # marked for translation
    before: Sentence | None
    after: Sentence | None


NAMES = {"en": _l("English name"), "ar": _l("Arabic name"), "zh": _l("Chinese name")}


def changes(before: Definition, after: Definition, was: Run = ALWAYS, now: Run = ALWAYS) -> tuple[Changed, ...]:
    """Every part that differs, in the order of the sentence."""
    found = [*_heads(before, after), *_conditions(before, after), *_rates(before, after)]
    pairs: list[tuple[str, str, Sentence | None, Sentence | None]] = [
        (
            "factors",
            _l("multipliers"),
            words.multiplied(before),
            words.multiplied(after),
        ),
        *_caps(before, after),
        ("hold_days", _l("hold"), words.hold(before.hold_days), words.hold(after.hold_days)),
        ("expiry", _l("lapse"), words.lapse(before.expiry), words.lapse(after.expiry)),
        ("qualifying", _l("tiers"), words.towards_tiers(before.qualifying), words.towards_tiers(after.qualifying)),
        *_audience(before, after),
        ("starts", _l("first day"), _day(was.first), _day(now.first)),
        ("ends", _l("last day"), _day(was.last), _day(now.last)),
        ("group", _l("group"), _text(before.group), _text(after.group)),
        ("priority", _l("priority"), as_it_is(before.priority), as_it_is(after.priority)),
    ]
    return (*found, *(Changed(key, label, old, new) for key, label, old, new in pairs if old != new))


def _heads(before: Definition, after: Definition) -> Iterator[Changed]:
    for code, label in NAMES.items():
        old, new = before.name.get(code, ""), after.name.get(code, "")
        if old != new:
            yield Changed(f"name.{code}", label, _text(old), _text(new))
    if before.kind != after.kind:
        yield Changed("kind", _l("activity"), words.kind(before.kind), words.kind(after.kind))


def _conditions(before: Definition, after: Definition) -> Iterator[Changed]:
    for number in range(max(len(before.conditions), len(after.conditions))):
        yield from _group(_at(before.conditions, number), _at(after.conditions, number), number)


def _group(before: Sequence[Condition], after: Sequence[Condition], number: int) -> Iterator[Changed]:
    """The rows of a group, each set beside the one about the same field, wherever it stood."""
    left = list(before)
    unmatched: list[tuple[int, Condition]] = []
    for row, condition in enumerate(after):
        if condition in left:
            left.remove(condition)
        else:
            unmatched.append((row, condition))
    for row, condition in unmatched:
        key, label = f"conditions.{number}.{row}", FIELDS[condition.field].label
        old = next((one for one in left if one.field == condition.field), None)
        if old is None:
            yield Changed(key, label, None, clause(condition, key))
            continue
        left.remove(old)
        told = clause if isinstance(condition.value, bool) or _turned(old, condition) else measured
        yield Changed(key, label, told(old, key), told(condition, key))
    for gone in left:
        yield Changed("", FIELDS[gone.field].label, clause(gone, ""), None)


def _turned(old: Condition, new: Condition) -> bool:
    """Whether the same names are now those left out: without the verb both would read alike."""
    return FIELDS[old.field].type == "text" and (old.op in ("=", "in")) != (new.op in ("=", "in"))


def _rates(before: Definition, after: Definition) -> Iterator[Changed]:
    old, new = words.rate(before.base), words.rate(after.base)
    if old != new:
        yield Changed("base.rate", _l("rate"), old, new)
    was, now = ({part.key: part for part in words.exceptions(one.base)} for one in (before, after))
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            yield Changed(key, _l("rate of its own"), was.get(key), now.get(key))


def _caps(before: Definition, after: Definition) -> list[tuple[str, str, Sentence | None, Sentence | None]]:
    pairs = ({cap.per: words.cap(cap) for cap in one.caps} for one in (before, after))
    was, now = cast(Iterator[dict[str, Sentence]], pairs)
    return [(f"caps.{per}", _l("limit"), was.get(per), now.get(per)) for per in words.CAPS]


def _audience(before: Definition, after: Definition) -> list[tuple[str, str, Sentence | None, Sentence | None]]:
    old, new = before.audience, after.audience
    return [
        (
            "audience.levels",
            _l("levels"),
            whom.levels(old) if old.levels else None,
            whom.levels(new) if new.levels else None,
        ),
        (
            "audience.countries",
            _l("countries"),
            whom.countries(old) if old.countries else None,
            whom.countries(new) if new.countries else None,
        ),
        (
            "audience.classes",
            _l("client categories"),
            whom.classes(old) if old.classes else None,
            whom.classes(new) if new.classes else None,
        ),
    ]


def _at(groups: Sequence[Sequence[Condition]], number: int) -> Sequence[Condition]:
    return groups[number] if number < len(groups) else ()


def _text(text: str) -> Sentence | None:
    return as_it_is(text) if text else None


def _day(day: object) -> Sentence | None:
    return as_it_is(day) if day else None
