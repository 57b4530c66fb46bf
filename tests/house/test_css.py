"""One sheet for both directions of writing, every colour a token, nothing inline, every icon drawn."""

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from app.lib.assets import IMPORT, JOINED, Assets
from tests.house.source import ROOT, report, sources

STATIC = ROOT / "app/static"
CSS = STATIC / "css"
TEMPLATES = sorted((ROOT / "app/templates").rglob("*.html"))
# A mail is read where no style sheet and no policy of ours reaches: it says its look on its elements.
PAGES = [template for template in TEMPLATES if template.parent.name != "mail"]
SHEETS = sorted(CSS.rglob("*.css"))

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SIDE = "left|right|top|bottom"
PHYSICAL = re.compile(
    rf"""(?<![\w-])(?:
      (?:(?:scroll-)?(?:margin|padding)|border)-(?:{SIDE})(?:-\w+)?\s*:
    | border-(?:top|bottom)-(?:left|right)-radius\s*:
    | (?:{SIDE})\s*:
    | (?:min-|max-)?(?:width|height)\s*:
    | (?:text-align|float|clear)\s*:\s*(?:left|right)
    | translateX\(
    )""",
    re.VERBOSE,
)
# Four values go round by top, right, bottom, left: they are sides in disguise unless right equals left.
FOUR_SIDES = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width)\s*:\s*([^;{}]+);")
PART = re.compile(r"(?:[^\s(]+\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\s]+)")
COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b(?!\")|(?<![\w-])(?:rgba?|hsla?|hwb|oklch|oklab|lab|lch|light-dark)\(|:\s*(?:white|black)\b"
)
# A class that stands alone at the margin and has declarations of its own, not only parts within.
OWN_CLASS = re.compile(r"^\.([\w-]+) \{\n\s*[a-z-]+\s*:", re.MULTILINE)
# A class in a selector, which a number of a value (`.5rem`) is not.
SELECTED = re.compile(r"(?<![\w)])\.([A-Za-z][\w-]*)(?=[^{};]*\{)")
INLINE = re.compile(
    r"\sstyle\s*=|<style\b|<script\b(?![^>]*\ssrc=)|\son[a-z]+\s*=|hx-on|javascript:|hx-vals=.js:|hx-trigger=[^>]*\[",
    re.IGNORECASE,
)
# Where a macro takes the name of an icon: position, and name when it is given by name.
TAKES_ICON = {
    "icon": (0, "name"),
    "tile": (0, "name"),
    "medal": (1, "name"),
    "button": (3, "symbol"),
    "link": (2, "symbol"),
    "pill": (2, "symbol"),
    "empty": (0, "symbol"),
    "part": (1, "symbol"),
    "ring": (3, "symbol"),
    "notice": (3, "symbol"),
    "field": (1, "symbol"),
    "submit": (2, "symbol"),
}


def rules(sheet: Path) -> Iterator[tuple[str, str]]:
    """`path:line` and text of each line of a sheet, comments left out."""
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), sheet.read_text(encoding="utf-8"))
    for number, line in enumerate(text.splitlines(), 1):
        yield f"{sheet.relative_to(ROOT)}:{number}", line


def lopsided(line: str) -> bool:
    """Whether a shorthand says something else of left than of right."""
    found = FOUR_SIDES.search(line)
    values = PART.findall(found[1]) if found else []
    return len(values) == 4 and values[1] != values[3]


def test_sheets_know_no_left_and_no_right():
    found = [
        f"{at}: {line.strip()}" for s in SHEETS for at, line in rules(s) if PHYSICAL.search(line) or lopsided(line)
    ]
    assert not found, report(
        "Physical properties", found, "say it with inline and block: margin-inline-start, inset-block"
    )


def test_every_sheet_stands_in_the_layer_of_its_folder():
    listed = IMPORT.findall((CSS / "app.css").read_text(encoding="utf-8"))
    files = [s.relative_to(CSS).as_posix() for s in SHEETS if s.name != "app.css"]
    astray = [f"{name} in {layer}" for name, layer in listed if "/" in name and name.split("/")[0] != layer]
    once = sorted(name for name, _ in listed)
    assert once == sorted(files), report("app.css", sorted(set(once) ^ set(files)), "import each sheet exactly once")
    assert not astray, report(
        "Sheets in another layer than their folder", astray, "layout/, components/ and pages/ say it"
    )


def test_colours_are_tokens():
    sheets = [sheet for sheet in SHEETS if sheet.name != "tokens.css"]
    found = [f"{at}: {line.strip()}" for sheet in sheets for at, line in rules(sheet) if COLOUR.search(line)]
    assert not found, report(
        "Colours outside tokens.css", found, "name the colour there, for light and dark, and use it"
    )


def test_a_class_is_dressed_by_one_component():
    """Two components that share a class by chance dress each other's parts, and one may hide the other's."""
    dressing: dict[str, set[str]] = {}
    for sheet in (CSS / "components").glob("*.css"):
        for name in OWN_CLASS.findall(COMMENT.sub("", sheet.read_text())):
            dressing.setdefault(name, set()).add(sheet.name)
    shared = [f".{name}: {', '.join(sorted(sheets))}" for name, sheets in dressing.items() if len(sheets) > 1]
    assert not shared, report("Classes that several components dress", shared, "give one of them a name of its own.")


def words() -> set[str]:
    """Every name that templates, scripts and Python write, whatever it names."""
    paths = [*TEMPLATES, *(STATIC / "js").rglob("*.js"), *(ROOT / "app").rglob("*.py"), *(ROOT / "app").rglob("*.toml")]
    return set(re.findall(r"[A-Za-z][\w-]*", "\n".join(path.read_text(encoding="utf-8") for path in paths)))


