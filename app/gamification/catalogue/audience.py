"""How many members an audience holds: by where they live, what clients they are, and the level they stand on."""

from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from app.gamification.accrual.definition import Audience
from app.gamification.policy.reach import standings
from app.gamification.programme import Programme
from app.models.base import read_one
from app.models.ledger import Wallet
from app.models.people import Member

# By levels members are looked at one by one, and no further than this: what staff ask is whether there is anybody.
MOST_COUNTED = 1000


class Size(NamedTuple):
    """So many members, or with `is_more` more than that."""

    members: int
    is_more: bool = False


def size_of(audience: Audience, current: Programme) -> Size:
    """How many members an audience holds; of one that names no levels as of the last minute."""
    if audience.levels:
        found: int = read_one(_counting(audience, current))[0]
        return Size(min(found, MOST_COUNTED), found > MOST_COUNTED)
    countries, classes = frozenset(audience.countries), frozenset(audience.classes)
    return Size(
        sum(
            number
            for (_, country, client_class), number in standings()
            if (not countries or country in countries) and (not classes or client_class in classes)
        )
    )


def _counting(audience: Audience, current: Programme) -> Select[Any]:
    """Counts those who stand on its levels, until there are enough of them."""
    ladder, levels = current.ladder, frozenset(audience.levels)
    stood_on = {id_: level.key in levels for id_, level in ladder.stood_on().items()}
    if ladder.levels[0].key in levels:
        # Whoever stands on nothing else stands on the base level.
        is_on = Wallet.level_id.not_in(bindparam("levels", [id_ for id_, here in stood_on.items() if not here]))
    else:
        is_on = Wallet.level_id.in_(bindparam("levels", [id_ for id_, here in stood_on.items() if here]))
    them = select(Wallet.id).join(Member, Member.id == Wallet.id).where(Member.erased_at.is_(None), is_on)
    if audience.countries:
        them = them.where(Member.country.in_(audience.countries))
    if audience.classes:
        them = them.where(Member.client_class.in_(audience.classes))
    return select(func.count()).select_from(them.limit(MOST_COUNTED + 1).subquery())
