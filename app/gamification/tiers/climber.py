"""What the ladder reads and writes of a member: in a round of the pipeline, and in the nightly review."""

from typing import Any, Protocol


class Climber(Protocol):
    """A member under lock. `qualifying` is always the sum of the days from `window_from` on."""

    id: int
    qualifying: int
    window_from: int
    level_id: int
    level_since: int  # microseconds
    grace_until: int | None  # the day a fall that is due takes place
    kept_until: int | None  # the first day on which the level may fall: a reward
    history: list[tuple[int, int]]  # (from when, level), in order; a row may lie ahead
    # Sums of days that may leave a rolling window, or of the calendar period before the open one; None until loaded.
    old_days: dict[int, int] | None
    # What was found: rows of tier_history, and messages as (kind, facts, when).
    new_history: list[tuple[int, int, int, int, int | None]]
    messages: list[tuple[str, dict[str, Any], int]]
