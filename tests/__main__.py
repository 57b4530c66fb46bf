"""All tests in passes, each on what it needs: `python3 run.py test` ends here, inside the environment."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.services import CHROMIUM, POSTGRES, postgres_url

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5
# They would only say the same again: they never meet the database, or not its dialect.
SQLITE_ONLY = ("tests/house", "tests/platforms", "tests/test_run.py")


@dataclass(frozen=True)
class Pass:
    name: str
    marks: str
    options: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)


def passes() -> list[Pass]:
    """SQLite, then PostgreSQL, then the browser; one that cannot run is left out with the reason."""
    chosen = [Pass("SQLite", "not browser and not postgres")]
    if reason := unless(POSTGRES.missing()):
        say(f"The PostgreSQL pass is skipped: {reason}")
    else:
        ignored = [f"--ignore={path}" for path in SQLITE_ONLY]
        chosen.append(Pass("PostgreSQL", "not browser and not sqlite", ignored, {"TEST_DATABASE_URL": postgres_url()}))
    if reason := unless(CHROMIUM.missing()):
        say(f"The browser pass is skipped: {reason}")
    else:
        # A file's journeys share an installation, which takes as long to start as some of them take.
        chosen.append(Pass("Chromium", "browser", ["--dist", "loadfile"]))
    return chosen


def unless(missing: str | None) -> str | None:
    """The reason to skip a pass; where `CI` is set nothing may be missing, so that the run ends here."""
    if missing and os.environ.get("CI"):
        sys.exit(missing)
    return missing


def run(one: Pass, marks: str, arguments: Sequence[str]) -> tuple[int, str]:
    """Run one pass, showing its lines as they come; returns pytest's exit code and its closing line."""
    environ = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"} | dict(one.environ)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    wanted = f"({one.marks}) and ({marks})" if marks else one.marks
    command = [sys.executable, "-m", "pytest", "-n", "2", *colour, *one.options, *arguments, "-m", wanted]
    say(f"\n=== {one.name}: {' '.join(command[1:])}")
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    closing = ""
    for line in process.stdout or ():
        sys.stdout.write(line)
        sys.stdout.flush()
        closing = line.strip() or closing
    return abs(process.wait()), closing


def say(text: str) -> None:
    """Print at once, so that the lines stay in order with pytest's."""
    print(text, flush=True)


def main() -> int:
    """Run the passes with the given pytest arguments; returns the worst exit code."""
    parser = argparse.ArgumentParser(prog="run.py test", add_help=False)
    parser.add_argument("-m", dest="marks", default="")
    options, arguments = parser.parse_known_args()
    results = {one.name: run(one, options.marks, arguments) for one in passes()}
    say("")
    # A pass from which the arguments picked nothing is no failure, unless nothing ran at all.
    ran = {name: result for name, result in results.items() if result[0] != NO_TESTS}
    for name, (_, closing) in ran.items():
        say(f"{name}:\n{closing}")
    return max((code for code, _ in ran.values()), default=NO_TESTS)


if __name__ == "__main__":
    sys.exit(main())
