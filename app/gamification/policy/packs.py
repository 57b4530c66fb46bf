"""Law packs: what a member's legal entity, country and client class allow, and by which rule.

A pack maps what a benefit pays for to a verdict. Of the entity's and the country's pack the stricter one applies, fact
by fact; what is unknown counts as the strictest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from app.gamification.activities import PaysFor
from app.models.people import ClientClass


class Verdict(IntEnum):
    """From open to closed; the stricter of two is the greater. Stored in outcomes: never renumber."""

    ALLOW = 0
    SERVICE_ONLY = 1  # points and qualifying, good for recognition and service alone
    RECOGNITION = 2  # badge, progress and place; no points, no qualifying
    FORBID = 3


@dataclass(frozen=True)
class Pack:
    key: str
    revision_id: int
    name: Mapping[str, str]
    retail: bool  # protects retail clients: professionals in its countries have the professional pack
    countries: frozenset[str]
    verdicts: tuple[Verdict, ...]  # by PaysFor - 1
    cites: Mapping[str, Mapping[str, str]]  # fact → the rule it follows from, by language
    warning: Mapping[str, str]  # language → the risk warning of the jurisdiction, with %(loss)s


@dataclass(frozen=True)
class Standing:
    """What the law says to one kind of member."""

    verdicts: tuple[Verdict, ...]
    pack_keys: tuple[str, str]  # of the entity, of the country
    revision_ids: tuple[int, int]
    strictest: Pack

    def judge(self, pays_for: PaysFor) -> Verdict:
        """The verdict on a benefit for that."""
        return self.verdicts[pays_for - 1]

    def judge_all(self, facts: Iterable[PaysFor]) -> Verdict:
        """The verdict on what pays for several things: that on its strictest part."""
        return max(self.judge(fact) for fact in facts)


class Policy:
    """All packs in force."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self._packs = packs
        self._by_country = {country: pack for pack in packs.values() for country in pack.countries}
        self._standings: dict[tuple[str, str, int], Standing] = {}

    def standing(self, entity_pack: str, country: str, client_class: int) -> Standing:
        """The standing of a member; `entity_pack` and `country` are "" where unknown."""
        key = (entity_pack, country, client_class)
        found = self._standings.get(key)
        if found is None:
            found = self._standings[key] = self._judge(*key)
        return found

    def pack(self, key: str) -> Pack:
        """A pack by key; the strictest where there is none of that key."""
        return self._packs.get(key) or self._packs["unknown"]

    def every(self) -> tuple[Pack, ...]:
        """All packs, in the order they were made."""
        return tuple(self._packs.values())

    def deciding(self, standing: Standing, pays_for: PaysFor) -> Pack:
        """Which of a member's two packs is the stricter one on a benefit for that; the country's, where both agree."""
        entity, home = (self.pack(key) for key in standing.pack_keys)
        return entity if entity.verdicts[pays_for - 1] > home.verdicts[pays_for - 1] else home

    def deciding_on_all(self, standing: Standing, facts: Iterable[PaysFor]) -> tuple[PaysFor, Pack]:
        """Of what pays for several things the strictest part, the first of those, and the pack that says so."""
        fact = max(sorted(facts), key=standing.judge)
        return fact, self.deciding(standing, fact)

    def _judge(self, entity_pack: str, country: str, client_class: int) -> Standing:
        known = bool(country) and client_class != ClientClass.UNKNOWN
        entity = self.pack(entity_pack)
        home = self._by_country.get(country, self.pack("offshore")) if known else self.pack("unknown")
        if client_class in (ClientClass.PROFESSIONAL, ClientClass.ELIGIBLE):
            entity, home = self._for_professionals(entity), self._for_professionals(home)
        verdicts = tuple(max(pair) for pair in zip(entity.verdicts, home.verdicts, strict=True))
        strictest = home if sum(home.verdicts) >= sum(entity.verdicts) else entity
        return Standing(verdicts, (entity.key, home.key), (entity.revision_id, home.revision_id), strictest)

    def _for_professionals(self, pack: Pack) -> Pack:
        return self.pack("professional") if pack.retail else pack


def read_pack(key: str, revision_id: int, definition: Mapping[str, Any]) -> Pack:
    """The pack of a stored revision; a fact it does not name is forbidden."""
    facts = definition["facts"]
    verdicts = tuple(Verdict[facts.get(fact.name.lower(), "forbid").upper()] for fact in PaysFor)
    return Pack(
        key,
        revision_id,
        definition["name"],
        definition.get("retail", False),
        frozenset(definition.get("countries", ())),
        verdicts,
        definition.get("cites", {}),
        definition.get("warning", {}),
    )
