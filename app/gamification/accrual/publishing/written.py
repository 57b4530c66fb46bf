"""What a rule's draft holds: the definition as it will be published, and the days it is to run."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from app.gamification.accrual.definition import Definition, read_definition
from app.gamification.accrual.telling.whom import ALWAYS, Run
from app.lib.clock import to_day
from app.lib.periods import start_of


class Written(NamedTuple):
    """A rule as somebody wrote it."""

    definition: Definition
    run: Run = ALWAYS

    def plain(self) -> dict[str, Any]:
        """As it is stored with a draft."""
        first, last = self.run.first, self.run.last
        return {
            "rule": plain_definition(self.definition),
            "first": first and first.isoformat(),
            "last": last and last.isoformat(),
        }


def read_written(plain: Mapping[str, Any]) -> Written:
    """What a draft's row holds; raises BadRule where it says what no rule can mean any more."""
    first, last = (plain.get(name) and date.fromisoformat(plain[name]) for name in ("first", "last"))
    return Written(read_definition(plain["rule"]), Run(first, last))


def plain_definition(definition: Definition) -> dict[str, Any]:
    """A definition as it is stored, every default written out: a later default must not change what it says."""
    plain: dict[str, Any] = msgspec.to_builtins(definition)
    return plain


def begins(run: Run, zone: ZoneInfo) -> datetime | None:
    """The instant the first day begins in the programme's zone; None: once it is approved."""
    return None if run.first is None else start_of(to_day(run.first), zone)


def ends(run: Run, zone: ZoneInfo) -> datetime | None:
    """The instant after the last day; None: no end."""
    return None if run.last is None else start_of(to_day(run.last) + 1, zone)
