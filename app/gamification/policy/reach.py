"""What the law says to one benefit, jurisdiction by jurisdiction, and how many members stand under each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from app.gamification import programme
from app.gamification.activities import PaysFor
from app.gamification.ledger.statement import statement
from app.gamification.policy.packs import Pack, Verdict
from app.gamification.programme import Programme
from app.lib.cache import Kept
from app.models.base import kept_by_app, read_all
from app.models.people import ClientClass

# One count serves every page for a minute: it walks all members.
KEPT_FOR = 60.0
Standing = tuple[int | None, str, int]  # legal entity, country, client class

_STANDINGS = statement(
    "SELECT entity_id, country, client_class, count(*) FROM member WHERE erased_at IS NULL"
    " GROUP BY entity_id, country, client_class",
    "entity_id country client_class number",
)


@dataclass(frozen=True)
class Said:
    """One pack on one benefit. `share` is the percentage of members it decides for; `reached`: any of the audience."""

    name: Mapping[str, str]
    key: str
    verdict: Verdict
    cite: Mapping[str, str]
    share: Decimal
    reached: bool


def verdicts(
    current: Programme, pays_for: PaysFor, countries: Iterable[str] = (), classes: Iterable[int] = ()
) -> tuple[Said, ...]:
    """Every pack's verdict, for an audience of these countries and classes; empty: everyone."""
    return composite(current, (pays_for,), countries, classes)


def composite(
    current: Programme, facts: Iterable[PaysFor], countries: Iterable[str] = (), classes: Iterable[int] = ()
) -> tuple[Said, ...]:
    """The same of what pays for several things, of which each pack's strictest verdict counts."""
    together = tuple(sorted(facts))
    shares = _shares(current, together)
    reached = _reached(current, together, tuple(countries), tuple(classes))
    found = []
    for pack in sorted(current.policy.every(), key=lambda pack: -shares.get(pack.key, Decimal())):
        fact = max(together, key=lambda one: pack.verdicts[one - 1])
        cite = pack.cites.get(fact.name.lower(), {})
        share = shares.get(pack.key, Decimal())
        found.append(Said(pack.name, pack.key, pack.verdicts[fact - 1], cite, share, pack.key in reached))
    return tuple(found)


def standings() -> list[tuple[Standing, int]]:
    """How many members there are of each entity, country and class, as of the last minute."""
    return kept_by_app("standings", lambda: Kept(_count, KEPT_FOR))()


def _shares(current: Programme, facts: tuple[PaysFor, ...]) -> dict[str, Decimal]:
    counted: Counter[str] = Counter()
    for (entity_id, country, client_class), number in standings():
        counted[_deciding(current, entity_id, country, client_class, facts).key] += number
    total = counted.total()
    return {key: Decimal(100 * number) / total for key, number in counted.items()}


def _count() -> list[tuple[Standing, int]]:
    return [((row[0], row[1], row[2]), row[3]) for row in read_all(_STANDINGS)]


def members_under() -> dict[str, int]:
    """How many members each pack has a say for: by their entity, by their country, or by their class."""
    current, counted = programme.current(), Counter[str]()
    for (entity_id, country, client_class), number in standings():
        for key in set(current.standing(entity_id, country, client_class).pack_keys):
            counted[key] += number
    return dict(counted)


def _reached(
    current: Programme, facts: tuple[PaysFor, ...], countries: tuple[str, ...], classes: tuple[int, ...]
) -> set[str]:
    """The packs that decide for anybody of the audience, whether there is such a member yet or not."""
    # Of countries that share a pack one stands for all; "" is unknown, the last one is in no pack.
    by_pack = {next(iter(sorted(pack.countries))) for pack in current.policy.every() if pack.countries}
    entities = (None, *current.entity_packs)
    combinations = product(entities, countries or (*by_pack, "", "ZZ"), classes or tuple(ClientClass))
    return {_deciding(current, *one, facts).key for one in combinations}


def _deciding(
    current: Programme, entity_id: int | None, country: str, client_class: int, facts: tuple[PaysFor, ...]
) -> Pack:
    standing = current.standing(entity_id, country, client_class)
    return current.policy.deciding_on_all(standing, facts)[1]
