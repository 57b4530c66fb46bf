"""One import as staff decide about it: what it would bring, what speaks against it, and the trades that pay most."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text

from app.gamification import ingest
from app.gamification.activities import TRADE, facts_of
from app.gamification.errors.statements import ImportNotFound
from app.gamification.ledger.outcome import read_outcome
from app.gamification.ledger.words.reasons import Miss, miss
from app.gamification.ledger.words.titles import facts_in, title
from app.gamification.statements import deciding
from app.gamification.statements.imports import COLUMNS, WAITING_ROWS, points_of
from app.gamification.statements.shown import Import, made_of
from app.lib.clock import from_micros, to_micros
from app.lib.i18n import Sentence, _l, _n
from app.models.base import read_all, read_one
from app.models.history import StatementImport as Sent
from app.models.people import Member, TradingAccount

SAMPLE = 20  # trades shown, those that pay most
COMPARED = 2000  # trades held against the broker's own reports

_ONE = (
    select(
        *COLUMNS,
        WAITING_ROWS.label("waiting"),
        Member.name.label("member"),
        Member.earning_blocked,
        Member.erased_at,
        TradingAccount.member_id.label("owner_id"),
    )
    .join(Member, Member.id == Sent.member_id)
    .join(TradingAccount, TradingAccount.id == Sent.trading_account_id)
    .where(Sent.id == bindparam("import_id"))
)
_OTHERS = text(
    """
    SELECT
        (SELECT count(DISTINCT i.member_id) FROM statement_import i
            WHERE i.trading_account_id = :account AND i.member_id <> :member AND i.recorded_at IS NOT NULL
                AND i.state NOT IN ('taking_back', 'taken_back')) AS senders,
        (SELECT count(*) FROM trading_account own JOIN trading_account o
            ON o.platform = own.platform AND o.login = own.login AND o.id <> own.id
            WHERE own.id = :account AND (o.member_id IS NOT NULL OR EXISTS (SELECT 1 FROM activity a
                WHERE a.trading_account_id = o.id AND a.verified))) AS servers,
        (SELECT p.id FROM proposal p WHERE p.kind = :kind AND p.subject_id = :import AND p.state = 'open'
            ORDER BY p.id LIMIT 1) AS proposal
    """
)
_TRADES = text(
    """
    SELECT a.kind, a.data, a.deal, a.occurred_at, d.seq, d.earned, d.reason, d.outcome
    FROM activity a JOIN decision d ON d.activity_id = a.id
    WHERE a.trading_account_id = :account AND a.member_id = :member AND a.recorded_at = :recorded_at
        AND a.source_id = (SELECT id FROM source WHERE key = :source) AND a.kind = :trade
    ORDER BY d.earned DESC, d.seq LIMIT :most
    """
)
# CROSS JOIN keeps the import's trades outside, each looked up by its deal: the other way round takes minutes.
_REPORTED = text(
    """
    SELECT a.data, o.data AS reported FROM (
        SELECT trading_account_id, deal, data FROM activity
        WHERE trading_account_id = :account AND member_id = :member AND recorded_at = :recorded_at
            AND source_id = (SELECT id FROM source WHERE key = :source) AND kind = :trade AND deal IS NOT NULL
        ORDER BY id LIMIT :most
    ) AS a CROSS JOIN activity o
    WHERE o.trading_account_id = a.trading_account_id AND o.deal = a.deal AND o.deal IS NOT NULL AND o.amends IS NULL
        AND o.verified
    """
)


@dataclass(frozen=True)
class Traded:
    """One trade of an import and what was decided about it; `seq` is the decision's, for its explanation."""

    seq: int
    title: Sentence
    ticket: str
    at: datetime
    earned: int
    why: Miss | None


@dataclass(frozen=True)
class Dossier:
    """`reported` of the trades are in the broker's own reports too; `differing` of these with other figures."""

    found: Import
    member: str
    owner_id: int | None
    proposal_id: int | None  # a second person is asked already
    reported: int
    differing: int
    warnings: tuple[Sentence, ...]
    trades: tuple[Traded, ...]


