"""`python -m benchmarks`: every table, each in a process of its own so that none warms or burdens
another; or only those that are named."""

from __future__ import annotations

import subprocess
import sys

import click

TABLES = {
    "business_time": ("business_time",),
    "replay": ("replay", "incident_log"),
    "backtest": ("backtest",),
    "passes": ("passes",),
    "held": ("held",),
    "api_calls": ("api_calls",),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(TABLES)))
def main(names: tuple[str, ...]) -> None:
    """Measure, and print what was found beside what is aimed at. Two cores, about five minutes."""
    for name in names or tuple(TABLES):
        for module in TABLES[name]:
            done = subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False)
            if done.returncode:
                raise click.ClickException(f"{module} ended with {done.returncode}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
