"""sla doctor: systems, rights, fields and this machine, looked at before anything is written."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from commands.session import (
    FINDINGS,
    Clock,
    config_option,
    json_option,
    now_option,
    open_session,
    ticking,
)
from reports.json_values import json_text

if TYPE_CHECKING:
    from service.setup.settings import ConnectionSettings
    from sla_engine.units import Instant


@click.command()
@now_option
@json_option
@config_option
@click.pass_obj
def command(clock: Clock, now: Instant | None, as_json: bool, config: str | None) -> int:
    """Look whether each system answers, what our account may do there, what it lacks and what it
    has too much of, whether the fields exist, and how this machine stands.

    Writes nothing anywhere. Exit code 1 where there is a problem.
    """
    from reports.doctor import doctor_json, render_doctor
    from reports.screen import show
    from service.watch.examining import Examined, examine
    from service.watch.machine import examine_machine

    session = open_session(config)
    goes = ticking(now, clock)
    about = {one.name: _about(one) for one in session.settings.connections}
    expires = {one.name: one.expires for one in session.settings.connections}
    subjects: list[Examined] = [
        examine(
            source,
            about[source.name],
            session.policies,
            goes,
            time.monotonic,
            expires[source.name],
        )
        for source in session.sources()
    ]
    subjects.append(examine_machine(session.settings, session.channels()))
    if as_json:
        click.echo(json_text(doctor_json(subjects)))
    else:
        show(render_doctor(subjects), sys.stdout)
    marks = {finding.mark for subject in subjects for finding in subject.findings}
    return FINDINGS if "problem" in marks else 0


def _about(one: ConnectionSettings) -> str:
    """`https://acme.atlassian.net · bot@acme.example · mode observe`."""
    said = (str(one.options.get(word, "")) for word in ("url", "path", "user"))
    return " · ".join([*filter(None, said), f"mode {one.mode}"])
