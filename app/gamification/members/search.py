"""Finding members: by name, email, login or id, however many there are; and the list of them, newest first.

Every look-up begins in an index and reads a bounded stretch of it. What is exact (id, client id, login) comes first,
then what begins with the words that were typed; where a stretch holds less than a page, the list says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select, text

from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.statement import statement
from app.gamification.members.names import LONGEST_WORD, folded_words, visible
from app.lib.countries import country_codes
from app.models.activity import Activity, Decision
from app.models.base import read_all, read_one
from app.models.ledger import Wallet
from app.models.people import ClientClass, Member

PAGE = 50
LONGEST = 100
WORDS = 10_000  # looked at for the longest word that was typed, when others must begin alike too
CANDIDATES = 1_000  # that the words may leave before filters are asked
STRETCH = 50_000  # members looked at for one page of a filtered list
CHUNK = 2_000
MOST_EXPORTED = 100_000
HIGHEST_ID = 2**31 - 1
STATES = ("blocked", "unverified", "erased")
_LAST = "\U0010ffff"  # behind everything that begins alike
_OTHERS = 3

_AND_OTHERS = " AND ".join(
    f"(:other{n} = '' OR EXISTS (SELECT 1 FROM member_word x WHERE x.member_id = w.member_id"
    f" AND x.word >= :other{n} AND x.word < :end{n}))"
    for n in range(_OTHERS)
)
_MATCHES = statement(
    f"""
    SELECT id, 0 AS place FROM member WHERE id = :number
    UNION ALL SELECT id, 1 FROM member WHERE external_id = :typed
    UNION ALL SELECT member_id, 2 FROM trading_account WHERE login = :typed AND member_id IS NOT NULL
    UNION ALL SELECT member_id, 3 FROM (
        SELECT member_id FROM member_word WHERE word >= :address AND word < :address_end
        ORDER BY word, member_id LIMIT {CANDIDATES}
    ) AS addressed
    UNION ALL SELECT member_id, 4 FROM (
        SELECT w.member_id FROM (
            SELECT member_id, word FROM member_word WHERE word >= :first AND word < :first_end
            ORDER BY word, member_id LIMIT {WORDS}
        ) AS w WHERE {_AND_OTHERS} ORDER BY w.word, w.member_id LIMIT {CANDIDATES}
    ) AS named
    ORDER BY 2
    """,
    "id place",
)
_ROWS = (
    select(
        Member.id,
        Member.name,
        Member.alias,
        Member.email,
        Member.external_id,
        Member.country,
        Member.client_class,
        Member.entity_id,
        Member.email_verified_at,
        Member.earning_blocked,
        Member.erased_at,
        Member.joined_at,
        Wallet.available,
        Wallet.level_id,
        Activity.occurred_at.label("last_active"),
    )
    .join(Wallet, Wallet.id == Member.id)
    .join(Decision, and_(Decision.member_id == Member.id, Decision.seq == Wallet.decisions), isouter=True)
    .join(Activity, Activity.id == Decision.activity_id, isouter=True)
)
_NEWEST_ID = text("SELECT max(id) AS id FROM member")


@dataclass(frozen=True)
class Filters:
    """What a list of members is narrowed by; what is empty asks for nothing."""

    level: int | None = None
    country: str = ""
    client_class: int | None = None
    state: str = ""
    pack: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Found:
    """A page of members. `before` is where the next one starts; `more`: there are others, which more letters find."""

    rows: Sequence[Any]
    before: int | None = None
    looked_through: bool = False  # a stretch of members was looked at, there are older ones
    more: bool = False


def search(words: str, filters: Filters) -> Found:
    """The members that these words mean, the exact matches first. Two statements."""
    ids = _matches(words)
    if not ids:
        return Found(())
    # Filters may leave few of them; without any the first are the page.
    places = {member_id: place for place, member_id in enumerate(ids if filters.any else ids[: PAGE + 1])}
    found = read_all(_ROWS.where(Member.id.in_(places), *_clauses(filters)))
    rows = sorted(found, key=lambda row: places[row.id])
    return Found(rows[:PAGE], more=len(rows) > PAGE or len(ids) >= CANDIDATES)


def newest(filters: Filters, before: int | None = None) -> Found:
    """A page of members, those who joined last first, below a member. At most two statements."""
    start = before or _newest_id() + 1
    floor = 1 if not filters.any or filters.state == "blocked" else start - STRETCH
    rows = _below(start, floor, filters, PAGE + 1)
    if len(rows) > PAGE:
        return Found(rows[:PAGE], before=rows[PAGE - 1].id)
    return Found(rows, before=floor if floor > 1 else None, looked_through=floor > 1)


def everyone(words: str, filters: Filters) -> Iterator[Any]:
    """All rows of a list for a file, at most 100,000, a chunk in memory at a time."""
    if words:
        yield from search(words, filters).rows
        return
    start, given = _newest_id() + 1, 0
    while start > 1 and given < MOST_EXPORTED:
        floor = max(start - STRETCH, 1) if filters.any else 1
        rows = _below(start, floor, filters, CHUNK)
        yield from rows
        given += len(rows)
        start = rows[-1].id if len(rows) == CHUNK else floor


def _matches(words: str) -> list[int]:
    typed = visible(words)[:LONGEST]
    number = typed.removeprefix("#")
    folded = sorted(dict.fromkeys(folded_words(typed)), key=len, reverse=True)
    if "@" in typed or typed.startswith("#"):
        folded = []
    # With its dots and dashes an address is one word; without any it is looked for among the words below.
    address = typed.casefold()[:LONGEST_WORD] if " " not in typed and folded != [typed.casefold()] else ""
    first, *others = (folded or [""])[: 1 + _OTHERS]
    others += [""] * (_OTHERS - len(others))
    values: dict[str, Any] = {
        "number": int(number) if number.isascii() and number.isdigit() and len(number) < 11 else 0,
        "typed": typed,
        **_range("address", "address_end", address),
        **_range("first", "first_end", first),
    }
    for place, other in enumerate(others):
        values |= _range(f"other{place}", f"end{place}", other)
    return list(dict.fromkeys(row.id for row in read_all(_MATCHES, values))) if typed else []


def _range(first: str, end: str, prefix: str) -> dict[str, str]:
    """What begins with a prefix; nothing does with an empty one."""
    return {first: prefix, end: prefix + _LAST if prefix else ""}


def _below(start: int, floor: int, filters: Filters, limit: int) -> Sequence[Any]:
    # Said of both, or PostgreSQL would merge them and walk the wallets from their end.
    within = (Member.id < start, Member.id >= floor, Wallet.id < start, Wallet.id >= floor)
    return read_all(_ROWS.where(*within, *_clauses(filters)).order_by(Member.id.desc()).limit(limit))


def _newest_id() -> int:
    return read_one(_NEWEST_ID).id or 0


def _clauses(filters: Filters) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if filters.level is not None:
        ladder = compiled().ladder
        # Whoever never entered a level stands on the lowest.
        means = {0: ladder.levels[0], **ladder.stood_on()}
        clauses.append(Wallet.level_id.in_([id_ for id_, level in means.items() if level.id == filters.level]))
    if filters.country:
        clauses.append(Member.country == filters.country)
    if filters.client_class is not None:
        clauses.append(Member.client_class == filters.client_class)
    if filters.pack:
        clauses.append(_under(filters.pack))
    if filters.state == "blocked":
        # As the index says it, which holds those few alone.
        clauses.append(literal_column("member.earning_blocked"))
    elif filters.state == "unverified":
        clauses += (Member.email_verified_at.is_(None), Member.erased_at.is_(None))
    elif filters.state == "erased":
        clauses.append(Member.erased_at.is_not(None))
    return clauses


def _under(pack_key: str) -> ColumnElement[bool]:
    """Whose law is this pack's: worked out for every entity, class and country there is."""
    programme, everywhere, kinds = compiled(), ("", *sorted(country_codes())), []
    for entity_id, entity_pack in ((None, ""), *programme.entity_packs.items()):
        for client_class in ClientClass:
            law = {code: programme.policy.standing(entity_pack, code, client_class) for code in everywhere}
            here = [code for code, standing in law.items() if standing.strictest.key == pack_key]
            elsewhere = [code for code, standing in law.items() if standing.strictest.key != pack_key]
            if here:
                few = len(here) <= len(elsewhere)
                country = Member.country.in_(here) if few else Member.country.not_in(elsewhere)
                kinds.append(and_(Member.entity_id == entity_id, Member.client_class == client_class, country))
    return or_(*kinds) if kinds else false()
