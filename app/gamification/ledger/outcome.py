"""What a decision kept, read back: the circumstances it was made in, and what each rule said."""

from typing import NamedTuple

import msgspec

from app.gamification import programme
from app.gamification.accrual.rule import AWARDED, CompiledRule, Entry
from app.gamification.activities import PaysFor
from app.gamification.policy.packs import Verdict
from app.gamification.programme import Programme
from app.lib.cache import Kept
from app.lib.i18n import pick
from app.models.base import kept_by_app

_decode = msgspec.json.Decoder(list).decode


class Outcome(NamedTuple):
    """An outcome by name; an activity that failed or was never judged has no entries."""

    verdict: Verdict
    level_id: int
    entity_id: int | None
    country: str
    client_class: int
    pack_revisions: tuple[int, ...]
    entries: list[Entry]
    pays_for: PaysFor | None = None  # of an own activity that was classed when it was judged

    @property
    def awarded(self) -> list[Entry]:
        """What each rule that paid gave."""
        return [entry for entry in self.entries if entry[1] == AWARDED]


def read_outcome(text: str) -> Outcome:
    """The outcome of a decision's row."""
    context, *entries = _decode(text)
    if not context:
        return Outcome(Verdict.ALLOW, 0, None, "", 0, (), [])
    verdict, level_id, entity_id, country, client_class, *packs = context
    pays_for = PaysFor(packs[2]) if len(packs) > 2 else None
    return Outcome(Verdict(verdict), level_id, entity_id, country, client_class, tuple(packs[:2]), entries, pays_for)


def entries_of(text: str) -> list[Entry]:
    """What each rule said, and nothing else."""
    entries: list[Entry] = _decode(text)[1:]
    return entries


def entry_of(text: str, part: int) -> Entry:
    """The entry that a transfer's reference names: two parts each, points and qualifying."""
    entry: Entry = _decode(text)[1 + part // 2]
    return entry


def compiled() -> Programme:
    """The programme as it was within the last second; what a page says of older things is in older revisions anyway."""
    return _compiled()()


def compile_anew() -> None:
    """Let whoever asks next have what is configured now: somebody is about to be told that it has changed."""
    _compiled().forget()


def _compiled() -> Kept[Programme]:
    return kept_by_app("compiled", lambda: Kept(programme.current))


def rule_of(revision_id: int) -> CompiledRule:
    """The immutable revision that scored something."""
    found = compiled().rules_by_revision.get(revision_id)
    # Published within the last second.
    return found or programme.current().rules_by_revision[revision_id]


def rule_name(revision_id: int, language: str) -> str:
    """What a rule is called in the reader's language."""
    return pick(rule_of(revision_id).definition.name, language)


def revision_number(rule: CompiledRule) -> int:
    """Which revision of its rule it is: 1, 2, 3 …"""
    return 1 + sum(
        other.rule_id == rule.rule_id and other.revision_id < rule.revision_id
        for other in compiled().rules_by_revision.values()
    )
