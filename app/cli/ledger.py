"""`ledger …`: proof that no point was changed, dropped or invented."""

from typing import Any

import click
from sqlalchemy import text

from app.cli.command import Answer, Problem, command, table
from app.gamification.ledger import verify as proof
from app.lib import clock
from app.models.base import read_all
from app.routes.settings import settings

_ROOTS = text("SELECT day, made_at, wallets, transfers, root FROM ledger_root ORDER BY day DESC LIMIT :count")

ledger = click.Group("ledger", help="Prove the ledger, and print its nightly roots.")


@command(
    "verify",
    example="ledger verify",
    help="Compute every wallet's chain of hashes and its balances again. Exit code 1 names the first row that was "
    "changed, dropped or inserted.",
)
def verify() -> Answer:
    report = proof.verify()
    facts: dict[str, Any] = {"ok": report.bad is None, "wallets": report.wallets, "transfers": report.transfers}
    if report.bad is None:
        return Answer(
            facts, (f"{report.transfers:,} transfers in {report.wallets:,} wallets are as they were written.",)
        )
    facts["bad"] = {"wallet": report.bad.wallet_id, "seq": report.bad.seq, "what": report.bad.what}
    where = f"Wallet {report.bad.wallet_id}, transfer {report.bad.seq}: {report.bad.what}."
    return Answer(facts, (where, f"Before it {report.transfers:,} transfers are as they were written."), ok=False)


@command(
    "root",
    example="ledger root --take",
    help="Print the newest nightly roots: one hash over all wallets, to be kept where nobody of this system can write.",
)
@click.option("--take", is_flag=True, help="First make the root of the day that has just ended, where it is missing.")
@click.option("--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many at most.")
def root(take: bool, count: int) -> Answer:
    if take:
        proof.take_root(clock.now(), settings().data)
    heads = ("day", "made_at", "wallets", "transfers", "root")
    rows = [
        (clock.from_day(day).isoformat(), clock.from_micros(made_at), wallets, transfers, bytes(digest).hex())
        for day, made_at, wallets, transfers, digest in read_all(_ROOTS, {"count": count})
    ]
    if not rows:
        raise Problem("There is no root yet: the worker makes one each night, `ledger root --take` makes it now.")
    return Answer({"roots": [dict(zip(heads, row, strict=True)) for row in rows]}, table(rows, heads))


for one in (verify, root):
    ledger.add_command(one)

commands: list[click.Command] = [ledger]