def test_every_class_that_is_dressed_is_worn():
    """What htmx puts on by itself is worn, and what has a number behind it (`heat-3`) if it is written without."""
    worn = words()
    bare = {
        f".{name} in {sheet.relative_to(CSS)}"
        for sheet in SHEETS
        for name in SELECTED.findall(COMMENT.sub("", sheet.read_text(encoding="utf-8")))
        if not name.startswith("htmx-") and not {name, re.sub(r"\d+$", "", name)} & worn
    }
    assert not bare, report("Classes that nothing wears", sorted(bare), "delete their rules")


def test_every_token_that_is_used_is_there():
    text = "\n".join(COMMENT.sub("", sheet.read_text(encoding="utf-8")) for sheet in SHEETS)
    missing = set(re.findall(r"var\((--[\w-]+)\)", text)) - set(re.findall(r"(--[\w-]+)\s*:", text))
    assert not missing, report("Tokens without a value", sorted(missing), "define them in tokens.css")


def test_templates_hold_no_style_and_no_script():
    found = [
        f"{template.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for template in PAGES
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if INLINE.search(line)
    ]
    assert not found, report("Against the content security policy", found, "use a class, an attribute, or js/laurel.js")


def drawn() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))


def named_in(call: nodes.Call) -> Iterator[str]:
    """Every icon that a call of one of our macros may ask for."""
    name = call.node.attr if isinstance(call.node, nodes.Getattr) else getattr(call.node, "name", "")
    if name not in TAKES_ICON:
        return
    position, keyword = TAKES_ICON[name]
    given = [*call.args[position : position + 1], *(pair.value for pair in call.kwargs if pair.key == keyword)]
    for value in given:
        yield from answers(value)


def answers(value: nodes.Node) -> Iterator[str]:
    """The texts an expression may come out as; what it only asks about does not count."""
    if isinstance(value, nodes.Const) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, nodes.CondExpr):
        yield from (name for part in (value.expr1, value.expr2) if part for name in answers(part))
    elif isinstance(value, nodes.Dict):
        yield from (name for pair in value.items for name in answers(pair.value))
    elif isinstance(value, nodes.Call):  # {…}.get(key, otherwise)
        yield from (name for part in [value.node, *value.args[1:]] for name in answers(part))
    elif isinstance(value, (nodes.Getattr, nodes.Getitem)):  # of {…}.get and {…}[key] only the table itself
        yield from answers(value.node)
    elif isinstance(value, nodes.Or):
        yield from (name for part in (value.left, value.right) for name in answers(part))


def icons_of_templates() -> Iterator[tuple[str, str]]:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for template in TEMPLATES:
        for call in environment.parse(template.read_text(encoding="utf-8")).find_all(nodes.Call):
            yield from ((template.relative_to(ROOT).as_posix(), name) for name in named_in(call) if name)


def icons_of_python() -> Iterator[tuple[str, str]]:
    """`icon="…"` of calls and `"icon": "…"` of dictionaries."""
    for source in sources().values():
        for node in ast.walk(source.tree):
            pairs: list[tuple[object, ast.expr]] = []
            if isinstance(node, ast.Call):
                pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
            elif isinstance(node, ast.Dict):
                pairs = [
                    (key.value, value)
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                ]
            for key, value in pairs:
                if key == "icon" and isinstance(value, ast.Constant) and value.value:
                    yield source.name, str(value.value)


def test_every_icon_is_drawn():
    asked = {*icons_of_templates(), *icons_of_python()}
    missing = sorted(f"{name} in {where}" for where, name in asked if name not in drawn())
    assert not missing, report("Icons that the sprite lacks", missing, "draw them: docs/icons.py says how")


def test_every_drawing_is_asked_for():
    idle = sorted(drawn() - words())
    assert not idle, report("Icons that nothing shows", idle, "leave them out: python3 docs/icons.py package --drop …")


def test_the_parts_of_others_are_those_we_wrote_down():
    for part in json.loads((STATIC / "vendor/vendor.json").read_text(encoding="utf-8")):
        content = (STATIC / "vendor" / part["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == part["sha256"], (
            f"{part['file']} is not {part['version']} as published"
        )
        assert (STATIC / "vendor" / part["licence_file"]).exists()


def test_the_sheets_are_joined_into_one():
    joined = Assets(STATIC).stylesheet().decode()
    assert "@import" not in joined
    assert joined.count("@layer components {") == len(list((CSS / "components").glob("*.css")))
    assert re.search(r'url\("/static/fonts/inter-latin\.woff2\?v=[0-9a-f]{12}"\)', joined)


def test_an_address_changes_with_its_content(tmp_path: Path):
    (tmp_path / "a.txt").write_text("one")
    before = Assets(tmp_path).address("a.txt")
    (tmp_path / "a.txt").write_text("two")
    assert before != Assets(tmp_path).address("a.txt")
    with pytest.raises(FileNotFoundError):
        Assets(tmp_path).address("b.txt")
    assert not (CSS.parent / JOINED).exists(), "a file of that name would be served instead of the joined sheets"


def test_no_page_keeps_browsers_from_saying_where_a_form_was_sent_from():
    # Over HTTPS the check of forms asks for the Referer; its host is enough, and all that a secret page may tell.
    asking = (f"{page.relative_to(ROOT)}" for page in PAGES if "no-referrer" in page.read_text())
    assert not list(asking)
