"""sla diff: what differs between two editions of the policies, told by the tickets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from commands.drafts import sound
from commands.replaying import Asked, compare, replay_options
from commands.session import Clock, open_settings

if TYPE_CHECKING:
    from pathlib import Path

    from service.replay.editions import Edition

HEAD = "HEAD"
RANGE = re.compile(r"(.*?)\.\.((?:[^./].*)?)")
"""`main..draft`, which `../draft` is not."""


@click.command()
@click.argument("one", required=False, default=f"{HEAD}..")
@click.argument("other", required=False, default="")
@replay_options
@click.pass_obj
def command(clock: Clock, /, one: str, other: str, **options: Any) -> int:
    """Show what a change of the policies would have done to the tickets there are.

    ONE and OTHER are policy folders or git revisions; main.. is revision main against the policies
    as they lie here, main..draft two revisions. Without any: HEAD against what lies here.
    """
    asked = Asked(**options)
    settings = open_settings(asked.config)
    first, second = _two(one, other)
    before = sound(lambda: _of(first, settings.policies))
    after = sound(lambda: _of(second, settings.policies))
    return compare(clock, settings, before, after, asked)


def _two(one: str, other: str) -> tuple[str, str]:
    """The two sides; "" is the policies as they lie here."""
    revisions = None if other else RANGE.fullmatch(one)
    return (revisions[1] or HEAD, revisions[2]) if revisions else (one, other)


def _of(word: str, policies: Path) -> Edition:
    from service.replay.editions import WORKING_TREE, of_folder, of_word

    return of_word(word, policies) if word else of_folder(policies, WORKING_TREE)
