"""`tiers …`: where members stand, and the nightly review by hand."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from sqlalchemy import text

from app.cli.command import Answer, command, table
from app.cli.members import find
from app.gamification import programme
from app.gamification.tiers.reassessment import reassess as review
from app.gamification.tiers.recount import recount as count_again
from app.lib import clock
from app.lib.i18n import pick
from app.lib.periods import start_of
from app.models.base import read_all, read_one

_STANDING = text("SELECT level_id, count(*) AS members FROM wallet GROUP BY level_id")
_WALLET = text("SELECT level_id, level_since, qualifying, grace_until FROM wallet WHERE id = :member")

tiers = click.Group("tiers", help="Show the ladder and who stands where; review levels by hand.")


@command(
    "reassess",
    example="tiers reassess --day 2026-07-01",
    help="Roll every window, raise, warn and lower whoever is due, as the worker does each night at 00:05. Doing it "
    "twice changes nothing.",
)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="As this day begins; today if left out.")
def reassess(day: datetime | None) -> Answer:
    now = clock.now() if day is None else start_of(clock.to_day(day.date()), programme.current().zone)
    done = asdict(review(now))
    return Answer(done, table([tuple(done.values())], tuple(name.replace("_", " ") for name in done)))


@command(
    "recount",
    example="tiers recount",
    help="Make the sums of all windows again from the days they consist of: after a repair. A ladder of another window "
    "settles them by itself.",
)
def recount() -> Answer:
    mended = count_again(clock.now())
    return Answer({"mended": mended}, (f"{mended:,} sums differed from their days and were made again.",))


@command(
    "show",
    example="tiers show ann@example.com --json",
    help="Show the levels with what reaches and keeps them and how many members stand there; with an address, where "
    "this member stands.",
)
@click.argument("email", required=False)
def show(email: str | None) -> Answer:
    return _member(email) if email else _ladder()


def _ladder() -> Answer:
    ladder = programme.current().ladder
    members = {level.id: 0 for level in ladder.levels}
    for level_id, count in read_all(_STANDING):
        members[ladder.level(level_id).id] += count
    heads = ("level", "name", "threshold", "keep", "factor", "members")
    rows = [
        (level.key, pick(dict(level.name), "en"), level.threshold, level.keep, level.factor, members[level.id])
        for level in ladder.levels
    ]
    rules: dict[str, Any] = {
        "period": ladder.period.kind,
        "days": ladder.period.days if ladder.is_rolling else None,
        "promotion": ladder.promotion,
        "downgrade": ladder.downgrade,
        "grace_days": ladder.grace_days,
        "warn_days": ladder.warn_days,
    }
    facts = {**rules, "levels": [dict(zip(heads, row, strict=True)) for row in rows]}
    said = tuple((name.replace("_", " "), value) for name, value in rules.items())
    return Answer(facts, (*table(list(said), ("rule", "")), "", *table(rows, heads)))


def _member(email: str) -> Answer:
    member_id, ladder = find(email), programme.current().ladder
    row = read_one(_WALLET, {"member": member_id})
    level = ladder.level(row.level_id)
    above = ladder.above(level)
    facts = {
        "member": member_id,
        "level": level.key,
        "since": clock.from_micros(row.level_since),
        "qualifying": row.qualifying,
        "keep": level.keep,
        "next_level": above.key if above else None,
        "next_threshold": above.threshold if above else None,
        "grace_until": None if row.grace_until is None else clock.from_day(row.grace_until).isoformat(),
    }
    return Answer(facts, table([(name.replace("_", " "), value) for name, value in facts.items()], ("member", email)))


for one in (reassess, recount, show):
    tiers.add_command(one)

commands: list[click.Command] = [tiers]
