"""sla backtest: what a draft of the policies would have made of the history there is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from commands.drafts import policy_option, sound
from commands.replaying import Asked, compare, replay_options
from commands.session import Clock, open_settings

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@partial(policy_option, required=True)
@replay_options
@click.pass_obj
def command(clock: Clock, /, draft: Path, **options: Any) -> int:
    """Replay history under a draft of the policies: attainment, breaches, and every ticket whose
    verdict changes. Reads what is kept, and event logs anew; writes nothing.
    """
    from service.replay.editions import of_draft, of_folder

    asked = Asked(**options)
    settings = open_settings(asked.config)
    before = sound(lambda: of_folder(settings.policies))
    after = sound(lambda: of_draft(draft, settings.policies))
    return compare(clock, settings, before, after, asked)
