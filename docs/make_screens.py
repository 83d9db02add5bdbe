"""The screens of README.md, from real runs: what stands under `$ sla ...` is what it prints.

`python docs/make_screens.py` writes them anew; `--check` only looks.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = Path(__file__).resolve().parents[1] / "README.md"
BIN = Path(sys.executable).parent
SCREEN = re.compile(r"```\n\$ sla (.+)\n(?:.*\n)*?```\n")
VOLATILE = ((r"\d+\.\d+ s\b", "0.0 s"), (r"127\.0\.0\.1:\d+", "127.0.0.1:0"), (r"[ ─]+", " "))


def main(arguments: list[str]) -> int:
    """Write the page; with --check say whether it shows what the commands print."""
    before = PAGE.read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        after = SCREEN.sub(lambda found: screen(found[1], folder), before)
    if "--check" in arguments:
        return 0 if steady(before) == steady(after) else 1
    PAGE.write_text(after, encoding="utf-8")
    return 0


def screen(words: str, folder: str) -> str:
    """One command and what it prints; the first one makes the folder that the others work in."""
    done = subprocess.run(  # noqa: S603 -- our own command with the README's own words
        [BIN / "sla", *shlex.split(words)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    lines = "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())
    return f"```\n$ sla {words}\n{lines}\n```\n"


def environment() -> dict[str, str]:
    """A shell of 100 columns in UTC that says nothing of our own settings."""
    quiet = ("SLA_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TZ")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    path = f"{BIN}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"COLUMNS": "100", "TZ": "UTC", "PATH": path, "PYTHONIOENCODING": "utf-8"}


def steady(page: str) -> str:
    """The page without what differs from run to run: seconds, ports, the widths they cause."""
    for pattern, same in VOLATILE:
        page = re.sub(pattern, same, page)
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
