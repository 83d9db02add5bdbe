"""Where a result goes: to the terminal, or into a file that `--out` names."""

from __future__ import annotations

from pathlib import Path

import click

from commands.session import Command


def out_option(command: Command) -> Command:
    """`--out FILE`."""
    place = click.Path(dir_okay=False, path_type=Path)
    return click.option("--out", type=place, metavar="FILE", help="write it there")(command)


def deliver(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file of its owner's alone and say so; FileError where that
    cannot be."""
    from service.setup import files, private

    if out is None:
        click.echo(text, nl=False)
        return
    files.write(out, text, private.FILE)
    click.echo(f"✓ wrote {out}", err=True)
