"""What the owner of a file tells us where the file says nothing or may be read in two ways."""

from dataclasses import dataclass
from typing import Literal

Marks = Literal["point", "comma"]  # what stands before the decimals: 1,234.50 or 1.234,50
Dates = Literal["day_first", "month_first"]  # 03/04/2026 is the third of April, or the fourth of March


@dataclass(frozen=True, slots=True)
class Hints:
    """Answers of the file's owner; None leaves it to the file, or to the guess that it allows."""

    login: str | None = None
    server: str | None = None
    currency: str | None = None
    marks: Marks | None = None
    dates: Dates | None = None


NOTHING_TOLD = Hints()