def dossier(import_id: int, language: str) -> Dossier:
    """An import that was confirmed; raises ImportNotFound. Five statements."""
    row = read_one(_ONE, {"import_id": import_id})
    if row is None:
        raise ImportNotFound()
    values = {
        "account": row.trading_account_id,
        "member": row.member_id,
        "recorded_at": to_micros(row.recorded_at),
        "source": ingest.UPLOADS,
        "trade": TRADE,
    }
    asked = {"account": row.trading_account_id, "member": row.member_id, "import": import_id, "kind": deciding.APPROVE}
    others = read_one(_OTHERS, asked)
    pairs = read_all(_REPORTED, values | {"most": COMPARED})
    differing = sum(1 for pair in pairs if _traded(pair.data) != _traded(pair.reported))
    found = made_of(row, points_of(row))
    return Dossier(
        found=found,
        member=row.member,
        owner_id=row.owner_id,
        proposal_id=others.proposal,
        reported=len(pairs),
        differing=differing,
        warnings=tuple(_warnings(found, row, others, differing)),
        trades=tuple(_shown(one, language) for one in read_all(_TRADES, values | {"most": SAMPLE})),
    )


def _traded(data: str) -> tuple[Any, ...]:
    """What two reports of one trade have to agree on; prices and costs are rounded by some."""
    facts = facts_of(TRADE, data)
    return facts.symbol, facts.side, facts.lots, facts.closed_at // 60_000


def _shown(row: Any, language: str) -> Traded:
    facts = facts_in(row.kind, row.data)
    why = None if row.earned else miss(row.reason, read_outcome(row.outcome), row.kind, facts, language)
    at = from_micros(row.occurred_at)
    return Traded(row.seq, title(row.kind, facts), row.deal or "", at, row.earned, why)


def _warnings(found: Import, row: Any, others: Any, differing: int) -> Iterator[Sentence]:
    if row.erased_at is not None:
        yield Sentence(_l("What was known of this member was erased. The import cannot be approved."))
    if row.owner_id not in (None, row.member_id):
        said = _l("The account belongs to member %(member)s. The import cannot be approved while it does.")
        yield Sentence(said, {"member": row.owner_id})
    if others.senders:
        yield Sentence(_SENDERS, {"members": others.senders})
    if others.servers:
        yield Sentence(_l("An account with the same number is known on another server. Is this the right one?"))
    if differing:
        yield Sentence(_DIFFERING, {"trades": differing})
    if found.conflicts:
        yield Sentence(_CONFLICTS, {"trades": found.conflicts})
    if "does_not_add_up" in found.remark_keys:
        yield Sentence(_l("The rows do not add up to the result that the file states. It may have been edited."))
    if "demo_account" in found.remark_keys:
        yield Sentence(_l("The file says that this is a demo account."))
    if "opening_unknown" in found.not_earning_keys:
        yield Sentence(_OPENINGS, {"trades": found.not_earning_keys["opening_unknown"]})
    if row.earning_blocked:
        yield Sentence(_l("Earning is blocked for this member."))


_SENDERS = _n(
    "%(members)s other member sent a statement of the same account.",
    "%(members)s other members sent statements of the same account.",
    "members",
)
_DIFFERING = _n(
    "%(trades)s trade differs from the broker's own report of it. The broker's counts.",
    "%(trades)s trades differ from the broker's own reports of them. The broker's count.",
    "trades",
)
_CONFLICTS = _n(
    "%(trades)s trade was sent in before with other figures. One of the two files was edited.",
    "%(trades)s trades were sent in before with other figures. One of the files was edited.",
    "trades",
)
_OPENINGS = _n(
    "%(trades)s trade was opened before the file begins, so it does not count.",
    "%(trades)s trades were opened before the file begins, so they do not count.",
    "trades",
)
