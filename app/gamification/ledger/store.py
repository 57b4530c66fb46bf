"""Books in bulk: reading open batches, writing what the members of a round have posted."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.gamification.ledger.book import Book, OpenBatch
from app.models import bulk

TRANSFER = (
    "wallet_id",
    "seq",
    "unit_id",
    "code",
    "debit",
    "credit",
    "amount",
    "balance",
    "cause",
    "cause_id",
    "part",
    "occurred_at",
    "recorded_at",
    "hash",
)
BATCH = (
    "wallet_id",
    "seq",
    "amount",
    "remaining",
    "held",
    "available_at",
    "expires_at",
    "idle_days",
    "service_only",
    "qualifying",
    "parent",
)
WALLET_SEQ = {"wallet_id": "bigint", "seq": "bigint"}


_OPEN = (
    "SELECT b.wallet_id, b.seq, b.amount, b.remaining, b.held, b.available_at, b.expires_at, b.idle_days,"
    " b.service_only, b.qualifying, b.parent FROM {source} WHERE b.remaining > 0"
)
_OF_WALLETS = _OPEN.format(source="ids CROSS JOIN batch b ON b.wallet_id = ids.id")
_NAMED = _OPEN.format(source="keys CROSS JOIN batch b ON b.wallet_id = keys.wallet_id AND b.seq = keys.seq")


def load_batches(connection: Connection, books: Iterable[Book]) -> None:
    """Read the batches of these wallets that still hold points."""
    by_wallet = _without_batches(books)
    _place(by_wallet, bulk.tuples_by_ids(connection, _OF_WALLETS, by_wallet))


def load_named(connection: Connection, books: Iterable[Book], seqs: Mapping[int, Iterable[int]]) -> None:
    """Read only these batches, by wallet: enough to release them, or to reverse what is held, and for nothing else.

    A member who brings a long history has a hundred thousand of them.
    """
    by_wallet = _without_batches(books)
    keys = sorted((wallet_id, seq) for wallet_id in by_wallet for seq in seqs.get(wallet_id, ()))
    if keys:
        _place(by_wallet, bulk.tuples_by_keys(connection, _NAMED, WALLET_SEQ, keys))


def _without_batches(books: Iterable[Book]) -> dict[int, Book]:
    by_wallet = {book.wallet_id: book for book in books if book.batches is None}
    for book in by_wallet.values():
        book.batches = {}
    return by_wallet


def _place(by_wallet: Mapping[int, Book], rows: Iterable[tuple[Any, ...]]) -> None:
    for wallet_id, *places in rows:
        batches = by_wallet[wallet_id].batches
        assert batches is not None
        batches[places[0]] = OpenBatch(*places)


def load_spent(connection: Connection, book: Book, seq: int) -> list[tuple[int, int]]:
    """What a transfer took, as (seq of the batch, amount), and these batches into the book, empty ones too."""
    rows = bulk.execute(
        connection,
        "SELECT a.batch, a.amount AS share, b.seq, b.amount, b.remaining, b.held, b.available_at, b.expires_at,"
        " b.idle_days, b.service_only, b.qualifying, b.parent"
        " FROM allocation a JOIN batch b ON b.wallet_id = a.wallet_id AND b.seq = a.batch"
        " WHERE a.wallet_id = ? AND a.seq = ? ORDER BY a.batch",
        (book.wallet_id, seq),
    ).all()
    assert book.batches is not None
    for _, _, *places in rows:
        book.batches.setdefault(places[0], OpenBatch(*places))
    return [(row.batch, row.share) for row in rows]


def write(connection: Connection, books: Iterable[Book]) -> None:
    """Append the transfers, batches and allocations of these books and note what is left of older batches.

    The wallets' own rows are written by whoever holds the rest of their columns (pipeline, ledger/wallets.py).
    """
    books = [book for book in books if book.transfers]
    bulk.insert(connection, "transfer", TRANSFER, [row for book in books for row in book.transfers])
    bulk.insert(
        connection,
        "batch",
        BATCH,
        [
            (
                book.wallet_id,
                batch.seq,
                batch.amount,
                batch.remaining,
                batch.held,
                batch.available_at,
                batch.expires_at,
                batch.idle_days,
                batch.service_only,
                batch.qualifying,
                batch.parent,
            )
            for book in books
            for batch in book.new_batches
        ],
    )
    bulk.update(
        connection,
        "batch",
        WALLET_SEQ,
        {"remaining": "bigint", "held": "boolean"},
        [
            (batch.remaining, batch.held, book.wallet_id, batch.seq)
            for book in books
            for batch in book.changed_batches.values()
        ],
    )
    bulk.insert(
        connection,
        "allocation",
        ("wallet_id", "seq", "batch", "amount"),
        [row for book in books for row in book.allocations],
    )
