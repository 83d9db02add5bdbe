"""sla demo: a made-up Jira and ServiceNow, and the whole promise kept on them over real HTTP."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from commands.session import Clock, Session, open_session
from sla_engine.units import DAY, Instant, Millis

if TYPE_CHECKING:
    from reports.demo import Done
    from sandbox.running import Running
    from service.delivery.outcome import PassReport
    from service.state.store import Store
    from sla_engine.model import Ticket, Verdict

FOLDER = "sla-demo"
PORTS = (8701, 8702)
SEED = 42

INSTALLED = Millis(DAY)
"""How long before its present the demo pretends to have been installed: what was reached since is
said, what was reached before says nothing, as on any old desk."""


@click.command()
@click.option("--reset", is_flag=True, help="throw the demo's folder away first")
@click.option("--serve", is_flag=True, help="keep the desk open and in step until Ctrl-C")
@click.pass_obj
def command(_: Clock, reset: bool, serve: bool) -> int:
    """See the whole promise kept in a minute: pull, evaluate, write, on a made-up desk.

    Everything happens on this machine, in ./sla-demo. With --serve the made-up Jira and ServiceNow
    stay open in the browser, and passes go on.
    """
    from commands.demo_desk import prepare
    from commands.failures import told
    from sandbox.jira.users import TOKEN
    from sandbox.running import start

    jira, servicenow = map(_free, PORTS)
    with start(jira_port=jira, servicenow_port=servicenow, seed=SEED, speed=0) as running:
        settings = prepare(
            Path(FOLDER), running.jira_url, running.servicenow_url, TOKEN, reset=reset
        )
        session = open_session(str(settings))
        with session.store(writer=True) as store:
            first, again = _passes(session, store, running)
            running.clock.run_at(1)
            _show(session, store, running, first, again, served=serve)
            for report in (first, again):
                for block in told(report):
                    click.echo(f"\n{block}", err=True, nl=False)
            if serve:
                _serve(session, store, running)
    return first.exit_code() or again.exit_code()


def _free(port: int) -> int:
    """The port, or 0 (any) where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _passes(session: Session, store: Store, running: Running) -> tuple[PassReport, PassReport]:
    """A pass for real, and another at the same instant."""
    from commands.progress import Progress
    from service.passes.passes import run_pass
    from service.state.standing import stand, standing

    now = Instant(running.clock.now())
    with store.write() as db:
        for one in session.settings.connections:
            since = Instant(now - INSTALLED)
            stand(db, msgspec.structs.replace(standing(db, one.name), armed_at=since))
    with Progress() as progress:
        terms = session.terms(lambda: Instant(running.clock.now()), progress=progress.step)
        sources = session.sources()
        return run_pass(store, sources, terms, now), run_pass(store, sources, terms, now)


def _show(
    session: Session,
    store: Store,
    running: Running,
    first: PassReport,
    again: PassReport,
    *,
    served: bool,
) -> None:
    from reports.demo import render_demo, telling
    from reports.screen import show
    from sla_engine.plan import zone_of

    now = first.now
    judged = _judged(session, store, first)
    shown = telling(judged, session.policies, now)
    zone = zone_of(session.policies, [verdict for _, verdict in shown])
    screen = render_demo(
        _done(session, running, judged, first, again),
        shown,
        session.policies,
        now=now,
        zone=zone,
        next_steps=next_steps(shown[0].ticket.ref.key if shown else "SUP-118", served=served),
    )
    show(screen, sys.stdout)


def _judged(
    session: Session, store: Store, report: PassReport
) -> list[tuple[Ticket, Sequence[Verdict]]]:
    """Every ticket kept, with its verdicts."""
    from service.state import keeping
    from sla_engine.evaluate import evaluate

    found: list[tuple[Ticket, Sequence[Verdict]]] = []
    with store.read() as db:
        for source in report.sources:
            tickets, _ = keeping.load(db, source.name, keeping.ids(db, source.name))
            found += [(one, evaluate(session.policies, one, report.now)) for one in tickets]
    return found


def _done(
    session: Session,
    running: Running,
    judged: Sequence[tuple[Ticket, Sequence[Verdict]]],
    first: PassReport,
    again: PassReport,
) -> list[Done]:
    from reports.demo import Done
    from reports.words import count
    from sla_engine.policy_files import read_sources

    files = read_sources(session.settings.policies)[0]
    rules = sum(len(policy.clocks) for policy in session.policies.policies)
    calendars = [one for one in session.policies.calendars.values() if not one.always_open]
    policies = f"./{FOLDER}/policies  · {count(len(files), 'file')}, {count(rules, 'rule')}"
    return [
        Done("sandbox", f"Jira {running.jira_url} and ServiceNow {running.servicenow_url}"),
        Done("policies", f"{policies}, {count(len(calendars), 'calendar')}"),
        *_passed([ticket for ticket, _ in judged], first, again),
    ]


def _passed(tickets: Sequence[Ticket], first: PassReport, again: PassReport) -> list[Done]:
    """What the two passes did, and how long it took."""
    from reports.demo import Done
    from reports.words import count

    sources = first.sources
    changes = sum(len(ticket.journal) for ticket in tickets)
    pulled = f"{count(len(tickets), 'ticket')}, {count(changes, 'change')} in six weeks"
    clocks = count(sum(source.clocks for source in sources), "clock")
    written = [source.written for source in sources]
    wrote = (
        count(sum(w.fields for w in written), "field"),
        count(sum(w.comments for w in written), "comment"),
        count(sum(w.escalations for w in written), "escalation"),
    )
    nothing = "a second pass found nothing to do"
    more = f"a second pass wrote {count(again.writes, 'change')} more"
    return [
        Done("pulled", pulled, sum(source.pull_seconds for source in sources)),
        Done("evaluated", clocks, sum(source.judge_seconds for source in sources)),
        Done(
            "wrote",
            f"{', '.join(wrote)} to the sandbox only",
            sum(source.write_seconds for source in sources),
        ),
        Done("again", more if again.writes else nothing, again.seconds),
    ]


def next_steps(key: str, *, served: bool) -> list[tuple[str, str]]:
    """Commands worth trying after the demo, and what for; not the one that is running."""
    from service.setup.environment import locate

    program = "sla" if shutil.which("sla") else os.path.relpath(sys.argv[0])
    found = locate(None, os.environ, Path.cwd())
    mine = found is not None and found.parent.name == FOLDER
    settings = (f"export SLA_CONFIG={FOLDER}/service.yaml", "the demo's settings, not others found")
    steps = [
        *([] if mine else [settings]),
        (f"{program} explain {key}", "why it missed, stretch by stretch"),
        (f"{program} plan --offline", "edit a policy first, then see what would change"),
        (f"{program} demo --serve", "and see in the browser what an agent sees"),
        (f"{program} demo --reset", "start again  · nothing left this machine"),
    ]
    return [step for step in steps if not (served and step[0].endswith("--serve"))]


def _serve(session: Session, store: Store, running: Running) -> None:
    """Let time pass on the made-up desk, and a pass go by every few seconds, until Ctrl-C."""
    from commands.loop import Service, beats
    from commands.reporters import Lines
    from commands.signals import Switch
    from service.watch.watching import Watch

    def clock() -> Instant:
        return Instant(running.clock.now())

    click.echo(f"\nOpen {running.jira_url} or {running.servicenow_url}. Ctrl-C ends it.")
    watch = Watch(session.settings, clock, session.policies.version)
    with Switch() as switch:
        service = Service(
            session, store, clock, switch, Lines(), watch, passing=lambda: clock() / 1000
        )
        beats(service.beat, session.settings.pull // 1000, switch, clock)
