"""The picture of README.md, taken from a real `sla demo` and `sla explain`.

Run it with the project's Python. The picture fetches no font; readers see one of theirs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
SLA = Path(sys.executable).with_name("sla")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
    "FORCE_COLOR": "1",
    "TERM": "xterm-256color",
    "COLUMNS": "100",
    "PYTHONIOENCODING": "utf-8",
}


def main() -> None:
    """Set up the demo in a folder that is thrown away, and take the picture there."""
    with TemporaryDirectory() as folder:
        run(folder, "demo")
        shown = run(folder, "explain", "SUP-118")
    (HERE / "explain.svg").write_text(picture("sla explain SUP-118", shown), encoding="utf-8")


def run(folder: str, *words: str) -> str:
    """What the command prints to a terminal of 100 columns."""
    done = subprocess.run(  # noqa: S603 - our own command with our own words
        [SLA, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return done.stdout


def picture(title: str, output: str) -> str:
    """The output as SVG, the same for the same output."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=100, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(output))
    svg = console.export_svg(title=title, theme=MONOKAI, unique_id="explain")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
