"""sla docs: what the policies promise, in plain language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    config_option,
    now_option,
    open_session,
    ticking,
)
from commands.test import test_files

if TYPE_CHECKING:
    from reports.promise_page import Page
    from sla_engine.policy_tests import Example
    from sla_engine.units import Instant


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="write a file for each page there")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("markdown", "html")), default="markdown",
              show_default=True)  # fmt: skip
@now_option
@config_option
@click.argument("names", metavar="[POLICY]...", nargs=-1)
@click.pass_obj
def command(
    clock: Clock,
    names: Sequence[str],
    out: Path | None,
    form: str,
    now: Instant | None,
    config: str | None,
) -> int:
    """Write a page for each policy in plain language, with its tests as examples.

    Without POLICY all of them, with an index and the glossary. Exit code 1 where a test fails:
    what it says is not on the pages then.
    """
    from reports.promise_pages import pages

    session = open_session(config)
    known = [policy.name for policy in session.policies.policies]
    if missing := [name for name in names if name not in known]:
        from sla_engine.problems import did_you_mean

        mend = did_you_mean(missing[0], known) or f"there are {', '.join(known)}"
        raise click.UsageError(f'no policy "{missing[0]}"; {mend}')
    if form == "html" and out is None:
        raise click.UsageError("HTML is a file for each page: add --out DIR")
    examples, whole = _examples(session.settings.policies)
    made = pages(session.policies, examples, ticking(now, clock)(), only=names)
    _deliver(made, out, form)
    if not whole:
        click.echo("some tests fail and are left out; sla test shows them", err=True)
    return 0 if whole else FINDINGS


def _examples(folder: Path) -> tuple[Sequence[Example], bool]:
    from service.setup.settings import called
    from sla_engine.policy_tests import examples

    files = [called(file) for file in test_files(folder)]
    return examples(files, lambda name: Path(name).read_bytes())


def _deliver(made: Sequence[Page], out: Path | None, form: str) -> None:
    """On the screen one after another, or into files of their own."""
    if out is None:
        click.echo("\n---\n\n".join(page.text for page in made), nl=False)
        return
    from reports.promise_html import html
    from service.setup import files

    suffix = "html" if form == "html" else "md"
    files.make_folder(out)
    for page in made:
        text = html(page) if form == "html" else page.text
        files.write(out / f"{page.name}.{suffix}", text)
    click.echo(f"✓ wrote {len(made)} pages; begin with {out / made[0].name}.{suffix}", err=True)
