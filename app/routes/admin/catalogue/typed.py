"""What was typed into a form of the catalogue, as it was typed: a kind with its settings, texts, figures, an audience.

Names say places, `steps.2.settings.target`, as the flaws of a definition do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from werkzeug.datastructures import MultiDict

from app.gamification.accrual.definition import Audience, Expiry
from app.gamification.challenges.definition import plain_settings
from app.gamification.definitions import NO_KIND
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.measures.measure import Measure
from app.gamification.members.names import visible
from app.lib.amounts import plain
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.models.people import ClientClass
from app.routes.admin.fields import NO_DATE, lines_of, typed
from app.routes.admin.growing import flat, form_class, offer, settings_of
from app.routes.admin.rules.reading import day_in
from app.routes.forms import NOT_OFFERED, TOO_LONG, Form

Posted = MultiDict[str, str]
Typed = dict[str, list[str]]

MOST_TYPED, LONGEST_TYPED, MOST_COUNTRIES = 60, 400, 300
CLASSES = frozenset(str(int(one)) for one in ClientClass)
_WHOLE = re.compile(r"[0-9]{1,15}")
_BETWEEN = _l("Write a whole number from %(low)s to %(high)s.")
_LOOK = _l("Look at the settings of this kind, then save again.")


@dataclass
class Counting:
    """A kind with its settings as they were typed; `is_unseen` where the form has not shown those of this kind yet."""

    kind: str
    settings: Typed = field(default_factory=dict)
    is_unseen: bool = False

    def form(self, measure: type[Measure], prefix: str) -> Form:
        """The settings as a form, looked through."""
        data = MultiDict([(prefix + name, one) for name, those in self.settings.items() for one in those])
        form = form_class(measure.Settings)(formdata=data, prefix=prefix)
        offer(form, measure.Settings)
        # What settings share with others is declared before their own.
        form._fields = {"target": form._fields["target"], **form._fields}
        form.validate()
        return form


@dataclass
class Lapsing:
    """When points lapse."""

    mode: str = "end_of_month"
    n: str = "12"


@dataclass
class Whom:
    """For whom it is."""

    levels: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)


def beginning(measure: type[Measure], settings: Mapping[str, Any] | None = None) -> Typed:
    """A kind's settings as its form shows them: what is stored, else what is usual."""
    values = measure.Settings() if settings is None else msgspec.convert(settings, measure.Settings)
    return {name: _texts(value) for name, value in flat(values).items()}


def counting(posted: Posted, place: str, kinds: Mapping[str, type[Measure]]) -> Counting:
    """The kind and its settings at a place; of a kind that was just chosen what fits of the other's, else the usual."""
    kind, prefix = posted.get(f"{place}.kind", ""), f"{place}.settings."
    written = {
        name.removeprefix(prefix): [one[:LONGEST_TYPED] for one in posted.getlist(name)[:MOST_TYPED]]
        for name in posted
        if name.startswith(prefix)
    }
    if kind not in kinds or posted.get(f"{place}.shown", "") == kind:
        return Counting(kind, written)
    usual = beginning(kinds[kind])
    kept = {name: those for name, those in written.items() if name in usual and name != "target"}
    return Counting(kind, usual | kept, is_unseen=True)


def texts(posted: Posted, place: str, longest: int, *, lines: bool = False) -> dict[str, str]:
    """A text in every language."""
    seen = lines_of if lines else visible
    return {code: seen(posted.get(f"{place}.{code}", ""))[: longest + 1] for code in LANGUAGES}


def whom(posted: Posted) -> Whom:
    """The audience."""
    chosen = (*posted.getlist("audience.countries"), posted.get("audience.country", ""))
    return Whom(
        posted.getlist("audience.levels")[:MOST_TYPED],
        [*dict.fromkeys(one for one in chosen if one)][:MOST_COUNTRIES],
        posted.getlist("audience.classes")[:MOST_TYPED],
    )


def whom_of(said: Audience) -> Whom:
    """The audience as it is stored."""
    return Whom(list(said.levels), list(said.countries), [str(one) for one in said.classes])


def lapsing(posted: Posted, place: str) -> Lapsing:
    """When points lapse."""
    return Lapsing(posted.get(f"{place}.mode", "never"), typed(posted.get(f"{place}.n", "")))


def lapsing_of(said: Expiry) -> Lapsing:
    """The same as it is stored."""
    return Lapsing(said.mode, str(said.n) if said.n else "")


class Reader:
    """Reads typed texts into what a definition holds, and keeps what is wrong by its place."""

    def __init__(self) -> None:
        self.errors: dict[str, Sentence] = {}

    def text(self, place: str, written: Mapping[str, str], longest: int) -> dict[str, str]:
        """A text by language, those left out that were left empty."""
        for code, one in written.items():
            if len(one) > longest:
                self.errors[f"{place}.{code}"] = Sentence(TOO_LONG)
        return {code: one[:longest] for code, one in written.items() if one}

    def whole(self, place: str, written: str, low: int, high: int, otherwise: int | None = None) -> int:
        """A whole number; `otherwise` stands for none."""
        meant = re.sub(r"[,\s٬،]", "", written)
        if not meant and otherwise is not None:
            return otherwise
        if _WHOLE.fullmatch(meant) and low <= int(meant) <= high:
            return int(meant)
        self.errors[place] = Sentence(_BETWEEN, {"low": low, "high": high})
        return low

    def day(self, place: str, written: str) -> date | None:
        """A date."""
        found = day_in(written)
        if written and found is None:
            self.errors[place] = Sentence(NO_DATE)
        return found

    def expiry(self, place: str, written: Lapsing) -> dict[str, Any]:
        """When points lapse."""
        return {"mode": written.mode, "n": self.whole(f"{place}.n", written.n, 0, 3650, 0)}

    def audience(self, written: Whom) -> dict[str, Any]:
        """For whom it is."""
        ladder = {level.key for level in compiled().ladder.levels}
        classes = [ClientClass(int(one)) for one in written.classes if one in CLASSES]
        if len(classes) != len(written.classes):
            self.errors["audience.classes"] = Sentence(NOT_OFFERED)
        if not ladder.issuperset(written.levels):
            self.errors["audience.levels"] = Sentence(NOT_OFFERED)
        return {"levels": written.levels, "countries": written.countries, "classes": [int(one) for one in classes]}

    def settings(self, place: str, written: Counting, measure: type[Measure] | None, form: Form | None) -> Any:
        """A kind's settings as an instance; None with what is wrong, field by field."""
        if measure is None or form is None:
            self.errors[f"{place}.kind"] = Sentence(NO_KIND)
            return None
        if written.is_unseen:
            self.errors[f"{place}.kind"] = Sentence(_LOOK)
        if any(one.errors for one in form):
            self.errors |= {one.name: as_it_is(one.errors[0]) for one in form if one.errors}
            return None
        return settings_of(form, measure.Settings)


def settings_or_usual(found: Any, measure: type[Measure] | None) -> dict[str, Any]:
    """Settings as a definition holds them; where they cannot be read what is usual, so that the rest can be judged."""
    if found is not None:
        return plain_settings(found)
    return plain_settings(measure.Settings()) if measure is not None else {}


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true"] if value else []
    if isinstance(value, list | tuple | frozenset):
        return [str(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
    return [plain(value) if isinstance(value, Decimal) else str(value)]
