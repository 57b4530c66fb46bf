"""Draw the icon sprite again, from the Lucide icons that are named in it.

npm pack lucide-static && tar xzf lucide-static-*.tgz
python3 docs/icons.py package [new-name …] [--drop old-name …]
"""

import argparse
import json
import re
from pathlib import Path

SPRITE = Path(__file__).parents[1] / "app" / "static" / "icons.svg"
DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


def symbol(folder: Path, name: str) -> str:
    """One icon as a symbol of the sprite."""
    found = DRAWING.search((folder / "icons" / f"{name}.svg").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"{name} is not a drawing we can read")
    drawing = re.sub(r"\s+", " ", found[1]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24" {STROKE}>{drawing}</symbol>'


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("package", type=Path, help="the unpacked lucide-static package")
    asked.add_argument("names", nargs="*", help="icons to add")
    asked.add_argument("--drop", nargs="*", default=[], help="icons to leave out")
    given = asked.parse_args()

    drawn = re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")) if SPRITE.exists() else []
    version = json.loads((given.package / "package.json").read_text(encoding="utf-8"))["version"]
    lines = [symbol(given.package, name) for name in sorted({*drawn, *given.names} - set(given.drop))]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n'
        f"<!-- Lucide {version}, ISC licence (c) Lucide Icons and Contributors, parts MIT (c) Cole Bemis. "
        "Drawn by docs/icons.py. -->\n" + "\n".join(lines) + "\n</svg>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
