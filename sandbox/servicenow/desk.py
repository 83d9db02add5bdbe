"""The desk as others take it: begun from stories, or from a data set on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.servicenow.data_set import load
from sandbox.servicenow.playing import play
from sandbox.servicenow.state import Desk
from sandbox.servicenow.states import LEGACY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.clock import SandboxClock
    from sandbox.story import Person, Story


class ServiceNowDesk(Desk):
    """All that the pretended ServiceNow knows; `create_app` serves it."""

    @classmethod
    def from_stories(
        cls, stories: Sequence[Story], people: Mapping[str, Person], clock: SandboxClock
    ) -> ServiceNowDesk:
        """What has happened by the clock's now of those stories that are ServiceNow's."""
        desk = cls()
        play(desk, stories, people, clock.now())
        return desk


def load_data(folder: Path) -> ServiceNowDesk:
    """The desk of `incident.jsonl.gz` and `sys_audit.jsonl.gz` (any number of rows)."""
    desk = ServiceNowDesk(LEGACY)
    load(desk, folder)
    return desk
