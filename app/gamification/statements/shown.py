"""An import as pages show it, made of its row.

`StatementImport.figures`, plain JSON: what is in the file (`platform`, `server`, `login`, `format`, `currency`,
`account_type`, the totals of `platforms.statement.Totals`, `first` and `last` day), what it leaves open (`doubts`,
`remarks`), what could not be kept (`unusable`, `unusable_rows`), whether its account is its member's (`linked`), what
storing it would give (`earning`, `points`, `duplicates`, `not_earning` by key), and, once all was stored and decided,
the same in `result`, of what it gave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.gamification.statements.told import Told, told_from
from app.gamification.statements.whose import trust_in
from app.gamification.statements.words import Why, rejected, remarks, unreadable, whys
from app.lib.i18n import Sentence
from app.platforms.doubts import Doubt

MOVING = frozenset({"reading", "storing", "approving", "taking_back"})


@dataclass(frozen=True)
class Import:
    """One file, and how far it is.

    `state` is that of `StatementImport`, except that what is stored to the last row and still being counted is called
    `stored` already: then `counted` is below `rows`.
    """

    id: int
    member_id: int
    account_id: int | None
    state: str
    file_name: str
    told: Told
    made_at: datetime
    recorded_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    decided_by: int | None
    proposal_id: int | None
    trust: str
    reason: str
    # The file
    platform: str
    server: str
    login: str
    format: str
    currency: str
    account_type: str
    rows_read: int
    closed: int | None  # None: not looked through yet
    open: int
    cancelled: int
    balance_rows: int
    lots: str
    profit: str
    first_day: date | None
    last_day: date | None
    adds_up: bool | None
    doubts: tuple[Doubt, ...]
    remarks: tuple[Sentence, ...]
    remark_keys: tuple[str, ...]
    unusable: int
    unusable_rows: tuple[str, ...]
    # What it gives, or gave
    earning: int
    points: int
    duplicates: int
    conflicts: int
    not_earning: tuple[Why, ...]
    # How far it is
    rows: int
    done: int
    counted: int
    pending: int
    available: int
    values: Mapping[str, Any]  # of the sentence that says why it could not be read

    @property
    def not_earning_keys(self) -> dict[str, int]:
        """How many closed rows earn nothing, by the key of the reason."""
        return {why.key: why.number for why in self.not_earning}

    @property
    def is_moving(self) -> bool:
        """Whether the worker is at it, so that a page asks again soon."""
        return self.state in MOVING or not self.is_counted

    @property
    def is_confirmed(self) -> bool:
        return self.recorded_at is not None

    @property
    def is_counted(self) -> bool:
        """Whether everything that was stored has been decided."""
        return self.state not in ("stored", "storing") or self.counted >= self.rows

    @property
    def may_be_taken_back(self) -> bool:
        return self.state in ("storing", "stored")

    @property
    def rejected(self) -> bool:
        """Whether staff did not accept it, rather than the member having taken it back."""
        return self.state in ("taking_back", "taken_back") and self.decided_by is not None

    @property
    def why(self) -> Sentence | None:
        """Why it could not be read, or was not accepted."""
        if self.state == "unreadable":
            return unreadable(self.reason, self.values)
        return rejected(self.reason) if self.rejected else None

    @property
    def progress(self) -> int:
        """How far the worker is, 0 to 100; storing and counting are half of it each."""
        if self.state == "reading":
            return 0
        if self.state in ("storing", "stored"):
            return 50 * (self.done + self.counted) // max(1, self.rows)
        if self.state in ("approving", "taking_back"):
            return min(99, 100 * self.done // max(1, self.rows))
        return 100


def made_of(row: Any, points: tuple[int, int] | None = None) -> Import:
    """An import from its row; `points` are those pending and available, where they were read."""
    figures = row.figures
    result = figures.get("result", figures)
    first, last = figures.get("first"), figures.get("last")
    state = "stored" if row.state == "storing" and row.done >= row.rows > 0 else row.state
    pending, available = points if points is not None else _by_then(row, result)
    return Import(
        id=row.id,
        member_id=row.member_id,
        account_id=row.trading_account_id,
        state=state,
        file_name=row.file_name,
        told=told_from(row.told),
        made_at=row.made_at,
        recorded_at=row.recorded_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        decided_by=row.decided_by,
        proposal_id=row.proposal_id,
        trust=row.trust or trust_in(figures.get("linked", False)),
        reason=row.reason or "",
        platform=figures.get("platform", ""),
        server=figures.get("server", ""),
        login=figures.get("login", ""),
        format=figures.get("format", ""),
        currency=figures.get("currency", ""),
        account_type=figures.get("account_type", ""),
        rows_read=figures.get("rows_read", 0),
        closed=figures.get("closed"),
        open=figures.get("open", 0),
        cancelled=figures.get("cancelled", 0),
        balance_rows=figures.get("balance_rows", 0),
        lots=figures.get("lots", "0"),
        profit=figures.get("profit", "0"),
        first_day=date.fromisoformat(first) if first else None,
        last_day=date.fromisoformat(last) if last else None,
        adds_up=figures.get("adds_up"),
        doubts=tuple(Doubt(key, taken, tuple(others)) for key, taken, others in figures.get("doubts", ())),
        remarks=remarks(figures.get("remarks", [])),
        remark_keys=tuple(figures.get("remarks", ())),
        unusable=figures.get("unusable", 0),
        unusable_rows=tuple(figures.get("unusable_rows", ())),
        earning=result.get("earning", 0),
        points=result.get("points", 0),
        duplicates=result.get("duplicates", 0),
        conflicts=result.get("not_earning", {}).get("conflict", 0),
        not_earning=whys(result.get("not_earning", {})),
        rows=row.rows,
        done=row.done,
        counted=_counted(row),
        pending=pending,
        available=available,
        values=figures.get("values", {}),
    )


def _counted(row: Any) -> int:
    """Rows that have been stored and decided."""
    if row.state == "storing":
        return max(0, row.done - row.waiting)
    return int(row.rows)


def _by_then(row: Any, result: Mapping[str, Any]) -> tuple[int, int]:
    """Points pending and available as they were counted last."""
    given = result.get("points", 0)
    if row.state == "stored":
        return row.points, given - row.points
    return (0, given) if row.state == "approved" else (0, 0)
