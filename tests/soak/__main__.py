"""python -m tests.soak --updates 1000000: hours of a busy desk, and that nothing grew by them."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.figures import table_of
from tests.soak.process import MB, Sample
from tests.soak.run import soak


def told(turn: int, sample: Sample) -> None:
    """One pass, a line."""
    click.echo(
        f"turn {turn}  pass {sample.number}  {sample.changed:,} read  {sample.written:,} written  "
        f"{sample.cpu:.1f} s CPU  {sample.memory / MB:.0f} MB  state {sample.store / MB:.1f} MB",
        err=True,
    )


@click.command()
@click.option("--updates", default=1_000_000, show_default=True, help="changes of tickets in all")
@click.option("--turns", default=200, show_default=True, help="how many passes they come in")
@click.option("--tickets", default=250, show_default=True, help="open at all times")
def main(updates: int, turns: int, tickets: int) -> None:
    """Soak the service; exit code 1 where something grew that must not."""
    with TemporaryDirectory() as folder:
        found = soak(Path(folder) / "soak", updates, turns, tickets, told)
    title = f"{updates:,} updates of tickets, {tickets:,} open at all times"
    Console(width=100).print(table_of(title, found))
    sys.exit(any(figure.reached is False for figure in found))


if __name__ == "__main__":
    main()
