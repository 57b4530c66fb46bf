"""Small promises: an empty app/__init__.py, no notes to self, nothing that points outside the project."""

import json
import re
from pathlib import Path

from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from app.models.base import Model
from tests.house.source import ROOT, report

NOTES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Only tests may look there, and skip where it is missing.
OUTSIDE = "../" + "shared"
TEXT = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".sql",
    ".toml",
    ".txt",
    ".md",
    ".yml",
    ".yaml",
    ".conf",
    ".service",
    ".example",
    "",
}


def texts(*names: str) -> list[Path]:
    """The project's text files below these names, vendored ones aside."""
    tops = [ROOT / name for name in names]
    paths = [path for top in tops for path in (top.rglob("*") if top.is_dir() else [top])]
    return [path for path in paths if path.suffix in TEXT and path.is_file() and "vendor" not in path.parts]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """`path:line` of every line in which the pattern is found."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_package_is_an_empty_hall():
    assert (ROOT / "app/__init__.py").read_text() == "", "app/__init__.py stays empty: assemble in app/factory.py"


def test_nothing_is_left_for_later():
    notes = lines_with(NOTES, texts("app", "migrations", "run.py", "wsgi.py"))
    assert not notes, report("Notes to self", notes, "do it now, or file an issue and delete the line")


def test_the_product_points_at_nothing_outside_itself():
    own = ["app", "deploy", "docs", "migrations", ".ci", *(path.name for path in ROOT.iterdir() if path.is_file())]
    pointers = lines_with(re.compile(re.escape(OUTSIDE)), texts(*own))
    assert not pointers, report(
        "Files that point outside the project", pointers, "copy what is meant, or say it in words"
    )


def test_every_setting_is_in_the_example():
    from app.config import Settings

    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?\s*(LAUREL_[A-Z_]+)=", example, flags=re.MULTILINE))
    known = {f"LAUREL_{field.upper()}" for field in Settings.model_fields}
    assert named == known, report(
        "Settings that differ between app/config.py and .env.example",
        sorted(named ^ known),
        "name each key in .env.example, commented out, with its default and one line that says what it does",
    )


def test_everything_that_is_installed_is_credited():
    credited = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8").lower()
    pinned = [
        line.split(";")[0]
        for name in ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    loose = [line for line in pinned if "==" not in line]
    assert not loose, report("Requirements without a version", loose, "pin them with == to what was tested")
    packages = [re.split(r"[\[=]", line)[0] for line in pinned]
    vendored = [
        part["name"] for part in json.loads((ROOT / "app/static/vendor/vendor.json").read_text(encoding="utf-8"))
    ]
    missing = [name for name in packages + vendored if not re.search(rf"\b{re.escape(name.split('.')[0])}\b", credited)]
    assert not missing, report(
        "Parts without a notice", missing, "name them with their licence in THIRD_PARTY_NOTICES.md"
    )


def test_tables_and_columns_need_no_quotes():
    """Much is asked for in plain SQL; a column named by a word of the language works until somebody forgets the quotes."""
    found = [
        f"{table.name}.{name}"
        for table in Model.metadata.tables.values()
        for name in (table.name, *table.columns.keys())
        if name in RESERVED_WORDS
    ]
    assert not found, report("Names that are reserved words of SQL", found, "choose another name.")
