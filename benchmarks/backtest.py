"""`sla diff` over the whole incident log of a real company, beside two plain `sla evaluate` of it.
Commands are run as people run them, start of the interpreter included.

Commands take turns, and of several rounds the least counts, as what else the machine does can only
add to it. Two jobs need two cores that have nothing else to do.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from rich.console import Console

from benchmarks.figures import Figure, at_most, table_of
from benchmarks.incident_log import EXAMPLE, LOG

ROUNDS = 5
LONGER = 1.5
TWO_JOBS = 0.65


class Took(NamedTuple):
    """Seconds of each command, the least of all rounds."""

    evaluate: float
    alone: float
    shared: float


def measure(log: Path, rounds: int) -> Took:
    """One evaluate, and a diff by one process and by two, in turns."""
    with TemporaryDirectory() as folder:
        config, draft = _site(Path(folder), log)
        diff = ("diff", str(Path(folder, "policies")), draft, "--config", config)
        commands = (
            ("evaluate", "--config", config, "--connection", "uci"),
            diff,
            (*diff, "--jobs", "2"),
        )
        found = [[_seconds(command) for command in commands] for _ in range(rounds)]
    return Took(*map(min, zip(*found, strict=True)))


def _site(folder: Path, log: Path) -> tuple[str, str]:
    """(settings, draft): the example with the log at hand, and P3 in 48 h instead of 62 h."""
    settings = (EXAMPLE / "event_log.yaml").read_text("utf-8").splitlines()
    told = [f"    path: {log}" if line.lstrip().startswith("path:") else line for line in settings]
    policy = (EXAMPLE / "policies" / "uci.yaml").read_text("utf-8")
    for name, text in (("policies", policy), ("draft", policy.replace("P3: 62h", "P3: 48h"))):
        (folder / name).mkdir()
        (folder / name / "uci.yaml").write_text(text, "utf-8")
    config = folder / "service.yaml"
    config.write_text("\n".join(told), "utf-8")
    return str(config), str(folder / "draft")


def _seconds(words: Sequence[str]) -> float:
    begun = perf_counter()
    command = [sys.executable, "-c", "import sync; sync.main()", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return perf_counter() - begun


def backtest_figures(log: Path = LOG, rounds: int = ROUNDS) -> list[Figure]:
    """What two sets of policies over one log cost, in times of judging it twice."""
    if not log.exists():
        return [Figure("skipped: the data set is absent (SLA_SHARED says where it is)", "")]
    took = measure(log.resolve(), rounds)
    twice = 2 * took.evaluate
    return [
        Figure("two `sla evaluate`, seconds", f"{twice:.2f}"),
        Figure("`sla diff`, seconds", f"{took.alone:.2f}"),
        Figure("`sla diff --jobs 2`, seconds", f"{took.shared:.2f}"),
        at_most("`sla diff` / two `sla evaluate`", took.alone / twice, LONGER),
        at_most("`sla diff --jobs 2` / two `sla evaluate`", took.shared / twice, TWO_JOBS),
        Figure("`sla diff --jobs 2` / `sla diff`", f"{took.shared / took.alone:.2f}"),
    ]


def main() -> None:
    """Print the table."""
    title = "A company's incident log under two sets of policies"
    Console(width=100).print(table_of(title, backtest_figures()))


if __name__ == "__main__":
    main()
