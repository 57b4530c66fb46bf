"""`audit …`: what staff did, and proof that no entry was changed, dropped or slipped in."""

from pathlib import Path
from typing import Any

import click

from app.cli.command import Answer, Problem, command, table
from app.gamification.audit import reads
from app.gamification.audit import verify as proof
from app.lib import clock

audit = click.Group("audit", help="Prove the audit log, and print its newest entries.")


@command(
    "verify",
    example="audit verify --roots /mnt/safe/roots.log",
    help="Compute the chain of the audit log again. Exit code 1 names the first entry that was changed, dropped or "
    "inserted. With a copy of roots.log that was kept elsewhere it also shows a chain that was written anew.",
)
@click.option("--roots", type=click.Path(path_type=Path), help="A copy of roots.log, to compare the ends it noted.")
def verify(roots: Path | None) -> Answer:
    report = proof.check(clock.now(), _noted(roots) if roots else None)
    facts: dict[str, Any] = {"ok": report.bad is None, "entries": report.entries, "hash": report.hash.hex()}
    if report.bad is None:
        return Answer(facts, (f"{report.entries:,} entries are as they were written.", f"End: {report.hash.hex()}"))
    facts["bad"] = {"seq": report.bad.seq, "what": report.bad.what}
    where = f"Entry {report.bad.seq}: {report.bad.what}."
    return Answer(facts, (where, f"Before it {report.entries:,} entries are as they were written."), ok=False)


@command("show", example="audit show --count 20", help="Print the newest entries, newest first.")
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many at most.")
def show(count: int) -> Answer:
    heads = ("seq", "made_at", "staff_id", "action", "subject", "before", "after")
    rows = [
        (
            entry.seq,
            entry.made_at,
            entry.staff_id,
            entry.action,
            f"{entry.subject_kind} {entry.subject_id or ''}".rstrip(),
            entry.before,
            entry.after,
        )
        for entry in reads.page(reads.Asked(), count)
    ]
    return Answer({"entries": [dict(zip(heads, row, strict=True)) for row in rows]}, table(rows, heads))


def _noted(path: Path) -> dict[int, bytes]:
    try:
        return proof.noted_ends(path)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise Problem(f"{path} is no copy of roots.log.") from error


for one in (verify, show):
    audit.add_command(one)

commands: list[click.Command] = [audit]
