"""The eight lessons that a programme begins with: a folder each, the text by language beside its questions."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.lib.i18n import LANGUAGES

# In the order in which they are best read.
KEYS = (
    "what_is_a_cfd",
    "risk",
    "leverage",
    "stop_loss",
    "position_size",
    "costs",
    "diversification",
    "psychology",
)
_HERE = Path(__file__).parent


def starting_lessons() -> dict[str, dict[str, Any]]:
    """Key → definition, as `catalogue.publish` takes it, in the order of reading."""
    return {key: _read(_HERE / key) for key in KEYS}


def _read(folder: Path) -> dict[str, Any]:
    said: Mapping[str, Any] = tomllib.loads((folder / "lesson.toml").read_text(encoding="utf-8"))
    body = {code: (folder / f"{code}.md").read_text(encoding="utf-8").strip() for code in LANGUAGES}
    return {**said, "body": body}
