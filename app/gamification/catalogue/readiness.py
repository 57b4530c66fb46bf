"""What must be done before something of the catalogue can be offered, and what is only advised."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from app.gamification.accrual.definition import Audience
from app.gamification.accrual.telling.parts import both
from app.gamification.activities import PaysFor
from app.gamification.approvals.checklist import Item
from app.gamification.brand import brand
from app.gamification.catalogue.audience import size_of
from app.gamification.ledger.words.titles import as_it_is
from app.gamification.policy.packs import Verdict
from app.gamification.policy.reach import Said, composite
from app.gamification.programme import Programme
from app.lib.i18n import LANGUAGES, Sentence, _l, _n

EVERYONE = Audience()
_MISSING = _l("missing: %(languages)s")
_FOUND = _n("%(number)s member", "%(number)s members", "number")
_MORE = _l("more than %(number)s members")


def named(names: Sequence[Mapping[str, str]], abouts: Sequence[Mapping[str, str]]) -> tuple[Item, ...]:
    """Names in every language that members may choose are needed, what is said about it is advised."""
    needed, advised = Sentence(_l("Named in every language")), Sentence(_l("Explained in every language"))
    spoken = brand().languages
    return _spoken(needed, names, spoken, "todo"), _spoken(advised, abouts, spoken, "advice")


def lawful(said: Sequence[Said]) -> Item:
    """Whether the law lets anybody of the audience take part."""
    words = Sentence(_l("A law pack lets somebody take part"))
    open_ = sum(one.reached and one.verdict < Verdict.FORBID for one in said)
    reached = sum(one.reached for one in said)
    note = Sentence(_l("%(number)s of %(all)s"), {"number": open_, "all": reached})
    return Item("done" if open_ or not reached else "todo", words, note)


def paid(said: Sequence[Said]) -> Item:
    """Whether the law lets anybody of the audience have its points."""
    words = Sentence(_l("A law pack lets somebody have its points"))
    if any(one.reached and one.verdict <= Verdict.SERVICE_ONLY for one in said):
        return Item("done", words)
    return Item("advice", words, Sentence(_l("nobody would be given them")))


def reached(audience: Audience, current: Programme) -> Item:
    """Whether there is anybody whom it is for, as of now."""
    words = Sentence(_l("There is somebody whom it is for"))
    found = size_of(audience, current)
    if not found.members:
        return Item("advice", words, Sentence(_l("nobody yet")))
    return Item("done", words, Sentence(_MORE if found.is_more else _FOUND, {"number": found.members}))


def on_ladder(audience: Audience, current: Programme) -> Item | None:
    """Whether the levels it is for are on the ladder; None where it is for every level."""
    if not audience.levels:
        return None
    levels = {level.key for level in current.ladder.levels}
    strange = [key for key in audience.levels if key not in levels]
    words = Sentence(_l("Is for levels of the ladder"))
    return Item("todo", words, as_it_is(strange[0])) if strange else Item("done", words)


def law(current: Programme, facts: Iterable[PaysFor], audience: Audience = EVERYONE) -> tuple[Said, ...]:
    """What every pack says to it; empty where there is nothing to judge."""
    judged = frozenset(facts)
    return composite(current, judged, audience.countries, audience.classes) if judged else ()


def warnings(items: Iterable[Item]) -> tuple[Sentence, ...]:
    """What is advised and not done, and what it costs, as the second person is told beside the change."""
    return tuple(_told(item) for item in items if item.state == "advice" or item.is_told)


def _told(item: Item) -> Sentence:
    """A line of the checklist where nothing shows whether it is ticked."""
    undone, done = _l("Advised, but not done: %(words)s (%(note)s)"), _l("%(words)s: %(note)s")
    if not item.note:
        return Sentence(_l("Advised, but not done: %(words)s"), {"words": item.words})
    return Sentence(undone if item.state == "advice" else done, {"words": item.words, "note": item.note})


def _spoken(
    words: Sentence, texts: Sequence[Mapping[str, str]], spoken: Sequence[str], lacking: Literal["todo", "advice"]
) -> Item:
    missing = [LANGUAGES[code] for code in spoken if not all(text.get(code) for text in texts)]
    if missing:
        return Item(lacking, words, Sentence(_MISSING, {"languages": both([as_it_is(one) for one in missing])}))
    return Item("done", words, as_it_is(" ".join(spoken)))
