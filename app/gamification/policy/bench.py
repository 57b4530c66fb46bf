"""What the law says to a client that staff imagine: pack by pack, rule by rule, perk by perk. Nobody is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.gamification import programme
from app.gamification.accrual.rule import CompiledRule
from app.gamification.activities import PaysFor
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Pack, Standing, Verdict
from app.gamification.programme import NO_END, Programme
from app.gamification.tiers.ladder import Level, Perk
from app.gamification.tiers.position import Position, position
from app.lib.clock import to_micros
from app.lib.i18n import Sentence, _l
from app.lib.periods import day_of
from app.models.people import ClientClass

_GIVES = {
    Verdict.ALLOW: _l("Points"),
    Verdict.SERVICE_ONLY: _l("Points for recognition and service"),
    Verdict.RECOGNITION: _l("Badge and progress, no points"),
    Verdict.FORBID: _l("Nothing"),
}
_NOT_FOR = {
    "levels": _l("Nothing: it is for other levels"),
    "countries": _l("Nothing: it is for other countries"),
    "classes": _l("Nothing: it is for other client categories"),
}


@dataclass(frozen=True)
class Imagined:
    """The client on the bench; "" and None are what is not known."""

    country: str = "CY"
    client_class: ClientClass = ClientClass.RETAIL
    entity_id: int | None = None
    level_id: int = 0


@dataclass(frozen=True)
class Judged:
    """One benefit: what each of the two packs says, and which of them decided."""

    fact: PaysFor
    verdict: Verdict
    entity: Verdict
    home: Verdict
    decided: Pack

    @property
    def cite(self) -> Mapping[str, str]:
        """The rule that the verdict follows from; empty where the pack names none."""
        return self.decided.cites.get(self.fact.name.lower(), {})


@dataclass(frozen=True)
class Paid:
    """A rule in force, and what it would give this client."""

    rule: CompiledRule
    judged: Judged
    gives: Sentence


@dataclass(frozen=True)
class Bench:
    """Everything the law says to the client."""

    client: SignedIn
    place: Position
    entity: Pack
    home: Pack
    facts: tuple[Judged, ...]
    rules: tuple[Paid, ...]
    perks: tuple[tuple[Level, Perk, bool], ...]  # of every level up to the client's, with whether it is withheld

    @property
    def standing(self) -> Standing:
        return self.place.standing


def bench(who: Imagined, language: str, now: datetime) -> Bench:
    """Stand a client on the bench."""
    current = programme.current()
    client = imagine(who, language, now)
    place = position(client, current, now)
    entity, home = (current.policy.pack(key) for key in place.standing.pack_keys)
    facts = tuple(_judged(current, place.standing, entity, home, fact) for fact in PaysFor)
    levels = current.ladder.levels[: place.level.position + 1]
    return Bench(
        client,
        place,
        entity,
        home,
        facts,
        tuple(_paid(current, rule, client, place, facts) for rule in _in_force(current, now)),
        tuple((level, perk, place.is_withheld(perk)) for level in levels for perk in level.perks),
    )


def imagine(who: Imagined, language: str, now: datetime) -> SignedIn:
    """A client of that standing who has just joined: no row, no points, and what reaches the level."""
    current = programme.current()
    level = current.ladder.level(who.level_id)
    return SignedIn(
        sign_in_id=b"",
        last_seen_micros=to_micros(now),
        id=0,
        name="",
        alias=None,
        email=None,
        external_id=None,
        language=language,
        theme="auto",
        up_down="auto",
        time_zone=current.zone.key,
        country=who.country,
        client_class=int(who.client_class),
        entity_id=who.entity_id,
        joined_micros=to_micros(now),
        last_visit_day=day_of(now, current.zone),
        earning_blocked=False,
        demo_role=None,
        leaving_micros=None,
        quiet_micros=None,
        available=0,
        pending=0,
        debt=0,
        lifetime=0,
        qualifying=level.threshold,
        window_from=day_of(now, current.zone),
        level_id=level.id,
        level_key=level.key,
        level_since_micros=to_micros(now),
        grace_until=None,
        next_expiry_micros=None,
        next_expiry_amount=0,
        seq=0,
        decisions=0,
        unread=0,
        newest=0,
    )


def _judged(current: Programme, standing: Standing, entity: Pack, home: Pack, fact: PaysFor) -> Judged:
    by_entity, by_home = entity.verdicts[fact - 1], home.verdicts[fact - 1]
    return Judged(fact, standing.judge(fact), by_entity, by_home, current.policy.deciding(standing, fact))


def _in_force(current: Programme, now: datetime) -> list[CompiledRule]:
    at = to_micros(now)
    found = [rule for rule in current.rules_by_revision.values() if rule.effective_to == NO_END]
    return sorted((rule for rule in found if rule.in_force(at)), key=lambda rule: (rule.priority, rule.rule_id))


def _paid(current: Programme, rule: CompiledRule, client: SignedIn, place: Position, facts: tuple[Judged, ...]) -> Paid:
    judged, audience = facts[current.pays_for(rule.definition.kind) - 1], rule.definition.audience
    left_out = None
    if judged.verdict <= Verdict.SERVICE_ONLY:
        if audience.levels and place.level.key not in audience.levels:
            left_out = "levels"
        elif audience.countries and client.country not in audience.countries:
            left_out = "countries"
        elif audience.classes and client.client_class not in audience.classes:
            left_out = "classes"
    return Paid(rule, judged, Sentence(_NOT_FOR[left_out] if left_out else _GIVES[judged.verdict]))
