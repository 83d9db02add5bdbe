"""The file of sla plan --out."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from commands.session import Session, local_zone
from reports.plan_text import Planned, lines
from service.errands.applying import planned
from service.errands.plan_file import Plan, save
from sla_engine.units import to_iso

if TYPE_CHECKING:
    from pathlib import Path

    from service.delivery.items import Item
    from service.passes.survey import Survey
    from sla_engine.units import Instant


def keep(session: Session, seen: Sequence[Survey], instant: Instant, out: Path) -> None:
    """Write the plan, with the words of the screen beside the changes themselves."""
    tickets = tuple(planned(item, _says(item, instant)) for one in seen for item in one.items)
    plan = Plan(to_iso(instant), _who(), instant, session.policies.version, tickets)
    save(plan, out)


def _says(item: Item, instant: Instant) -> list[str]:
    found = lines(Planned(item.ticket, item.changes), instant, local_zone())
    return [f"{line.sign} {line.what}: {line.words}" for line in found]


def _who() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a container whose user has no name
        return socket.gethostname()
